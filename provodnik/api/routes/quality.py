"""The report of quality (R13): its figures, trends, what lies ahead, the requests behind a figure, its files."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.accounts import journal
from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.routes.common import doing, reading, reading_bytes
from provodnik.api.security import me
from provodnik.api.shapes import quality as shapes
from provodnik.api.shapes.fields import Cursor, Empty, In, Number, Whole
from provodnik.api.shapes.quality import Behind, ExportOut, LoadOut, Report, TrendPoint
from provodnik.desk.models import Customer
from provodnik.desk.states import Priority
from provodnik.desk.views.files import send_file
from provodnik.quality import papers, periods
from provodnik.quality.actions import exports
from provodnik.quality.models import Export
from provodnik.quality.policies import Scope as Seen
from provodnik.quality.policies import may_have, may_print, scope_of
from provodnik.quality.queries import behind as requests_behind
from provodnik.quality.queries import exports as files
from provodnik.quality.queries import figures
from provodnik.quality.queries.filters import By, Filters
from provodnik.quality.queries.load import load
from provodnik.quality.queries.paper import paper
from provodnik.quality.queries.promises import contracts

router = Router(tags=["quality"])
READ = (Scope.REQUESTS_READ, Scope.DESK_READ)
PDF = "application/pdf"

_PERIOD = r"^\d{4}(-(0[1-9]|1[0-2])|-Q[1-4])?$"
_MONTH = _("A month 2026-10, a quarter 2026-Q4 or a year 2026; without it the last whole month.")
Period = Annotated[str | None, Field(pattern=_PERIOD, description=_MONTH)]
Id = Annotated[str, Field(pattern=r"^(none|\d{1,15})?$", description=_("An id, or none."))]
Whose = Annotated[Literal["mine", "all"], Field(description=_("For a specialist: his own requests, or all."))]


def _seen(request: HttpRequest) -> Seen:
    """What of the report exists for the asker; for whom nothing does, there is no report."""
    scope = scope_of(me(request))
    if scope is None:
        raise Http404
    return scope


def _filters(scope: Seen, **asked: Any) -> Filters:
    """The pages' own reading: what is not offered to this person is as if it were not there."""
    query = {name: str(value) for name, value in asked.items() if value}
    return Filters.read(query, scope, today=timezone.localdate())


def _looked(request: HttpRequest, filters: Filters, scope: Seen) -> None:
    journal.looked(scope.user, "quality.report", filters.period.key, at=timezone.now(), customer=scope.customer_id)


@reading(
    router,
    "/quality/figures",
    Report,
    _("Figures of a period, by what you say"),
    scope=READ,
    more=_("The lead sees all; a specialist no colleagues; a coordinator his customer's."),
)
def quality_figures(
    request: HttpRequest,
    period: Period = None,
    by: By = By.PRIORITY,
    priority: Priority | None = None,
    customer: Id = "",
    subsystem: Id = "",
    team: Id = "",
    assignee: Id = "",
    whose: Whose = "mine",
) -> Report:
    scope = _seen(request)
    filters = _filters(
        scope, period=period, by=by, priority=priority, customer=customer, subsystem=subsystem, team=team,
        assignee=assignee, whose=whose,
    )  # fmt: skip
    _looked(request, filters, scope)
    promised = contracts(filters, scope)
    terms = promised.at_end_of(filters.period.last) if promised is not None else None
    return shapes.report(figures.table(filters, scope), period=filters.period.key, promised=terms)


@reading(
    router,
    "/quality/trend",
    Page[TrendPoint],
    _("Twelve months that end with the period, by priority"),
    scope=READ,
)
def quality_trend(
    request: HttpRequest,
    period: Period = None,
    priority: Priority | None = None,
    customer: Id = "",
    subsystem: Id = "",
    team: Id = "",
    assignee: Id = "",
    whose: Whose = "mine",
) -> Page[TrendPoint]:
    scope = _seen(request)
    filters = _filters(
        scope, period=period, priority=priority, customer=customer, subsystem=subsystem, team=team, assignee=assignee,
        whose=whose,
    )  # fmt: skip
    _looked(request, filters, scope)
    found = figures.trend(filters, scope)
    points = [
        TrendPoint(month=f"{month:%Y-%m}", priority=Priority(value), closed=closed, in_time=in_time)
        for (month, value), (closed, in_time) in sorted(found.items(), key=lambda pair: str(pair[0]))
        if month is not None
    ]
    return Page[TrendPoint](items=points)


@reading(router, "/quality/load", LoadOut, _("What lies ahead: open requests by the day they are due"), scope=READ)
def quality_load(
    request: HttpRequest,
    priority: Priority | None = None,
    customer: Id = "",
    subsystem: Id = "",
    team: Id = "",
    assignee: Id = "",
    whose: Whose = "mine",
) -> LoadOut:
    scope = _seen(request)
    filters = _filters(
        scope, priority=priority, customer=customer, subsystem=subsystem, team=team, assignee=assignee, whose=whose
    )
    return shapes.load(load(filters, scope, now=timezone.now()))


