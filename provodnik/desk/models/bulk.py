"""What was done to many requests at once: each has its own verdict, and what can be undone is."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.desk.models.tickets import Ticket


class BulkRun(models.Model):
    """One step for many requests. `asked`: what exactly (see actions.bulk). With `due_at` it waits until then and can
    be called off; `begun_at`: a worker or a page carries it out."""

    class What(models.TextChoices):
        ASSIGN = "assign", _("Assign")
        PRIORITY = "priority", _("Change the priority")
        TAGS = "tags", _("Tags")
        ANSWER = "answer", _("Answer")
        CLOSE = "close", _("Close")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits")
        RUNNING = "running", _("Is being done")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Called off")
        UNDONE = "undone", _("Undone")

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, help_text="the form that asked: sent twice, one run")
    what = models.CharField(max_length=8, choices=What)
    asked = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bulk_runs")
    at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["by", "-at"], name="bulk_of_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "cancelled", "undone"]), name="bulk_state_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.key}"


class BulkItem(models.Model):
    """One request of a run. `done` null: not tried yet. `before`: what undoing needs."""

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="items", db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", db_index=False)
    done = models.BooleanField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    before = models.JSONField(default=dict)
    undone = models.BooleanField(null=True)
    undo_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "ticket"], name="bulk_item_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.ticket_id}"
