"""What the API remembers: answers that may be asked for twice, and files on their way into a message."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from provodnik.core.models import Blob


class Answer(models.Model):
    """What a request with an Idempotency-Key was answered, so that a repeat is answered the same and does nothing."""

    token = models.ForeignKey("accounts.ApiToken", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    asked = models.CharField(max_length=64, help_text="SHA-256 of method, address and body")
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    headers = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_answer_once")]
        indexes = [models.Index(fields=["at"], name="api_answer_at")]

    def __str__(self) -> str:
        return self.key


class Upload(models.Model):
    """A file that was sent and is in no message yet; forgotten after a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="api_upload_at"),
        ]

    def __str__(self) -> str:
        return self.name
