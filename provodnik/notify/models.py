"""Notices to people who sign in: what they should know, once each."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Notice(models.Model):
    """A line under the bell. `key` is unique for a user: the same fact is told once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    key = models.CharField(max_length=150)
    text = models.CharField(max_length=500)
    url = models.CharField(max_length=300, blank=True, default="")
    tone = models.CharField(max_length=8, blank=True, default="")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["user", "-at"], name="notice_by_user"),
            models.Index(fields=["user"], condition=models.Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.key
