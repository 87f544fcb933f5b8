"""Kept files before an antivirus, where the installation has one (PROVODNIK_SCANNER; safety A27).

A file is kept first and judged afterwards, by a job of the same transaction: nobody waits for the scanner, and a
scanner that is down or hangs keeps nothing. Without the setting no file is marked, no job is asked for and no column is
looked at. What was found infected is not given out, whatever the setting says later.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, F
from django.utils.translation import gettext as _

from provodnik.core import clamd, jobs, kept
from provodnik.core.decisions import YES, Decision, Refused, no
from provodnik.core.locks import Lock, alone
from provodnik.core.models import Blob, Scan
from provodnik.core.parts import Finding

log = logging.getLogger(__name__)
MOST_TRIES = 3  # of a file that makes a living scanner silent
BATCH, LONGEST = 200, 20  # files of one look, seconds of one job: a worker that is asked to stop waits no longer
PAUSE = 30  # seconds in which a scanner that did not answer is not asked again
PING = 5  # seconds for «are you there»


class Withheld(Refused):
    """The file exists, and is not given out: infected, or not scanned where the installation waits for that."""


@dataclass(slots=True)
class _Silence:
    """Until when this process does not ask a scanner that has just not answered."""

    until: float = 0.0


_silence = _Silence()


def first_state() -> str:
    """Of a file that is being kept."""
    return Scan.WAITING.value if settings.SCANNER else ""


def ask(blobs: Iterable[Blob]) -> None:
    """Ask for the scanning of what was just kept, in the caller's transaction."""
    if settings.SCANNER:
        for blob in blobs:
            jobs.defer(scan, blob_id=blob.pk)


def may_give(blob: Blob) -> Decision:
    """Give the file out? Asks nothing of the database."""
    if blob.scan == Scan.INFECTED:
        return no(_("The antivirus found a threat in this file (%(name)s): it is not given out.")
                  % {"name": blob.scan_told or "—"})  # fmt: skip
    if settings.SCANNER and settings.UNSCANNED == "hold" and blob.size and blob.scan != Scan.CLEAN:
        return no(_("The file has not been checked by the antivirus yet. Try again in a few minutes."))
    return YES


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands beside a file's name. `state` as c-file-chip knows it: with one the file cannot be pressed."""

    state: str = ""
    note: str = ""


def mark(blob: Blob) -> Mark:
    """Nothing for what was found clean, and nothing at all where no antivirus was ever asked."""
    if blob.scan == Scan.INFECTED:
        return Mark("quarantined", _("infected, not given out"))
    if not settings.SCANNER or blob.scan == Scan.CLEAN or not blob.size:
        return Mark()
    held = settings.UNSCANNED == "hold"
    if blob.scan == Scan.FAILED:
        return Mark("checking" if held else "", _("could not be checked for viruses"))
    return Mark("checking" if held else "", _("not checked for viruses yet"))


def require_given(blob: Blob) -> None:
    """Raises Withheld."""
    decision = may_give(blob)
    if not decision:
        raise Withheld(decision.reason)


@jobs.job(name="core.scan", queue="scan", attempts=1)
def scan(blob_id: int) -> None:
    """Have a file judged, right after it was kept, and whatever waits with it. Whatever is left waits for
    `look_again`."""
    if settings.SCANNER and Blob.objects.filter(pk=blob_id, scan=Scan.WAITING).exists():
        _drain()


def _drain() -> None:
    """One file after another, by one process of the installation: a scanner that hangs holds one worker's hand and no
    more. Whoever finds it at work leaves his file to it, so after letting go it looks once more."""
    ends, tried = time.monotonic() + LONGEST, set[int]()
    while time.monotonic() >= _silence.until and (batch := _waiting(tried)):
        with alone(Lock.SCANNING, 0) as mine:
            if not mine:
                return
            for blob_id in batch:
                tried.add(blob_id)
                if not _scan(blob_id) or time.monotonic() > ends:
                    return


