"""Who is told of a request besides those whom it concerns."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from provodnik.desk.models.customers import Contact
from provodnik.desk.models.tickets import Ticket


class Watcher(models.Model):
    """Somebody of the desk, or a colleague of the requester who may see the request. Asked anew at every notice: who
    may see it no longer is told no more."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="watchers", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="watched")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="watched")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, contact__isnull=True) | Q(user__isnull=True, contact__isnull=False),
                name="watcher_is_one",
            ),
            models.UniqueConstraint(fields=["ticket", "user"], name="watcher_user_once"),
            models.UniqueConstraint(fields=["ticket", "contact"], name="watcher_contact_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.user_id or self.contact_id}"
