"""Bring the database and the static files up to this version, telling how far it is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection, transaction
from django.db.migrations import AddIndex, RemoveIndex, SeparateDatabaseAndState
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation

from provodnik.lifecycle.words import gettext as _

# Any number that nobody else uses: two starting programs must not migrate at once.
MIGRATION_LOCK = 0x50524F56


def within_a_transaction(operations: Sequence[Operation]) -> list[Operation]:
    """What a fix has brought beside people at work, and a release that follows carries too, as one transaction can have
    it: indexes are made plainly, nobody waits for the table."""
    found: list[Operation] = []
    for one in operations:
        if isinstance(one, AddIndexConcurrently):
            one = AddIndex(one.model_name, one.index)
        elif isinstance(one, RemoveIndexConcurrently):
            one = RemoveIndex(one.model_name, one.name)
        elif isinstance(one, SeparateDatabaseAndState):
            one = SeparateDatabaseAndState(within_a_transaction(one.database_operations), one.state_operations)
        found.append(one)
    return found


class Command(Migrate):
    help = "Migrates the database and collects static files, if that is needed."
    requires_system_checks: list[str] = []
    done = 0
    planned = 0

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--at-once", action="store_true", help="All changes in one transaction, or none.")
        parser.add_argument("--first-steps", action="store_true", help="Say what is done before anybody can enter.")

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            try:
                # not the limits of pages: changes may compute for minutes between two statements, and sort large tables
                cursor.execute("SET idle_in_transaction_session_timeout = 0; SET maintenance_work_mem = '256MB'")
                self.remove_unfinished_indexes()
                with transaction.atomic() if options.get("at_once") else nullcontext():
                    self.migrate(*args, **options)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
        self.collect()
        if options.get("first_steps") and not get_user_model()._default_manager.exists():
            self.say(
                _(
                    "Nobody can sign in yet. The first administrator is made in another window while this works: "
                    "provodnik manage create_administrator admin"
                )
            )

    def migrate(self, *args: Any, **options: Any) -> None:
        executor = MigrationExecutor(connection)
        if options.get("at_once"):
            for migration in executor.loader.disk_migrations.values():
                type(migration).operations = within_a_transaction(migration.operations)
        self.planned = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if self.planned:
            self.say(_("Database: %(count)s changes to make.") % {"count": self.planned})
            super().handle(*args, **{**options, "verbosity": 0, "interactive": False})

    def remove_unfinished_indexes(self) -> None:
        """What a killed CREATE INDEX CONCURRENTLY has left: the change that makes it would find its name taken."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                " WHERE NOT indisvalid AND relnamespace = 'public'::regnamespace AND NOT EXISTS"
                " (SELECT 1 FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        if action == "apply_success":
            if connection.in_atomic_block:
                # what a change of data has left to check would forbid the next change of the same table
                connection.check_constraints()
            self.done += 1
            if self.done % 10 == 0 or self.done == self.planned:
                self.say(
                    _("Database: %(done)s of %(count)s changes made.") % {"done": self.done, "count": self.planned}
                )

    def collect(self) -> None:
        """Compressing takes seconds, so it is done only when a file has changed."""
        stamp = Path(settings.STATIC_ROOT) / ".stamp"
        wanted = static_fingerprint()
        if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
            return
        self.say(_("Static files: collecting and compressing."))
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(wanted, encoding="ascii")

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def static_fingerprint() -> str:
    """Changes when any static file of any part appears, goes or is written."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            digest.update(f"{path} {storage.size(path)} {storage.get_modified_time(path)}\n".encode())
    return digest.hexdigest()
