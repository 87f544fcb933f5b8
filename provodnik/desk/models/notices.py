"""Warnings of deadlines, once each."""

from __future__ import annotations

from django.db import models

from provodnik.desk.models.tickets import Ticket


class DeadlineNotice(models.Model):
    """That a warning was due: one per request, kind and deadline. `moment` is the instant that the rule names,
    `noticed_at` when a job came to see it."""

    class Kind(models.TextChoices):
        ALARM = "alarm"
        SOON = "soon"
        OVERDUE = "overdue"
        # carried to the lead: a share of the allowance is spent, nobody took it, urgent
        SHARE = "share"
        UNTAKEN = "untaken"
        AT_ONCE = "at_once"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="deadline_notices")
    kind = models.CharField(max_length=8, choices=Kind)
    due_at = models.DateTimeField()
    moment = models.DateTimeField()
    noticed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "kind", "due_at"], name="deadline_notice_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
