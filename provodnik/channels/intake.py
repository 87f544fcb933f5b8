"""Letters in, by the ledger: every one is stored whole before it is understood, and counted exactly once.

fetched = stored + duplicate + rejected + quarantined. The order of things (safety F05): fetch → keep, commit → have it
understood and settled, commit → tell the mailbox (\\Seen). Killed anywhere, the next run goes on from there: what is
kept is not fetched again, what is not settled is settled, what is not flagged is flagged.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from provodnik.channels.email import identity
from provodnik.channels.email.imap import ImapSession
from provodnik.channels.email.imap_letters import Fetched, ImapError, Letter, NotFetched, Temporary, TooLarge
from provodnik.channels.email.mailboxes import imap_account
from provodnik.channels.email.parse import addresses, ids
from provodnik.channels.email.parse.headers import Headers, read_headers
from provodnik.channels.models import Channel, Inbound, InboundState, Mailbox
from provodnik.core import files
from provodnik.core.faults import is_away
from provodnik.core.locks import Lock, alone
from provodnik.core.secrets import Unreadable
from provodnik.core.text import one_line

log = logging.getLogger(__name__)

BATCH = 50
LOOK = 500  # letters asked for at a time
HEADERS = 64 * 1024  # bytes of a letter that its lines in the ledger are read from
# A letter that waited in the mailbox is registered when the server took it (I1). Older than this it was not waiting:
# somebody has moved it here, and its request begins when we see it.
LONGEST_WAIT = timedelta(days=7)
# Of a mailbox connected for the first time, only letters as young as this, unless the administrator has said since
# when: the rest was dealt with before us.
FIRST_LOOK = timedelta(days=1)
TOO_LARGE = gettext_noop("The letter is larger than allowed.")

T = TypeVar("T")
Accept = Callable[[Sequence[int]], None]
_RETURN_PATH = re.compile(r"<([^<>\s]{0,320})>")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A letter on its way into the ledger. `rejected`: why it goes no further, "" when it does."""

    raw: bytes
    received_at: datetime
    uid: int | None = None
    uidvalidity: int | None = None
    envelope_from: str | None = None
    rejected: str = ""


@dataclass(slots=True)
class Taken:
    """What one look into a mailbox brought. `busy`: somebody else was looking; `unmarked`: letters were taken, and the
    server would not mark them as read."""

    kept: int = 0
    failed: set[int] = field(default_factory=set)
    busy: bool = False
    unmarked: bool = False
    error: str = ""

    @property
    def told(self) -> str:
        """The code of the health line: what stopped the look, else what it had to leave."""
        return self.error or ("letters_left" if self.failed else "not_marked" if self.unmarked else "")


def fetch(mailbox: Mailbox, *, now: datetime, accept: Accept) -> Taken:
    """Take what is new in a mailbox. `accept(ids)` has the kept letters understood and settled. Two at once are
    harmless: the second leaves. What the server does wrong is told in the mailbox's health line."""
    taken, began = Taken(), time.monotonic()
    with alone(Lock.MAILBOX, mailbox.pk) as mine:
        if not mine:
            taken.busy = True
            return taken
        mailbox.refresh_from_db()
        try:
            with ImapSession(imap_account(mailbox), expected_uidvalidity=mailbox.uidvalidity) as session:
                _Look(mailbox, session, now, accept, taken).run()
        except ImapError as error:
            taken.error = error.code
        except Unreadable:
            taken.error = "bad_credentials"
        except OSError as error:  # the disk is full or gone (F23): the letters stay in the mailbox, unread
            log.error("Letters could not be kept: %s", error.strerror or type(error).__name__)
            taken.error = "not_kept"
        ended = now + timedelta(seconds=time.monotonic() - began)
        health = {"tried_at": ended, "error": taken.told}
        if not taken.error:
            health |= {"fetched_at": ended, "waiting": len(taken.failed)}
        Mailbox.objects.filter(pk=mailbox.pk).update(**health)
    return taken


