"""Look at everything that can go wrong, and say it in words."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from provodnik.desk import checks as desk_checks
from provodnik.lifecycle import doctor

MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


class Command(BaseCommand):
    help = "Checks settings, database, jobs, mail and the invariants; exit status 1 when something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--strict", action="store_true", help="also what takes long: every request, every file")
        parser.add_argument("--mend", action="store_true", help="write anew the caches that differ (deadlines)")
        parser.add_argument("--json", action="store_true", help="for a program: one object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("ru")
        if options["mend"]:
            for _finding in desk_checks.deadlines(mend=True):
                pass
        found, wrong = [], 0
        for one in doctor.look(strict=bool(options["strict"])):
            wrong += one.errors
            for finding in one.findings:
                found.append({"check": one.check, "level": finding.level, "text": finding.text})
                if not options["json"]:
                    self.stdout.write(f"{MARKS[finding.level]} {doctor.title(one.check)}: {finding.text}")
        if options["json"]:
            self.stdout.write(json.dumps({"problems": wrong, "findings": found}, ensure_ascii=False, indent=2))
        else:
            self.stdout.write(_("Problems: %(count)s.") % {"count": wrong} if wrong else _("No problems."))
        if wrong:
            raise SystemExit(1)
