"""What the rail of a person shows: the counters of all views, his own views and the shared ones; and how he wants the
list to look, which comes with the same statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.core import prepared
from provodnik.desk.models import SavedView
from provodnik.desk.queries.filters import Filters
from provodnik.desk.queries.views import (
    DEFAULT_VIEW,
    MOST_COUNTED,
    NO_TIME,
    STAND_INS,
    VIEWS,
    counters,
    filled,
    somebody,
    tickets_of,
)

MOST_VIEWS = 30  # of one's own, and shared
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved view as the rail shows it. `count` is None for what is not counted: closed requests, words."""

    id: int
    name: str
    query: str
    shared: bool
    count: int | None

    @property
    def key(self) -> str:
        return f"saved:{self.id}"


@dataclass(frozen=True, slots=True)
class Rail:
    """`counts`: by the key of a view, UNREAD and CONTACT. `columns`: what a row shows; () is the usual."""

    counts: Counts
    saved: tuple[Saved, ...] = ()
    columns: tuple[str, ...] = ()


# Counting is the dearest part of a page of the workbench. While nothing has changed, the figures of the last seconds
# are the figures: what is asked each time is only whether something has (the newest touch, the newest request).
_REMEMBERED_FOR = 10  # seconds; by then «due in less than 2 h» may have changed by itself
_MOST_REMEMBERED = 500  # people of one process
_remembered: dict[int, tuple[tuple[Any, ...], Rail]] = {}
_NEWS = f"""SELECT (SELECT max(touched_at) FROM desk_ticket), (SELECT max(number) FROM desk_ticket),
(SELECT count(*) FROM (SELECT 1 FROM notify_notice WHERE user_id = %s AND read_at IS NULL
 LIMIT {MOST_COUNTED}) AS bounded),
(SELECT count(*) FROM desk_contact WHERE user_id = %s),
(SELECT concat(count(*), ' ', max(changed_at)) FROM desk_savedview WHERE owner_id = %s OR owner_id IS NULL),
(SELECT concat(array_to_string(columns, ' ')) FROM desk_preference WHERE user_id = %s)"""  # noqa: S608 - a number of ours


def rail(user: User, now: datetime) -> Rail:
    """Of somebody of the desk: at most ten seconds old, and no older than the last change of a request, of his notices
    or of a view."""
    if not user.is_desk:
        return Rail(counters(user, now))
    news = prepared.fetch(_NEWS, [user.pk] * 4)[0]
    state = (int(now.timestamp()) // _REMEMBERED_FOR, *news)
    known = _remembered.get(user.pk)
    if known is None or known[0] != state:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        saved = () if news[4].startswith("0 ") else _saved(user, now)
        known = _remembered[user.pk] = (state, Rail(counters(user, now), saved, tuple((news[5] or "").split())))
    return known[1]


def lately(user: User, now: datetime) -> Counts:
    """The counters alone."""
    return rail(user, now).counts


def views_of(user: User) -> list[SavedView]:
    """His own first, then everybody's, each in their order."""
    rows = SavedView.objects.filter(Q(owner=user) | Q(owner=None)).select_related("made_by")
    return sorted(rows[: 2 * MOST_VIEWS], key=lambda one: (one.is_shared, one.place, one.pk))


def address_of(view: SavedView) -> str:
    """The address of the queue that it stands for."""
    filters = Filters.read({**view.query, "saved": view.pk})
    return urlencode({"view": _base(view), **filters.as_query()})


def _base(view: SavedView) -> str:
    key = str(view.query.get("view", ""))
    return key if key in VIEWS else DEFAULT_VIEW


def _saved(user: User, now: datetime) -> tuple[Saved, ...]:
    """All of them, counted by one statement."""
    views = views_of(user)
    pieces = [(view, _counting(view, now, lead=user.is_lead)) for view in views]
    counted = [(view.pk, one) for view, one in pieces if one is not None]
    counts: dict[int, int] = {}
    if counted:
        sql = "SELECT " + ", ".join(one.sql for _pk, one in counted)
        slots = [slot for _pk, one in counted for slot in one.slots]
        row = prepared.Statement(sql, tuple(slots)).fetch(filled(user, now))[0]
        counts = {pk: count for (pk, _one), count in zip(counted, row, strict=True)}
    return tuple(Saved(one.pk, one.name, address_of(one), one.is_shared, counts.get(one.pk)) for one in views)


@dataclass(slots=True)
class _Written:
    """Statements of views that were written already: writing one costs more than running it."""

    kept: dict[tuple[Any, ...], prepared.Statement] = field(default_factory=dict)
    most: int = 1000


_written = _Written()


def _counting(view: SavedView, now: datetime, *, lead: bool) -> prepared.Statement | None:
    """What counts its requests, up to MOST_COUNTED; None where counting would cost too much."""
    filters, base = Filters.read(view.query), VIEWS[_base(view)]
    if base.archive or filters.is_searching:
        return None
    key = (view.pk, view.changed_at, lead, timezone.localdate(now) if filters.depends_on_the_day else None)
    known = _written.kept.get(key)
    if known is None:
        if len(_written.kept) >= _written.most:
            _written.kept.clear()
        nobody = somebody(lead=lead)  # at no time, as desk.queries.views does
        chosen = tickets_of(base, nobody, NO_TIME).filter(filters.condition(nobody, now))
        sql, values = chosen.order_by().values("pk")[:MOST_COUNTED].query.sql_with_params()
        statement = prepared.of_sql(f"(SELECT count(*) FROM ({sql}) AS bounded)", values, STAND_INS)  # noqa: S608
        known = _written.kept[key] = statement
    return known
