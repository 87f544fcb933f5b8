"""Links between two requests, and a message that becomes a request of its own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.desk import policies
from provodnik.desk.actions.base import NewFile, changing, in_order, record, settle, used_form
from provodnik.desk.actions.opening import NewTicket, register
from provodnik.desk.actions.several import changing_several
from provodnik.desk.models import EventKind, LinkKind, Message, MessageKind, Ticket, TicketLink
from provodnik.desk.states import Priority, TicketType

MOST_LINKS = 100  # of one request
CHOSEN = (LinkKind.DUPLICATE, LinkKind.RELATED, LinkKind.CAUSE)  # what a person may say; the others follow from acts


def link(number: int, *, other: int, kind: LinkKind, by: User, at: datetime) -> TicketLink:
    """`number` is a duplicate of `other`, related to it, or its cause. The same once more changes nothing; the other
    way round it is refused."""
    require(policies.may_work(by))
    if kind not in CHOSEN:
        raise Refused(_("There is no such link."), field="kind")
    if number == other:
        raise Refused(_("A request is not linked with itself."), field="other")
    with changing_several([number, other], field="other") as tickets:
        return tie(tickets[number], tickets[other], kind, by=by, at=at)


def tie(one: Ticket, other: Ticket, kind: LinkKind, *, by: User | None, at: datetime) -> TicketLink:
    """The same for two locked requests, whose history tells it."""
    for ticket in (one, other):
        if (
            TicketLink.objects.filter(one=ticket).count() + TicketLink.objects.filter(other=ticket).count()
            >= MOST_LINKS
        ):
            raise Refused(_("№ %(number)s has too many links already.") % {"number": ticket.pk}, field="other")
    known = TicketLink.objects.filter(one=one, other=other, kind=kind).first()
    if known is not None:
        return known
    if kind == LinkKind.RELATED and one.pk > other.pk:
        one, other = other, one  # related is related either way: kept in one order
    try:
        with transaction.atomic():
            made = TicketLink.objects.create(one=one, other=other, kind=kind, at=at, by=by)
    except IntegrityError as error:
        known = TicketLink.objects.filter(one=one, other=other, kind=kind).first()
        if known is not None:
            return known
        raise Refused(_("They are linked already, the other way round."), field="other") from error
    _tell(made, EventKind.LINKED, {one.pk: one, other.pk: other}, by=by, at=at)
    return made


def unlink(number: int, *, link_id: int, by: User, at: datetime) -> None:
    """Take a link of this request away; one that is not there any more is no matter."""
    require(policies.may_work(by))
    found = TicketLink.objects.filter(pk=link_id).first()
    if found is None or number not in (found.one_id, found.other_id):
        return
    if found.kind not in CHOSEN:
        raise Refused(_("This link tells where the request came from and stays."))
    with changing_several([found.one_id, found.other_id]) as tickets:
        deleted, _by_model = TicketLink.objects.filter(pk=link_id).delete()
        if deleted:
            _tell(found, EventKind.UNLINKED, tickets, by=by, at=at)


def _tell(made: TicketLink, event: EventKind, both: Mapping[int, Ticket], *, by: User | None, at: datetime) -> None:
    for ticket, to, way in ((both[made.one_id], made.other_id, "from"), (both[made.other_id], made.one_id, "to")):
        moment = in_order(ticket, at)
        record(ticket, event, at=moment, by=by, link=made.kind, number=to, way=way)
        settle(ticket, at=moment)


def split(
    message_id: int,
    *,
    subject: str,
    type_: TicketType,
    priority: Priority,
    by: User,
    at: datetime,
    key: uuid.UUID,
) -> Ticket:
    """A message of the requester becomes a request of its own, with copies of its files: registered now
    (docs/adr/0014), linked both ways, confirmed to the requester as any other. The message stays where it was. The
    same `key` again gives the same request. Raises Message.DoesNotExist, Refused."""
    require(policies.may_work(by))
    message = Message.objects.select_related("contact", "ticket").get(pk=message_id)
    if message.kind != MessageKind.ANSWER:
        raise Refused(_("Only a later message of the requester can become a request of its own."))
    place = policies.goes_on_in(message.ticket) or message.ticket_id
    with changing(place) as ticket:
        known = Ticket.objects.filter(key=key).first()
        if known is not None:
            if not TicketLink.objects.filter(one=ticket, other=known, kind=LinkKind.SPLIT).exists():
                raise used_form()
            return known
        contact = message.contact
        if contact is None or contact.customer_id != ticket.customer_id:
            contact = ticket.contact
        same = contact is None or contact.pk == ticket.contact_id
        new = NewTicket(
            text=message.text or str(_("(The letter has no text.)")),
            channel=message.channel,  # type: ignore[arg-type]
            subject=subject,
            customer=ticket.customer,
            contact=contact,
            requester_name=message.author_name or ticket.requester_name,
            contact_email=ticket.contact_email if same or contact is None else contact.email,
            subsystem=ticket.subsystem,
            quoted=message.quoted,
            html=message.html,
            mailbox=ticket.mailbox,
            verdict=message.verdict,
            files=[
                NewFile(one.name, one.content_type, one.blob, one.content_id, one.is_inline)
                for one in message.attachments.select_related("blob")
            ],
            type=type_,
            priority=priority,
        )
        made = register(new, key=key, by=by, at=at)
        made = Ticket.objects.select_for_update(of=("self",)).get(pk=made.pk)
        TicketLink.objects.create(one=ticket, other=made, kind=LinkKind.SPLIT, at=at, by=by)
        record(
            made, EventKind.LINKED, at=in_order(made, at), by=by, link=LinkKind.SPLIT.value, number=ticket.pk, way="to"
        )
        settle(made, at=at)
        moment = in_order(ticket, at)
        record(ticket, EventKind.SPLIT, at=moment, by=by, message=message, number=made.pk)
        settle(ticket, at=moment)
        return made
