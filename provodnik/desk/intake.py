"""Letters become requests and replies: understood in a limited process, settled in one transaction each (I10).

A letter that cannot be understood or settled is put into quarantine, whole, for a specialist to look at and retry;
the others go on.
"""

from __future__ import annotations

import atexit
import logging
import re
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
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
from provodnik.core import files
from provodnik.core.decisions import Refused
from provodnik.core.text import one_line
from provodnik.desk import matching
from provodnik.desk.actions.base import NewFile
from provodnik.desk.actions.incoming import Said, hear
from provodnik.desk.actions.opening import NewTicket, open_ticket
from provodnik.desk.actions.overhearing import not_delivered, overhear
from provodnik.desk.announce.letters import too_large_letter
from provodnik.desk.matching import Match, Sender
from provodnik.desk.models import Ticket
from provodnik.notify.actions import notify

log = logging.getLogger(__name__)

KEYS = uuid.UUID("5c0f7a2e-6c3d-4f0e-9d55-7a2b6f1d9c11")  # of form ids made from letters
HOUR = timedelta(hours=1)
FROM_ONE_AN_HOUR = 20  # letters; beyond, the sender gets no automatic answer any more
REPORTED_WITHIN = timedelta(days=5)  # how long after sending a report without the id of the letter is believed
_PREFIXES = re.compile(r"^(?:\s*(?:re|fwd?|fw|отв|ответ|пересл|переслано|вн|нa|aw|wg)(?:\[\d{1,3}\])?\s*:)+\s*", re.I)
_NUMBER_MARK = re.compile(r"\s*\[#\s?\d{1,18}\]\s*")

REASONS = {
    "time": gettext_lazy("Reading the letter took too long."),
    "crash": gettext_lazy("Reading the letter took too much memory or processor time."),
    "protocol": gettext_lazy("The reading process answered nonsense."),
    "not_understood": gettext_lazy("The letter could not be read."),
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
    """The same for several, in the order they came. While one is written, the next is already being read."""
    rows = Inbound.objects.select_related("mailbox", "raw").in_bulk(ids)
    for row, reading in _read([rows[pk] for pk in ids if pk in rows]):
        try:
            _settle(row.pk, reading.result())
        except NotUnderstood as problem:
            _quarantine(row.pk, str(REASONS.get(problem.reason, problem.reason)))
        except Refused as refused:
            _quarantine(row.pk, str(refused))
        except (OperationalError, InterfaceError):
            raise  # the database is away: the letter stays as it is and is settled later
        except Exception as problem:
            log.exception("A letter could not be settled: ledger row %s", row.pk)
            _quarantine(row.pk, _("The letter could not be settled: %(kind)s.") % {"kind": type(problem).__name__})


def _read(rows: Sequence[Inbound]) -> Iterator[tuple[Inbound, Future[Understood]]]:
    """Each letter with its reading, begun one letter ahead."""
    previous: tuple[Inbound, Future[Understood]] | None = None
    for row in rows:
        if row.state == InboundState.DUPLICATE:
            continue
        raw = files.read(row.raw)  # here, not in the thread: it has no database connection to leave open
        names = list(row.mailbox.authserv_ids) if row.mailbox is not None else []
        current = row, _ahead().submit(_reader().understand, raw, names)
        if previous is not None:
            yield previous
        previous = current
    if previous is not None:
        yield previous


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


def _quarantine(pk: int, reason: str) -> None:
    Inbound.objects.filter(pk=pk, state=InboundState.RECEIVED).update(
        state=InboundState.QUARANTINED, reason=one_line(reason, 500), settled_at=timezone.now()
    )


def _settle(pk: int, letter: Understood) -> None:
    """Decide what the letter is, do it, and write it into the ledger: one transaction."""
    now = timezone.now()
    with transaction.atomic():
        row = Inbound.objects.select_for_update(of=("self",)).select_related("mailbox").get(pk=pk)
        if row.state == InboundState.REJECTED:
            _tell_too_large(row, letter, now)
            return
        if row.state != InboundState.RECEIVED:
            return
        row.sender = one_line(letter.sender.email, 320)
        row.subject = one_line(letter.subject, 500)
        row.may_answer = bool(channel_policies.may_answer(letter)) and not _is_flood(row, now)
        row.state, row.reason = _decide(row, letter, now)
        row.settled_at = now
        row.save()


def _decide(row: Inbound, letter: Understood, now: datetime) -> tuple[InboundState, str]:
    if outgoing.loop_id() in letter.loop_ids:
        return InboundState.REJECTED, _("A letter of our own came back.")
    if letter.bounce is not None:
        reported = _reported(letter)
        if reported is not None:
            _take_report(reported, letter, now)
            return InboundState.STORED, _("A delivery report about a letter to %(whom)s.") % {
                "whom": reported.recipient
            }
    sender = matching.sender_of(letter, mailbox=row.mailbox)
    if letter.bounce is not None and sender.customer is None:
        return InboundState.REJECTED, _("A delivery report about no letter of ours.")
    found = matching.match(letter, sender)
    key = uuid.uuid5(KEYS, f"inbound:{row.pk}")
    if letter.is_automatic or letter.is_list:
        found = found or _same_thread(sender, letter, row)
        if found is not None:
            overhear(found.ticket.pk, _said(row, letter, sender), key=key, at=_moment(row, found.ticket, now))
            return InboundState.STORED, ""
    if found is None or (found.ticket.closed_at is not None and not found.sure):
        _open(row, letter, sender, key, found)
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


def _open(row: Inbound, letter: Understood, sender: Sender, key: uuid.UUID, found: Match | None) -> Ticket:
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
    return open_ticket(new, key=key, by=None, at=row.received_at)


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


def _is_flood(row: Inbound, now: datetime) -> bool:
    """More letters from one sender than a person writes: they are all kept, he gets no answers, somebody looks at it."""
    if not row.sender:
        return False
    lately = Inbound.objects.filter(sender=row.sender, received_at__gt=row.received_at - HOUR)
    if lately[: FROM_ONE_AN_HOUR + 1].count() <= FROM_ONE_AN_HOUR:
        return False
    notify(
        User.objects.filter(is_active=True, roles__contains=[Role.ADMINISTRATOR.value]),
        key=f"mail-flood:{row.sender}:{now:%Y%m%d%H}",
        text=_("More than %(count)d letters came from %(sender)s within an hour. They are kept, but not answered.")
        % {"count": FROM_ONE_AN_HOUR, "sender": row.sender},
        at=now,
        tone="warning",
    )
    return True


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
        not_delivered(int(number), recipient=row.recipient, reason=reason, permanent=False, at=now)


def _tell_too_large(row: Inbound, letter: Understood, now: datetime) -> None:
    """The sender of a letter that was too large is told so, where a robot may write to him."""
    allowed = channel_policies.may_answer(letter) and channel_policies.may_write_automatically(
        letter.sender.email, about="", now=now
    )
    if row.mailbox is None or not allowed:
        return
    too_large_letter(row, letter.sender.email, settings.UPLOAD_LIMIT // (1024 * 1024), now)
