"""What was put together of one person, or of who looked at people's data: a file for the administrator who asked."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from provodnik.core.models import Blob


class Extract(models.Model):
    """`subject`: {"users": [ids], "contacts": [...], "persons": [...]}: no names. `query`: of an incident, {"since",
    "until", "by": [ids of who looked]}. `reason`: the demand or the incident, its number and date."""

    class Of(models.TextChoices):
        PERSON = "person", _("Data of a person")
        LOOKS = "looks", _("Who saw whose data")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for its turn")
        RUNNING = "running", _("Being made")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")

    key = models.UUIDField(unique=True, default=uuid.uuid4, help_text="the form that asked for it")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    of = models.CharField(max_length=8, choices=Of)
    kind = models.CharField(max_length=4, help_text="of the file: zip, xlsx or csv")
    subject = models.JSONField(default=dict)
    query = models.JSONField(default=dict)
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    why = models.CharField(max_length=300, blank=True, default="", help_text="why it failed, in words")
    blob = models.ForeignKey(Blob, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="extract_of_user")]

    def __str__(self) -> str:
        return f"{self.of} {self.pk}"

    @property
    def is_underway(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)