def _waiting(tried: set[int]) -> list[int]:
    """Those that silenced the scanner come last, and no file twice in one look."""
    waiting = Blob.objects.filter(scan=Scan.WAITING).exclude(pk__in=tried).order_by("scan_tries", "pk")
    return list(waiting.values_list("pk", flat=True)[:BATCH])


def _scan(blob_id: int) -> bool:
    """False when the scanner does not answer at all: others need not be tried now."""
    blob = Blob.objects.filter(pk=blob_id, scan=Scan.WAITING).first()
    if blob is None:
        return True
    Blob.objects.filter(pk=blob_id).update(scan_tries=F("scan_tries") + 1)
    try:
        answer = clamd.scan(_bytes(blob), address=settings.SCANNER, patience=settings.SCAN_PATIENCE)
    except _Lost:
        answer = clamd.Answer(clamd.Verdict.FAILED, "lost")
    except clamd.Away as error:
        log.warning("file %s was not scanned: %s", blob_id, error)
        if not _answers():
            _silence.until = time.monotonic() + PAUSE
            return False
        if blob.scan_tries + 1 < MOST_TRIES:
            return True
        answer = clamd.Answer(clamd.Verdict.FAILED, str(error)[:100])
    if answer.verdict is clamd.Verdict.INFECTED:
        log.warning("file %s is infected: %s", blob_id, answer.words)
    Blob.objects.filter(pk=blob_id, scan=Scan.WAITING).update(scan=answer.verdict.value, scan_told=answer.words)
    return True


class _Lost(Exception):
    """The disk has no bytes of it."""


def _bytes(blob: Blob) -> Iterator[bytes]:
    try:
        yield from kept.pieces(blob)
    except OSError as error:
        raise _Lost from error


def _answers() -> bool:
    try:
        clamd.version(address=settings.SCANNER, patience=PING)
    except clamd.Away:
        return False
    return True


@jobs.job(name="core.scan_again", queue="scan", alone=True, attempts=1)
def look_again(timestamp: int) -> None:
    """Take up what waits: the scanner was down, or a worker died."""
    if settings.SCANNER:
        _drain()


if settings.SCANNER:  # without one there is nothing to look at, not even once a minute
    jobs.periodic("20 * * * * *")(look_again)


def state() -> Iterator[Finding]:
    """For doctor: does the scanner answer, and what did it leave?"""
    if not settings.SCANNER:
        return
    try:
        name = clamd.version(address=settings.SCANNER, patience=PING)
    except clamd.Away as error:
        yield Finding("error", _("The antivirus does not answer: %(why)s. Files wait for it.") % {"why": error})
    else:
        yield Finding("ok", _("The antivirus answers: %(name)s.") % {"name": name})
    counts = dict(
        Blob.objects.filter(size__gt=0).exclude(scan=Scan.CLEAN).values_list("scan").annotate(n=Count("pk")).order_by()
    )
    told = (
        (Scan.INFECTED, _("Infected files, not given out: %(count)s.")),
        (Scan.WAITING, _("Files that wait for the antivirus: %(count)s.")),
        (Scan.FAILED, _("Files that the antivirus could not judge: %(count)s. `manage scan_files` asks once more.")),
        ("", _("Files that were kept before there was an antivirus: %(count)s. `manage scan_files` shows them to it.")),
    )
    for one, words in told:
        if counts.get(one):
            yield Finding("warning", words % {"count": counts[one]})


def take_up(limit: int = 5000) -> int:
    """Put before the scanner what was kept without one, or what it could not judge then. Returns how many."""
    old = Blob.objects.filter(scan__in=["", Scan.FAILED], size__gt=0).order_by("pk").values_list("pk", flat=True)
    return Blob.objects.filter(pk__in=list(old[:limit])).update(scan=Scan.WAITING, scan_tries=0, scan_told="")
