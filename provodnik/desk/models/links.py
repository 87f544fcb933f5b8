"""What ties requests together: links between two of them, and one that goes on in another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from provodnik.desk.models.tickets import Ticket


class LinkKind(models.TextChoices):
    """How `one` stands to `other`: its duplicate, related to it, its cause, what it was split from."""

    DUPLICATE = "duplicate", _("Duplicate request")
    RELATED = "related", _("Related")
    CAUSE = "cause", _("Cause")
    SPLIT = "split", _("Split off")


class TicketLink(models.Model):
    """Two requests, once of each kind whichever way round. Only the desk reads of it."""

    one = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="links_from")
    other = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="links_to")
    kind = models.CharField(max_length=10, choices=LinkKind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(one=F("other")), name="link_of_two"),
            models.UniqueConstraint(Least("one", "other"), Greatest("one", "other"), "kind", name="link_once"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} {self.kind} {self.other_id}"


class Merge(models.Model):
    """`ticket` goes on in `target`: closed, never opened again (a trigger keeps it), its number leads there. A target
    is never itself merged: merging it takes along all that was merged into it."""

    ticket = models.OneToOneField(Ticket, primary_key=True, on_delete=models.PROTECT, related_name="merge")
    target = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="absorbed")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(ticket=F("target")), name="merge_of_two")]

    def __str__(self) -> str:
        return f"{self.ticket_id} → {self.target_id}"
