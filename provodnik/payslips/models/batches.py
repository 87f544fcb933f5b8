"""Payslips of one organisation for one month, and what was done with them together."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from provodnik.core.models import Blob
from provodnik.payslips.states import BatchState, Happened, PackState, Pay
from provodnik.people.models import Organisation, Unit


class PayBatch(models.Model):
    """`period`: the first day of its month. `state` is that of the versions which nobody has seen yet. `publish_at`:
    when they are shown; `upto`: the last version that was checked: what came later is not published with them. `done`
    of `total`: how far the publishing is. `revision` grows with everything that was decided or has come."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="pay_batches")
    period = models.DateField()
    part = models.CharField(max_length=7, choices=[(one.value, one.value) for one in Pay])
    state = models.CharField(
        max_length=10, choices=[(one.value, one.value) for one in BatchState], default=BatchState.LOADED.value
    )
    revision = models.PositiveIntegerField(default=0)
    loaded_at = models.DateTimeField(help_text="when the last payslip came")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    publish_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True, help_text="when the last of them were shown")
    upto = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-period", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "period", "part"], name="pay_batch_once"),
            models.CheckConstraint(condition=Q(period__day=1), name="pay_batch_of_a_month"),
            models.CheckConstraint(
                condition=~Q(state__in=["scheduled", "publishing"]) | Q(publish_at__isnull=False),
                name="pay_batch_scheduled_for_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-period", "-id"], name="pay_batch_list"),
            models.Index(
                fields=["publish_at"], condition=Q(state__in=["scheduled", "publishing"]), name="pay_batch_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.period:%Y-%m} {self.part}"


class PayEvent(models.Model):
    """A line of a batch's history; never changed. `count`: payslips; `words`: the reason of a withdrawal."""

    batch = models.ForeignKey(PayBatch, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Happened])
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    count = models.PositiveIntegerField(default=0)
    moment = models.DateTimeField(null=True, help_text="for when it was scheduled")
    words = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.kind}"


class PayPack(models.Model):
    """A printed pack: one PDF of the payslips of those without an account. `unit`: of that unit and those below it;
    `key`: of the form, so that a double click makes one."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    batch = models.ForeignKey(PayBatch, on_delete=models.CASCADE, related_name="packs")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(
        max_length=8, choices=[(one.value, one.value) for one in PackState], default=PackState.WAITING.value
    )
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    blob = models.ForeignKey(Blob, null=True, on_delete=models.SET_NULL, related_name="+")
    words = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.state}"

    @property
    def is_underway(self) -> bool:
        return self.state in (PackState.WAITING.value, PackState.RUNNING.value)