class _Look:
    """One look into one mailbox."""

    def __init__(self, mailbox: Mailbox, session: ImapSession, began: datetime, accept: Accept, taken: Taken) -> None:
        self.mailbox, self.session, self.accept, self.taken = mailbox, session, accept, taken
        self.began, self._clock = began, time.monotonic()
        self.before_us: set[int] = set()

    @property
    def now(self) -> datetime:
        """A look into a full mailbox lasts long: a letter that comes meanwhile has not come at its beginning (I1)."""
        return self.began + timedelta(seconds=time.monotonic() - self._clock)

    def run(self) -> None:
        new_numbers = self.mailbox.uidvalidity != self.session.uidvalidity
        if new_numbers:
            self._begin_numbering()
        self._settle_left()
        self._flag()
        while letters := self._pending():
            # looked into just now, however long it takes: the health line knows that somebody is at it
            Mailbox.objects.filter(pk=self.mailbox.pk).update(waiting=len(letters), tried_at=self.now)
            fetched = self.session.fetch(letters, max_bytes=settings.UPLOAD_LIMIT)
            dates = {letter.uid: letter.received for letter in letters}
            for group in _groups(fetched):
                self._keep(group, dates)
                self._flag()
            self._advance(letters)
        if new_numbers and not self.taken.failed:
            # only now: a look that was cut off begins anew and knows again what was before us
            self.mailbox.uidvalidity = self.session.uidvalidity
            self.mailbox.done_below = max(self.mailbox.done_below, *self.before_us, 0)
            self.mailbox.save(update_fields=["uidvalidity", "done_below"])

    def _begin_numbering(self) -> None:
        """The folder is new to us, or its letters were numbered anew: those that the ledger has by content will be
        found duplicates. What was there before us is not read, now or after any new numbering."""
        since = self.mailbox.taken_since
        if since is None:
            since = self.mailbox.taken_since = (self.now - FIRST_LOOK).replace(second=0, microsecond=0)
            self.mailbox.save(update_fields=["taken_since"])
        letters = list(self._all())
        self.before_us = {one.uid for one in letters if one.received is not None and one.received < since}
        ours = [one.uid for one in letters if one.uid not in self.before_us]
        # a letter copied into the folder keeps its age and gets the highest number: age does not follow numbers
        self.mailbox.done_below = (min(ours) - 1) if ours else max(self.before_us, default=0)

    def _all(self) -> Iterator[Letter]:
        after = 0
        while letters := self.session.pending(after_uid=after, limit=LOOK):
            yield from letters
            after = letters[-1].uid

    def _pending(self) -> list[Letter]:
        return self.session.pending(after_uid=self.mailbox.done_below, known=self._known, limit=LOOK)

    def _known(self, uids: Sequence[int]) -> set[int]:
        kept = self.mailbox.letters.filter(uidvalidity=self.session.uidvalidity, uid__in=uids)
        known = {uid for uid in kept.values_list("uid", flat=True) if uid is not None}
        return known | ((self.taken.failed | self.before_us) & set(uids))

    def _keep(self, group: Sequence[tuple[int, Fetched]], dates: dict[int, datetime | None]) -> None:
        letters = []
        for uid, body in group:
            if isinstance(body, NotFetched):
                if body.code != "gone":
                    self.taken.failed.add(uid)
                continue
            raw, reason = (body.headers, TOO_LARGE) if isinstance(body, TooLarge) else (body, "")
            received = received_at(dates.get(uid), self.now)
            letters.append(Incoming(raw, received, uid, self.session.uidvalidity, rejected=reason))
        for some in self._kept_whole(letters):
            self.accept(some)

    def _kept_whole(self, letters: Sequence[Incoming]) -> Iterator[list[int]]:
        """Keep a group; where that is refused, each letter alone: one that cannot be kept stays in the mailbox, is
        counted in the health line, and stops no other."""
        try:
            ids = keep(self.mailbox, letters, now=self.now)
        except DatabaseError as error:
            if is_away(error):
                raise
            for one in letters if len(letters) > 1 else ():
                yield from self._kept_whole([one])
            if len(letters) == 1 and letters[0].uid is not None:
                log.error("A letter could not be kept: UID %s, %s", letters[0].uid, type(error).__name__)
                self.taken.failed.add(letters[0].uid)
            return
        self.taken.kept += len(letters)
        if ids:
            yield ids

    def _settle_left(self) -> None:
        """What an earlier run kept and did not come to settle."""
        left = self.mailbox.letters.filter(state=InboundState.RECEIVED).order_by("pk").values_list("pk", flat=True)
        for group in _groups(iter(list(left))):
            self.accept(group)

    def _flag(self) -> None:
        """Tell the mailbox what we have; what was told is remembered only afterwards, so it may be told twice."""
        rows = self.mailbox.letters.filter(uidvalidity=self.session.uidvalidity, flagged=False)
        settled = list(rows.exclude(state=InboundState.RECEIVED).values_list("pk", "uid"))
        if not settled or self.taken.unmarked:
            return
        try:
            self.session.mark_done([uid for _pk, uid in settled if uid is not None])
        except Temporary as problem:
            if problem.code != "server_said_no":
                raise
            # A folder in which we may read and not mark: the ledger knows what was taken, the flag is for people.
            self.taken.unmarked = True
            return
        Inbound.objects.filter(pk__in=[pk for pk, _uid in settled]).update(flagged=True)

    def _advance(self, letters: Sequence[Letter]) -> None:
        """Everything up to `done_below` is in the ledger or gone; a letter that failed holds it back."""
        done = letters[-1].uid
        if self.taken.failed:
            done = min(done, min(self.taken.failed) - 1)
        if done > self.mailbox.done_below:
            self.mailbox.done_below = done
            self.mailbox.save(update_fields=["done_below"])


