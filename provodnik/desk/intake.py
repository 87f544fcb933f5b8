"""Letters become requests and replies: understood in a limited process, settled in one transaction each (I10).

A letter that cannot be understood or settled is put into quarantine, whole, for a specialist to look at and retry;
the others go on.
"""

from __future__ import annotations

import atexit
import logging
import re
import traceback
import uuid
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.channels import intake, outgoing
from provodnik.channels import policies as channel_policies
from provodnik.channels.email import Understood
from provodnik.channels.email.sandbox import NotUnderstood, Understander
from provodnik.channels.models import Channel, Inbound, InboundState, Mailbox, Outgoing, OutgoingState
from provodnik.core import files, jobs
from provodnik.core.decisions import Refused
from provodnik.core.faults import is_away, is_busy
from provodnik.core.text import one_line
from provodnik.desk import matching
from provodnik.desk.actions.base import NewFile
from provodnik.desk.actions.incoming import Said, hear
from provodnik.desk.actions.opening import NewTicket, open_ticket, register_letter
from provodnik.desk.actions.overhearing import not_delivered, overhear
from provodnik.desk.announce.letters import too_large_letter
from provodnik.desk.matching import Match, Sender
from provodnik.desk.models import Contract, Customer, Ticket
from provodnik.desk.queries.facts import contract_in_force, contracts_in_force
from provodnik.notify.actions import notify

log = logging.getLogger(__name__)

KEYS = uuid.UUID("5c0f7a2e-6c3d-4f0e-9d55-7a2b6f1d9c11")  # of form ids made from letters
HOUR = timedelta(hours=1)
TOGETHER = 20  # letters settled in one transaction
TOGETHER_BYTES = 8 * 1024 * 1024
FROM_ONE_AN_HOUR = 20  # letters; beyond, the sender gets no automatic answer any more
REPORTED_WITHIN = timedelta(days=5)  # how long after sending a report without the id of the letter is believed
_PREFIXES = re.compile(r"^(?:\s*(?:re|fwd?|fw|отв|ответ|пересл|переслано|вн|нa|aw|wg)(?:\[\d{1,3}\])?\s*:)+\s*", re.I)
_NUMBER_MARK = re.compile(r"\s*\[#\s?\d{1,18}\]\s*")

REASONS = {
    "time": gettext_lazy("Reading the letter took too long."),
    "crash": gettext_lazy("Reading the letter took too much memory or processor time."),
    "protocol": gettext_lazy("The reading process answered nonsense."),
    "not_understood": gettext_lazy("The letter could not be read."),
    "lost": gettext_lazy("The file with the letter cannot be opened: look at the disk, then try again."),
}


@cache
def _reader() -> Understander:
    """One reading process for this worker process."""
    reader = Understander()
    atexit.register(reader.close)
    return reader


@cache
def _ahead() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail-reader")


def accept(inbound_id: int) -> None:
    """Have one kept letter understood and settled. Safe to repeat."""
    accept_all([inbound_id])


