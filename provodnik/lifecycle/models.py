"""What an installation remembers of its own life."""

from __future__ import annotations

from django.db import models


class Reminder(models.Model):
    """That an administrator asked to be reminded when the installed version has grown old (R3, R16). One row, of id 1;
    none: nobody asked, and nothing reminds of anything."""

    ONLY = 1

    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_reminder")]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d}"
