"""Slips of paper by which an employee gets in for the first time, or again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from provodnik.entry.states import Delivery, Fact, Way, Why
from provodnik.people.models import Employment, Organisation, Person, Unit


class Sheet(models.Model):
    """A printing: who printed slips for whom. `key`: of the form, so that a double click prints once."""

    key = models.UUIDField(unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.SET_NULL, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"


class Slip(models.Model):
    """A slip of one person: the code itself is on the paper and nowhere else. `fact`: what is asked besides.

    An invitation (`way` not paper) is a slip whose code is a link: sealed with its address until it was handed over to
    letters or messages; `sent_to` is the address with its middle hidden."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="slips")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    employment = models.ForeignKey(Employment, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    fact = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Fact])
    expires_at = models.DateTimeField()
    way = models.CharField(max_length=8, default=Way.PAPER.value, choices=[(one.value, one.value) for one in Way])
    sealed = models.TextField(blank=True, default="", editable=False)
    sent_to = models.CharField(max_length=80, blank=True, default="")
    delivery = models.CharField(
        max_length=8, blank=True, default="", choices=[(one.value, one.value) for one in Delivery]
    )
    tries = models.PositiveSmallIntegerField(default=0, help_text="wrong second facts")
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    void_why = models.CharField(max_length=8, blank=True, default="", choices=[(one.value, one.value) for one in Why])
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-id"], name="slip_register"),
            models.Index(fields=["sheet"], condition=Q(delivery="waiting"), name="invitation_to_send"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(used_at__isnull=True, voided_at__isnull=True), name="one_slip_a_person"
            ),
            models.CheckConstraint(condition=Q(used_at__isnull=True) | Q(voided_at__isnull=True), name="used_or_void"),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | ~Q(void_why=""), name="slip_is_void_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.person.full_name
