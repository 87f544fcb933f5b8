"""What the address narrows the queue by. All of it combines; anything that is not a known value counts as absent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.desk.models.tickets import OPEN
from provodnik.desk.queries.marks import Marks
from provodnik.desk.search import found_by
from provodnik.desk.states import Priority, Status, TicketType

ID = re.compile(r"\d{1,18}")
NONE, ME = "none", "me"
# «Ждёт нас»: nobody has taken it up, it is in work, or an answer has come. «Ждёт пользователя»: the rest of the open.
US, USER = "us", "user"
DUE = {"today": 0, "tomorrow": 1, "week": 7}  # days from today, the day itself included


@dataclass(frozen=True, slots=True)
class Filters:
    """`assignee`: "", "none", "me" or the id of somebody; `team`: "", "none" or an id; `since`, `until`: days of
    registration, both included; `due`: the last day of the deadline, or a key of DUE; `waiting`: whose turn it is.
    `saved`: the saved view that the address came from; it narrows nothing."""

    status: str = ""
    priority: str = ""
    type: str = ""
    customer: int | None = None
    subsystem: int | None = None
    team: str = ""
    assignee: str = ""
    waiting: str = ""
    since: str = ""
    until: str = ""
    due: str = ""
    text: str = ""
    marks: Marks = field(default_factory=Marks)
    saved: int | None = None

    @classmethod
    def read(cls, query: Mapping[str, Any]) -> Filters:
        return cls(
            status=_one_of(query.get("status"), Status),
            priority=_one_of(query.get("priority"), Priority),
            type=_one_of(query.get("type"), TicketType),
            customer=_id(query.get("customer")),
            subsystem=_id(query.get("subsystem")),
            team=_one_of_or_id(query.get("team"), NONE),
            assignee=_one_of_or_id(query.get("assignee"), NONE, ME),
            waiting=_one_of(query.get("waiting"), (US, USER)),
            since=_day(query.get("since")),
            until=_day(query.get("until")),
            due=_one_of(query.get("due"), DUE) or _day(query.get("due")),
            text=str(query.get("text") or "")[:200].strip(),
            marks=Marks.read(query),
            saved=_id(query.get("saved")),
        )

    def as_query(self) -> dict[str, str]:
        """For the address, without what is empty."""
        plain = [one.name for one in fields(self) if one.name not in ("marks", "saved")]
        pairs = {name: getattr(self, name) for name in plain}
        found = {name: str(value) for name, value in pairs.items() if value not in (None, "")} | self.marks.as_query()
        return found | ({"saved": str(self.saved)} if self.saved is not None else {})

    def __bool__(self) -> bool:
        return len(self) > 0

    def __len__(self) -> int:
        """How many narrow the queue."""
        return len(self.as_query()) - (self.saved is not None)

    @property
    def is_searching(self) -> bool:
        """Whether it costs more than an index gives: words, and values of own fields."""
        return bool(self.text or self.marks.fields)

    @property
    def depends_on_the_day(self) -> bool:
        return self.due in DUE

    def condition(self, user: User, now: datetime) -> Q:
        return self._of_the_request(user) & self._of_its_time(now) & self._of_its_words()

    def _of_the_request(self, user: User) -> Q:
        """What stands in its own columns."""
        equal: dict[str, object] = {name: getattr(self, name) for name in ("status", "priority", "type")}
        equal |= {"customer_id": self.customer, "subsystem_id": self.subsystem}
        found = Q(**{name: value for name, value in equal.items() if value not in (None, "")})
        if self.team:
            found &= Q(team_id=None if self.team == NONE else int(self.team))
        if self.assignee:
            found &= Q(assignee_id=_person(self.assignee, user))
        return found

    def _of_its_time(self, now: datetime) -> Q:
        found = Q()
        if self.waiting == US:
            found &= OPEN & (Q(status__in=[Status.CREATED.value, Status.IN_PROGRESS.value]) | Q(queue_rank=0))
        elif self.waiting == USER:
            found &= Q(status=Status.CLARIFICATION.value) & ~Q(queue_rank=0)
        if self.since:
            found &= Q(registered_at__gte=_midnight(date.fromisoformat(self.since)))
        if self.until:
            found &= Q(registered_at__lt=_midnight(date.fromisoformat(self.until) + timedelta(days=1)))
        if self.due:
            found &= OPEN & Q(due_at__lt=self._due_before(now))
        return found

    def _of_its_words(self) -> Q:
        found = self.marks.condition() if self.marks else Q()
        return found & found_by(self.text, desk=True) if self.text else found

    def _due_before(self, now: datetime) -> datetime:
        if self.due in DUE:
            return _midnight(timezone.localdate(now) + timedelta(days=DUE[self.due] + 1))
        return _midnight(date.fromisoformat(self.due) + timedelta(days=1))


def _person(assignee: str, user: User) -> int | None:
    if assignee == NONE:
        return None
    return user.pk if assignee == ME else int(assignee)


def _midnight(day: date) -> datetime:
    """When the day begins, in the installation's time zone."""
    return timezone.make_aware(datetime.combine(day, time(0)))


def _one_of(value: object, known: Iterable[object]) -> str:
    text = str(value or "")
    return text if text in {str(one) for one in known} else ""


def _one_of_or_id(value: object, *known: str) -> str:
    text = str(value or "")
    return text if text in known or ID.fullmatch(text) else ""


def _id(value: object) -> int | None:
    text = str(value or "")
    return int(text) if ID.fullmatch(text) else None


def _day(value: object) -> str:
    """A day of this century as it is written in an address, 2026-11-23; "" for anything else."""
    try:
        day = date.fromisoformat(str(value or ""))
    except ValueError:
        return ""
    return day.isoformat() if 2000 <= day.year < 2100 else ""
