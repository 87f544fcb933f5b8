"""Who did what, and who looked at what. Lines are written once."""

from __future__ import annotations

from django.db import models

from provodnik.accounts.models.users import User


class JournalEntry(models.Model):
    """That somebody changed how the installation is set up, or looked at a thing: who, when, what, from what to what.
    The database refuses to rewrite a line; only the journal's own retention removes old ones.

    A look is a line with a `slot`: one for a person, a thing and a quarter of a day. Its title is empty: what it was
    called stands in the thing itself."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=32, help_text="added, changed, removed, invited, looked …")
    kind = models.CharField(max_length=64, help_text="of what: the model's label")
    thing = models.CharField(max_length=64, blank=True, default="", help_text="its primary key")
    title = models.CharField(max_length=300, help_text="how it was called then")
    data = models.JSONField(default=dict, help_text="{field: [old, new]}, never a secret")
    ticket = models.BigIntegerField(null=True, help_text="the number of the request it is about")
    customer = models.BigIntegerField(null=True, help_text="id of the customer it is about")
    slot = models.IntegerField(null=True, help_text="of a look: quarters of a day since 1970-01-01 UTC")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["by", "slot", "kind", "thing", "verb"],
                condition=models.Q(slot__isnull=False),
                name="journal_look_once",
            )
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="journal_latest"),
            models.Index(fields=["kind", "thing", "-at"], name="journal_of_thing"),
            models.Index(fields=["by", "-at", "-id"], name="journal_by_person"),
            models.Index(
                fields=["ticket", "-at", "-id"], condition=models.Q(ticket__isnull=False), name="journal_of_ticket"
            ),
            models.Index(
                fields=["customer", "-at", "-id"],
                condition=models.Q(customer__isnull=False),
                name="journal_of_customer",
            ),
            models.Index(fields=["-at", "-id"], condition=models.Q(slot__isnull=True), name="journal_of_deeds"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.kind} {self.thing}"
