"""The gateway and what was sent by it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from provodnik.core.secrets import seal, unseal
from provodnik.sms.states import State


class Gateway(models.Model):
    """The one way to phones: one row, of id 1."""

    ONLY = 1

    is_active = models.BooleanField(_("in use"), default=False)
    method = models.CharField(
        _("method"), max_length=4, default="POST", choices=[("POST", "POST"), ("GET", "GET"), ("PUT", "PUT")]
    )
    address = models.CharField(_("address"), max_length=1500)
    headers = models.TextField(_("headers"), max_length=5000, blank=True, default="")
    kind = models.CharField(
        _("body"),
        max_length=4,
        default="json",
        choices=[("json", "JSON"), ("form", _("form")), ("none", _("none"))],
    )
    body = models.TextField(_("template of the body"), max_length=5000, blank=True, default="")
    secret_sealed = models.TextField(blank=True, default="", editable=False)
    wanted = models.CharField(_("words of success"), max_length=200, blank=True, default="")
    prefixes = models.CharField(_("to which numbers"), max_length=200, default="+7")
    most_a_number = models.PositiveIntegerField(_("messages a day to one number"), default=10)
    most_a_day = models.PositiveIntegerField(_("messages a day in all"), default=300)
    resets = models.BooleanField(_("forgotten passwords by phone"), default=False)
    changed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_gateway")]

    def __str__(self) -> str:
        return str(_("Gateway of messages"))

    @property
    def secret(self) -> str:
        """Raises Unreadable under another SECRET_KEY."""
        return unseal(self.secret_sealed)

    @secret.setter
    def secret(self, value: str) -> None:
        self.secret_sealed = seal(value)


class Sms(models.Model):
    """One message to one number. Number and text are sealed, and gone once it was sent or given up; `shown` is the
    number with its middle hidden, `number` a digest for counting."""

    key = models.CharField(max_length=200, unique=True, help_text="what it is: asked for twice, it is sent once")
    kind = models.CharField(max_length=16, help_text="code, reset, invitation, notice, test")
    number = models.CharField(max_length=64)
    shown = models.CharField(max_length=30)
    sealed = models.TextField(blank=True, default="", editable=False)
    state = models.CharField(
        max_length=8, default=State.PENDING.value, choices=[(one.value, one.value) for one in State]
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    good_until = models.DateTimeField()
    error = models.CharField(max_length=16, blank=True, default="")
    status = models.PositiveSmallIntegerField(null=True, help_text="of the gateway's last answer")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=models.Q(state="pending"), name="sms_due"),
            models.Index(fields=["number", "-created_at"], name="sms_of_number"),
            models.Index(fields=["-created_at"], name="sms_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.shown}"
