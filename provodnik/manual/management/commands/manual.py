"""The manuals as PDF files, for the distributive and for paper."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from provodnik.manual import paper, sources


class Command(BaseCommand):
    help = "Writes the manuals as PDF files into a folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, required=True, help="the folder; it is made")
        parser.add_argument("--day", type=date.fromisoformat, help="the day of the release, 2026-11-23")

    def handle(self, *args: Any, to: Path, day: date | None, **options: Any) -> None:
        to.mkdir(parents=True, exist_ok=True)
        with translation.override("ru"):
            for book in sources.books():
                path = to / f"{book.slug}.pdf"
                path.write_bytes(paper.made_of(book, day or _day()))
                self.stdout.write(f"{path}: {book.title}")


def _day() -> date:
    """SOURCE_DATE_EPOCH as reproducible builds give it, else the day of the newest page."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC).date() if epoch.isdecimal() else paper.built_on()
