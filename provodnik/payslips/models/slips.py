"""A payslip, its versions, who looked, what was asked."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from provodnik.exchange.models import KeptVersion
from provodnik.payslips.models.batches import PayBatch
from provodnik.payslips.states import Group, Looked, Pay, VersionState
from provodnik.people.models import Employment, Organisation


class Payslip(models.Model):
    """What somebody is paid for a month at one place of work. `guid`: its reference in 1C, the same for every
    correction. `organisation` (who pays), `period` and `part` are its batch's, beside it for the two questions that are
    asked most: whose is it, and which months are there."""

    guid = models.UUIDField(unique=True)
    batch = models.ForeignKey(PayBatch, on_delete=models.PROTECT, related_name="slips")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    employment = models.ForeignKey(Employment, on_delete=models.PROTECT, related_name="payslips", db_index=False)
    period = models.DateField()
    part = models.CharField(max_length=7, choices=[(one.value, one.value) for one in Pay])

    class Meta:
        constraints = [
            # several payments between the pay days may fall into one month, each with a reference of its own
            models.UniqueConstraint(
                fields=["batch", "employment"], condition=~Q(part="between"), name="payslip_once_a_month"
            ),
        ]
        indexes = [models.Index(fields=["employment", "-period"], name="payslip_of_place")]

    def __str__(self) -> str:
        return f"{self.employment_id} {self.period:%Y-%m}"


class PayslipVersion(models.Model):
    """A payslip as it was told once; what it says is never changed. The content lies sealed where the exchange keeps it
    (`kept`), with its PDF; here are the sums that lists, control totals and the year's picture are made of.

    `number`: from 1, as people read it; `version`: 1C's own. `adds_up`: see content.Content. `opened_at`: its worker
    read it first: what proves that he was told (art. 136 TK)."""

    payslip = models.ForeignKey(Payslip, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField()
    version = models.BigIntegerField()
    kept = models.OneToOneField(KeptVersion, on_delete=models.PROTECT, related_name="payslip")
    state = models.CharField(
        max_length=9, choices=[(one.value, one.value) for one in VersionState], default=VersionState.LOADED.value
    )
    has_lines = models.BooleanField()
    has_pdf = models.BooleanField()
    accrued = models.DecimalField(max_digits=13, decimal_places=2, null=True)
    withheld = models.DecimalField(max_digits=13, decimal_places=2, null=True)
    paid = models.DecimalField(max_digits=13, decimal_places=2, null=True)
    to_pay = models.DecimalField(max_digits=13, decimal_places=2, null=True)
    adds_up = models.BooleanField(null=True)
    loaded_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="null: 1C itself"
    )
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payslip", "number"], name="payslip_number_once"),
            models.UniqueConstraint(fields=["payslip", "version"], name="payslip_version_once"),
            models.UniqueConstraint(fields=["payslip"], condition=Q(state="loaded"), name="payslip_one_to_publish"),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="payslip_published_at"
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | (Q(withdrawn_at__isnull=False) & ~Q(reason="")),
                name="payslip_withdrawn_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state="loaded"), name="payslip_to_publish")]

    def __str__(self) -> str:
        return f"{self.payslip_id} {self.number}"


class PayLook(models.Model):
    """That somebody who keeps payslips saw one: each time, and its worker reads it. Never changed."""

    version = models.ForeignKey(PayslipVersion, on_delete=models.CASCADE, related_name="looks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    how = models.CharField(max_length=4, choices=[(one.value, one.value) for one in Looked])

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.version_id} {self.by_id}"


class PayQuestion(models.Model):
    """What a worker asks about a line of a version, and what he is answered. `line`: its place, None: of the payslip as
    a whole; `group` and `name` are the line's. `key`: of the form."""

    key = models.UUIDField(unique=True)
    version = models.ForeignKey(PayslipVersion, on_delete=models.PROTECT, related_name="questions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.PositiveSmallIntegerField(null=True)
    group = models.CharField(max_length=9, blank=True, default="", choices=[(one.value, one.value) for one in Group])
    name = models.CharField(max_length=200, blank=True, default="")
    text = models.CharField(max_length=2000)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=4000, blank=True, default="")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | ~Q(answer=""), name="pay_question_answered_in_words"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="pay_question_list"),
            models.Index(fields=["organisation"], condition=Q(answered_at__isnull=True), name="pay_question_open"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.line}"
