"""A restored copy is in quarantine: it shows, finds and takes what people write, but goes nowhere by itself, because
the installation it was made of may still be working (safety F54, F55, F57). No mailbox is read, no letter, message or
webhook leaves, no base and no directory is asked, until somebody says `provodnik release-quarantine`.

This is the one door. A job that goes outside says so (`jobs.job(outside=True)`) and waits while it is closed; whatever
opens a connection knocks (core.gate), so that a job which did not say so cannot open one at all, closed or not. What a
person asks for at a page (try this mailbox, sign me in by the directory) is his own act and passes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.core import gate
from provodnik.core.models import Quarantine
from provodnik.core.parts import Banner, Finding

REMEMBERED = 15.0  # seconds that a web process shows its banner by what it knew


class Closed(Exception):
    """A job that goes outside was asked to, in quarantine. It is put off, not lost."""


_known: tuple[float, bool] = (0.0, False)


def outside_is_closed() -> bool:
    """Whether this installation is a copy that nobody has released."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM core_quarantine WHERE released_at IS NULL)")
        return bool(cursor.fetchone()[0])


@contextmanager
def running(name: str, *, outside: bool) -> Iterator[None]:
    """The work of a job. Raises Closed at once when it goes outside and may not."""
    if outside and outside_is_closed():
        raise Closed(name)
    with gate.entered(name, outside=outside):
        yield


def shown() -> bool:
    """The same as `outside_is_closed`, at most REMEMBERED seconds old: it stands above every page and must cost none of
    them a statement."""
    until, closed = _known
    if time.monotonic() >= until:
        closed = outside_is_closed()
        keep(closed)
    return closed


def keep(closed: bool, *, seconds: float = REMEMBERED) -> None:
    """Take this for true until then."""
    global _known
    _known = (time.monotonic() + seconds, closed)


def forget() -> None:
    """This process asks anew at its next page."""
    keep(False, seconds=0)


def banners() -> list[Banner]:
    if not shown():
        return []
    words = _("Quarantine: this is a restored copy. It sends and fetches nothing until an administrator releases it.")
    return [Banner(text=words, tone="warning")]


def findings() -> Iterator[Finding]:
    """What doctor says."""
    row = Quarantine.objects.filter(released_at=None).order_by("pk").first()
    if row is None:
        return
    words = _(
        "Quarantine since %(since)s: a copy of %(origin)s, backed up at %(at)s. Nothing is sent or fetched. "
        "When the other one is off for good: provodnik release-quarantine."
    )
    shape = "%d.%m.%Y %H:%M"
    told = {"since": _local(row.began_at, shape), "origin": row.origin, "at": _local(row.backup_at, shape)}
    yield Finding("warning", words % told)


def _local(at: datetime, shape: str) -> str:
    return timezone.localtime(at).strftime(shape)
