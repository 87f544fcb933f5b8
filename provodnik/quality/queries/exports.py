"""What goes into a file, and which files somebody has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from provodnik.accounts.models import User
from provodnik.desk.labels import PRIORITIES
from provodnik.desk.models import Customer, Subsystem, Team
from provodnik.quality import words
from provodnik.quality.models import Case, Export
from provodnik.quality.policies import Scope
from provodnik.quality.queries.filters import NOBODY, By, Filters, cases
from provodnik.quality.sheets.columns import Column

BATCH = 2000
KEYS = 50_000
MOST_SHOWN = 20


def rows(filters: Filters, scope: Scope) -> QuerySet[Case]:
    """Requests registered or closed in the period."""
    months = (filters.period.first, filters.period.last)
    return cases(filters, scope).filter(Q(registered_month__range=months) | Q(closed_month__range=months))


def batches(found: QuerySet[Case], chosen: Sequence[Column], *, size: int = BATCH) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows in the order of their numbers, by key: memory stays flat however many there are.

    First numbers alone, many at a time, then what stands beside them by number: asked for both at once, the database
    merges two tables from their beginnings anew for each batch (100 batches of a million requests: 22 s more).
    """
    fields = [column.source for column in chosen]
    for numbers in _numbers(found):
        for start in range(0, len(numbers), size):
            batch = found.filter(pk__in=numbers[start : start + size]).order_by("pk").values_list(*fields)
            yield list(batch)


def _numbers(found: QuerySet[Case]) -> Iterator[list[int]]:
    """Numbers of the rows in their order, KEYS at a time."""
    last = 0
    while numbers := list(found.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:KEYS]):
        yield numbers
        last = numbers[-1]


def underway(user_id: int) -> QuerySet[Export]:
    return Export.objects.filter(user_id=user_id, state__in=[Export.State.WAITING, Export.State.RUNNING])


def of(user: User, of: Export.Of, right: str) -> list[Export]:
    """The last files of a kind of a person that he may still have."""
    found = Export.objects.filter(user=user, of=of, scope=right).select_related("blob").order_by("-pk")
    return list(found[:MOST_SHOWN])


_NAMED: dict[str, Any] = {"customer": Customer, "subsystem": Subsystem, "team": Team, "assignee": User}


def described(filters: Filters, scope: Scope) -> list[tuple[str, str]]:
    """(what, value) of each filter, in words."""
    found = []
    if filters.priority:
        found.append((str(words.HEADS[By.PRIORITY]), str(dict(PRIORITIES)[filters.priority])))
    for name, model in _NAMED.items():
        value = getattr(filters, name)
        by = By(name)
        if value == NOBODY:
            found.append((str(words.HEADS[by]), str(words.NOTHING[by])))
        elif value:
            thing = model.objects.filter(pk=int(value)).first()
            found.append((str(words.HEADS[by]), str(thing) if thing is not None else words.DASH))
    if filters.mine:
        found.append((str(words.HEADS[By.ASSIGNEE]), scope.user.full_name))
    if scope.customer_id is not None:
        customer = Customer.objects.filter(pk=scope.customer_id).first()
        found.append((str(words.HEADS[By.CUSTOMER]), str(customer or words.DASH)))
    return found
