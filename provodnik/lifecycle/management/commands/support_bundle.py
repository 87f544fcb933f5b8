"""Make a bundle for support: show each file to the person first, write nothing until he agrees."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.lifecycle import doctor
from provodnik.lifecycle.bundle import collect, packing

YES = frozenset({"yes", "y", "да", "д"})
NO = frozenset({"no", "n", "нет", "н"})


class Command(BaseCommand):
    help = "A ZIP for support without personal data and secrets."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", default="", help="the file to write")
        parser.add_argument("--yes", action="store_true", help="ask nothing")
        parser.add_argument("--no-database", action="store_true", help="for when the database is what is broken")

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("ru")
        at = timezone.now()
        asked = collect.Asked(at, settings.ENV.model_dump(), lambda: list(doctor.look()), not options["no_database"])
        self.stdout.write(_("Gathering; it takes up to a minute."))
        items = packing.without(collect.items(asked), secrets())
        self.stdout.write(_("The bundle holds:"))
        for item in items:
            size = len(item.content.encode()) / 1024
            self.stdout.write(f"  {item.name:<16} {size:8.1f} KiB  {item.about}")
        self.stdout.write(_("There are no names, addresses, texts, files or passwords in it."))
        if not options["yes"] and not self.agrees(items):
            self.stdout.write(_("Nothing was written."))
            return
        name = f"provodnik-support-{timezone.localtime(at):%Y%m%d-%H%M%S}.zip"
        path = Path(options["to"]) if options["to"] else folder() / name
        try:
            packing.write(path, packing.packed(items, timezone.localtime(at)))
        except FileExistsError as error:
            raise CommandError(_("%(path)s is there already.") % {"path": path}) from error
        except OSError as error:
            raise CommandError(
                _("%(path)s cannot be written: %(reason)s") % {"path": path, "reason": error.strerror}
            ) from error
        self.stdout.write(_("Written: %(path)s. Attach it to your request.") % {"path": path.absolute()})

    def agrees(self, items: list[collect.Item]) -> bool:
        """A file's name shows it; only a plain «yes» goes on."""
        if not sys.stdin.isatty():
            raise CommandError(_("There is no terminal to ask at: add --yes."))
        known = {item.name: item for item in items}
        while True:
            answer = input(_("Write it? yes, no, or the name of a file to read it first: ") + " ").strip()
            if answer.lower() in YES | NO:
                return answer.lower() in YES
            if answer in known:
                self.stdout.write(known[answer].content)


def folder() -> Path:
    """Where we are, or the data folder where the program's account may not write (root's home)."""
    here = Path.cwd()
    return here if os.access(here, os.W_OK) else Path(settings.BASE_DIR)


def secrets() -> list[str]:
    """What must not be in any file, wherever it may have got to."""
    found = [settings.SECRET_KEY, settings.METRICS_TOKEN, settings.ENV.database_url]
    password = urlsplit(settings.ENV.database_url).password
    return [*found, password or "", unquote(password or "")]
