"""Rows and a sum of every table, the same for the same rows whatever their order, the machine and the server's version.

The sum of a table is the sum of the first 60 bits of md5 of each row's text: it tells what was lost or changed by
accident, in one read of the table and no sorting. Columns that the database computes itself are left out: a newer
server may compute them otherwise (a dictionary of the Russian search, for one).
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

Rows = dict[str, tuple[int, str]]

# How values are written as text: fixed, whatever the role or the database have set.
PLAIN = (
    "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres';"
    " SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL statement_timeout = 0;"
    " SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '60s'"
)
_COLUMNS = """
SELECT c.relname, array_agg(a.attname ORDER BY a.attname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  AND c.relname <> 'core_quarantine'  -- says whether this very copy may go outside: the one thing that is not copied
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.relname ORDER BY c.relname
"""


def counted(connection: psycopg.Connection[Any]) -> Rows:
    """Table → rows and sum, within the transaction that the connection is in."""
    connection.execute(PLAIN)
    found: Rows = {}
    for table, columns in connection.execute(_COLUMNS).fetchall():
        row = sql.SQL(", ").join(sql.Identifier(name) for name in columns)
        asked = sql.SQL(
            "SELECT count(*), coalesce(sum(('x' || left(md5(ROW({})::text), 15))::bit(60)::bigint::numeric), 0)::text"
            " FROM public.{}"
        ).format(row, sql.Identifier(table))
        count, total = connection.execute(asked).fetchone() or (0, "0")
        found[table] = (int(count), str(total))
    return found


def differences(wanted: Rows, found: Rows) -> list[str]:
    """Names of the tables that are not the same in both."""
    return sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
