"""An empty database after a test that commits: a few milliseconds instead of the half second of Django's flush.

Django truncates all tables, though a test has filled three or ten of them, and makes permissions and kinds of contents
anew. Here rows are deleted where there are any, and what the migrations had put there is put back.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import TransactionTestCase

SEEDS = "seeds"  # the schema with copies of the tables that the migrations filled

_tables: list[str] = []
_seeded: list[str] = []


def begin() -> None:
    """Look at the fresh database of this process; from now on `flush` is what ends a test that commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone() != (True,):
            return  # on another's server, as a plain user: Django's own way, which asks nothing special
        cursor.execute(
            "SELECT quote_ident(relname) FROM pg_class JOIN pg_namespace space ON space.oid = relnamespace"
            " WHERE nspname = 'public' AND relkind = 'r' ORDER BY relname"
        )
        _tables[:] = [name for (name,) in cursor.fetchall()]
        _seeded[:] = _filled(cursor, _tables)
        cursor.execute(f"CREATE SCHEMA {SEEDS}")
        for name in _seeded:
            cursor.execute(f"CREATE TABLE {SEEDS}.{name} AS TABLE public.{name}")
    TransactionTestCase._fixture_teardown = _teardown


def _filled(cursor: Any, tables: list[str]) -> list[str]:
    cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM public.{name} LIMIT 1)" for name in tables))
    return [name for (name,) in cursor.fetchall()]


def _changed(cursor: Any) -> list[str]:
    """The tables that the migrations had filled and a test has changed."""
    cursor.execute(
        " UNION ALL ".join(
            f"(SELECT '{name}' FROM ((TABLE public.{name} EXCEPT TABLE {SEEDS}.{name})"
            f" UNION ALL (TABLE {SEEDS}.{name} EXCEPT TABLE public.{name})) AS it LIMIT 1)"
            for name in _seeded
        )
    )
    return [name for (name,) in cursor.fetchall()]


def flush() -> None:
    with connection.cursor() as cursor:
        changed = _changed(cursor)
        rubbish = [name for name in _filled(cursor, _tables) if name not in _seeded] + changed
        if not rubbish:
            return
        # Neither foreign keys nor our triggers against deleting ask: all of it goes at once.
        statements = [f"DELETE FROM public.{name}" for name in rubbish]
        statements += [f"INSERT INTO public.{name} TABLE {SEEDS}.{name}" for name in changed]
        cursor.execute("; ".join(["BEGIN", "SET LOCAL session_replication_role = replica", *statements, "COMMIT"]))


def _teardown(case: TransactionTestCase) -> None:
    flush()
