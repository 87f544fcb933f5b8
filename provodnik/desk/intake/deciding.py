"""What a letter is: a report, a robot's word, a reply or a new request; and that is done."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from provodnik.channels import outgoing
from provodnik.channels import policies as channel_policies
from provodnik.channels.email import Understood
from provodnik.channels.models import Channel, Inbound, InboundState
from provodnik.core.text import one_line
from provodnik.desk import matching
from provodnik.desk.actions.incoming import Said, hear
from provodnik.desk.actions.opening import NewTicket, open_ticket, register_letter
from provodnik.desk.actions.overhearing import overhear
from provodnik.desk.intake.around import HOUR, Round, form_key
from provodnik.desk.intake.reading import Reading
from provodnik.desk.intake.reports import reported, take_report, tell_too_large
from provodnik.desk.intake.words import clean_subject, findings, new_files, said_and_quoted
from provodnik.desk.matching import Match, Sender
from provodnik.desk.models import Ticket


def outcome(row: Inbound, reading: Reading, around: Round) -> tuple[InboundState, str]:
    letter = reading.letter
    if row.reason:  # it was not taken whole: there are only its headers
        tell_too_large(row, letter, around)
        return InboundState.REJECTED, row.reason
    if letter is None:
        return InboundState.QUARANTINED, reading.problem
    row.sender = one_line(letter.sender.email, 320)
    row.subject = one_line(letter.subject, 500)
    may_answer = bool(channel_policies.may_answer(letter, around.own_addresses))
    row.may_answer = may_answer and letter.sender.email not in around.floods
    return _decide(row, letter, around)


def _decide(row: Inbound, letter: Understood, around: Round) -> tuple[InboundState, str]:
    now = around.now
    if letter.loop_ids and outgoing.loop_id() in letter.loop_ids:
        return InboundState.REJECTED, _("A letter of our own came back.")
    if letter.bounce is not None:
        told = reported(letter)
        if told is not None:
            take_report(told, letter, now)
            return InboundState.STORED, _("A delivery report about a letter to %(whom)s.") % {"whom": told.recipient}
    sender = matching.sender_of(letter, own=around.own_addresses, known=around.known)
    if letter.bounce is not None and sender.customer is None:
        return InboundState.REJECTED, _("A delivery report about no letter of ours.")
    found = matching.match(letter, sender)
    key = form_key(row.pk)
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


def _said(row: Inbound, letter: Understood, sender: Sender, *, may_move: bool = False) -> Said:
    text, quoted = said_and_quoted(letter)
    return Said(
        text=text,
        channel=Channel.EMAIL,
        contact=sender.contact,
        author_name=sender.name,
        files=new_files(letter),
        quoted=quoted,
        html=letter.html,
        inbound=row,
        verdict=findings(letter),
        subject=clean_subject(letter.subject),
        may_move=may_move,
    )


def _open(row: Inbound, letter: Understood, sender: Sender, found: Match | None, around: Round) -> Ticket:
    """A new request; one that a stranger continues by a token, or that only its subject ties to another, says so."""
    text, quoted = said_and_quoted(letter)
    named = matching.suggested(letter) if found is None else None
    new = NewTicket(
        text=text,
        channel=Channel.EMAIL,
        subject=clean_subject(letter.subject),
        customer=sender.customer,
        contact=sender.contact,
        requester_name=sender.name,
        contact_email=sender.email,
        files=new_files(letter),
        quoted=quoted,
        html=letter.html,
        inbound=row,
        mailbox=row.mailbox,
        verdict=findings(letter),
        follows=found.ticket if found is not None else None,
        context={"suggested": named.pk} if named is not None else {},
    )
    key, at = form_key(row.pk), row.received_at
    if key in around.made:
        return open_ticket(new, key=key, by=None, at=at)
    return register_letter(new, key=key, at=at, contract=around.contract(sender.customer, at))


def _same_thread(sender: Sender, letter: Understood, row: Inbound) -> Match | None:
    """A robot that repeats itself within the hour goes on in the request it has made (safety A08)."""
    if not sender.email:
        return None
    since = row.received_at - HOUR
    lately = Ticket.objects.filter(contact_email=sender.email, registered_at__gte=since, channel=Channel.EMAIL)
    subject = one_line(clean_subject(letter.subject), 300)
    ticket = lately.filter(subject=subject, messages__verdict__automatic=True).order_by("-pk").first()
    return Match(ticket, False) if ticket is not None else None
