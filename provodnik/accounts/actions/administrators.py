"""The first administrator, or one more when nobody can get in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.core.decisions import Refused


@dataclass(frozen=True, slots=True)
class Given:
    """`wrong`: why a password that was asked for was not set, in words."""

    user: User
    wrong: tuple[str, ...] = ()


def living() -> list[User]:
    """Administrators who can sign in now: active ones, with a password or one that is kept elsewhere."""
    held = User.objects.filter(is_active=True, roles__contains=[Role.ADMINISTRATOR.value]).order_by("pk")
    return [user for user in held if user.is_external or user.has_usable_password()]


def administrator(login: str, *, name: str = "", email: str = "", password: str = "", at: datetime) -> Given:
    """The administrator of that login: a new one, or an existing one who lost his password (which stays as it is). A
    password is only given to a new one. Raises Refused."""
    with transaction.atomic():
        user = User.objects.select_for_update().filter(login=login).first()
        if user is not None:
            if not user.is_administrator:
                raise Refused(_("There is a user of this login, and he is no administrator."), field="login")
            journal.note(user, "invited", by=None, at=at)
            return Given(user)
        try:
            with transaction.atomic():
                user = User.objects.create_user(
                    login, email=email, full_name=name or login, roles=[Role.ADMINISTRATOR.value]
                )
        except IntegrityError as error:
            raise Refused(_("This e-mail address belongs to another user."), field="email") from error
        journal.note(user, "created", by=None, at=at)
        return Given(user, _set(user, password))


def _set(user: User, password: str) -> tuple[str, ...]:
    if not password:
        return ()
    try:
        validate_password(password, user)
    except ValidationError as error:
        return tuple(error.messages)
    user.set_password(password)
    user.save(update_fields=["password"])
    return ()
