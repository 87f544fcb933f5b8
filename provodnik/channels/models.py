"""What comes in and what goes out, kept before it is understood and until it has arrived."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from provodnik.channels.email.reasons import said
from provodnik.core.models import Blob
from provodnik.core.secrets import seal, unseal


class Channel(models.TextChoices):
    """By which way a request or a message came (R6, R16)."""

    PORTAL = "portal", _("Feedback section")
    EMAIL = "email", _("E-mail")
    TELEGRAM = "telegram", _("Telegram")
    WHATSAPP = "whatsapp", _("WhatsApp")


class Security(models.TextChoices):
    TLS = "tls", _("TLS")
    STARTTLS = "starttls", _("STARTTLS")
    NONE = "none", _("No encryption")


class Mailbox(models.Model):
    """A mailbox of the desk: IMAP in, SMTP out. An empty host switches that direction off."""

    name = models.CharField(_("name"), max_length=100)
    address = models.EmailField(_("address"), unique=True)
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(
        _("order"), default=0, help_text=_("The first one sends what has no mailbox of its own.")
    )
    imap_host = models.CharField(_("IMAP server"), max_length=253, blank=True, default="")
    imap_port = models.PositiveIntegerField(_("IMAP port"), default=993)
    imap_security = models.CharField(_("IMAP encryption"), max_length=8, choices=Security, default=Security.TLS)
    imap_username = models.CharField(_("IMAP user"), max_length=200, blank=True, default="")
    imap_secret = models.TextField(blank=True, default="", editable=False)
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    smtp_host = models.CharField(_("SMTP server"), max_length=253, blank=True, default="")
    smtp_port = models.PositiveIntegerField(_("SMTP port"), default=465)
    smtp_security = models.CharField(_("SMTP encryption"), max_length=8, choices=Security, default=Security.TLS)
    smtp_username = models.CharField(_("SMTP user"), max_length=200, blank=True, default="")
    smtp_secret = models.TextField(blank=True, default="", editable=False)
    taken_since = models.DateTimeField(
        _("letters since"),
        null=True,
        blank=True,
        help_text=_("Older letters of the folder are left alone. Empty: those of the last day before the first look."),
    )
    authserv_ids = ArrayField(
        models.CharField(max_length=253),
        default=list,
        blank=True,
        verbose_name=_("trusted verdicts"),
        help_text=_("Names by which your own mail server signs Authentication-Results (RFC 8601)."),
    )
    # Health: a line for the administrator.
    fetched_at = models.DateTimeField(null=True, editable=False)
    tried_at = models.DateTimeField(null=True, editable=False)
    error = models.CharField(max_length=300, blank=True, default="", editable=False)
    waiting = models.PositiveIntegerField(default=0, editable=False)
    uidvalidity = models.BigIntegerField(null=True, editable=False)
    done_below = models.BigIntegerField(
        default=0, editable=False, help_text="every UID up to this one is in the ledger"
    )

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.address

    @property
    def told(self) -> str:
        """What is wrong, in words; "" when nothing is."""
        return said(self.error) if self.error else ""

    @property
    def is_working(self) -> bool:
        """Letters come in, whatever else is wrong."""
        return self.error in ("", "letters_left", "not_marked")

    @property
    def imap_password(self) -> str:
        return unseal(self.imap_secret)

    @imap_password.setter
    def imap_password(self, value: str) -> None:
        self.imap_secret = seal(value)

    @property
    def smtp_password(self) -> str:
        return unseal(self.smtp_secret)

    @smtp_password.setter
    def smtp_password(self, value: str) -> None:
        self.smtp_secret = seal(value)


class InboundState(models.TextChoices):
    """RECEIVED is kept but not yet understood; the other four are the ledger (fetched = their sum)."""

    RECEIVED = "received", _("Received")
    STORED = "stored", _("Stored")
    DUPLICATE = "duplicate", _("Duplicate")
    REJECTED = "rejected", _("Rejected")
    QUARANTINED = "quarantined", _("Quarantined")


class Inbound(models.Model):
    """One delivery, kept whole. Exactly one state; the raw bytes are there whatever became of it."""

    channel = models.CharField(max_length=16, choices=Channel)
    mailbox = models.ForeignKey(Mailbox, null=True, on_delete=models.PROTECT, related_name="letters")
    uidvalidity = models.BigIntegerField(null=True)
    uid = models.BigIntegerField(null=True)
    message_id = models.CharField(max_length=1000, blank=True, default="")
    content_hash = models.CharField(max_length=64)
    raw = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    envelope_from = models.CharField(max_length=320, blank=True, default="")
    sender = models.CharField(max_length=320, blank=True, default="")
    subject = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(max_length=12, choices=InboundState, default=InboundState.RECEIVED)
    reason = models.CharField(max_length=500, blank=True, default="")
    duplicate_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="duplicates")
    received_at = models.DateTimeField(help_text="when the message reached the system (I1)")
    settled_at = models.DateTimeField(null=True)
    may_answer = models.BooleanField(default=False, help_text="an automatic answer is allowed (RFC 3834)")
    flagged = models.BooleanField(default=False, help_text="the mailbox was told that we have it")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "uidvalidity", "uid"], name="inbound_uid_unique"),
            models.UniqueConstraint(
                fields=["mailbox", "message_id", "content_hash"],
                condition=models.Q(duplicate_of__isnull=True),
                name="inbound_content_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(state="duplicate", duplicate_of__isnull=False)
                | (~models.Q(state="duplicate") & models.Q(duplicate_of__isnull=True)),
                name="inbound_duplicate_names_its_first",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "received_at"], name="inbound_by_state"),
            models.Index(fields=["message_id"], name="inbound_by_message_id"),
            models.Index(fields=["sender", "-received_at"], name="inbound_by_sender"),
            models.Index(fields=["mailbox", "uid"], condition=models.Q(flagged=False), name="inbound_to_flag"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class OutgoingState(models.TextChoices):
    PENDING = "pending", _("Waiting to be sent")
    SENT = "sent", _("Sent")
    DEAD = "dead", _("Not delivered")


class Outgoing(models.Model):
    """One message to one address: sent, pending or dead with a reason, never absent (safety I4)."""

    channel = models.CharField(max_length=16, choices=Channel, default=Channel.EMAIL)
    mailbox = models.ForeignKey(Mailbox, null=True, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200, unique=True, help_text="what it is: asked for twice, it is sent once")
    about = models.CharField(
        max_length=64, blank=True, default="", help_text="whom to tell of its fate, e.g. ticket:1847"
    )
    recipient = models.CharField(max_length=320)
    subject = models.CharField(max_length=500)
    text = models.TextField()
    html = models.TextField(blank=True, default="")
    message_id = models.CharField(max_length=300, unique=True)
    in_reply_to = models.CharField(max_length=1000, blank=True, default="")
    references = models.TextField(blank=True, default="")
    reply_to = models.CharField(max_length=320, blank=True, default="")
    automatic = models.BooleanField(default=True, help_text="Auto-Submitted: auto-generated (RFC 3834)")
    state = models.CharField(max_length=8, choices=OutgoingState, default=OutgoingState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], condition=models.Q(state="pending"), name="outgoing_due"),
            models.Index(fields=["about"], name="outgoing_about"),
            models.Index(fields=["state", "-created_at"], name="outgoing_by_state"),
            models.Index(fields=["recipient", "-created_at"], name="outgoing_by_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"


class OutgoingFile(models.Model):
    """A file that goes with an outgoing message."""

    outgoing = models.ForeignKey(Outgoing, on_delete=models.CASCADE, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name
