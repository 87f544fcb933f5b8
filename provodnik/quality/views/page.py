"""The report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.accounts.roles import DESK_ROLES
from provodnik.desk.labels import PRIORITIES
from provodnik.desk.models import Customer, Subsystem, Team
from provodnik.desk.states import DEFAULT_ALLOWANCES, Priority
from provodnik.quality import periods, words
from provodnik.quality.models import Rebuild
from provodnik.quality.policies import Scope, Side
from provodnik.quality.queries import figures as queries
from provodnik.quality.queries.figures import Figures, Row, Table
from provodnik.quality.queries.filters import OFFERED, By, Filters
from provodnik.quality.queries.promises import Contracts, Promise, contracts, kept
from provodnik.quality.views import drawn
from provodnik.quality.views.common import address, filters_of, frame_of, report_only
from provodnik.ui.text import short_name

MOST_CHOICES = 300
_LABELS = dict(PRIORITIES)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the table with where its figures lead."""

    key: str
    label: str
    figures: Figures
    links: Mapping[str, str]
    tone: str
    change: str
    url: str = ""  # the report about this line alone


@dataclass(frozen=True, slots=True)
class Tile:
    """The big figure of a priority."""

    key: str
    label: str
    allowance: str
    shown: Shown


@report_only
@require_safe
def index(request: HttpRequest, scope: Scope) -> HttpResponse:
    now = timezone.now()
    filters = filters_of(request, scope)
    if request.method == "GET":
        journal.looked(scope.user, "quality.report", filters.period.key, at=now, customer=scope.customer_id)
    table = queries.table(filters, scope)
    promised = contracts(filters, scope)
    promise = promised.at_end_of(filters.period.last) if promised is not None else None
    monthly = queries.trend_and_before(filters, scope)
    tiles = _tiles(filters, scope, table, promise, monthly)
    context: dict[str, Any] = {
        "frame": frame_of(scope),
        "scope": scope,
        "filters": filters,
        "heading": words.heading(filters.period),
        "now": now,
        "query": address("quality:index", filters, scope).partition("?")[2],
        "periods": periods.offered(timezone.localdate(now), date(now.year - 4, 1, 1), filters.period),
        "earlier": address("quality:index", filters.at(filters.period.previous), scope),
        "later": _later(filters, scope, now),
        "choices": choices(scope),
        "tabs": _tabs(filters, scope),
        "tiles": tiles,
        "rows": [_shown(row, filters, scope) for row in table.rows],
        "total": _total(table, filters, scope),
        "more": table.more,
        "head": words.HEADS[table.by],
        "by": table.by.value,
        "table_heading": words.ROWS[table.by],
        "contracts": promised,
        "promise": promise,
        "promise_lines": _promise_lines(tiles, promise),
        "paper_url": _paper_url(filters, promised),
        "rebuild": Rebuild.objects.filter(finished_at=None).first() if scope.sees_names else None,
        "whose": _whose(filters, scope),
        **drawn.trend(filters, scope, promised, monthly),
        **drawn.ahead(filters, scope, now),
    }
    return render(request, "quality/index.html", context)


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """What was promised for a priority beside what was done."""

    label: str
    allowance: str
    figures: Figures
    kept: bool | None


def _promise_lines(tiles: Sequence[Tile], promise: Promise | None) -> list[PromiseLine]:
    if promise is None:
        return []
    return [
        PromiseLine(
            tile.label,
            tile.allowance,
            tile.shown.figures,
            kept(promise.target, tile.shown.figures.in_time, tile.shown.figures.closed),
        )
        for tile in tiles
    ]


def _paper_url(filters: Filters, promised: Contracts | None) -> str:
    """The paper is about one customer."""
    return reverse("quality:print", args=[promised.customer.pk, filters.period.key]) if promised is not None else ""


def _later(filters: Filters, scope: Scope, now: datetime) -> str:
    """The next period; "" when it has not begun."""
    following = filters.period.next
    return address("quality:index", filters.at(following), scope) if following.first <= timezone.localdate(now) else ""


