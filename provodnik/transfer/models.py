"""What is taken over from another desk: one file, its lines and what became of each."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.core.models import Blob
from provodnik.transfer.states import UNDERWAY, Kind, Outcome, State

KINDS = [
    (Kind.CONTACTS.value, _("Contacts: CSV")),
    (Kind.REQUESTS.value, _("Requests: CSV")),
    (Kind.ARTICLES.value, _("Instructions: CSV")),
    (Kind.ZAMMAD.value, _("Requests of Zammad: JSON")),
    (Kind.OSTICKET.value, _("Requests of osTicket: CSV")),
]
STATES = [
    (State.LOOKING.value, _("being looked through")),
    (State.LOOKED.value, _("looked through, nothing written yet")),
    (State.TAKING.value, _("being taken over")),
    (State.DONE.value, _("taken over")),
    (State.FAILED.value, _("not understood")),
    (State.CANCELLED.value, _("stopped")),
]
OUTCOMES = [
    (Outcome.NEW.value, _("new")),
    (Outcome.KNOWN.value, _("there already")),
    (Outcome.REFUSED.value, _("not taken over")),
]


class Transfer(models.Model):
    """A file of another desk. `source` is that desk's name: a number of it is taken over once, from whichever file."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, help_text="the form that brought it")
    kind = models.CharField(_("what is in it"), max_length=10, choices=KINDS)
    source = models.CharField(_("name of the other desk"), max_length=60)
    name = models.CharField(max_length=150)
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=STATES, default=State.LOOKING.value)
    words = models.CharField(max_length=500, blank=True, default="", help_text="why it was not understood")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    files = models.PositiveIntegerField(default=0, help_text="of the new lines")
    missing = models.PositiveIntegerField(default=0, help_text="files that these lines name and that are not there")
    aside = models.JSONField(default=list, help_text="[path, why] of files of the archive that nobody gets")
    aside_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done=models.F("new") + models.F("known") + models.F("refused")), name="transfer_adds_up"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_underway(self) -> bool:
        return State(self.state) in UNDERWAY


class TransferLine(models.Model):
    """What became of a line, or would: `thing` is what it is here (a request's number, a contact's id)."""

    transfer = models.ForeignKey(Transfer, on_delete=models.CASCADE, related_name="lines", db_index=False)
    place = models.PositiveIntegerField()
    external = models.CharField(max_length=100, blank=True, default="")
    outcome = models.CharField(max_length=8, choices=OUTCOMES)
    words = models.CharField(max_length=500, blank=True, default="")
    thing = models.BigIntegerField(null=True)
    files = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["transfer", "place"], name="transfer_line_once")]
        indexes = [models.Index(fields=["transfer", "outcome", "place"], name="transfer_line_outcome")]

    def __str__(self) -> str:
        return f"{self.place}: {self.outcome}"
