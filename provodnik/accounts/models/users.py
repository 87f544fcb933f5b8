"""Users and their sessions. A user is not always an employee, nor always somebody of the desk."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.roles import DESK_ROLES, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, login: str, *, email: str = "", password: str | None = None, **fields: Any) -> User:
        """Make a user; without a password nobody can sign in until an invitation sets one."""
        user = self.model(login=login.strip().lower(), email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, login: str | None) -> User:
        return self.get(login=(login or "").lower())


class User(AbstractBaseUser):
    """One who can sign in. `roles` holds names of `Role`; an ordinary requester has none."""

    login = models.CharField(_("login"), max_length=150, unique=True)
    email = models.EmailField(_("e-mail"), blank=True, default="")
    full_name = models.CharField(_("full name"), max_length=200)
    roles = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    reset_sent_at = models.DateTimeField(null=True, editable=False, help_text="so that nobody's mail is flooded")
    second_factor_due = models.DateTimeField(
        null=True,
        editable=False,
        help_text="by when the role wants a second factor that is not there; null: it does not",
    )

    is_employee = models.BooleanField(
        default=False,
        editable=False,
        help_text="works here now: kept by people.actions, read by menus on every page without a statement",
    )

    is_former = models.BooleanField(
        default=False,
        editable=False,
        help_text="worked here and does no more: reads his own and nothing else (kept by entry, read on every page)",
    )

    is_external = models.BooleanField(
        default=False,
        editable=False,
        help_text="its password is kept by a directory or a provider: none is set or mended here (kept by federation)",
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("login"), name="user_login_unique"),
            models.UniqueConstraint(Lower("email"), condition=~models.Q(email=""), name="user_email_unique"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.login

    def has_role(self, *roles: Role) -> bool:
        return self.is_active and any(role in self.roles for role in roles)

    @property
    def is_desk(self) -> bool:
        """Works at the desk: sees the requests of every customer."""
        return self.has_role(*DESK_ROLES)

    @property
    def is_lead(self) -> bool:
        return self.has_role(Role.LEAD)

    @property
    def is_administrator(self) -> bool:
        return self.has_role(Role.ADMINISTRATOR)


class Session(AbstractBaseSession):
    """A sign-in on one device, listed to its owner and ended by him, or by the end of his account."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now_add=True)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=300, blank=True, default="")


class SignInFailure(models.Model):
    """A wrong password, kept for a day so that guessing becomes slow (see accounts.throttle)."""

    login = models.CharField(max_length=64, help_text="SHA-256 of what was typed: it may be a password by mistake")
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(
        max_length=32, blank=True, default="", help_text="mark of a device that the account's owner has used"
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["login", "address", "-at"], name="failure_by_login"),
            models.Index(fields=["address", "-at"], name="failure_by_address"),
            models.Index(fields=["at"], name="failure_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
