"""Who sees which works, and who may do what with them. What `visible_works` does not give does not exist (404)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import YES, Decision, no
from provodnik.desk.models import Ticket
from provodnik.desk.policies import contact_of, may_work, visible_tickets
from provodnik.works.models import Work, WorkCustomer
from provodnik.works.states import State, is_legal


def told_works() -> QuerySet[Work]:
    """Works that people were told of: no drafts, nor what was thrown away as a draft."""
    return Work.objects.filter(announced_at__isnull=False)


def public_works() -> QuerySet[Work]:
    """What the status page shows to anybody."""
    return told_works().filter(public=True)


def concerning(works: QuerySet[Work], customer_id: int) -> QuerySet[Work]:
    """Those that concern a customer: named among theirs, or theirs are all."""
    rows = WorkCustomer.objects.filter(work_id=OuterRef("pk"))
    return works.filter(~Exists(rows) | Exists(rows.filter(customer_id=customer_id)))


def visible_works(user: User) -> QuerySet[Work]:
    """Who leads works sees all; the desk what people were told of; a contact what of that concerns his customer."""
    if not user.is_authenticated or not user.is_active:
        return Work.objects.none()
    if may_lead(user):
        return Work.objects.all()
    if user.is_desk:
        return told_works()
    contact = contact_of(user)
    return concerning(told_works(), contact.customer_id) if contact is not None else Work.objects.none()


def may_look(user: User) -> Decision:
    """Whether there is a list of works for this person at all."""
    if user.is_desk or may_lead(user) or contact_of(user) is not None:
        return YES
    return no(_("Your account is not linked to a customer. Ask your administrator."))


def may_lead(user: User) -> Decision:
    """Make works, announce, begin, change, end and cancel them."""
    if user.is_lead or user.is_administrator:
        return YES
    return no(_("Only the lead of the desk or an administrator may do this."))


def may_edit(user: User, work: Work) -> Decision:
    if not may_lead(user):
        return may_lead(user)
    if work.is_past:
        return no(_("What is over is not changed any more."))
    return YES


def may_move(user: User, work: Work, to: State) -> Decision:
    if not may_lead(user):
        return may_lead(user)
    return YES if is_legal(work.state, to) else no(_MOVED[to])


def may_report(user: User, work: Work) -> Decision:
    """Tell the news of what is announced or going on."""
    if not may_lead(user):
        return may_lead(user)
    return YES if work.is_current else no(_("There is no news of what is not going on."))


_MOVED = {
    State.DRAFT: _("What people were told of is no draft any more."),
    State.ANNOUNCED: _("It is announced already, or over."),
    State.GOING: _("It is going on already, or over."),
    State.ENDED: _("Only what is going on can end."),
    State.CANCELLED: _("Only what has not begun can be cancelled."),
}


def may_tie(user: User, work: Work, ticket: Ticket) -> Decision:
    """Tie a request to works that explain it; never to works that its customer is not told of."""
    if not may_work(user):
        return may_work(user)
    if work.announced_at is None:
        return no(_("People have not been told of these works yet."))
    if not visible_tickets(user).filter(pk=ticket.pk).exists():
        return no(_("There is no such request."))
    chosen = set(WorkCustomer.objects.filter(work=work).values_list("customer_id", flat=True))
    if chosen and ticket.customer_id not in chosen:
        return no(_("These works do not concern the customer of the request."))
    return YES


def may_answer_together(user: User, work: Work) -> Decision:
    if not may_work(user):
        return may_work(user)
    return YES if work.announced_at is not None else no(_("People have not been told of these works yet."))
