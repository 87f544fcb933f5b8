"""Doctor's deepest look: whether the database's indexes and tables are what they should be (strict only)."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from provodnik.core.parts import Finding

_INDEXES = (
    "SELECT c.oid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " JOIN pg_am a ON a.oid = c.relam JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE a.amname = 'btree' AND n.nspname = 'public' AND i.indisready AND i.indisvalid AND c.relpersistence = 'p'"
    " ORDER BY c.relpages DESC"
)


def indexes() -> Iterator[Finding]:
    """Indexes that a broken building left invalid; with the extension amcheck each B-tree is walked, and its
    table (a bad disk, a changed collation of the system: https://www.postgresql.org/docs/current/amcheck.html)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT indisvalid AND n.nspname = 'public'"
        )
        invalid = [str(name) for (name,) in cursor.fetchall()]
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")
        has_amcheck = cursor.fetchone() is not None
    for name in invalid:
        yield Finding("error", _("The index %(name)s is not whole: REINDEX INDEX makes it anew.") % {"name": name})
    if not has_amcheck:
        yield Finding(
            "ok", _("Indexes are not walked: the extension amcheck is not installed (CREATE EXTENSION amcheck).")
        )
        return
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES)
        names = [str(name) for (name,) in cursor.fetchall()]
        damaged = 0
        for name in names:
            try:
                with transaction.atomic():
                    cursor.execute("SELECT bt_index_check(%s::regclass, true)", [name])
            except DatabaseError as error:
                damaged += 1
                yield Finding(
                    "error",
                    _("The index %(name)s is damaged (%(kind)s): look at the disk, then REINDEX INDEX.")
                    % {"name": name, "kind": type(error).__name__},
                )
    if not damaged:
        yield Finding("ok", _("Indexes walked and found whole: %(count)d.") % {"count": len(names)})