def accept_all(ids: Sequence[int]) -> None:
    """The same for several, in the order they came. While some are written, the next are already being read."""
    rows = Inbound.objects.select_related("mailbox", "raw").in_bulk(ids)
    for some in _read([rows[pk] for pk in ids if pk in rows and rows[pk].state != InboundState.DUPLICATE]):
        try:
            _settle(some)
        except Exception:
            # A letter that cannot be settled, or two intakes that wait for each other's requests: nothing of the group
            # was done, and each goes alone, so that a bad one stops no other.
            for one in some:
                try:
                    _settle_alone(one)
                except DatabaseError as error:
                    if not is_busy(error):
                        raise
                    log.warning("Letter %s is left for later: %s", one.pk, type(error).__name__)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A letter of the ledger with what was understood of it, or why it was not."""

    pk: int
    letter: Understood | None
    problem: str = ""


def _groups(rows: Sequence[Inbound]) -> Iterator[list[Inbound]]:
    """Letters to be settled together: few and small, so that nobody waits long for a request they concern."""
    group: list[Inbound] = []
    for row in rows:
        if group and (len(group) >= TOGETHER or sum(one.raw.size for one in group) + row.raw.size > TOGETHER_BYTES):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _read(rows: Sequence[Inbound]) -> Iterator[list[_Reading]]:
    """Groups of letters with their readings, begun one group ahead."""
    ahead: deque[list[tuple[int, Future[Understood]]]] = deque()
    for group in _groups(rows):
        ahead.append([(row.pk, _begin(row)) for row in group])
        if len(ahead) > 1:
            yield _finished(ahead.popleft())
    while ahead:
        yield _finished(ahead.popleft())


def _begin(row: Inbound) -> Future[Understood]:
    try:
        raw = files.read(row.raw)  # here, not in the thread: it has no database connection to leave open
    except OSError:
        lost: Future[Understood] = Future()
        lost.set_exception(NotUnderstood("lost"))
        return lost
    names = list(row.mailbox.authserv_ids) if row.mailbox is not None else []
    return _ahead().submit(_reader().understand, raw, names)


def _finished(group: Sequence[tuple[int, Future[Understood]]]) -> list[_Reading]:
    found = []
    for pk, reading in group:
        try:
            found.append(_Reading(pk, reading.result()))
        except NotUnderstood as problem:
            found.append(_Reading(pk, None, str(REASONS.get(problem.reason, problem.reason))))
    return found


def retry(inbound_id: int) -> Inbound:
    """Try a letter in quarantine once more. Raises Inbound.DoesNotExist for any other."""
    with transaction.atomic():
        row = Inbound.objects.select_for_update().get(pk=inbound_id, state=InboundState.QUARANTINED)
        row.state, row.reason, row.settled_at = InboundState.RECEIVED, "", None
        row.save(update_fields=["state", "reason", "settled_at"])
    accept(inbound_id)
    return Inbound.objects.get(pk=inbound_id)


def take_raw(mailbox: Mailbox, raw: bytes, *, envelope_from: str, now: datetime) -> Inbound:
    """A letter offered by another way than IMAP: kept, understood, settled."""
    row = intake.take_raw(mailbox, raw, envelope_from=envelope_from, now=now)
    accept(row.pk)
    row.refresh_from_db()
    return row


@dataclass(slots=True)
class _Round:
    """What the letters of one group are judged by, asked for once."""

    now: datetime
    own_addresses: frozenset[str]
    floods: frozenset[str]
    known: matching.Known
    made: frozenset[uuid.UUID]  # keys of letters that are requests already
    today: date
    contracts: Mapping[int, Contract]  # in force today, by customer

    def contract(self, customer: Customer | None, at: datetime) -> Contract | None:
        if customer is not None and timezone.localdate(at) != self.today:
            return contract_in_force(customer, at)  # a letter that waited
        return self.contracts.get(customer.pk) if customer is not None else None


def _settle(readings: Sequence[_Reading]) -> None:
    """Decide what each letter is, do it, and write it into the ledger: all of the group, or nothing."""
    with transaction.atomic(), jobs.asked_together():
        rows = Inbound.objects.select_for_update(of=("self",)).select_related("mailbox")
        locked = rows.in_bulk([reading.pk for reading in readings])
        around = _round(readings)
        settled = []
        for reading in readings:
            row = locked.get(reading.pk)
            if row is None or row.state != InboundState.RECEIVED:
                continue
            row.state, row.reason = _outcome(row, reading, around)
            settled.append(row)
        intake.mark_settled(settled, at=around.now)


def _round(readings: Sequence[_Reading]) -> _Round:
    now = timezone.now()
    senders = {one.letter.sender.email for one in readings if one.letter is not None and one.letter.sender.email}
    made = Ticket.objects.filter(key__in=[_key(one.pk) for one in readings]).values_list("key", flat=True)
    own, known = channel_policies.own_addresses(), matching.known_at(senders)
    customers = {one.customer_id for one in known.contacts.values()}
    customers |= {one.pk for one in known.customers.values() if one is not None}
    today = timezone.localdate(now)
    contracts = contracts_in_force(customers, today)
    return _Round(now, own, _floods(senders, now), known, frozenset(made), today, contracts)


def _key(pk: int) -> uuid.UUID:
    """The form id of what a letter of the ledger makes."""
    return uuid.uuid5(KEYS, f"inbound:{pk}")


def _outcome(row: Inbound, reading: _Reading, around: _Round) -> tuple[InboundState, str]:
    letter = reading.letter
    if row.reason:  # it was not taken whole: there are only its headers
        _tell_too_large(row, letter, around)
        return InboundState.REJECTED, row.reason
    if letter is None:
        return InboundState.QUARANTINED, reading.problem
    row.sender = one_line(letter.sender.email, 320)
    row.subject = one_line(letter.subject, 500)
    may_answer = bool(channel_policies.may_answer(letter, around.own_addresses))
    row.may_answer = may_answer and letter.sender.email not in around.floods
    return _decide(row, letter, around)


def _settle_alone(reading: _Reading) -> None:
    try:
        _settle([reading])
    except Refused as refused:
        _quarantine(reading.pk, str(refused))
    except Exception as problem:
        if is_away(problem):
            raise  # the letter stays as it is and is settled later
        # the words of an error may quote the letter; its kind and place do not
        place = traceback.extract_tb(problem.__traceback__)[-1]
        kind = type(problem).__name__
        log.error("Letter %s could not be settled: %s in %s:%s", reading.pk, kind, place.filename, place.lineno)
        _quarantine(reading.pk, _("The letter could not be settled: %(kind)s.") % {"kind": kind})


def _quarantine(pk: int, reason: str) -> None:
    Inbound.objects.filter(pk=pk, state=InboundState.RECEIVED).update(
        state=InboundState.QUARANTINED, reason=one_line(reason, 500), settled_at=timezone.now()
    )


def _decide(row: Inbound, letter: Understood, around: _Round) -> tuple[InboundState, str]:
    now = around.now
    if letter.loop_ids and outgoing.loop_id() in letter.loop_ids:
        return InboundState.REJECTED, _("A letter of our own came back.")
    if letter.bounce is not None:
        reported = _reported(letter)
        if reported is not None:
            _take_report(reported, letter, now)
            return InboundState.STORED, _("A delivery report about a letter to %(whom)s.") % {
                "whom": reported.recipient
            }
    sender = matching.sender_of(letter, own=around.own_addresses, known=around.known)
    if letter.bounce is not None and sender.customer is None:
        return InboundState.REJECTED, _("A delivery report about no letter of ours.")
    found = matching.match(letter, sender)
    key = _key(row.pk)
    if letter.is_automatic or letter.is_list:
        found = found or _same_thread(sender, letter, row)
        if found is not None:
            overhear(found.ticket.pk, _said(row, letter, sender), key=key, at=_moment(row, found.ticket, now))
            return InboundState.STORED, ""
    if found is None or (found.ticket.closed_at is not None and not found.sure):
        _open(row, letter, sender, found, around)
    else:
        said = _said(row, letter, sender, may_move=found.sure and not sender.failed)
        hear(found.ticket.pk, said, key=key, at=_moment(row, found.ticket, now))
    return InboundState.STORED, ""


def _moment(row: Inbound, ticket: Ticket, now: datetime) -> datetime:
    """When the server took it; but a letter that waited unread does not change what has been decided meanwhile."""
    return row.received_at if row.received_at >= ticket.touched_at else max(now, ticket.touched_at)


def _words(letter: Understood) -> tuple[str, str]:
    """(what he wrote, what his program quoted); a letter that is nothing but a quotation is told whole."""
    if letter.reply.strip():
        return letter.reply.strip(), letter.quoted
    return letter.text.strip() or ("" if letter.attachments else _("(The letter has no text.)")), ""


def _said(row: Inbound, letter: Understood, sender: Sender, *, may_move: bool = False) -> Said:
    text, quoted = _words(letter)
    return Said(
        text=text,
        channel=Channel.EMAIL,
        contact=sender.contact,
        author_name=sender.name,
        files=_files(letter),
        quoted=quoted,
        html=letter.html,
        inbound=row,
        verdict=_findings(letter),
        subject=clean_subject(letter.subject),
        may_move=may_move,
    )


def _open(row: Inbound, letter: Understood, sender: Sender, found: Match | None, around: _Round) -> Ticket:
    """A new request; one that a stranger continues by a token, or that only its subject ties to another, says so."""
    text, quoted = _words(letter)
    named = matching.suggested(letter) if found is None else None
    new = NewTicket(
        text=text,
        channel=Channel.EMAIL,
        subject=clean_subject(letter.subject),
        customer=sender.customer,
        contact=sender.contact,
        requester_name=sender.name,
        contact_email=sender.email,
        files=_files(letter),
        quoted=quoted,
        html=letter.html,
        inbound=row,
        mailbox=row.mailbox,
        verdict=_findings(letter),
        follows=found.ticket if found is not None else None,
        context={"suggested": named.pk} if named is not None else {},
    )
    key, at = _key(row.pk), row.received_at
    if key in around.made:
        return open_ticket(new, key=key, by=None, at=at)
    return register_letter(new, key=key, at=at, contract=around.contract(sender.customer, at))


def clean_subject(subject: str) -> str:
    """Without «Re:», «Отв:», «Fwd:» and without the number of another request."""
    return _PREFIXES.sub("", _NUMBER_MARK.sub(" ", _PREFIXES.sub("", subject))).strip()


def _files(letter: Understood) -> list[NewFile]:
    return [
        NewFile(one.name, one.type, one.content, content_id=one.content_id, is_inline=one.inline)
        for one in letter.attachments
    ]


def _findings(letter: Understood) -> dict[str, Any]:
    """What the page shows of the sender's proof, of repairs, of invitations."""
    found: dict[str, Any] = {**asdict(letter.verdict), "failed": matching.is_failed(letter.verdict)}
    found["notes"] = letter.notes
    found["blocked_images"] = letter.blocked_images
    found["automatic"] = letter.is_automatic or letter.is_list
    found["invitations"] = [
        {
            **asdict(card),
            "starts": card.starts.isoformat() if card.starts else None,
            "ends": card.ends.isoformat() if card.ends else None,
        }
        for card in letter.invitations
    ]
    return found


