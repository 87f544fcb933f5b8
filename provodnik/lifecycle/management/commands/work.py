"""Run background jobs until a signal comes; a database that is away is waited for."""

from __future__ import annotations

from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandParser
from procrastinate.exceptions import ConnectorException

from provodnik.core.jobs import run_worker
from provodnik.lifecycle.waiting import wait_for_database


class Command(BaseCommand):
    help = "Runs background jobs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=4)
        parser.add_argument("--database-url", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            wait_for_database(options["database_url"], self.say)
            try:
                if run_worker(options["concurrency"]):
                    return
            except (ConnectorException, psycopg.OperationalError) as error:
                self.say(" ".join(str(error).split()) or type(error).__name__)

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
