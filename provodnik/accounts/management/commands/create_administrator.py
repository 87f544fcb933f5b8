"""The first administrator, or one more when nobody can get in: prints a link that sets the password.

Whoever can run this command on the server may already read the database; the link spares him a password in the shell's
history.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.accounts.actions.administrators import administrator
from provodnik.accounts.announce import link
from provodnik.accounts.tokens import Purpose
from provodnik.core.decisions import Refused


class Command(BaseCommand):
    help = "Makes an administrator and prints a link that sets the password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login")
        parser.add_argument("--name", default="", help="full name")
        parser.add_argument("--email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("ru")
        login = str(options["login"]).strip().lower()
        try:
            validate_slug(login)
        except ValidationError as error:
            raise CommandError(_("A login has Latin letters, figures, hyphens and underscores.")) from error
        try:
            given = administrator(login, name=options["name"], email=options["email"], at=timezone.now())
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(_("Open this link within 14 days and set the password:"))
        self.stdout.write(link(given.user, Purpose.INVITATION))
