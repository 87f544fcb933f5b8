"""The end of a quarantine: numbers move on once more, and somebody has said what becomes of what waits to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from provodnik.lifecycle.restore.database import move_numbers_on
from provodnik.lifecycle.words import gettext as _


class NotReleased(Exception):
    """Why not, for people."""


@dataclass(frozen=True)
class Released:
    next_number: int
    dropped: int


# What waits to go out: table, condition, what makes an end of it. The other installation may have sent all of it since.
WAITING = (
    ("channels_outgoing", "state = 'pending'", "state = 'dead', next_try_at = NULL, error = 'quarantine'"),
    ("sms_sms", "state = 'pending'", "state = 'dead', next_try_at = NULL, sealed = '', error = 'quarantine'"),
    ("hooks_delivery", "state = 'pending'", "state = 'parked', next_try_at = NULL, error = 'quarantine'"),
)


def release(connection: psycopg.Connection[Any], *, waiting: str, now: datetime) -> Released:
    """In one transaction. `waiting`: "send", "drop", or "" where nothing waits. Raises NotReleased."""
    if connection.execute("SELECT to_regclass('core_quarantine')").fetchone() == (None,):
        raise NotReleased(_("There is no quarantine here."))
    rows = connection.execute(
        "SELECT id, backup_number, backup_at FROM core_quarantine WHERE released_at IS NULL ORDER BY id FOR UPDATE"
    ).fetchall()
    if not rows:
        raise NotReleased(_("There is no quarantine here."))
    count = sum(_one(connection, f"SELECT count(*) FROM {table} WHERE {which}") for table, which, _end in WAITING)  # noqa: S608
    if count and not waiting:
        raise NotReleased(
            _(
                "Not released yet. %(count)s letters and messages wait here, and the other installation may have sent "
                "some of them since the backup. Say --drop-waiting to leave them unsent, or --send-waiting."
            )
            % {"count": count}
        )
    if waiting == "drop":
        for table, which, end in WAITING:
            connection.execute(f"UPDATE {table} SET {end} WHERE {which}")  # noqa: S608
    number = max(move_numbers_on(connection, row[1], row[2], now) for row in rows)
    connection.execute("UPDATE core_quarantine SET released_at = now() WHERE released_at IS NULL")
    return Released(number, count if waiting == "drop" else 0)


def _one(connection: psycopg.Connection[Any], question: str) -> int:
    row = connection.execute(question).fetchone()
    return int(row[0]) if row else 0