def _same_thread(sender: Sender, letter: Understood, row: Inbound) -> Match | None:
    """A robot that repeats itself within the hour goes on in the request it has made (safety A08)."""
    if not sender.email:
        return None
    since = row.received_at - HOUR
    lately = Ticket.objects.filter(contact_email=sender.email, registered_at__gte=since, channel=Channel.EMAIL)
    subject = one_line(clean_subject(letter.subject), 300)
    ticket = lately.filter(subject=subject, messages__verdict__automatic=True).order_by("-pk").first()
    return Match(ticket, False) if ticket is not None else None


def _floods(senders: Collection[str], now: datetime) -> frozenset[str]:
    """Those who send more letters than a person writes. All are kept; such a sender gets no automatic answer, and an
    administrator is told once an hour (safety A09)."""
    lately = Inbound.objects.filter(sender__in=senders, received_at__gt=now - HOUR).values("sender")
    many = lately.annotate(count=Count("pk")).filter(count__gt=FROM_ONE_AN_HOUR).values_list("sender", flat=True)
    floods = frozenset(many)
    for sender in floods:
        notify(
            User.objects.filter(is_active=True, roles__contains=[Role.ADMINISTRATOR.value]),
            key=f"mail-flood:{sender[:100]}:{now:%Y%m%d%H}",
            text=_("More than %(count)d letters came from %(sender)s within an hour. They are kept, but not answered.")
            % {"count": FROM_ONE_AN_HOUR, "sender": sender},
            at=now,
            tone="warning",
        )
    return floods