def received_at(told: datetime | None, now: datetime) -> datetime:
    """When the message reached the system (I1): when the mail server took it, if that can be believed."""
    return told if told is not None and now - LONGEST_WAIT <= told <= now else now


def take_raw(mailbox: Mailbox, raw: bytes, *, envelope_from: str, now: datetime) -> Inbound:
    """A letter that came by another way than IMAP (the demo's own SMTP). Returns its row of the ledger, to be settled
    by the caller; of a letter delivered twice, the row of the duplicate."""
    too_large = len(raw) > settings.UPLOAD_LIMIT
    # Who delivers finally writes the envelope sender on top (RFC 5321 §4.4); here that is we.
    path = b"Return-Path: <" + re.sub(rb"[^\x21-\x7e]|[<>]", b"", envelope_from.encode()) + b">\r\n"
    letter = Incoming(
        path + (raw[:HEADERS] if too_large else raw),
        now,
        envelope_from=envelope_from,
        rejected=TOO_LARGE if too_large else "",
    )
    with transaction.atomic():
        keep(mailbox, [letter], now=now)
        return mailbox.letters.latest("pk")


def keep(mailbox: Mailbox, letters: Sequence[Incoming], *, now: datetime) -> list[int]:
    """Put letters into the ledger, in one transaction. Returns the ids that wait to be settled; duplicates are settled
    already. One that goes no further has its reason from the beginning and waits for its sender to be told."""
    if not letters:
        return []
    try:
        return _keep(mailbox, letters, now)
    except IntegrityError:
        return _keep(mailbox, letters, now)  # somebody has kept one of them meanwhile: now it is seen


@dataclass(slots=True)
class _Line:
    letter: Incoming
    row: Inbound
    first: Inbound | None = None


def _keep(mailbox: Mailbox, letters: Sequence[Incoming], now: datetime) -> list[int]:
    with transaction.atomic():
        known = _known_uids(mailbox, letters)
        lines = [_line(mailbox, one) for one in letters if (one.uidvalidity, one.uid) not in known]
        _name_duplicates(mailbox, lines)
        fresh = [line for line in lines if line.first is None]
        _create(fresh, now)
        _create([line for line in lines if line.first is not None], now)
        return [line.row.pk for line in fresh]


