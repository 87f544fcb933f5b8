"""«Жалоба»: a claim about the quality of service becomes a request of its own to the lead (R11).

The regulation lists it among the resolutions; by its meaning it is something to be answered. So it is both: a request
closed as «Жалоба», and the requester's own complaint, open a follow-up with its own due time, linked to the first.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.channels.models import Channel
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line
from provodnik.desk import policies
from provodnik.desk.actions.base import NewFile, changing, in_order, record, settle, used_form
from provodnik.desk.actions.opening import LONGEST_SUBJECT, NewTicket, register
from provodnik.desk.assignment import first_present
from provodnik.desk.models import Contact, EventKind, Message, MessageKind, Ticket
from provodnik.desk.queries import assignment as queries
from provodnik.desk.states import Priority, TicketType

_KEYS = uuid.UUID("5d7a0c3e-8f1b-4c52-9d36-0b7e4a91c2f8")  # the space of names of follow-ups made by a closing


def complain(
    number: int, *, text: str, by: User, at: datetime, key: uuid.UUID, files: Sequence[NewFile] = ()
) -> Ticket:
    """The requester is not content with the work on his request, open or closed. Returns the complaint; the same form
    again returns the same one. Raises Refused."""
    with changing(number) as ticket:
        require(policies.may_complain(by, ticket))
        known = Ticket.objects.filter(key=key).first()
        contact = policies.contact_of(by)
        if known is not None:
            if known.complains_of_id != ticket.pk or known.contact_id != (contact.pk if contact else None):
                raise used_form()
            return known
        if not text.strip():
            raise Refused(_("Write what you are not content with."), field="text")
        waiting = open_complaint(ticket, contact)
        if waiting is not None:
            reason = _("Your complaint № %(number)s is not answered yet: write there.") % {"number": waiting.pk}
            raise Refused(reason, field="text")
        return _follow_up(ticket, text, contact=contact, about=ticket.assignee, by=by, at=at, key=key, files=files)


def open_complaint(ticket: Ticket, contact: Contact | None) -> Ticket | None:
    """The complaint of this person about a request that is still to be answered."""
    rows = Ticket.objects.filter(complains_of=ticket, contact=contact, closed_at=None)
    return rows.order_by("-pk").first()


def after_closing(ticket: Ticket, closing_id: int, *, by: User, at: datetime) -> None:
    """A locked request was closed as «Жалоба»: what its requester said goes to the lead. Whose work it was about is
    known only when it continued another request."""
    if ticket.is_complaint or open_complaint(ticket, ticket.contact) is not None:
        return
    said = Message.objects.filter(ticket=ticket, kind__in=[MessageKind.REQUEST, MessageKind.ANSWER])
    last = said.exclude(text="").order_by("-at", "-pk").first()
    about = ticket.follows.assignee if ticket.follows is not None else None
    _follow_up(
        ticket,
        last.text if last is not None else ticket.subject,
        contact=ticket.contact,
        about=about,
        by=by,
        at=at,
        key=uuid.uuid5(_KEYS, f"{ticket.pk}:{closing_id}"),
    )


def _follow_up(
    ticket: Ticket,
    text: str,
    *,
    contact: Contact | None,
    about: User | None,
    by: User,
    at: datetime,
    key: uuid.UUID,
    files: Sequence[NewFile] = (),
) -> Ticket:
    lead, reason = _answerable(ticket, about, at)
    own = contact is None or contact == ticket.contact
    new = NewTicket(
        text=text,
        channel=Channel.PORTAL,
        subject=one_line(
            _("Complaint about request № %(number)s: %(subject)s") % {"number": ticket.pk, "subject": ticket.subject},
            LONGEST_SUBJECT,
        ),
        customer=ticket.customer if contact is None else contact.customer,
        contact=contact,
        requester_name=ticket.requester_name if contact is None else contact.name,
        contact_email=ticket.contact_email if own else contact.email if contact is not None else "",
        subsystem=ticket.subsystem,
        files=files,
        mailbox=ticket.mailbox,
        type=TicketType.QUESTION,
        priority=Priority.MEDIUM,
        complains_of=ticket,
        complains_about=about,
        team=ticket.team,
        assignee=lead,
    )
    complaint = register(new, key=key, by=by, at=at)
    record(
        complaint,
        EventKind.ROUTED,
        at=at,
        team=ticket.team_id,
        team_name=ticket.team.name if ticket.team is not None else "",
        new=lead.pk if lead else None,
        name=lead.full_name if lead else "",
        reason=reason,
    )
    at = in_order(ticket, at)
    record(ticket, EventKind.COMPLAINED, at=at, by=by, number=complaint.pk)
    settle(ticket, at=at)
    return complaint


def _answerable(ticket: Ticket, about: User | None, at: datetime) -> tuple[User | None, str]:
    """The lead who answers: of the team, else of the desk; never whom it is about, nobody who is away."""
    plan = queries.plan(at)
    people = {person.pk: person for person in queries.desk_people()}
    of_team = [ticket.team.lead_id] if ticket.team is not None and ticket.team.lead_id is not None else []
    candidates = [*of_team, *(person.pk for person in people.values() if person.is_lead)]
    found = first_present(
        plan,
        candidates,
        at,
        zone=ticket.team.zone if ticket.team is not None else settings.TIME_ZONE,
        barred=frozenset({about.pk} if about is not None else ()),
    )
    if found is None or found not in people:
        return None, _("a complaint: no lead is there who could answer it")
    if found in of_team:
        return people[found], _("a complaint goes to the lead of the team")
    return people[found], _("a complaint goes to the lead of the desk")