def _reported(letter: Understood) -> Outgoing | None:
    """The letter of ours that a delivery report is about: by its id, else the last one to the same address."""
    bounce = letter.bounce
    if bounce is None:
        return None
    ids = [*bounce.original_ids, *letter.in_reply_to, *letter.references]
    row = Outgoing.objects.filter(message_id__in=ids).order_by("-pk").first() if ids else None
    if row is not None or bounce.original_ids:
        return row
    since = timezone.now() - REPORTED_WITHIN
    sent = Outgoing.objects.filter(recipient__in=bounce.recipients, state=OutgoingState.SENT, sent_at__gte=since)
    return sent.order_by("-pk").first()


def _take_report(row: Outgoing, letter: Understood, now: datetime) -> None:
    bounce = letter.bounce
    assert bounce is not None
    reason = one_line(f"{bounce.status} {bounce.diagnostic}".strip(), 400) or _("The mail server gave no reason.")
    permanent = bounce.permanent and not bounce.delayed
    outgoing.bounced(row, reason=reason, permanent=permanent)
    number = row.about.removeprefix("ticket:")
    if not permanent and row.about.startswith("ticket:") and number.isdigit():
        letter_kind = row.key.split(":")[1] if row.key.startswith("desk:") else ""
        not_delivered(int(number), recipient=row.recipient, letter=letter_kind, reason=reason, permanent=False, at=now)


def _tell_too_large(row: Inbound, letter: Understood | None, around: _Round) -> None:
    """The sender of a letter that was too large is told so, where a robot may write to him."""
    if row.mailbox is None or letter is None or not channel_policies.may_answer(letter, around.own_addresses):
        return
    recipient = letter.sender.email
    if channel_policies.may_write_automatically(recipient, about="", now=around.now):
        too_large_letter(row, recipient, settings.UPLOAD_LIMIT // (1024 * 1024), around.now)
