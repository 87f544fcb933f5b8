"""Working calendars, as data that an administrator edits (I4)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from provodnik.ui import zones


class ProductionDay(models.Model):
    """A day of the Russian production calendar that differs from the plain Monday-to-Friday week."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Public holiday")
        DAY_OFF = "day_off", _("Transferred day off")
        SHORT = "short", _("Shortened by an hour")
        WORKING = "working", _("Working day instead of a day off")

    date = models.DateField(_("date"), unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date} {self.kind}"


class Calendar(models.Model):
    """Working time of a contract. `week`: {"0": [["09:00", "18:00"], …], …}, 0 is Monday; a missing day is off;
    an end of "00:00" is midnight at the day's end."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    zone = models.CharField(_("time zone"), max_length=64, default="Europe/Moscow")
    week = models.JSONField(_("week"), default=dict)
    follows_production = models.BooleanField(_("follows the production calendar"), default=True)
    revision = models.PositiveIntegerField(default=0, editable=False, help_text="another after every edit of its days")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone_told(self) -> str:
        return zones.told(self.zone)


class CalendarException(models.Model):
    """A day of one calendar that goes before the production calendar. `spans` as in `week`; empty means off."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="exceptions")
    date = models.DateField(_("date"))
    spans = models.JSONField(_("hours"), default=list, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="calendar_exception_once")]

    def __str__(self) -> str:
        return f"{self.calendar} {self.date}"
