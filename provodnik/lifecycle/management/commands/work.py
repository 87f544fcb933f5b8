"""Run background jobs until a signal comes; a database that is away is waited for."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandParser
from procrastinate.exceptions import ConnectorException

from provodnik.core.jobs import run_worker
from provodnik.lifecycle.waiting import FIRST_PAUSE, LONGEST_PAUSE, wait_for_database


class Command(BaseCommand):
    help = "Runs background jobs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=4)
        parser.add_argument("--database-url", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        pause = FIRST_PAUSE
        while True:
            wait_for_database(options["database_url"], self.say)
            began = time.monotonic()
            try:
                if run_worker(options["concurrency"]):
                    return
            except (ConnectorException, psycopg.OperationalError) as error:
                self.say(" ".join(str(error).split()) or type(error).__name__)
            # one that lets us in and then takes nothing (its disk is full) would be asked without an end
            pause = FIRST_PAUSE if time.monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            time.sleep(pause)

    def say(self, words: str) -> None:
        """What cannot be written (a full disk under the log) stops nobody."""
        with contextlib.suppress(OSError):
            self.stdout.write(words)
            self.stdout.flush()
