"""What the workbench keeps for its people besides requests: unsent texts, macros, views, preferences, who looks."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.core.models import Blob
from provodnik.desk.labels import PRIORITIES, RESOLUTIONS
from provodnik.desk.models.tickets import Ticket

MODES = [
    ("reply", _("Reply")),
    ("note", _("Note")),
    ("ask", _("Ask")),
    ("close", _("Close")),
]
LONGEST_HOLD = 60  # seconds


class Macro(models.Model):
    """A prepared answer: a text with placeholders (desk.placeholders) and what is done together with sending it.
    Without an owner it is everybody's."""

    class Assign(models.TextChoices):
        NO = "", _("Does not change")
        ME = "me", _("To whoever uses it")
        NOBODY = "nobody", _("Back to the shared queue")
        PERSON = "person", _("To a certain person")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="macros")
    title = models.CharField(_("title"), max_length=100)
    text = models.TextField(_("text"), blank=True, default="")
    mode = models.CharField(max_length=8, choices=MODES, default="reply")
    resolution = models.CharField(max_length=16, choices=RESOLUTIONS, blank=True, default="")
    priority = models.CharField(max_length=8, choices=PRIORITIES, blank=True, default="")
    assign = models.CharField(max_length=8, choices=Assign, blank=True, default=Assign.NO)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    tags = ArrayField(models.BigIntegerField(), default=list, blank=True, help_text="ids of tags that are put on")
    used = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "title"], condition=Q(owner__isnull=False), name="macro_own_once"),
            models.UniqueConstraint(fields=["title"], condition=Q(owner__isnull=True), name="macro_shared_once"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_shared(self) -> bool:
        return self.owner_id is None


class Unsent(models.Model):
    """What a specialist has written into a request and nobody else reads yet: a draft, or, with `release_at`, an
    answer on its way, which may be taken back until then. Recalled or refused it is a draft again: nothing of it is
    ever lost. Sent, it is a message and this row is gone."""

    key = models.UUIDField(
        unique=True, default=uuid.uuid4, help_text="the form it came by, and the message's key to be"
    )
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="unsent")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="unsent")
    mode = models.CharField(max_length=8, choices=MODES, default="reply")
    text = models.TextField(blank=True, default="")
    resolution = models.CharField(max_length=16, blank=True, default="")
    macro = models.ForeignKey(Macro, null=True, on_delete=models.SET_NULL, related_name="+")
    seen = models.BigIntegerField(default=0, help_text="the last fact of the request that its writer had before him")
    changed_at = models.DateTimeField()
    release_at = models.DateTimeField(null=True)
    returned = models.CharField(max_length=500, blank=True, default="", help_text="why it could not be sent")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "user"], condition=Q(release_at=None), name="unsent_one_draft")
        ]
        indexes = [
            models.Index(fields=["release_at"], condition=Q(release_at__isnull=False), name="unsent_on_its_way"),
            models.Index(fields=["user", "-changed_at"], name="unsent_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.mode} {self.pk}"


class UnsentFile(models.Model):
    """A file that goes along; its key is random, and only its writer may drop it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unsent = models.ForeignKey(Unsent, on_delete=models.CASCADE, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Presence(models.Model):
    """That somebody of the desk has a request before him. Told anew by every pulse of his page; half a minute without
    one and he is gone."""

    # without a constraint: a look must never wait for who works on the request
    ticket = models.ForeignKey(Ticket, db_constraint=False, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    writing = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="presence_once")]
        indexes = [models.Index(fields=["seen_at"], name="presence_seen")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.ticket_id}"


class SavedView(models.Model):
    """A view of the queue with filters under a name: `query` holds the address. Without an owner it is everybody's."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(_("name"), max_length=60)
    query = models.JSONField(default=dict)
    place = models.PositiveSmallIntegerField(default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], condition=Q(owner__isnull=False), name="view_own_once"),
            models.UniqueConstraint(fields=["name"], condition=Q(owner__isnull=True), name="view_shared_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        return self.owner_id is None


class Preference(models.Model):
    """How a person has his workbench. `hold`: seconds in which an answer may be taken back; null: as installed."""

    class AfterClose(models.TextChoices):
        STAY = "stay", _("Stay at the request")
        NEXT = "next", _("Open the next one of the list")
        LIST = "list", _("Go back to the list")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    hold = models.PositiveSmallIntegerField(null=True)
    after_close = models.CharField(max_length=8, choices=AfterClose, default=AfterClose.STAY)
    columns = ArrayField(models.CharField(max_length=24), default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hold=None) | Q(hold__lte=LONGEST_HOLD), name="preference_hold_bounded")
        ]

    def __str__(self) -> str:
        return str(self.user_id)
