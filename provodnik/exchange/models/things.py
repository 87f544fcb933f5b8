"""What the exchange remembers of each object, and what of it nobody below keeps: balances of leave, payslips."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from provodnik.core.models import Blob
from provodnik.exchange.models.bases import Base
from provodnik.exchange.models.batches import Batch
from provodnik.exchange.states import OPEN, Actor, Standing
from provodnik.people.models import Employment, Organisation


class Thing(models.Model):
    """An object of 1C as it was last told: version and digest, never its content, once that is taken; content (sealed)
    only of what waits or was refused. `heard`: the batch that named it last. `differs`: {field: {"kept", "offered",
    "since"}} of kinds whose own table does not keep it. `title`: how an HR person recognises it."""

    base = models.ForeignKey(Base, on_delete=models.PROTECT, related_name="things")
    kind = models.CharField(max_length=14)
    guid = models.UUIDField()
    version = models.BigIntegerField()
    digest = models.UUIDField()
    standing = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Standing])
    sealed = models.TextField(blank=True, default="")
    since = models.DateTimeField(help_text="since when it stands like this")
    title = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")
    about = models.CharField(max_length=80, blank=True, default="")
    actor = models.CharField(
        max_length=13, choices=[(one.value, one.value) for one in Actor], default=Actor.NOBODY.value
    )
    missing_kind = models.CharField(max_length=14, blank=True, default="")
    missing_guid = models.UUIDField(null=True)
    twin = models.BigIntegerField(null=True, help_text="id of the person with the same SNILS")
    differs = models.JSONField(default=dict)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL, related_name="+")
    batch = models.ForeignKey(Batch, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    heard = models.ForeignKey(Batch, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "guid"], name="thing_once")]
        indexes = [
            models.Index(fields=["-id"], condition=Q(standing__in=list(OPEN)), name="thing_open"),
            models.Index(
                fields=["missing_kind", "missing_guid"], condition=Q(standing="waiting"), name="thing_waits_for"
            ),
            models.Index(fields=["kind", "id"], condition=Q(standing="kept"), name="thing_kept"),
            models.Index(fields=["id"], condition=~Q(differs={}), name="thing_differs"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.guid}"


class KeptVersion(models.Model):
    """Every version of an object whose kind is kept whole (payslips): sealed, with its PDF. What takes payslips one day
    is handed these (Part.extra["exchange_takes"]); a correction never overwrites what was before it."""

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="versions")
    version = models.BigIntegerField()
    sealed = models.TextField()
    pdf = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["version"]
        constraints = [models.UniqueConstraint(fields=["thing", "version"], name="kept_version_once")]

    def __str__(self) -> str:
        return f"{self.thing_id} {self.version}"


class LeaveBalance(models.Model):
    """What is left of a kind of leave at one place of work on a day, as 1C has computed it. Never rounded, never added
    over places of work (cabinet B-checks 15); always shown with its day."""

    employment = models.ForeignKey(Employment, on_delete=models.CASCADE, related_name="leave_balances")
    name = models.CharField(max_length=100)
    days = models.DecimalField(max_digits=14, decimal_places=4)
    on = models.DateField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["employment", "name"], name="leave_balance_once")]

    def __str__(self) -> str:
        return f"{self.employment_id} {self.on}"
