"""Organisations, their units as a tree, positions, and what an organisation has decided for itself."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MOST_DEEP = 30  # units under each other; the trigger of migration 0002 refuses more

NO_GUID = "00000000-0000-0000-0000-000000000000"  # an empty reference of 1C


class Organisation(models.Model):
    """A legal entity (юрлицо) whose people work with this installation. Not a customer of the desk: see ADR 0022.

    `region`: code of the subject of the Russian Federation, for its holidays; `zone`: an IANA name, by which its days
    begin and end. `guid`: its reference in 1C. `sources`: {field: Source} (see people.sources)."""

    guid = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=300)
    short_name = models.CharField(_("short name"), max_length=100, blank=True, default="")
    inn = models.CharField(_("INN"), max_length=12, blank=True, default="")
    region = models.CharField(_("region"), max_length=3, blank=True, default="")
    zone = models.CharField(_("time zone"), max_length=64, default="Europe/Moscow")
    shares_directory = models.BooleanField(
        _("seen in the directory by the other organisations"),
        default=True,
        help_text=_("If not, its people and structure are seen by its own people alone."),
    )
    is_active = models.BooleanField(_("in use"), default=True)
    sources = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(guid=NO_GUID), name="organisation_guid_is_one"),
            models.CheckConstraint(condition=~Q(name=""), name="organisation_has_name"),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name


class OrganisationRule(models.Model):
    """What holds in an organisation (none: in all) from a day to a day: a norm as data, because laws and local acts
    change. Which codes there are, and of which type their values: people.rules, entry.rules."""

    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="rules"
    )
    code = models.CharField(max_length=60)
    value = models.JSONField()
    norm = models.CharField(max_length=300, blank=True, default="", help_text="the article or local act it stands on")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["code", "-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="rule_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["organisation", "code", "starts_on"], nulls_distinct=False, name="rule_begins_once"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class RegionalHoliday(models.Model):
    """A holiday of one region (art. 6 TK): together with the production calendar it is an organisation's calendar."""

    region = models.CharField(max_length=3)
    date = models.DateField()
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["region", "date"], name="regional_holiday_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class Unit(models.Model):
    """A unit of an organisation. `path`: the ids of all units above it, and its own last; the database keeps it (a
    trigger of migration 0002), so that a branch is read by one index and moved by touching its units alone, never its
    people. The same trigger refuses a cycle, another organisation's parent and a tree deeper than MOST_DEEP."""

    guid = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="units")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    name = models.CharField(_("name"), max_length=300)
    path = ArrayField(models.BigIntegerField(), default=list, editable=False)
    is_active = models.BooleanField(default=True, help_text="not disbanded (расформировано)")
    sources = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            GinIndex(fields=["path"], name="unit_path"),
            models.Index(fields=["parent", "name"], name="unit_row"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(guid=NO_GUID), name="unit_guid_is_one"),
            models.CheckConstraint(condition=~Q(name=""), name="unit_has_name"),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="unit_is_not_above_itself"),
        ]

    def __str__(self) -> str:
        return self.name


class Position(models.Model):
    """A position (должность): in 1C one catalogue for a whole base."""

    guid = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=300)
    sources = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(guid=NO_GUID), name="position_guid_is_one"),
            models.CheckConstraint(condition=~Q(name=""), name="position_has_name"),
        ]

    def __str__(self) -> str:
        return self.name