def choices(scope: Scope) -> dict[str, Any]:
    """What can be filtered by: few small statements, none for what is not offered."""
    found: dict[str, Any] = {
        "priorities": PRIORITIES,
        "subsystems": Subsystem.objects.all()[:MOST_CHOICES],
    }
    if scope.is_desk:
        found["customers"] = Customer.objects.only("pk", "name", "short_name")[:MOST_CHOICES]
        found["teams"] = Team.objects.only("pk", "name")[:MOST_CHOICES]
    if scope.sees_names:
        people = User.objects.filter(roles__overlap=[role.value for role in DESK_ROLES])
        found["people"] = people.only("pk", "full_name").order_by("full_name")[:MOST_CHOICES]
    return found


def _tabs(filters: Filters, scope: Scope) -> list[tuple[str, str, bool]]:
    return [
        (address("quality:index", replace(filters, by=by), scope) + "#table", str(words.ROWS[by]), by is filters.by)
        for by in OFFERED[scope.side]
    ]


def _whose(filters: Filters, scope: Scope) -> list[tuple[str, str, bool]]:
    """A specialist looks at his own figures or at the totals of the desk."""
    if scope.side is not Side.SPECIALIST:
        return []
    return [
        (address("quality:index", replace(filters, mine=mine), scope), label, filters.mine is mine)
        for mine, label in ((True, _("My own")), (False, _("The whole desk")))
    ]


def narrowed(filters: Filters, by: By, key: str) -> Filters:
    """The same report about one line of its table."""
    if by is By.MONTH:
        return replace(filters, period=periods.read(key) or filters.period)
    changed: dict[str, Any] = {by.value: key}
    return replace(filters, **changed)


def _shown(row: Row, filters: Filters, scope: Scope) -> Shown:
    narrow = narrowed(filters, filters.by, row.key)
    label = row.label or str(words.NOTHING.get(filters.by, words.DASH))
    if filters.by is By.ASSIGNEE and row.label:
        label = short_name(label)
    url = "" if filters.by is By.PRIORITY else address("quality:index", replace(narrow, by=By.PRIORITY), scope)
    return Shown(row.key, label, row.figures, links(narrow, scope), *words.change(row.figures), url)


def _total(table: Table, filters: Filters, scope: Scope) -> Shown:
    """The last line; of months it is of twelve, whatever the period, and leads nowhere."""
    if table.by is By.MONTH:
        return Shown("", _("Twelve months"), table.total, {}, *words.change(table.total))
    tone, change = words.change(table.total)
    return Shown("", str(_("Total")), table.total, links(filters, scope), tone, change)


LINKED = ("received", "closed", "in_time", "late", "slow", "asked", "reopened", "refused", "complaints", "rated")


def links(filters: Filters, scope: Scope) -> dict[str, str]:
    """Where each figure leads: to the requests behind it."""
    about = replace(filters, by=By.PRIORITY)
    return {figure: address("quality:behind", about, scope, figure=figure) for figure in LINKED}


def _tiles(
    filters: Filters, scope: Scope, table: Table, promise: Promise | None, monthly: queries.Shares
) -> list[Tile]:
    by_priority = replace(filters, by=By.PRIORITY)
    if table.by is By.PRIORITY:
        known = {row.key: row.figures for row in table.rows}
    elif promise is not None:  # beside a promise stand spans too, of one customer
        known = {row.key: row.figures for row in queries.table(by_priority, scope).rows}
    else:
        known = queries.shares(filters.period, monthly)
    allowances = (promise or Promise(None, DEFAULT_ALLOWANCES, None)).allowances
    found = []
    for priority in Priority:
        if filters.priority and filters.priority != priority.value:
            continue
        label = str(_LABELS[priority.value])
        row = Row(priority.value, label, known.get(priority.value, Figures()))
        hours = words.span(allowances[priority].total_seconds())
        found.append(Tile(priority.value, label, hours, _shown(row, by_priority, scope)))
    return found
