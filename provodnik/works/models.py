"""Works, what happened to them, the requests that they explain, and who was told. An event is the fact; it is written
once."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from provodnik.desk.models import Contact, Customer, Subsystem, Ticket
from provodnik.works.states import Kind, State

KINDS = [
    (Kind.PLANNED.value, _("Planned works")),
    (Kind.URGENT.value, _("Urgent works")),
    (Kind.INCIDENT.value, _("Incident")),
]
STATES = [
    (State.DRAFT.value, _("A draft")),
    (State.ANNOUNCED.value, _("Announced works")),
    (State.GOING.value, _("Works going on")),
    (State.ENDED.value, _("Ended works")),
    (State.CANCELLED.value, _("Cancelled works")),
]


class Work(models.Model):
    """Planned or urgent works, or an incident (R7). No customers: all of them; no subsystems: the whole software."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, help_text="the form that made it; its UID in calendars")
    kind = models.CharField(max_length=8, choices=KINDS)
    state = models.CharField(max_length=9, choices=STATES, default=State.DRAFT.value)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, default="")
    starts_at = models.DateTimeField(help_text="planned; of an incident: since when it is known to be")
    ends_at = models.DateTimeField(null=True, blank=True, help_text="planned; unknown: null")
    began_at = models.DateTimeField(null=True, help_text="when it really began")
    finished_at = models.DateTimeField(null=True, help_text="when it was really over, or cancelled")
    unavailable = models.BooleanField(default=False, help_text="the service cannot be used meanwhile")
    release = models.CharField(max_length=14, blank=True, default="", help_text="X.Y or X.Y.Z (R2) of an update")
    public = models.BooleanField(default=False, help_text="shown on the status page, to anybody")
    customers = models.ManyToManyField(Customer, through="WorkCustomer", related_name="+")
    subsystems = models.ManyToManyField(Subsystem, through="WorkSubsystem", related_name="+")
    responsible = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField(null=True, help_text="when people were first told")
    changed_at = models.DateTimeField(help_text="the last fact that people were told of")
    sequence = models.PositiveIntegerField(default=0, help_text="grows with every told change (RFC 5545, 3.8.7.4)")
    revision = models.PositiveIntegerField(default=0, help_text="grows with every change: two editors notice it")

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[one.value for one in Kind]), name="work_kind_known"),
            models.CheckConstraint(condition=Q(state__in=[one.value for one in State]), name="work_state_known"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="work_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.GOING.value, State.ENDED.value]) | Q(began_at__isnull=False),
                name="work_began_when_going",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.ENDED.value, State.CANCELLED.value], finished_at__isnull=False)
                | (~Q(state__in=[State.ENDED.value, State.CANCELLED.value]) & Q(finished_at__isnull=True)),
                name="work_finished_when_past",
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], condition=Q(state__in=["announced", "going"]), name="work_current"),
            models.Index(fields=["-finished_at", "-id"], name="work_past"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_current(self) -> bool:
        return self.state in (State.ANNOUNCED.value, State.GOING.value)

    @property
    def is_past(self) -> bool:
        return self.state in (State.ENDED.value, State.CANCELLED.value)


class WorkCustomer(models.Model):
    """Whom a work concerns. Protected: without its last row a work would concern everybody."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="customer_rows")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["work", "customer"], name="work_customer_once")]

    def __str__(self) -> str:
        return f"{self.work_id} {self.customer_id}"


class WorkSubsystem(models.Model):
    """What a work touches. Protected for the same reason."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="subsystem_rows")
    subsystem = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["work", "subsystem"], name="work_subsystem_once")]

    def __str__(self) -> str:
        return f"{self.work_id} {self.subsystem_id}"


class WorkEventKind(models.TextChoices):
    DRAFTED = "drafted", _("Draft written")
    EDITED = "edited", _("Draft edited")
    ANNOUNCED = "announced", _("Announced")
    BEGAN = "began", _("The beginning")
    CHANGED = "changed", _("Changed")
    NEWS = "news", _("News")
    ENDED = "ended", _("It came to an end")
    CANCELLED = "cancelled", _("Cancelled")
    TIED = "tied", _("Request tied")
    UNTIED = "untied", _("Request untied")


class WorkEvent(models.Model):
    """A fact about a work. Written once: the database refuses to change or delete it."""

    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=9, choices=WorkEventKind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state_to = models.CharField(max_length=9, blank=True, default="", help_text="set when the state moved")
    text = models.TextField(blank=True, default="", help_text="what people are told: a reason, the news")
    data = models.JSONField(default=dict, blank=True, help_text="{field: [old, new]} of a change; facts of the kind")

    class Meta:
        indexes = [models.Index(fields=["work", "at", "id"], name="work_event_of_work")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class WorkTicket(models.Model):
    """A request that an incident (or works) explains. Untied, the row goes; both facts stay in the history."""

    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="tied")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["work", "ticket"], name="work_ticket_once")]

    def __str__(self) -> str:
        return f"{self.work_id} {self.ticket_id}"


class Answering(models.Model):
    """One text for all tied requests: a job gives it to each, its lines say how far it is and what came out."""

    key = models.UUIDField(unique=True, help_text="the form: sent twice, it answers once")
    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="answerings")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    resolution = models.CharField(max_length=16, blank=True, default="", help_text="set: the requests are closed so")
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.work_id} {self.pk}"


class AnswerLine(models.Model):
    """One request of an answering and its verdict."""

    class Verdict(models.TextChoices):
        WAITING = "waiting", _("waits")
        ANSWERED = "answered", _("answered")
        CLOSED = "closed", _("closed")
        REFUSED = "refused", _("not answered")

    answering = models.ForeignKey(Answering, on_delete=models.CASCADE, related_name="lines")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=8, choices=Verdict, default=Verdict.WAITING)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answering", "ticket"], name="answer_line_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.verdict}"


class Mailing(models.Model):
    """Letters about one fact: how far they are. `last`: the contact up to whom they are asked for."""

    event = models.OneToOneField(WorkEvent, on_delete=models.PROTECT, primary_key=True, related_name="mailing")
    total = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    last = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.event_id}: {self.asked}/{self.total}"


class Silence(models.Model):
    """A contact who wants no letters about planned works (the regulation demands none). Urgent works and incidents are
    told to everybody whom they concern."""

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class PutAway(models.Model):
    """That a person has read an announcement and does not want to see it above every page until it changes."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="put_away")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sequence = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["work", "user"], name="work_put_away_once")]

    def __str__(self) -> str:
        return f"{self.work_id} {self.user_id}"


class CalendarAddress(models.Model):
    """What makes a person's calendar address secret; a new value ends the old address."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    nonce = models.CharField(max_length=32)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)
