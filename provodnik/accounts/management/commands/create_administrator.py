"""The first administrator, or one more when nobody can get in: prints a link that sets the password.

Whoever can run this command on the server may already read the database; the link spares him a password in the shell's
history.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.announce import link
from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.accounts.tokens import Purpose


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
        self.stdout.write(_("Open this link within 14 days and set the password:"))
        self.stdout.write(link(self.make(login, options), Purpose.INVITATION))

    def make(self, login: str, options: dict[str, Any]) -> User:
        """The administrator of that login: a new one, or an existing administrator who lost his password."""
        now = timezone.now()
        with transaction.atomic():
            user = User.objects.select_for_update().filter(login=login).first()
            if user is not None:
                if not user.is_administrator:
                    raise CommandError(_("There is a user of this login, and he is no administrator."))
                journal.note(user, "invited", by=None, at=now)
                return user
            try:
                user = User.objects.create_user(
                    login, email=options["email"], full_name=options["name"] or login, roles=[Role.ADMINISTRATOR.value]
                )
            except IntegrityError as error:
                raise CommandError(_("This e-mail address belongs to another user.")) from error
            journal.note(user, "created", by=None, at=now)
            return user
