"""Works and incidents of the demo, led by the real actions; nobody is written to about the past."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.demo import data
from provodnik.demo.people import Cast
from provodnik.desk.models import Subsystem, Ticket
from provodnik.desk.models.tickets import OPEN
from provodnik.works import announce
from provodnik.works.actions import leading, tying
from provodnik.works.actions.leading import NewWork
from provodnik.works.models import Work
from provodnik.works.states import Kind

KEYS = uuid.UUID("6f1a6c52-1a55-4f6e-8a53-2d8f0f6f7b10")
MINUTE = timedelta(minutes=1)


def lead(cast: Cast, now: datetime) -> None:
    """All works of data/works.toml."""
    rows = data.toml("works")["work"]
    with announce.silent():
        for row in sorted(rows, key=lambda row: float(row.get("days", 0))):
            _play(row, cast, now)


def _play(row: dict[str, Any], cast: Cast, now: datetime) -> None:
    boss, section = cast.desk["galina"], _section(row)
    start, end = _span(row, now)
    going = "minutes" in row
    planned_end = start + timedelta(minutes=row["expected"]) if going else end
    known = start if row["kind"] == Kind.INCIDENT.value else start - timedelta(days=row.get("told", 1))
    known = min(known, now - MINUTE)
    new = NewWork(
        kind=Kind(row["kind"]),
        title=row["title"].format(section=section),
        text=row["text"],
        starts_at=start,
        ends_at=planned_end if row["kind"] != Kind.INCIDENT.value or going else None,
        unavailable=row.get("unavailable", False),
        release=row.get("release", ""),
        public=row.get("public", False),
        customers=[cast.customers[name] for name in row.get("customers", [])],
        subsystems=[section] if section is not None else [],
    )
    work = leading.draft(new, key=uuid.uuid5(KEYS, row["title"]), by=boss, at=known)
    if row.get("draft"):
        return
    if row["kind"] != Kind.INCIDENT.value:
        _announced(work, new, row, boss, known)
    if "cancel" in row:
        leading.cancel(work.pk, reason=row["cancel"], by=boss, at=start - timedelta(hours=9))
        return
    if start > now:
        return
    leading.begin(work.pk, by=boss, at=start)
    for minutes, text in row.get("news", []):
        leading.report(work.pk, text=text, by=boss, at=start + minutes * MINUTE)
    _tie(work, row, section, start, cast)
    if not going:
        leading.end(work.pk, text=row["end"], by=boss, at=end)


def _announced(work: Work, new: NewWork, row: dict[str, Any], boss: User, known: datetime) -> None:
    """Announced; one of them was first announced for a day earlier."""
    if "moved" in row:
        day = timedelta(days=1)
        assert new.ends_at is not None
        early = NewWork(
            **{name: getattr(new, name) for name in NewWork.__slots__}
            | {"starts_at": new.starts_at - day, "ends_at": new.ends_at - day}
        )
        leading.change(work.pk, early, reason="", by=boss, at=known)
    leading.announce(work.pk, reason=row.get("late", ""), by=boss, at=known)
    if "moved" in row:
        leading.change(work.pk, new, reason=row["moved"], by=boss, at=known + timedelta(days=2))


def _span(row: dict[str, Any], now: datetime) -> tuple[datetime, datetime]:
    if "minutes" in row:
        start = now - row["minutes"] * MINUTE
        return start, start + timedelta(minutes=row["expected"])
    day = timezone.localdate(now) + timedelta(days=row["days"])
    zone = timezone.get_default_timezone()
    start, end = (datetime.combine(day, time.fromisoformat(row[name]), zone) for name in ("at", "until"))
    return start, end


def _section(row: dict[str, Any]) -> Subsystem | None:
    name = row.get("section", "")
    if name == "busiest":  # where the most requests are open just now
        busiest = Ticket.objects.filter(OPEN, subsystem__isnull=False).values("subsystem").annotate(many=Count("pk"))
        top = busiest.order_by("-many", "subsystem").first()
        return Subsystem.objects.get(pk=top["subsystem"]) if top else None
    return Subsystem.objects.filter(name=name).first() if name else None


def _tie(work: Work, row: dict[str, Any], section: Subsystem | None, start: datetime, cast: Cast) -> None:
    """Requests of that time and section, tied by the specialist on duty."""
    tickets = Ticket.objects.filter(subsystem=section) if section is not None else Ticket.objects.all()
    if "minutes" in row:
        tickets = tickets.filter(OPEN)
    chosen = [cast.customers[name].pk for name in row.get("customers", [])]
    if chosen:
        tickets = tickets.filter(customer_id__in=chosen)
    for ticket in _nearest(tickets.filter(customer__isnull=False), start)[: row.get("tied", 0)]:
        tying.tie(work.pk, ticket.pk, by=cast.desk["innokenty"], at=start + 25 * MINUTE)


def _nearest(tickets: Iterable[Ticket], moment: datetime) -> list[Ticket]:
    return sorted(tickets, key=lambda one: (abs(one.registered_at - moment), one.pk))
