"""`provodnik check`: try what is set up, one thing after another, and say what to do."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.core.trials import Asked, Trial, Tried, trials
from provodnik.lifecycle.trials import TRIALS

MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


class Command(BaseCommand):
    help = "Tries mail, directories, 1C, messages, webhooks; exit status 1 when something does not work."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", help="what to try; nothing: everything")
        parser.add_argument("--to", default="", help="an e-mail address or a phone for a test message")
        parser.add_argument("--list", action="store_true", help="names of what can be tried")

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("ru")
        known = {trial.name: trial for trial in (*TRIALS, *trials())}
        if options["list"]:
            for trial in known.values():
                self.stdout.write(f"{trial.name:<12} {trial.about()}")
            return
        strange = [name for name in options["names"] if name not in known]
        if strange:
            words = {"names": ", ".join(strange), "known": ", ".join(known)}
            raise CommandError(_("Nothing is called %(names)s. There are: %(known)s.") % words)
        asked = Asked(timezone.now(), str(options["to"]).strip())
        wrong = sum(self.tell(known[name], asked) for name in options["names"] or known)
        self.stdout.write(
            _("Does not work: %(count)s.") % {"count": wrong} if wrong else _("All that was tried works.")
        )
        if not asked.to and not options["names"]:
            self.stdout.write(_("A test letter: provodnik check mail --to ADDRESS; to a phone: check sms --to +7…"))
        if wrong:
            raise SystemExit(1)

    def tell(self, trial: Trial, asked: Asked) -> int:
        """Print what one trial found; how many errors. One that breaks is an error itself and keeps no other."""
        wrong = 0
        try:
            for one in trial.run(asked):
                wrong += one.level == "error"
                self.say(one)
        except Exception as error:
            wrong += 1
            self.say(Tried("error", trial.name, f"{type(error).__name__}: {error}"))
        return wrong

    def say(self, one: Tried) -> None:
        self.stdout.write(f"{MARKS[one.level]} {one.what}: {one.told}")
        if one.todo:
            self.stdout.write(f"    → {one.todo}")
