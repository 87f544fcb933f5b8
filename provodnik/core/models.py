"""Tables of the kernel."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Scan(models.TextChoices):
    """What an antivirus said of kept bytes (core.scanning). Empty: there was none when they were kept."""

    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"
    FAILED = "failed"


class Blob(models.Model):
    """Bytes that somebody sent: in the row, or in a file of a random name. Never changed after it is written, but for
    what an antivirus said of them."""

    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    content = models.BinaryField(null=True, editable=True)
    name = models.CharField(max_length=32, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    scan = models.CharField(max_length=8, choices=Scan, blank=True, default="", db_default="")
    scan_told = models.CharField(max_length=100, blank=True, default="", db_default="", help_text="what was found")
    scan_tries = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [models.Index(fields=["scan_tries", "id"], condition=models.Q(scan="waiting"), name="blob_to_scan")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(content__isnull=False, name="")
                | (models.Q(content__isnull=True) & ~models.Q(name="")),
                name="blob_lives_in_one_place",
            ),
            models.UniqueConstraint(fields=["name"], condition=~models.Q(name=""), name="blob_name_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.size}"


class Volume(models.Model):
    """Files that one person has sent in one day (core.volume). `who` is no name: an account's id, or a sum."""

    day = models.DateField()
    who = models.CharField(max_length=60)
    files = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "who"], name="volume_of_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.who} {self.files}"


class ErasureAct(models.Model):
    """One lawful erasure: by which rule, of what, how many, by whom. Its steps say what was erased, one by one."""

    class Kind(models.TextChoices):
        RULE = "rule"
        PERSON = "person"
        JOURNAL = "journal"

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    by = models.BigIntegerField(null=True, help_text="id of who asked for it; null: the nightly job")
    reason = models.CharField(max_length=500, blank=True, default="")
    asked = models.JSONField(default=dict, help_text="by which rule, of whom, what")
    counts = models.JSONField(default=dict, help_text="what was erased: {kind: how many}")
    total = models.PositiveIntegerField(default=0, help_text="how many things there were to do when it began")
    done = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-begun_at", "-id"], name="erasure_latest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ErasureStep(models.Model):
    """What one transaction erased. It is the key of the door: tables that are written once let a transaction blank
    them only when it has written such a row itself (docs/adr/0018). Written once, too."""

    act = models.ForeignKey(ErasureAct, on_delete=models.PROTECT, related_name="steps")
    scope = models.CharField(max_length=8, choices=ErasureAct.Kind)
    lines = models.JSONField(default=list, help_text="what was erased: no personal data, numbers and counts alone")
    at = models.DateTimeField(help_text="set by the database: when the transaction began")
    txid = models.BigIntegerField(help_text="set by the database: which transaction it is")

    class Meta:
        indexes = [models.Index(fields=["txid"], name="erasure_step_door")]

    def __str__(self) -> str:
        return f"{self.act_id} {self.pk}"


class Quarantine(models.Model):
    """A time in which this installation, restored from a backup, may not go outside (core.quarantine). Written by
    `provodnik restore` before the first row of the backup, ended by `provodnik release-quarantine`."""

    began_at = models.DateTimeField(db_default=Now())
    origin = models.CharField(max_length=300, help_text="address or machine that the backup was made on")
    backup_at = models.DateTimeField()
    backup_number = models.BigIntegerField(help_text="the last number of a request that the backup knows")
    released_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.origin} {self.backup_at:%Y-%m-%d}"
