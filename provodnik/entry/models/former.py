"""Who has left and still reads his own."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Former(models.Model):
    """The account of somebody who works here no more. `until`: the last day on which it opens anything, by the rule of
    the organisation that he left; `closed_at`: it was closed then, and opens again when he is hired anew."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="former"
    )
    since = models.DateTimeField()
    until = models.DateField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["until"], condition=models.Q(closed_at__isnull=True), name="former_open"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.until}"
