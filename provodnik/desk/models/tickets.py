"""The request and all that happens to it. An event is the fact; columns of the ticket are what lists need of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from provodnik.channels.models import Channel, Inbound
from provodnik.core.models import Blob
from provodnik.desk.invitations import Card, cards
from provodnik.desk.labels import IMPACTS, PRIORITIES, RESOLUTIONS, STATUSES, TYPES
from provodnik.desk.models.customers import Contact, Contract, Customer, Subsystem
from provodnik.desk.models.teams import Team
from provodnik.desk.states import OPEN_STATUSES, Priority, Resolution, Status

OPEN = Q(status__in=[status.value for status in OPEN_STATUSES])


class Ticket(models.Model):
    """A request (Обращение). Its primary key is its number: unique and never given twice (R9.2)."""

    number = models.BigAutoField(primary_key=True)
    key = models.UUIDField(unique=True, default=uuid.uuid4, help_text="the form that made it: sent twice, it makes one")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="tickets")
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="tickets")
    requester_name = models.CharField(max_length=200, blank=True, default="")
    contact_email = models.EmailField(blank=True, default="", help_text="where the closing notice goes (R14, I8)")
    channel = models.CharField(max_length=16, choices=Channel)
    mailbox = models.ForeignKey("channels.Mailbox", null=True, on_delete=models.SET_NULL, related_name="+")
    subject = models.CharField(max_length=300)
    impact = models.CharField(max_length=16, choices=IMPACTS, blank=True, default="")
    type = models.CharField(max_length=16, choices=TYPES)
    priority = models.CharField(max_length=8, choices=PRIORITIES)
    subsystem = models.ForeignKey(Subsystem, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=16, choices=STATUSES, default=Status.CREATED.value)
    resolution = models.CharField(max_length=16, choices=RESOLUTIONS, blank=True, default="")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="assigned_tickets"
    )
    # No index of its own: the queue's by team serves, and a team in use is not removed.
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    follows = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="followers")
    complains_of = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="complaints",
        db_index=False,
        help_text="of which request it is a complaint (R11)",
    )
    complains_about = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="whose work the complaint is about: it is never given to him",
    )
    context = models.JSONField(default=dict, blank=True, help_text="page, version, browser: only when the user agreed")

    registered_at = models.DateTimeField(help_text="when the message reached the system (I1); never edited")
    due_at = models.DateTimeField(help_text="a cache: registration + allowance + ended pauses (I3); doctor rebuilds it")
    asked_at = models.DateTimeField(null=True, help_text="since when it is in Уточнение; null elsewhere")
    answered_at = models.DateTimeField(null=True, help_text="the user wrote and nobody of the desk has answered since")
    closed_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(help_text="the last event: for live lists")
    triaged_at = models.DateTimeField(null=True, help_text="a specialist confirmed type and priority (I7)")
    undelivered = models.BooleanField(default=False, help_text="closed, and the notice of R14 has not arrived")
    rating = models.PositiveSmallIntegerField(null=True)
    rating_text = models.TextField(blank=True, default="")
    erased_at = models.DateTimeField(null=True, help_text="its texts and names were erased (desk.actions.erasure)")
    revision = models.PositiveIntegerField(
        default=0, help_text="grows with every change: two editors notice each other"
    )
    # Order of the queue, kept by actions.base.order_of(): answered first, then by deadline, standing clocks, closed.
    queue_rank = models.PositiveSmallIntegerField(default=1)
    queue_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=[s.value for s in Status]), name="ticket_status_known"),
            models.CheckConstraint(condition=Q(priority__in=[p.value for p in Priority]), name="ticket_priority_known"),
            models.CheckConstraint(
                condition=(Q(status=Status.DONE.value, closed_at__isnull=False) & ~Q(resolution=""))
                | (~Q(status=Status.DONE.value) & Q(resolution="", closed_at__isnull=True)),
                name="ticket_resolution_when_done",
            ),
            models.CheckConstraint(
                condition=~Q(resolution=Resolution.REFUSED.value) | Q(priority=Priority.LOW.value),
                name="ticket_refusal_only_low",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CLARIFICATION.value, asked_at__isnull=False)
                | (~Q(status=Status.CLARIFICATION.value) & Q(asked_at__isnull=True)),
                name="ticket_asked_in_clarification",
            ),
            models.CheckConstraint(
                condition=Q(complains_about__isnull=True)
                | Q(assignee__isnull=True)
                | ~Q(assignee=F("complains_about")),
                name="ticket_complaint_not_to_accused",
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="ticket_rating_range"
            ),
        ]
        indexes = [
            models.Index(fields=["queue_rank", "queue_at", "number"], condition=OPEN, name="ticket_queue"),
            models.Index(
                fields=["assignee", "queue_rank", "queue_at", "number"],
                condition=OPEN,
                name="ticket_queue_mine",
            ),
            models.Index(
                fields=["status", "queue_rank", "queue_at", "number"],
                condition=OPEN,
                name="ticket_queue_status",
            ),
            models.Index(
                fields=["priority", "queue_rank", "queue_at", "number"],
                condition=OPEN,
                name="ticket_queue_priority",
            ),
            models.Index(
                fields=["customer", "queue_rank", "queue_at", "number"],
                condition=OPEN,
                name="ticket_queue_customer",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(status__in=[Status.CREATED.value, Status.IN_PROGRESS.value]),
                name="ticket_deadlines",
            ),
            # PostgreSQL does not take «is null» for a fixed value when it looks for an order: nobody's need their own.
            models.Index(
                fields=["queue_rank", "queue_at", "number"],
                condition=OPEN & Q(assignee__isnull=True),
                name="ticket_queue_nobody",
            ),
            models.Index(
                fields=["team", "queue_rank", "queue_at", "number"],
                condition=OPEN & Q(team__isnull=False),
                name="ticket_queue_team",
            ),
            models.Index(
                fields=["complains_of", "number"], condition=Q(complains_of__isnull=False), name="ticket_complaints"
            ),
            models.Index(
                fields=["complains_about"], condition=Q(complains_about__isnull=False), name="ticket_complaints_about"
            ),
            # «записано с/по» over the whole archive; the other conditions are asked of what it finds
            models.Index(fields=["registered_at"], name="ticket_registered"),
            models.Index(fields=["-closed_at"], condition=Q(status=Status.DONE.value), name="ticket_closed"),
            models.Index(
                fields=["assignee", "-closed_at", "-number"],
                condition=Q(status=Status.DONE.value),
                name="ticket_closed_by",
            ),
            models.Index(
                fields=["-closed_at", "-number"],
                condition=Q(status=Status.DONE.value, assignee__isnull=True),
                name="ticket_closed_nobody",
            ),
            models.Index(fields=["customer", "-number"], name="ticket_of_customer"),
            models.Index(fields=["contact", "-number"], name="ticket_of_contact"),
            models.Index(fields=["touched_at"], name="ticket_touched"),
            models.Index(fields=["number"], condition=Q(undelivered=True), name="ticket_undelivered"),
            models.Index(
                fields=["contract", "closed_at"],
                condition=Q(status=Status.DONE.value, erased_at__isnull=True),
                name="ticket_to_erase",
            ),
        ]

    def __str__(self) -> str:
        return f"№ {self.number}"

    @property
    def is_open(self) -> bool:
        return self.status != Status.DONE.value

    @property
    def is_complaint(self) -> bool:
        return self.complains_of_id is not None

    @property
    def is_standing(self) -> bool:
        """The clock stands: clarifications are sought (I2)."""
        return self.status == Status.CLARIFICATION.value


class MessageKind(models.TextChoices):
    """Who says what to whom. A NOTE is seen by the desk alone, everything else by the requester too."""

    REQUEST = "request", _("Request")
    ANSWER = "answer", _("The requester's message")
    REPLY = "reply", _("Reply of the desk")
    QUESTION = "question", _("Clarification sought")
    SOLUTION = "solution", _("Closing message")
    NOTE = "note", _("Note")


DESK_KINDS = (MessageKind.REPLY, MessageKind.QUESTION, MessageKind.SOLUTION, MessageKind.NOTE)


class Message(models.Model):
    """One message of a request. `text` is what the person wrote, `quoted` what the mail program added: folded, kept."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    key = models.UUIDField(unique=True, default=uuid.uuid4, help_text="the form that made it")
    kind = models.CharField(max_length=8, choices=MessageKind)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200, blank=True, default="")
    channel = models.CharField(max_length=16, choices=Channel)
    text = models.TextField(blank=True, default="")
    quoted = models.TextField(blank=True, default="")
    html = models.TextField(blank=True, default="", help_text="the letter as it looked, made safe")
    inbound = models.OneToOneField(Inbound, null=True, on_delete=models.PROTECT, related_name="message")
    verdict = models.JSONField(default=dict, blank=True, help_text="what the own mail server says of the sender")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ticket", "at", "id"], name="message_of_ticket")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_public(self) -> bool:
        return self.kind != MessageKind.NOTE

    @property
    def from_desk(self) -> bool:
        return self.kind in DESK_KINDS

    @property
    def invitations(self) -> list[Card]:
        return cards(self.verdict)


