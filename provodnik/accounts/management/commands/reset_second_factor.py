"""The last administrator lost his phone: takes the second factor of an account away, on the server itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.accounts.actions import factors
from provodnik.accounts.queries import find_by_typed


class Command(BaseCommand):
    help = "Removes the second factor of an account; its owner gets a letter, its sessions end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login")

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("ru")
        user = find_by_typed(str(options["login"]))
        if user is None:
            raise CommandError(_("There is no account of this login."))
        factors.reset_factors(user, by=None, at=timezone.now())
        self.stdout.write(_("The second factor of %(login)s is removed.") % {"login": user.login})
