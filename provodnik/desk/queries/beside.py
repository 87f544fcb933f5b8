"""What belongs to one person beside a request: his draft, his answers on their way, who else is here, how he has his
workbench. One statement for all of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.dateparse import parse_datetime

from provodnik.accounts.models import User
from provodnik.desk.models import Preference

GONE_AFTER = timedelta(seconds=30)  # three pulses


@dataclass(frozen=True, slots=True)
class KeptFile:
    id: uuid.UUID
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Unsent:
    """What the person has written and nobody reads yet; `release_at`: when it leaves, None for a draft."""

    id: int
    key: uuid.UUID
    mode: str
    text: str
    resolution: str
    macro: int | None
    changed_at: datetime
    release_at: datetime | None
    returned: str
    files: tuple[KeptFile, ...]


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody else of the desk who has the request before him."""

    name: str
    writing: bool
    sending: bool = False


@dataclass(frozen=True, slots=True)
class Preferences:
    hold: int
    after_close: str = Preference.AfterClose.STAY.value
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    draft: Unsent | None
    held: Sequence[Unsent]
    others: Sequence[Looking]
    preferences: Preferences = field(default_factory=lambda: Preferences(settings.REPLY_HOLD))


_UNSENT = """
SELECT json_agg(json_build_object(
    'id', unsent.id, 'key', unsent.key, 'mode', unsent.mode, 'text', unsent.text, 'resolution', unsent.resolution,
    'macro', unsent.macro_id, 'changed_at', unsent.changed_at, 'release_at', unsent.release_at,
    'returned', unsent.returned,
    'files', (
        SELECT coalesce(json_agg(json_build_array(file.id, file.name, blob.size) ORDER BY file.name, file.id), '[]')
        FROM desk_unsentfile AS file JOIN core_blob AS blob ON blob.id = file.blob_id WHERE file.unsent_id = unsent.id
    )) ORDER BY unsent.id)
FROM desk_unsent AS unsent WHERE unsent.ticket_id = %(ticket)s AND unsent.user_id = %(user)s
"""
# Whoever looks, and whoever's answer is on its way though his page is gone.
OTHERS = """
SELECT json_agg(json_build_array(person.full_name, here.writing, here.sending) ORDER BY person.full_name)
FROM (
    SELECT user_id, bool_or(writing) AS writing, bool_or(sending) AS sending FROM (
        SELECT user_id, writing, false AS sending FROM desk_presence
        WHERE ticket_id = %(ticket)s AND seen_at > %(since)s
        UNION ALL
        SELECT user_id, false, true FROM desk_unsent WHERE ticket_id = %(ticket)s AND release_at IS NOT NULL
    ) AS signs WHERE user_id <> %(user)s GROUP BY user_id
) AS here JOIN accounts_user AS person ON person.id = here.user_id
"""
_PREFERENCE = """
SELECT json_build_array(hold, after_close, columns) FROM desk_preference WHERE user_id = %(user)s
"""
_BESIDE = f"SELECT ({_UNSENT}), ({OTHERS}), ({_PREFERENCE})"


def beside(user: User, number: int, *, now: datetime) -> Beside:
    """Everything of `user` beside the request."""
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, {"ticket": number, "user": user.pk, "since": now - GONE_AFTER})
        unsent, others, preference = cursor.fetchone() or (None, None, None)
    written = [_unsent(one) for one in unsent or ()]
    return Beside(
        draft=next((one for one in written if one.release_at is None), None),
        held=[one for one in written if one.release_at is not None],
        others=looking(others),
        preferences=_preferences(preference),
    )


def _unsent(row: dict[str, Any]) -> Unsent:
    changed = parse_datetime(row["changed_at"])
    assert changed is not None
    files = tuple(KeptFile(uuid.UUID(key), name, size) for key, name, size in row["files"])
    release = parse_datetime(row["release_at"]) if row["release_at"] else None
    return Unsent(
        **{name: row[name] for name in ("id", "mode", "text", "resolution", "macro", "returned")},
        key=uuid.UUID(row["key"]),
        changed_at=changed,
        release_at=release,
        files=files,
    )


def looking(rows: Sequence[Sequence[Any]] | None) -> list[Looking]:
    return [Looking(name, writing, sending) for name, writing, sending in rows or ()]


def _preferences(row: Sequence[Any] | None) -> Preferences:
    if row is None:
        return Preferences(settings.REPLY_HOLD)
    hold, after_close, columns = row
    return Preferences(settings.REPLY_HOLD if hold is None else hold, after_close, tuple(columns))


def preferences(user: User) -> Preferences:
    """How the person has his workbench, asked alone."""
    with connection.cursor() as cursor:
        cursor.execute(_PREFERENCE, {"user": user.pk})
        row = cursor.fetchone()
    return _preferences(row[0] if row else None)
