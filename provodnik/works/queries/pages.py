"""Reads for the pages of works. `now` is an argument; who sees what is decided by policies alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.desk.models import Ticket
from provodnik.desk.models.tickets import OPEN
from provodnik.desk.policies import contact_of, visible_tickets
from provodnik.works.models import Answering, AnswerLine, Mailing, Silence, Work, WorkEvent, WorkEventKind, WorkTicket
from provodnik.works.policies import may_lead, visible_works
from provodnik.works.states import State

PAGE = 30
MOST_CURRENT = 100
MOST_EVENTS = 200
TIED_SHOWN = 50
RECENT = timedelta(days=7)  # so long after its end an incident is still offered to tie a request to
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile(r"(\d{1,17})\.(\d{1,18})")

# What a reader who does not lead works is told: the way of the works, not the desk's own doings.
PUBLIC_KINDS = (
    WorkEventKind.ANNOUNCED,
    WorkEventKind.BEGAN,
    WorkEventKind.CHANGED,
    WorkEventKind.NEWS,
    WorkEventKind.ENDED,
    WorkEventKind.CANCELLED,
)


@dataclass(frozen=True, slots=True)
class Listing:
    """`past` newest first, by pages; `older`: the cursor of the next one."""

    drafts: list[Work]
    going: list[Work]
    coming: list[Work]
    past: list[Work]
    older: str


def listing(user: User, before: str = "") -> Listing:
    """All that concerns this person: going on, to come, over."""
    works = visible_works(user).prefetch_related("customers", "subsystems")
    current: list[Work] = []
    place = _CURSOR.fullmatch(before)
    if place is None:
        current = list(works.filter(finished_at=None).order_by("starts_at", "pk")[:MOST_CURRENT])
    rows = works.filter(finished_at__isnull=False)
    if place is not None:
        at = _EPOCH + int(place[1]) * _MICROSECOND
        rows = rows.filter(Q(finished_at__lt=at) | Q(finished_at=at, pk__lt=int(place[2])))
    past = list(rows.order_by("-finished_at", "-pk")[: PAGE + 1])
    older = ""
    if len(past) > PAGE:
        last = past[PAGE - 1]
        assert last.finished_at is not None
        older = f"{(last.finished_at - _EPOCH) // _MICROSECOND}.{last.pk}"
    return Listing(
        drafts=[one for one in current if one.state == State.DRAFT.value],
        going=[one for one in current if one.state == State.GOING.value],
        coming=[one for one in current if one.state == State.ANNOUNCED.value],
        past=past[:PAGE],
        older=older,
    )


@dataclass(frozen=True, slots=True)
class WorkPage:
    work: Work
    events: list[WorkEvent]
    tied: list[Ticket] = field(default_factory=list)
    tied_total: int = 0
    tied_open: int = 0
    answering: Answering | None = None
    mailing: Mailing | None = None

    @property
    def is_answering(self) -> bool:
        """A text is on its way to the tied requests: another one waits for its end."""
        return self.answering is not None and self.answering.done_at is None


def work_for(user: User, pk: int) -> Work:
    """Raises Work.DoesNotExist, also for what the asker may not see."""
    return visible_works(user).select_related("responsible").prefetch_related("customers", "subsystems").get(pk=pk)


def page(user: User, work: Work) -> WorkPage:
    """What the page of a work shows to this person."""
    inside = user.is_desk or bool(may_lead(user))
    # of what is tied the list itself tells: an incident may have hundreds
    events = work.events.exclude(kind__in=[WorkEventKind.TIED, WorkEventKind.UNTIED])
    events = events.select_related("by").order_by("-at", "-pk")
    if not inside:
        events = events.filter(kind__in=PUBLIC_KINDS)
    shown = WorkPage(work, list(events[:MOST_EVENTS]))
    if not inside:
        return shown
    tickets = tied_tickets(user, work)
    counts = tickets.aggregate(all=Count("pk"), open=Count("pk", filter=OPEN))
    return WorkPage(
        work,
        shown.events,
        tied=list(tickets.select_related("customer").order_by("queue_rank", "queue_at", "pk")[:TIED_SHOWN]),
        tied_total=counts["all"],
        tied_open=counts["open"],
        answering=last_answering(work),
        mailing=Mailing.objects.filter(event__work=work).order_by("-pk").first(),
    )


def tied_tickets(user: User, work: Work) -> QuerySet[Ticket]:
    """Through the one door to requests."""
    return visible_tickets(user).filter(pk__in=WorkTicket.objects.filter(work=work).values("ticket_id"))


def last_answering(work: Work) -> Answering | None:
    """The last answering with its counts: `total`, `done`, `refused`."""
    waiting = AnswerLine.Verdict.WAITING.value
    return (
        Answering.objects.filter(work=work)
        .select_related("by")
        .annotate(
            total=Count("lines"),
            done=Count("lines", filter=~Q(lines__verdict=waiting)),
            refused=Count("lines", filter=Q(lines__verdict=AnswerLine.Verdict.REFUSED.value)),
        )
        .order_by("-pk")
        .first()
    )


def verdicts(user: User, answering: Answering) -> list[AnswerLine]:
    """Its requests that this person may see: those that were not answered first."""
    lines = AnswerLine.objects.filter(answering=answering, ticket__in=visible_tickets(user)).select_related("ticket")
    refused = Q(verdict=AnswerLine.Verdict.REFUSED.value)
    return list(lines.filter(refused).order_by("pk")[:TIED_SHOWN]) + list(
        lines.exclude(refused).order_by("pk")[:TIED_SHOWN]
    )


def to_tie(user: User, ticket: Ticket, now: datetime) -> list[Work]:
    """Works that may explain this request, nearest first: going on (incidents before the rest), then lately ended."""
    works = visible_works(user).filter(announced_at__isnull=False)
    works = works.filter(Q(state=State.GOING.value) | Q(state=State.ENDED.value, finished_at__gt=now - RECENT))
    works = works.filter(Q(customer_rows=None) | Q(customer_rows__customer_id=ticket.customer_id)).distinct()
    found = list(works.exclude(tied__ticket=ticket).prefetch_related("subsystems")[:MOST_CURRENT])
    touches = {one.pk: not ids or ticket.subsystem_id in ids for one in found for ids in [_ids(one)]}
    found.sort(key=lambda one: (one.finished_at is not None, not touches[one.pk], one.kind != "incident", -one.pk))
    return found[:8]


def _ids(work: Work) -> set[int]:
    return {one.pk for one in work.subsystems.all()}


def tied_to(user: User, ticket: Ticket) -> list[Work]:
    """Works that this request is tied to."""
    return list(visible_works(user).filter(tied__ticket=ticket).order_by("-pk")[:10])


def leaders() -> QuerySet[User]:
    """Who may answer for works."""
    roles = [Role.SPECIALIST.value, Role.LEAD.value, Role.ADMINISTRATOR.value]
    return User.objects.filter(is_active=True, roles__overlap=roles).order_by("full_name")


def is_silent(user: User) -> bool | None:
    """Whether the person asked for no letters about planned works; None: he gets none anyway."""
    contact = contact_of(user)
    if contact is None or not contact.email:
        return None
    return Silence.objects.filter(contact=contact).exists()


def overdue(now: datetime) -> list[Work]:
    """Works whose time has come without a person having said so: to begin, or to end."""
    late = Q(state=State.ANNOUNCED.value, starts_at__lte=now) | Q(state=State.GOING.value, ends_at__lte=now)
    return list(Work.objects.filter(late).select_related("responsible").order_by(F("starts_at"))[:MOST_CURRENT])
