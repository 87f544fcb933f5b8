"""Keys by which a program speaks for a person."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from provodnik.accounts.models.users import User


class ApiToken(models.Model):
    """A key of the API: its owner's rights as they are at this moment, cut down to its scopes. The key itself is
    shown once; kept are its first characters, to recognise it by, and its SHA-256 (256 random bits need no salt)."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=32))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    used_at = models.DateTimeField(null=True, help_text="the last request")
    paced_at = models.DateTimeField(null=True, help_text="until when its requests are spent (see api.pace)")

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-id"], name="api_token_of_owner"),
            models.Index(fields=["-id"], condition=Q(revoked_at__isnull=True), name="api_token_living"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_living(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
