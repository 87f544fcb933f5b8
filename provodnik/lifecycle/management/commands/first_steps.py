"""What `provodnik setup` has done by the program itself: database, first administrator, doctor. It may be repeated.

The person comes as one line of JSON on the standard input: {"login", "name", "email", "password"}; a password in the
arguments could be read by everybody on the machine.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone, translation

from provodnik.accounts.actions import administrators
from provodnik.accounts.announce import link
from provodnik.accounts.tokens import Purpose
from provodnik.core.decisions import Refused
from provodnik.lifecycle.words import gettext as _

LONGEST = 16_384


class Command(BaseCommand):
    help = "The steps of `provodnik setup`; not for use by hand."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("ru")
        person = json.loads(sys.stdin.read(LONGEST))
        self.prepare()
        entered = self.administrator(person)
        self.say(_("Doctor says:"))
        try:
            call_command("doctor", stdout=self.stdout)
        finally:
            if entered:  # last, so that it is not scrolled away
                self.say(entered)

    def prepare(self) -> None:
        call_command("prepare", stdout=self.stdout)

    def administrator(self, person: dict[str, str]) -> str:
        """Make him unless somebody administers already. What a person has to do now, or nothing."""
        living = administrators.living()
        if living:
            names = ", ".join(user.login for user in living[:5])
            self.say(_("There is an administrator already: %(names)s. Nobody was made.") % {"names": names})
            return ""
        try:
            given = administrators.administrator(
                person["login"], name=person["name"], email=person["email"], password=person["password"],
                at=timezone.now(),
            )  # fmt: skip
        except Refused as refused:
            self.say(f"✗ {refused}")
            raise SystemExit(1) from refused
        for mistake in given.wrong:
            self.say(f"! {mistake}")
        if given.user.has_usable_password():
            self.say(_("The administrator %(login)s can sign in with the password given.") % {"login": person["login"]})
            return ""
        return "\n".join(
            [
                _("The administrator %(login)s opens this link within 14 days and sets the password:")
                % {"login": person["login"]},
                link(given.user, Purpose.INVITATION),
            ]
        )

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
