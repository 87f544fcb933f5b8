"""Figures of the report (R13), as the API tells of them. Lengths of time in seconds, shares in per cent."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field

from provodnik.api.shapes.people import Named, named
from provodnik.desk.states import Priority
from provodnik.quality.models import Case, Export
from provodnik.quality.queries.behind import Line
from provodnik.quality.queries.figures import Figures, Row, Table
from provodnik.quality.queries.load import Load
from provodnik.quality.queries.promises import Promise


class FiguresOut(BaseModel):
    """`received` are those registered in the period, all else is of those closed in it; waits are means over the
    requests in which clarifications were sought."""

    received: int
    closed: int
    in_time: int
    late: int
    share: float | None = Field(description=_("Per cent in time; null: nothing was closed."))
    share_before: float | None = Field(description=_("In the period before."))
    median: int | None = Field(description=_("Of the counted time, in seconds."))
    p90: int | None = Field(description=_("The 90th percentile, in seconds."))
    asked: int = Field(description=_("Requests in which clarifications were sought."))
    waited_user: float | None
    waited_us: float | None = Field(description=_("Our reaction to the answer, in seconds."))
    reopened: int
    refused: int
    complaints: int
    rated: int
    rating: float | None


_PLAIN = (
    "received", "closed", "in_time", "late", "share", "share_before", "median", "p90", "asked", "reopened", "refused",
    "complaints", "rated", "rating",
)  # fmt: skip


def figures(row: Figures) -> FiguresOut:
    told = {name: getattr(row, name) for name in _PLAIN}
    waits = {name: _float(getattr(row, name)) for name in ("waited_user", "waited_us")}
    return FiguresOut(**told, **waits)


def _float(value: float | None) -> float | None:
    return float(value) if value is not None else None


class LineOut(BaseModel):
    """`key`: as a filter; none stands for requests that have none of it."""

    key: str
    label: str
    figures: FiguresOut


class PromiseOut(BaseModel):
    """What the contract in force at the end of the period promises; without a contract the regulation's terms."""

    contract: Named | None
    allowances: dict[Priority, int]
    target: int | None = Field(description=_("Per cent of a month's requests."))


class Report(BaseModel):
    """`more`: there are more lines than 500; the file that can be asked for has all."""

    period: str
    by: str
    rows: list[LineOut]
    total: FiguresOut
    more: bool
    promise: PromiseOut | None = Field(description=_("When the report is about one customer."))


def promise(found: Promise) -> PromiseOut:
    return PromiseOut(
        contract=named(found.contract),
        allowances={priority: int(span.total_seconds()) for priority, span in found.allowances.items()},
        target=found.target,
    )


def report(table: Table, *, period: str, promised: Promise | None) -> Report:
    def line(row: Row) -> LineOut:
        return LineOut(key=row.key, label=row.label, figures=figures(row.figures))

    return Report(
        period=period,
        by=table.by.value,
        rows=[line(row) for row in table.rows],
        total=figures(table.total),
        more=table.more,
        promise=promise(promised) if promised is not None else None,
    )


class TrendPoint(BaseModel):
    month: str
    priority: Priority
    closed: int
    in_time: int


class DayOfLoad(BaseModel):
    date: date
    due: int


class HourOfLoad(BaseModel):
    begins: datetime
    due: int


class LoadOut(BaseModel):
    """Open requests by the day they are due, today first; `overdue` and `later` are not among the days. `hours`: those
    of the next twenty-four, the present one first."""

    overdue: int
    days: list[DayOfLoad]
    hours: list[HourOfLoad]
    later: int
    standing: int = Field(description=_("Their clock stands."))
    running: int


def load(found: Load) -> LoadOut:
    return LoadOut(
        overdue=found.overdue,
        days=[DayOfLoad(date=day, due=count) for day, count in found.days],
        hours=[HourOfLoad(begins=hour, due=count) for hour, count in found.hours],
        later=found.later,
        standing=found.standing,
        running=found.running,
    )


class Behind(BaseModel):
    """A request behind a figure; the figures of its clock once it is closed."""

    number: int
    subject: str
    status: str
    priority: str
    customer: str
    registered_at: datetime
    closed_at: datetime | None
    allowance: int | None
    counted: int | None
    in_time: bool | None
    waited_user: int | None
    waited_us: int | None


_SPANS = ("allowance", "counted", "in_time", "waited_user", "waited_us")


def behind(line: Line) -> Behind:
    ticket, case = line.ticket, line.case
    spans = {name: getattr(case, name) for name in _SPANS} if isinstance(case, Case) else dict.fromkeys(_SPANS)
    return Behind(
        number=ticket.pk,
        subject=ticket.subject,
        status=ticket.status,
        priority=ticket.priority,
        customer=str(ticket.customer or ""),
        registered_at=ticket.registered_at,
        closed_at=ticket.closed_at,
        **spans,
    )


class ExportOut(BaseModel):
    """A table that was asked for: how far it is, and where its file is once it is ready."""

    id: int
    kind: str
    state: str = Field(description=_("waiting, running, done, failed or cancelled."))
    done: int
    total: int
    reason: str
    query: dict[str, str]
    asked_at: datetime
    finished_at: datetime | None
    file: str | None


def export(row: Export, file: str | None) -> ExportOut:
    return ExportOut(
        id=row.pk,
        kind=row.kind,
        state=row.state,
        done=row.done,
        total=row.total,
        reason=row.reason,
        query={str(name): str(value) for name, value in row.query.items()},
        asked_at=row.asked_at,
        finished_at=row.finished_at,
        file=file,
    )
