"""Reads that come with every page, as statements which the server keeps prepared.

Planning a page of the queue costs PostgreSQL three times what running it costs, and writing its SQL costs us as much
again. Such a statement is written once for a process and planned once for a connection. Django itself binds values on
its own side, so the server plans each statement anew; a cursor that binds at the server is made here beside Django's,
through the same wrappers (counting, errors, transactions).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from psycopg import sql as composing


class _Prepared(psycopg.Cursor[tuple[Any, ...]]):
    """Values and answers in binary: the server parses no text, and moments are read without Python's help."""

    def execute(self, query: Any, params: Any = None, **_more: Any) -> Any:
        done = super().execute(query, params, prepare=settings.DATABASE_PREPARED, binary=True)
        if connection.queries_logged:
            self._query = self._convert_query(query, params)  # where Django's log looks for what was asked
        return done


def fetch(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of a read. `sql` is one of few texts of ours, the values are its %s: each text is prepared once."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    cursor: Any = _Prepared(connection.connection)
    logged = connection.queries_logged
    with connection.make_debug_cursor(cursor) if logged else connection.make_cursor(cursor) as wrapped:
        wrapped.execute(sql, values)
        rows: list[tuple[Any, ...]] = wrapped.fetchall()
        return rows


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with a %s for each of `slots`, by their names. Everything else stands in it as a literal, so that the plan
    may lean on it (a partial index serves `status IN ('created', …)`, never `status IN ($1, …)`)."""

    sql: str
    slots: tuple[str, ...]

    def fetch(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows, with these values in the slots."""
        return fetch(self.sql, [values[slot] for slot in self.slots])


def written(queryset: QuerySet[Any, Any], names: Mapping[Any, str]) -> Statement:
    """The statement of a queryset that was made with stand-ins for what differs from time to time: `names` says which
    slot each stand-in is. A stand-in must be a value that occurs nowhere else."""
    sql, parameters = queryset.query.sql_with_params()
    return of_sql(sql, parameters, names)


def of_sql(sql: str, parameters: Iterable[Any], names: Mapping[Any, str]) -> Statement:
    """The same for SQL with its parameters."""
    connection.ensure_connection()
    slots: list[str] = []
    pieces: list[str] = []
    for value in parameters:
        name = names.get(value) if value.__hash__ is not None else None
        if name is None:
            pieces.append(composing.Literal(value).as_string(connection.connection).replace("%", "%%"))
        else:
            slots.append(name)
            pieces.append("%s")
    # what was an escaped per cent sign is one still: psycopg reads the text as Django would
    return Statement(sql.replace("%%", "%%%%") % tuple(pieces), tuple(slots))