class Attachment(models.Model):
    """A file of a message; its key is random, and every download asks the ticket's policy."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    content_id = models.CharField(max_length=300, blank=True, default="")
    is_inline = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class EventKind(models.TextChoices):
    REGISTERED = "registered", _("Registered")
    CONFIRMED = "confirmed", _("Confirmation sent")
    TAKEN = "taken", _("Taken into work")
    ASKED = "asked", _("Clarification sought")
    ANSWERED = "answered", _("The requester answered")
    REPLIED = "replied", _("Answered by the desk")
    NOTED = "noted", _("Note written")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn by the requester")
    REOPENED = "reopened", _("Reopened")
    PRIORITY = "priority", _("Priority changed")
    TYPE = "type", _("Type changed")
    SUBSYSTEM = "subsystem", _("Subsystem changed")
    ASSIGNED = "assigned", _("Assigned")
    CUSTOMER = "customer", _("Customer changed")
    EMAIL = "email", _("Contact address changed")
    DELIVERED = "delivered", _("Notice delivered")
    UNDELIVERED = "undelivered", _("Notice not delivered")
    TOLD_OTHERWISE = "told_otherwise", _("Told in another way")
    WARNED = "warned", _("Deadline is near")
    OVERDUE = "overdue", _("Deadline passed")
    RATED = "rated", _("Rated")
    CONTINUED = "continued", _("Continued in a new request")
    ROUTED = "routed", _("Given by the rules of assignment")
    ESCALATED = "escalated", _("Carried to the lead")
    COMPLAINED = "complained", _("Complained about")
    LINKED = "linked", _("Linked")
    UNLINKED = "unlinked", _("Unlinked")
    MERGED = "merged", _("Merged into it")
    SPLIT = "split", _("A message became a request")
    TAGGED = "tagged", _("Tags changed")
    FIELDS = "fields", _("Fields changed")
    HELD = "held", _("Kept whole")
    RELEASED = "released", _("No longer kept whole")
    ERASED = "erased", _("Erased")


class TicketEvent(models.Model):
    """A fact about a request. Written once: the database refuses to change or delete it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16, choices=EventKind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200, blank=True, default="", help_text="who, where there is no user")
    status_from = models.CharField(max_length=16, blank=True, default="")
    status_to = models.CharField(max_length=16, blank=True, default="", help_text="set when the status moved")
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["ticket", "at", "id"], name="event_of_ticket")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


# The index of words also knows in which stretch of 2^bits numbers a request lies: the newest that have a frequent word
# are found without reading all that have it (queries.found).
STRETCHES = (10, 15)


def stretch(bits: int) -> Func:
    return Func(F("ticket"), template=f"(%(expressions)s >> {bits})", output_field=models.BigIntegerField())


class TicketSearch(models.Model):
    """Words of a request, stemmed. `public`: what its requester may find; `full`: notes too, for the desk."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, primary_key=True, related_name="search")
    public = SearchVectorField(null=True)
    full = SearchVectorField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["public"], name="search_public"),
            GinIndex(F("full"), *(stretch(bits) for bits in STRETCHES), name="search_full"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