def _known_uids(mailbox: Mailbox, letters: Iterable[Incoming]) -> set[tuple[int | None, int | None]]:
    uids = [one.uid for one in letters if one.uid is not None]
    if not uids:
        return set()
    rows = Inbound.objects.filter(mailbox=mailbox, uid__in=uids)
    return set(rows.values_list("uidvalidity", "uid"))


def _line(mailbox: Mailbox, letter: Incoming) -> _Line:
    headers, _start = read_headers(letter.raw, 0, min(len(letter.raw), HEADERS))
    digest = identity.content_hash(letter.raw)
    # A letter without an id gets one from its content, the same whenever it is delivered again.
    message_id = ids.message_id(headers) or f"<{digest[:40]}@no-message-id.invalid>"
    envelope = letter.envelope_from if letter.envelope_from is not None else _envelope(headers)
    sender = next((one.email for one in addresses.read(headers, "from")[0] if one.email), "")
    return _Line(
        letter,
        Inbound(
            channel=Channel.EMAIL,
            mailbox=mailbox,
            uidvalidity=letter.uidvalidity,
            uid=letter.uid,
            message_id=message_id,
            content_hash=digest,
            envelope_from=one_line(envelope, 320),
            sender=one_line(sender, 320),
            subject=one_line(headers.decoded("subject", 500), 500),
            state=InboundState.RECEIVED,
            reason=_(letter.rejected) if letter.rejected else "",
            received_at=letter.received_at,
        ),
    )


def _envelope(headers: Headers) -> str:
    """The envelope sender, as the receiving server wrote it on top (RFC 5321 §4.4)."""
    found = _RETURN_PATH.search(headers.one("return-path")[:1000])
    return found[1] if found else ""


def _name_duplicates(mailbox: Mailbox, lines: Sequence[_Line]) -> None:
    """Duplicate: the same mailbox, Message-ID and content. The same id with other content is another message."""
    wanted = {line.row.message_id for line in lines}
    rows = Inbound.objects.filter(mailbox=mailbox, message_id__in=wanted, duplicate_of=None).select_related("raw")
    firsts = {(row.message_id, row.content_hash): row for row in rows}
    for line in lines:
        identical = (line.row.message_id, line.row.content_hash)
        line.first = firsts.get(identical)
        if line.first is None:
            firsts[identical] = line.row


def _create(lines: Sequence[_Line], now: datetime) -> None:
    own = [line for line in lines if not _same_bytes(line)]
    for line, blob in zip(own, files.keep_many([line.letter.raw for line in own]), strict=True):
        line.row.raw = blob
    for line in lines:
        if line.first is not None:
            line.row.duplicate_of = line.first
            line.row.state, line.row.settled_at, line.row.reason = InboundState.DUPLICATE, now, ""
    Inbound.objects.bulk_create(line.row for line in lines)


def _same_bytes(line: _Line) -> bool:
    """A duplicate that differs in nothing shares the bytes of the first; one that came another way has its own."""
    if line.first is None or line.first.raw.size != len(line.letter.raw):
        return False
    if line.first.raw.sha256 != files.digest(line.letter.raw):
        return False
    line.row.raw = line.first.raw
    return True


# Written out: of the hundred letters a second that one intake takes, building Django's own UPDATE took a fifth.
_SETTLED = """
UPDATE channels_inbound AS line
SET state = told.state, reason = told.reason, sender = told.sender, subject = told.subject,
    may_answer = told.may_answer, settled_at = %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[])
    AS told (id, state, reason, sender, subject, may_answer)
WHERE line.id = told.id
"""


def mark_settled(rows: Sequence[Inbound], *, at: datetime) -> None:
    """Write down what became of letters, and what was understood of their headers, in the caller's transaction."""
    if not rows:
        return
    texts = ([str(getattr(row, name)) for row in rows] for name in ("state", "reason", "sender", "subject"))
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED, [at, [row.pk for row in rows], *texts, [row.may_answer for row in rows]])


def _groups(items: Iterator[T]) -> Iterator[list[T]]:
    while group := list(islice(items, BATCH)):
        yield group
