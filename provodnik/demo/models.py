"""The demo's post: every letter that its mail server took, whoever it was for."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from provodnik.core.models import Blob


class DemoLetter(models.Model):
    """One letter as it came over SMTP. `recipients` are those of the envelope, in lower case."""

    envelope_from = models.CharField(max_length=320, blank=True, default="")
    recipients = ArrayField(models.CharField(max_length=320))
    raw = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    sender = models.CharField(max_length=320, blank=True, default="")
    subject = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField(help_text="when it was taken")

    objects: ClassVar[models.Manager[DemoLetter]] = models.Manager()

    class Meta:
        app_label = "demo"  # the part is installed in a demo alone
        indexes = [models.Index(fields=["-at"], name="demo_letter_at")]

    def __str__(self) -> str:
        return f"{self.pk}"
