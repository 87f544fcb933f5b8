"""The report of quality: its rows filled as its own actions would have written them, its pages, a table as a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.quality.models import Case, Export
from provodnik.quality.periods import Period, last_whole_month, months_later
from provodnik.quality.policies import scope_of
from provodnik.quality.queries.facts import cases_of
from provodnik.quality.queries.filters import By, Filters

LEAD = "lead0"
SAMPLE = 400  # rows that are compared with a computing from their histories

# Closed requests of the set were counted round the clock, and asked once at most (bench.sql: PLAN).
_CASES = """
INSERT INTO quality_case (ticket_id, revision, customer_id, contract_id, subsystem_id, assignee_id, team_id, left_out,
    type, priority, registered_at, registered_month, closed_at, closed_month, resolution, allowance, in_time, counted,
    waited_user, waited_us, clarifications, reopened, complaint, rating, calendar_revision)
SELECT t.number, t.revision, t.customer_id, t.contract_id, t.subsystem_id, t.assignee_id, NULL, false, t.type,
    t.priority, t.registered_at, date_trunc('month', t.registered_at AT TIME ZONE %(zone)s)::date, t.closed_at,
    date_trunc('month', t.closed_at AT TIME ZONE %(zone)s)::date, t.resolution,
    CASE WHEN closed THEN floor(extract(epoch FROM p.allowance)) END, CASE WHEN closed THEN t.closed_at <= t.due_at END,
    CASE WHEN closed THEN floor(extract(epoch FROM t.closed_at - t.registered_at
        - CASE WHEN p.was_asked THEN p.retaken_at - p.spoken_at ELSE interval '0' END)) END,
    CASE WHEN closed THEN CASE WHEN p.was_asked THEN 60 ELSE 0 END END,
    CASE WHEN closed THEN CASE WHEN p.was_asked
        THEN floor(extract(epoch FROM p.retaken_at - p.spoken_at)) - 60 ELSE 0 END END,
    CASE WHEN p.has_question THEN 1 ELSE 0 END, 0, false, t.rating, d.revision
FROM desk_ticket t JOIN bench_plan p ON p.n = t.number CROSS JOIN LATERAL (SELECT t.closed_at IS NOT NULL AS closed) c
LEFT JOIN desk_contract k ON k.id = t.contract_id LEFT JOIN desk_calendar d ON d.id = k.calendar_id
ORDER BY t.number
"""


def fill(cursor: Any, say: Callable[[str], None]) -> None:
    """A row of figures for every request; a lead to look at them. Before bench_plan goes."""
    started = time.monotonic()
    roles = [Role.SPECIALIST.value, Role.LEAD.value]
    User.objects.create(
        login=LEAD, email="lead0@desk.example", full_name="Ключникова Галина", roles=roles, password="!"
    )
    cursor.execute(_CASES, {"zone": timezone.get_current_timezone_name()})
    say(f"  figures: {cursor.rowcount} rows, {time.monotonic() - started:.0f} s")


def check() -> None:
    """The rows are what the product computes from the histories. Raises RuntimeError."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ticket_id FROM quality_case ORDER BY hashint8(ticket_id) LIMIT %s", [SAMPLE])
        numbers = [row[0] for row in cursor.fetchall()]
    kept = Case.objects.in_bulk(numbers)
    fields = [field.attname for field in Case._meta.concrete_fields]
    for right in cases_of(numbers):
        wrong = [name for name in fields if getattr(kept[right.pk], name) != getattr(right, name)]
        if wrong:
            raise RuntimeError(f"request {right.pk}: {wrong} differ from the history")


def addresses() -> dict[str, list[str]]:
    """Pages of the report by what they are; several addresses are asked in turn."""
    month = last_whole_month(timezone.localdate())
    months = [Period(months_later(month.first, -back)).key for back in range(6)]
    last = timezone.localdate().year - 1
    quarters = [f"{last}-Q{quarter}" for quarter in range(1, 5)]
    years = [str(last - back) for back in range(3)]

    def by(periods: list[str], *dimensions: By) -> list[str]:
        return [f"/quality/?by={one.value}&period={key}" for key in periods for one in dimensions]

    return {
        "quality report, a month": by(months, *By),
        "quality report, a quarter": by(quarters, *By),
        "quality report, a year by priority": by(years, By.PRIORITY),
        "quality report, a year by customer": by(years, By.CUSTOMER),
        "quality report, a year by section": by(years, By.SUBSYSTEM),
        "quality report, a year by specialist": by(years, By.ASSIGNEE),
        "quality report, a year by month": by(years, By.MONTH),
        "requests behind a figure": [f"/quality/requests?figure=slow&period={key}" for key in months],
    }


@dataclass(frozen=True)
class Table:
    """A table as a file: how many rows, how long it took, how many MB its process held at most."""

    rows: int
    seconds: float
    memory: float


def table() -> Table:
    """All requests of last year as XLSX, made by the job's own function in a process of its own."""
    lead = User.objects.get(login=LEAD)
    scope = scope_of(lead)
    assert scope is not None
    today = timezone.localdate()
    year = Period(date(today.year - 1, 1, 1), 12) if Case.objects.count() > 100_000 else Period(today.replace(day=1))
    now = timezone.now()
    export = Export.objects.create(
        key=uuid.uuid4(), user=lead, scope=scope.name, kind="xlsx", query=Filters(year).as_query(scope), asked_at=now
    )
    command = [sys.executable, "-m", "bench.table", str(export.pk)]
    done = subprocess.run(command, env=dict(os.environ), check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    export.refresh_from_db()
    if export.state != Export.State.DONE:
        raise RuntimeError(f"the table was not made: {export.state} {export.reason}")
    return Table(rows=export.done, **found)
