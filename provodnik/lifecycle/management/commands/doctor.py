"""Look at everything that can go wrong, and say it in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from provodnik.core import scanning
from provodnik.core.parts import Check, Finding, parts
from provodnik.desk import checks as desk_checks
from provodnik.lifecycle import health

MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


def _variables() -> Iterable[Finding]:
    for name in settings.UNKNOWN_VARIABLES:
        yield Finding("warning", _("%(name)s means nothing here: a misspelling?") % {"name": name})


OWN: tuple[tuple[str, Check], ...] = (
    ("variables", _variables),
    ("configuration", health.configuration),
    ("database", health.database),
    ("jobs", health.work),
    ("antivirus", scanning.state),
)


class Command(BaseCommand):
    help = "Checks settings, database, jobs, mail and the invariants; exit status 1 when something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--strict", action="store_true", help="also what takes long: every request, every file")
        parser.add_argument("--mend", action="store_true", help="write anew the caches that differ (deadlines)")

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("ru")
        if options["mend"]:
            for _finding in desk_checks.deadlines(mend=True):
                pass
        wrong = 0
        for title, check in self.checks(strict=bool(options["strict"])):
            wrong += self.tell(title, check)
        self.stdout.write(_("Problems: %(count)s.") % {"count": wrong} if wrong else _("No problems."))
        if wrong:
            raise SystemExit(1)

    def checks(self, *, strict: bool) -> list[tuple[str, Check]]:
        chosen = list(OWN)
        for part in parts():
            chosen += [(f"{part.name}: {name}", check) for name, check in part.checks]
            if strict:
                chosen += [(f"{part.name}: {name}", check) for name, check in part.strict]
        return chosen

    def tell(self, title: str, check: Check) -> int:
        """Run one check, print its findings; how many of them are errors. A check that breaks is an error itself."""
        try:
            findings = list(check())
        except Exception as error:
            findings = [Finding("error", f"{type(error).__name__}: {error}")]
        for finding in findings:
            self.stdout.write(f"{MARKS[finding.level]} {title}: {finding.text}")
        return sum(finding.level == "error" for finding in findings)
