"""What the report reads: a row a request with its figures, and the files that people asked to be made of them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.core.models import Blob
from provodnik.desk.labels import PRIORITIES, RESOLUTIONS, TYPES
from provodnik.desk.models import Contract, Customer, Subsystem, Team, Ticket


class Case(models.Model):
    """The figures of one request, a cache of its history: `actions.cases` keeps it, doctor compares it.

    Spans are whole seconds of the regulation's clock (R13, I2) and stand only while the request is closed: of an open
    one they depend on when one asks. Months are first days, in the installation's time zone.
    """

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, primary_key=True, related_name="+")
    revision = models.PositiveIntegerField(help_text="of the request, when this was computed")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    contract = models.ForeignKey(Contract, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    subsystem = models.ForeignKey(Subsystem, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    left_out = models.BooleanField(
        default=False, help_text="in no figure: it went on in another request, or is the desk's own look at a complaint"
    )
    type = models.CharField(max_length=16, choices=TYPES)
    priority = models.CharField(max_length=8, choices=PRIORITIES)
    registered_at = models.DateTimeField()
    registered_month = models.DateField()
    closed_at = models.DateTimeField(null=True)
    closed_month = models.DateField(null=True)
    resolution = models.CharField(max_length=16, choices=RESOLUTIONS, blank=True, default="")
    allowance = models.PositiveIntegerField(null=True, help_text="by the deadline that it was judged by")
    in_time = models.BooleanField(null=True)
    counted = models.PositiveIntegerField(null=True, help_text="R13: from registration to closing, less both pauses")
    waited_user = models.PositiveIntegerField(null=True, help_text="for the user's clarifications")
    waited_us = models.PositiveIntegerField(null=True, help_text="our reaction to the clarifications received")
    clarifications = models.PositiveSmallIntegerField(default=0, help_text="how many times they were sought")
    reopened = models.PositiveSmallIntegerField(default=0)
    complaint = models.BooleanField(default=False, help_text="closed as one, or one was opened about it")
    rating = models.PositiveSmallIntegerField(null=True)
    calendar_revision = models.PositiveIntegerField(
        null=True, help_text="of the calendar that counted: another one means that this is to be counted anew"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_month__isnull=True, counted__isnull=True)
                | Q(closed_at__isnull=False, closed_month__isnull=False, counted__isnull=False),
                name="case_counted_when_closed",
            )
        ]
        indexes = [
            # a month's slice, of all, of one customer, of one person
            models.Index(fields=["closed_month", "priority"], name="case_closed"),
            models.Index(fields=["registered_month", "priority"], name="case_registered"),
            models.Index(fields=["customer", "closed_month"], name="case_customer_closed"),
            models.Index(fields=["customer", "registered_month"], name="case_customer_registered"),
            models.Index(fields=["assignee", "closed_month"], name="case_assignee_closed"),
            models.Index(fields=["assignee", "registered_month"], name="case_assignee_registered"),
            models.Index(fields=["contract"], name="case_contract"),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"


class Rebuild(models.Model):
    """A computing anew of all cases: how far it is. `last`: the number after which it goes on if its worker dies."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    last = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.done} / {self.total}"


class Export(models.Model):
    """A table that somebody asked for, of requests or of the journal: his alone, while he may see what is in it."""

    class Kind(models.TextChoices):
        XLSX = "xlsx", "Excel (XLSX)"
        CSV = "csv", "CSV"

    class Of(models.TextChoices):
        REQUESTS = "requests", _("Requests")
        JOURNAL = "journal", _("Journal")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for its turn")
        RUNNING = "running", _("Being made")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Called off")

    key = models.UUIDField(unique=True, default=uuid.uuid4, help_text="the form that asked for it")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    of = models.CharField(max_length=16, choices=Of, default=Of.REQUESTS)
    scope = models.CharField(max_length=64, help_text="what the asker was allowed to see: see policies.right_to")
    kind = models.CharField(max_length=8, choices=Kind)
    query = models.JSONField(default=dict, help_text="what it is narrowed to, as in the address of the page")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    blob = models.ForeignKey(Blob, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, blank=True, default="", help_text="why it failed, in words")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="export_of_user"),
            models.Index(fields=["asked_at"], name="export_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_underway(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)
