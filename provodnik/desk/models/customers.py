"""Whom the desk serves, and by what obligations (R4)."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from provodnik.desk.models.calendars import Calendar
from provodnik.desk.states import DEFAULT_ALLOWANCES, DEFAULT_COMPLAINT_ALLOWANCE, DEFAULT_REOPEN_DAYS, Priority


class DateRange(Func):
    function = "daterange"
    output_field = DateRangeField()


class Customer(models.Model):
    """An organisation (or a group of them) that has support. `domains`: mail from there is its."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    short_name = models.CharField(_("short name"), max_length=60, blank=True, default="")
    domains = ArrayField(
        models.CharField(max_length=253),
        default=list,
        blank=True,
        verbose_name=_("mail domains"),
        help_text=_("A letter from an unknown sender of such a domain belongs to this customer."),
    )
    is_active = models.BooleanField(_("served"), default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.short_name or self.name


def _allowance(priority: Priority) -> models.DurationField[timedelta, timedelta]:
    return models.DurationField(default=DEFAULT_ALLOWANCES[priority])


class Contract(models.Model):
    """What was promised to a customer, from a day to a day (both included; no end: until it is ended)."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("customer")
    )
    number = models.CharField(_("number"), max_length=100)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    starts_on = models.DateField(_("in force from"))
    ends_on = models.DateField(_("in force until"), null=True, blank=True)
    calendar = models.ForeignKey(
        Calendar,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        verbose_name=_("working calendar"),
        help_text=_("None: hours are counted round the clock."),
    )
    urgent_allowance = _allowance(Priority.URGENT)
    high_allowance = _allowance(Priority.HIGH)
    medium_allowance = _allowance(Priority.MEDIUM)
    low_allowance = _allowance(Priority.LOW)
    complaint_allowance = models.DurationField(
        default=DEFAULT_COMPLAINT_ALLOWANCE, help_text="of a complaint, whatever its priority"
    )
    reopen_days = models.PositiveSmallIntegerField(_("days to reopen"), default=DEFAULT_REOPEN_DAYS)
    target_share = models.PositiveSmallIntegerField(
        _("share to close in time, %"),
        null=True,
        blank=True,
        help_text="what the contract promises of a month's requests; none: it promises no share",
    )
    recounted = models.BooleanField(
        default=True,
        editable=False,
        help_text="false since its terms or its calendar were edited, until a job is through",
    )
    warn_before = models.DurationField(default=timedelta(hours=2), help_text="how long before the deadline to warn")

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="contract_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(
                    urgent_allowance__gt=timedelta(0),
                    high_allowance__gt=timedelta(0),
                    medium_allowance__gt=timedelta(0),
                    low_allowance__gt=timedelta(0),
                ),
                name="contract_allowances_positive",
            ),
            models.CheckConstraint(
                condition=Q(complaint_allowance__gt=timedelta(0)), name="contract_complaint_allowance_positive"
            ),
            ExclusionConstraint(
                name="contract_one_at_a_time",
                expressions=[
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                    ("customer", RangeOperators.EQUAL),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def allowances(self) -> dict[Priority, timedelta]:
        return {priority: getattr(self, f"{priority.value}_allowance") for priority in Priority}

    def in_force(self, on: date) -> bool:
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


class Subsystem(models.Model):
    """A part of the software that a request may concern."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person of a customer who writes to the desk; with `user` he also signs in."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="contacts", verbose_name=_("customer")
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="contact"
    )
    name = models.CharField(_("full name"), max_length=200)
    email = models.EmailField(_("e-mail"), blank=True, default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    position = models.CharField(_("position"), max_length=200, blank=True, default="")
    organisation = models.CharField(_("organisation"), max_length=200, blank=True, default="")
    is_coordinator = models.BooleanField(
        _("coordinator"),
        default=False,
        help_text=_("Sees all requests of the customer, not only own ones (I12)."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="contact_email_unique")]

    def __str__(self) -> str:
        return self.name