_FIGURE = "^(closed|in_time|late|slow|asked|reopened|refused|complaints|rated|received|overdue|standing|later|running)$"


@reading(
    router,
    "/quality/requests",
    Page[Behind],
    _("The requests behind a figure"),
    scope=READ,
    more=_("Only those that you may see, whatever the figure says."),
)
def quality_requests(
    request: HttpRequest,
    figure: Annotated[str, Field(pattern=_FIGURE)] = "closed",
    period: Period = None,
    priority: Priority | None = None,
    customer: Id = "",
    subsystem: Id = "",
    team: Id = "",
    assignee: Id = "",
    whose: Whose = "mine",
    cursor: Cursor = None,
) -> Page[Behind]:
    scope = _seen(request)
    filters = _filters(
        scope, period=period, priority=priority, customer=customer, subsystem=subsystem, team=team, assignee=assignee,
        whose=whose,
    )  # fmt: skip
    after = str(paging.place(request, cursor) or "")
    page = requests_behind.page(filters, scope, figure, now=timezone.now(), after=after)
    return Page[Behind](items=[shapes.behind(one) for one in page.lines], next=paging.make(request, page.after))


# --- files


def _export(row: Export) -> ExportOut:
    ready = row.state == Export.State.DONE and row.blob_id is not None
    return shapes.export(row, reverse("api:v1:quality_file", args=[row.pk]) if ready else None)


def _own(request: HttpRequest, number: int) -> Export:
    """A file of the asker that he may still have; anything else does not exist."""
    found = Export.objects.select_related("blob").get(pk=number, user=me(request))
    if not may_have(me(request), found):
        raise Http404
    return found


class NewExport(In):
    kind: Annotated[Export.Kind, Field(description=_("xlsx or csv."))]
    period: Annotated[str | None, Field(strict=True, pattern=_PERIOD, description=_MONTH)] = None
    priority: Priority | None = None
    customer: Whole | None = None
    subsystem: Whole | None = None
    team: Whole | None = None
    assignee: Whole | None = None
    whose: Whose = "mine"


@doing(
    router,
    "/quality/exports",
    ExportOut,
    _("Ask for a table of requests as a file"),
    scope=READ,
    status=202,
    more=_("Made in the background, without an end of rows. Ask /quality/exports/{number} how far it is."),
)
def ask_for_export(request: HttpRequest, data: NewExport) -> Made:
    scope = _seen(request)
    filters = _filters(scope, **data.model_dump(mode="json", exclude={"kind"}))
    made = exports.ask(scope, filters, data.kind, key=uuid.uuid4(), at=timezone.now())
    return Made(_export(made), status=202, Location=reverse("api:v1:quality_export", args=[made.pk]))


@reading(router, "/quality/exports", Page[ExportOut], _("My last tables"), scope=READ, more=_("Kept for seven days."))
def quality_exports(request: HttpRequest) -> Page[ExportOut]:
    return Page[ExportOut](
        items=[_export(one) for one in files.of(me(request), Export.Of.REQUESTS, _seen(request).name)]
    )


@reading(router, "/quality/exports/{number}", ExportOut, _("How far a table is"), scope=READ)
def quality_export(request: HttpRequest, number: Number) -> ExportOut:
    return _export(_own(request, number))


@doing(router, "/quality/exports/{number}/cancel", ExportOut, _("Stop making a table"), scope=READ)
def cancel_export(request: HttpRequest, number: Number, data: Empty) -> Made:
    found = _own(request, number)
    return Made(_export(exports.cancel(found.pk, by=me(request), at=timezone.now())))


@reading_bytes(
    router,
    "/quality/exports/{number}/file",
    _("The file of a table"),
    scope=READ,
    more=_("404 until it is ready."),
)
def quality_file(request: HttpRequest, number: Number) -> HttpResponseBase:
    export = _own(request, number)
    if export.blob is None or export.state != Export.State.DONE:
        raise Http404
    journal.looked(me(request), "quality.export", number, at=timezone.now(), verb="downloaded")
    name = f"{export.query.get('period', 'table')}.{export.kind}"
    return send_file(export.blob, name=name, content_type="application/octet-stream", inline=False)


@reading_bytes(
    router,
    "/quality/papers/{number}/{period}",
    _("The report for a customer as a PDF"),
    scope=READ,
    kind=PDF,
)
def quality_paper(
    request: HttpRequest, number: Number, period: Annotated[str, Field(pattern=_PERIOD)]
) -> HttpResponseBase:
    scope, chosen, now = _seen(request), periods.read(period), timezone.now()
    if chosen is None or not may_print(scope, number):
        raise Http404
    found = Customer.objects.get(pk=number)
    made = papers.render("report", paper(found, chosen, scope, now=now), at=now)
    journal.looked(scope.user, "quality.report", chosen.key, at=now, customer=number, verb="downloaded")
    return HttpResponse(made, content_type=PDF, headers={"Content-Disposition": "attachment"})
