"""Subscriptions, what is to be delivered to them, and every try."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.core.secrets import seal, unseal
from provodnik.desk.models import Customer, TicketEvent
from provodnik.hooks.states import DeliveryState


class Subscription(models.Model):
    """An address that is told of facts. `secret` signs; the one before it signs too until `previous_until`."""

    name = models.CharField(_("name"), max_length=100)
    address = models.CharField(_("address"), max_length=2000)
    kinds = ArrayField(models.CharField(max_length=16), verbose_name=_("what it is told of"))
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    with_details = models.BooleanField(_("with texts and names"), default=False)
    sealed = models.TextField(editable=False)
    sealed_previous = models.TextField(blank=True, default="", editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(default=True)
    paused_at = models.DateTimeField(null=True, editable=False, help_text="by itself, after failures; facts still wait")
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="in a row, of the receiver as a whole")
    next_try_at = models.DateTimeField(null=True, editable=False, help_text="nothing is sent before")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def secrets(self, now: datetime) -> list[str]:
        """Those that sign now, the newest first. Raises core.secrets.Unreadable."""
        found = [unseal(self.sealed)]
        if self.sealed_previous and self.previous_until is not None and now < self.previous_until:
            found.append(unseal(self.sealed_previous))
        return found

    def set_secret(self, secret: str) -> None:
        self.sealed = seal(secret)


class Delivery(models.Model):
    """One fact on its way to one subscription, with the bytes that are sent. `ticket` gives the order: of one request
    the next is sent when the one before has arrived or was parked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(TicketEvent, null=True, on_delete=models.PROTECT, related_name="+")
    ticket = models.BigIntegerField(null=True)
    position = models.BigIntegerField(help_text="the order within a request: the id of its fact")
    kind = models.CharField(max_length=32)
    body = models.TextField()
    with_details = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default=DeliveryState.PENDING.value)
    failures = models.PositiveIntegerField(default=0)
    first_failed_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True, help_text="null: at once")
    status = models.PositiveSmallIntegerField(null=True, help_text="of the last answer")
    error = models.CharField(max_length=300, blank=True, default="", help_text="code of the last failure")
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "event"], name="hook_delivery_once")]
        indexes = [
            models.Index(
                fields=["subscription", "ticket", "position"],
                condition=Q(state=DeliveryState.PENDING.value),
                name="hook_delivery_waiting",
            ),
            models.Index(fields=["subscription", "-created_at", "-id"], name="hook_delivery_latest"),
            models.Index(fields=["created_at"], name="hook_delivery_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Attempt(models.Model):
    """One try: when, how long, what came back."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")
    answer = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["delivery", "-id"], name="hook_attempt_latest")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
