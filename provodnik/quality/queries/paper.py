"""What stands in the printed report for a customer, as plain words for papers/report.typ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Avg, Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.desk.labels import PRIORITIES, RESOLUTIONS, TYPES
from provodnik.desk.models import Customer
from provodnik.desk.states import Priority
from provodnik.quality import periods, words
from provodnik.quality.models import Case
from provodnik.quality.periods import Period, months_later
from provodnik.quality.policies import Scope
from provodnik.quality.queries import figures
from provodnik.quality.queries.figures import Figures, Table
from provodnik.quality.queries.filters import Filters, cases, closed_in
from provodnik.quality.queries.load import day_bounds
from provodnik.quality.queries.promises import Contracts, contracts_of, kept
from provodnik.ui.text import clock, full_day, full_moment, number

MOST_LATE = 200  # requests named on paper; more are counted
Sheet = dict[str, Any]


def paper(customer: Customer, period: Period, scope: Scope, *, now: datetime) -> dict[str, Any]:
    """All that the paper says of one customer in one period: as the asker may see it."""
    filters = Filters(period=period, customer=str(customer.pk))
    table = figures.table(filters, scope)
    terms = contracts_of(customer)
    return {
        "product": _("Support of the software «Employee's personal account PROvodnik»"),
        "author": "PROводник",
        "keywords": [customer.name, period.key],
        "title": _("Report on the quality of support, %(period)s") % {"period": period.label()},
        "footer": f"{customer.name} · {period.label()}",
        "facts": _facts(customer, period, terms, now),
        # the regulation's own sentence, § 3.5 (R13)
        "rule": _(
            "The quality of technical support is measured by the time from the moment a request is registered to the "
            "moment it is closed, by its priority, without the time of clarifying with the User and without the time "
            "of reaction to the clarifications received from the User."
        ),
        "by_priority": _by_priority(table, terms, period),
        "promise": _promise(table, terms, period),
        **_months(filters, scope, terms),
        "resolutions": _counted(filters, scope, "resolution", RESOLUTIONS, _("How requests were closed")),
        "types": _counted(filters, scope, "type", TYPES, _("What was asked")),
        "rest": {"title": _("Besides"), "lines": _rest(filters, scope, table.total)},
        "late": _late(filters, scope),
    }


def _facts(customer: Customer, period: Period, terms: Contracts, now: datetime) -> list[tuple[str, str]]:
    named = [
        _("No. %(number)s of %(day)s") % {"number": one.number, "day": full_day(one.signed_on or one.starts_on)}
        for one in terms.within(period)
    ]
    calendars = {
        one.calendar.name if one.calendar is not None else _("round the clock") for one in terms.within(period)
    } or {_("round the clock")}
    last = months_later(period.first, period.months).toordinal() - 1
    return [
        (_("Customer"), customer.name),
        (_("Contract"), ", ".join(named) or _("none in this period: the terms of the regulation")),
        (
            _("Period"),
            _("from %(first)s to %(last)s")
            % {"first": full_day(period.first), "last": full_day(date.fromordinal(last))},
        ),
        (_("Hours are counted"), ", ".join(sorted(calendars))),
        (_("Put together"), full_moment(now)),
    ]


def _by_priority(table: Table, terms: Contracts, period: Period) -> Sheet:
    allowances = terms.at_end_of(period.last).allowances
    known = {row.key: row.figures for row in table.rows}
    labels = dict(PRIORITIES)
    lines = [
        _line(str(labels[one.value]), words.span(allowances[one].total_seconds()), known.get(one.value, Figures()))
        for one in Priority
    ]
    return {
        "title": _("By priority"),
        "head": [
            _("Priority"),
            _("Norm"),
            _("Received"),
            _("Closed"),
            _("In time"),
            _("Share"),
            _("Median"),
            _("Nine of ten are faster"),
            _("Waited for the user"),
            _("Reaction to the answer"),
        ],
        "widths": [0, 14, 15, 14, 13, 15, 19, 19, 19, 19],
        "left": [0],
        "rows": [*lines, _line(_("Total"), "", table.total)],
        "note": _(
            "Received: registered in the period; everything else is of requests closed in it. Median: half were "
            "faster. Waiting and reaction: on average over the requests in which clarifications were sought."
        ),
    }


def _line(label: str, allowance: str, found: Figures) -> list[str]:
    return [
        label,
        allowance,
        number(found.received),
        number(found.closed),
        number(found.in_time),
        words.percent(found.share),
        words.span(found.median),
        words.span(found.p90),
        words.span(found.waited_user),
        words.span(found.waited_us),
    ]


def _promise(table: Table, terms: Contracts, period: Period) -> Sheet | None:
    promise = terms.at_end_of(period.last)
    if promise.contract is None or promise.target is None:
        return None
    known = {row.key: row.figures for row in table.rows}
    rows = []
    for value, label in PRIORITIES:
        found = known.get(value, Figures())
        verdict = kept(promise.target, found.in_time, found.closed)
        told = _("nothing was closed") if verdict is None else _("kept") if verdict else _("not kept")
        rows.append([str(label), f"{promise.target} %", words.percent(found.share), told])
    return {
        "title": _("What the contract promised"),
        "words": _("Contract %(number)s promises to close in time at least %(target)s %% of requests.")
        % {"number": promise.contract.number, "target": promise.target},
        "head": [_("Priority"), _("Promised in time"), _("Done in time"), _("Result")],
        "widths": [0, 34, 34, 40],
        "left": [0, 3],
        "rows": rows,
    }


def _months(filters: Filters, scope: Scope, terms: Contracts) -> dict[str, Any]:
    """Twelve months: bars of the whole share, a table by priority."""
    months = figures.months_of_trend(filters.period)
    found = figures.trend(filters, scope)
    bars, rows = [], []
    for month in months:
        pairs = [found.get((month, value), (0, 0)) for value, _label in PRIORITIES]
        closed, in_time = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
        share = figures.share(in_time, closed)
        bars.append(
            {
                "month": periods.short_month(month),
                "share": words.percent(share) if share is not None else words.DASH,
                "height": share or 0,
                "kept": kept(terms.at_end_of(month).target, in_time, closed) is not False,
            }
        )
        shares = [words.percent(figures.share(one, whole)) for whole, one in pairs]
        rows.append([periods.month_label(month), number(closed), *shares, words.percent(share)])
    sheet = {
        "title": _("Closed in time, by month"),
        "head": [_("Month"), _("Closed"), *(str(label) for _value, label in PRIORITIES), _("All")],
        "widths": [0, 18, 24, 24, 24, 24, 24],
        "left": [0],
        "rows": rows[::-1],
    }
    return {"months": sheet, "bars": bars}


def _counted(filters: Filters, scope: Scope, column: str, labels: Sequence[tuple[str, Any]], title: str) -> Sheet:
    rows = closed_in(cases(filters, scope), filters.period.first, filters.period.last)
    found: Mapping[str, int] = dict(rows.order_by().values_list(column).annotate(count=Count("pk")))
    return {
        "title": title,
        "head": ["", _("Closed")],
        "widths": [0, 20],
        "left": [0],
        "rows": [[str(label), number(found.get(value, 0))] for value, label in labels],
    }


def _rest(filters: Filters, scope: Scope, total: Figures) -> list[str]:
    """Sentences on what no table holds."""
    end = day_bounds(months_later(filters.period.first, filters.period.months))[0]
    rows = cases(filters, scope)
    left = rows.filter(registered_at__lt=end).filter(Q(closed_at=None) | Q(closed_at__gte=end)).count()
    rated = closed_in(rows, filters.period.first, filters.period.last).aggregate(mean=Avg("rating"))["mean"]
    return [
        _("Open at the end of the period: %(count)s.") % {"count": left},
        _("Reopened by an answer of the user: %(count)s.") % {"count": total.reopened},
        _("Complaints about the quality of service: %(count)s.") % {"count": total.complaints},
        _("Refused to do (low priority alone): %(count)s.") % {"count": total.refused},
        _("Rated by users: %(count)s, on average %(mean)s of 5.")
        % {"count": total.rated, "mean": number(float(rated), 1)}
        if rated is not None
        else _("Rated by users: none."),
    ]


def _late(filters: Filters, scope: Scope) -> Sheet:
    rows = closed_in(cases(filters, scope), filters.period.first, filters.period.last).filter(in_time=False)
    found = list(rows.select_related("ticket").order_by("pk")[: MOST_LATE + 1])
    labels = dict(PRIORITIES)
    more = rows.count() - MOST_LATE if len(found) > MOST_LATE else 0
    return {
        "title": _("Closed late"),
        "head": ["№", _("Subject"), _("Priority"), _("Registered"), _("Closed"), _("Norm"), _("Counted by the clock")],
        "widths": [14, 0, 22, 26, 26, 14, 22],
        "left": [0, 1, 2],
        "rows": [_late_line(case, str(labels[case.priority])) for case in found[:MOST_LATE]],
        "more": _("And %(count)s more: the table that can be downloaded has all.") % {"count": more} if more else "",
    }


def _late_line(case: Case, priority: str) -> list[str]:
    assert case.closed_at is not None
    return [
        str(case.pk),
        case.ticket.subject,
        priority,
        _moment(case.registered_at),
        _moment(case.closed_at),
        words.span(case.allowance),
        words.span(case.counted),
    ]


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%d.%m.%Y} {clock(at)}"
