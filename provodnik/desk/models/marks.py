"""Marks of the desk's own on requests: tags, and the fields that a contract asks for."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from provodnik.desk.models.customers import Contract
from provodnik.desk.models.tickets import Ticket

LONGEST_TAG = 40


class Tag(models.Model):
    """A word on requests. Without a colour: colour is for states alone."""

    name = models.CharField(_("name"), max_length=LONGEST_TAG)
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_name_unique")]

    def __str__(self) -> str:
        return self.name


class TicketTag(models.Model):
    """A tag on a request."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="tagged", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "tag"], name="tag_once")]
        indexes = [models.Index(fields=["tag", "ticket"], name="tag_tickets")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.tag_id}"


class FieldDefinition(models.Model):
    """A field of a customer's own, asked for by a contract. Its kind never changes: values are kept by it."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("One of a list")
        YES_NO = "yes_no", _("Yes or no")

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="fields")
    label = models.CharField(_("name"), max_length=80)
    hint = models.CharField(_("hint"), max_length=200, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    choices = ArrayField(models.CharField(max_length=100), default=list, blank=True, verbose_name=_("what to choose"))
    required = models.BooleanField(_("required"), default=False)
    asked = models.BooleanField(
        _("asked of the requester"), default=True, help_text="shown to the requester; else to the desk alone"
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint("contract", Lower("label"), name="field_label_once"),
            models.CheckConstraint(
                condition=~Q(kind="choice") | Q(choices__len__gt=0), name="field_choice_has_choices"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class TicketFields(models.Model):
    """Values of a request's own fields, typed, by the id of the definition: {"12": "К-7", "13": 4.5, "14": true}.
    A date is kept as its ISO form. A request without any has no row."""

    ticket = models.OneToOneField(Ticket, primary_key=True, on_delete=models.PROTECT, related_name="fields")
    values = models.JSONField(default=dict)

    class Meta:
        indexes = [GinIndex(fields=["values"], name="fields_values", opclasses=["jsonb_path_ops"])]

    def __str__(self) -> str:
        return str(self.ticket_id)
