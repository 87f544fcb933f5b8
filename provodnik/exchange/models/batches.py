"""One delivery: its raw bytes, what its lines would do, and how far it is."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.core.models import Blob
from provodnik.exchange.models.bases import Base
from provodnik.exchange.states import UNDERWAY, Carrier, Outcome, State

STATES = [
    (State.READING.value, _("being read from 1C")),
    (State.RECEIVED.value, _("received")),
    (State.CHECKING.value, _("being checked")),
    (State.HELD.value, _("stopped, waits for a decision")),
    (State.APPLYING.value, _("being taken")),
    (State.DONE.value, _("taken")),
    (State.REFUSED.value, _("refused whole")),
    (State.DROPPED.value, _("turned down by personnel")),
]
CARRIERS = [
    (Carrier.FOLDER.value, _("brought by files")),
    (Carrier.PUSH.value, _("pushed by 1C")),
    (Carrier.ODATA.value, _("read by OData")),
]


class Batch(models.Model):
    """`key`: the sender's name of it: the same again is harmless. `is_full`: it tells of everybody who works. `raw`:
    the manifest, or the body of a push. `counts`: {kind: {outcome or standing: how many}}; `stops`: what a threshold
    stopped it for, [{"organisation", "rule", "would", "of", "limit"}]. `words`: why it was refused whole;
    `notes`: what could not be read, [{"set", "code", "rows"}] (odata/words.py)."""

    base = models.ForeignKey(Base, on_delete=models.PROTECT, related_name="batches")
    key = models.UUIDField(default=uuid.uuid4)
    carrier = models.CharField(max_length=8, choices=CARRIERS)
    name = models.CharField(max_length=150, blank=True, default="")
    is_full = models.BooleanField(default=False)
    made_at = models.DateTimeField(null=True, help_text="as the sender says")
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=STATES, default=State.RECEIVED.value)
    words = models.CharField(max_length=500, blank=True, default="")
    raw = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    diff = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    stops = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("batch of the exchange")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["base", "-id"], name="batch_of_base"),
            models.Index(fields=["state"], condition=Q(state__in=["held", "applying"]), name="batch_open"),
        ]
        constraints = [models.UniqueConstraint(fields=["base", "key"], name="batch_once")]

    def __str__(self) -> str:
        return f"{self.base_id} {self.key}"

    @property
    def is_underway(self) -> bool:
        return State(self.state) in UNDERWAY


class BatchFile(models.Model):
    """A file of a folder's batch, or a page that was read: kept whole before it was understood."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="files")
    place = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    objects_in = models.PositiveIntegerField(null=True, help_text="as its sender says; null: a PDF, a page")

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["batch", "name"], name="batch_file_once")]

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    """A line on its way: what it would do, and its object (sealed) where it would do anything. Emptied at the end."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="stages", db_index=False)
    place = models.PositiveIntegerField()
    rank = models.PositiveSmallIntegerField(help_text="the kind's order")
    kind = models.CharField(max_length=14)
    guid = models.UUIDField()
    version = models.BigIntegerField()
    digest = models.UUIDField()
    outcome = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Outcome])
    sealed = models.TextField(blank=True, default="")
    leaves = models.BooleanField(default=False, help_text="it dismisses somebody")
    is_done = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "place"], name="stage_line_once")]
        indexes = [
            models.Index(
                fields=["batch", "rank", "place"],
                condition=Q(is_done=False, outcome__in=["new", "changed", "refused"]),
                name="stage_to_do",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.outcome}"
