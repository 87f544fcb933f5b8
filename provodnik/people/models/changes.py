"""A worker's request to change what is kept of him (cabinet B9), its steps, its scans."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from provodnik.core.models import Blob
from provodnik.core.secrets import seal, unseal
from provodnik.people.models.persons import Person
from provodnik.people.models.structure import Organisation
from provodnik.people.states import OPEN, ChangeKind, ChangeState, Proof


class DataRequest(models.Model):
    """`sealed`: what is asked for, as JSON {field: text}; emptied, with the scans, some time after it is over
    (`wiped_at`; 152-FZ, art. 5: no longer than needed). `organisation`: whose personnel checks it. `held_until`: bank
    details are not taken before this day, so that their owner can say that it was not he."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="data_requests")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="data_requests")
    kind = models.CharField(max_length=8, choices=[(one.value, one.value) for one in ChangeKind])
    state = models.CharField(max_length=9, choices=[(one.value, one.value) for one in ChangeState])
    made_at = models.DateTimeField()
    since = models.DateTimeField(help_text="of its state")
    by_code = models.BooleanField(default=False, help_text="proved by a code to the new phone or address")
    proof = models.CharField(max_length=9, blank=True, default="", choices=[(one.value, one.value) for one in Proof])
    reason = models.CharField(max_length=1000, blank=True, default="", help_text="why returned or refused")
    sealed = models.TextField(blank=True, default="")
    held_until = models.DateField(null=True)
    wiped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "state", "-id"], name="data_request_list"),
            models.Index(fields=["person", "-id"], name="data_request_of_person"),
            models.Index(fields=["person"], condition=Q(state="waiting"), name="data_request_waits"),
            models.Index(fields=["since"], condition=Q(wiped_at__isnull=True), name="data_request_to_wipe"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(state__in=sorted(one.value for one in OPEN)),
                name="one_open_data_request",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in ChangeKind])
                & Q(state__in=[one.value for one in ChangeState]),
                name="data_request_words_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def told(self) -> str:
        """What is asked for, as JSON; "" once it is wiped. Raises Unreadable under another SECRET_KEY."""
        return unseal(self.sealed)

    @told.setter
    def told(self, text: str) -> None:
        self.sealed = seal(text)


class DataRequestStep(models.Model):
    """What happened to a request, once and for all (the database refuses to rewrite it). `by` None: an exchange."""

    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=[(one.value, one.value) for one in ChangeState])
    reason = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.state}"


class DataRequestFile(models.Model):
    """A scan. Its name stays in the row of the bytes alone as long as they do: both go together."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
