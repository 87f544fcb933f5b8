"""A person, his places of work, his absences. Person ≠ Employment ≠ User (cabinet B0)."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.core.secrets import seal, unseal
from provodnik.people.models.structure import NO_GUID, Organisation, Position, Unit
from provodnik.people.states import EmploymentKind

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)  # year 1 is 1C's empty date


class Person(models.Model):
    """A natural person (физлицо). What identifies him in 1C: `keys`. With `user` he signs in.

    Seen in the directory: names, `work_phone`, `work_email`, `room`. Never there: `phone` and `email` (his own, for
    notices and sign-in), birth date, SNILS (sealed; `snils_digest` finds the same person in another base).
    `sources`: {field: Source}; `differs`: {field: {"offered", "source", "since"}} of what an exchange says against a
    correction by hand (see people.sources). `was`: ids of rows that were joined into this one: history and the journal
    speak of them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="employee"
    )
    surname = models.CharField(_("surname"), max_length=100)
    first_name = models.CharField(_("first name"), max_length=100)
    patronymic = models.CharField(_("patronymic"), max_length=100, blank=True, default="")
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    snils_sealed = models.TextField(blank=True, default="", editable=False)
    snils_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    work_phone = models.CharField(_("work phone"), max_length=60, blank=True, default="")
    work_email = models.EmailField(_("work e-mail"), blank=True, default="")
    room = models.CharField(_("room"), max_length=60, blank=True, default="")
    phone = models.CharField(_("own phone"), max_length=20, blank=True, default="")
    phone_confirmed_at = models.DateTimeField(null=True, editable=False)
    email = models.EmailField(_("own e-mail"), blank=True, default="")
    email_confirmed_at = models.DateTimeField(null=True, editable=False)
    sources = models.JSONField(default=dict, editable=False)
    differs = models.JSONField(default=dict, editable=False)
    was = ArrayField(models.BigIntegerField(), default=list, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["snils_digest"], condition=~Q(snils_digest=""), name="person_by_snils"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="person_by_phone"),
            models.Index(fields=["email"], condition=~Q(email=""), name="person_by_email"),
            models.Index(fields=["id"], condition=~Q(differs={}), name="person_differs"),
            models.Index(fields=["birth_date", "surname"], name="person_by_birth"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(surname="") | ~Q(first_name=""), name="person_has_name"),
            models.CheckConstraint(
                condition=Q(birth_date__isnull=True) | Q(birth_date__gte=EARLIEST, birth_date__lt=LATEST),
                name="person_birth_date_is_one",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.first_name, self.patronymic) if part)

    @property
    def snils(self) -> str:
        """Eleven digits, or "". Raises Unreadable under another SECRET_KEY."""
        return unseal(self.snils_sealed)

    @snils.setter
    def snils(self, value: str) -> None:
        self.snils_sealed = seal(value)


class PersonKey(models.Model):
    """A reference to a person in a base of 1C: several where he is in several bases (merged by SNILS, HR said so)."""

    guid = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="keys")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(guid=NO_GUID), name="person_guid_is_one")]

    def __str__(self) -> str:
        return str(self.guid)


class Employment(models.Model):
    """A place of work: a row of «Сотрудники» of 1C. `ends_on`: the last day, once he is dismissed; an agreed end of a
    fixed term is none. `personnel_number` (табельный №) is one of the organisation's among those who work."""

    guid = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="employments")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="employments")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="employments")
    position = models.ForeignKey(Position, null=True, blank=True, on_delete=models.PROTECT, related_name="employments")
    kind = models.CharField(
        max_length=8, default=EmploymentKind.MAIN, choices=[(one.value, one.value) for one in EmploymentKind]
    )
    personnel_number = models.CharField(max_length=30, blank=True, default="")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    is_harmful = models.BooleanField(default=False, help_text="harmful or dangerous conditions: other terms by law")
    schedule = models.CharField(max_length=200, blank=True, default="", help_text="график работы, as 1C calls it")
    sources = models.JSONField(default=dict, editable=False)
    differs = models.JSONField(default=dict, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-starts_on"], name="employment_of_person"),
            models.Index(fields=["unit"], condition=Q(ends_on__isnull=True), name="employment_of_unit"),
            models.Index(fields=["personnel_number"], condition=~Q(personnel_number=""), name="employment_by_number"),
            models.Index(fields=["id"], condition=~Q(differs={}), name="employment_differs"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(guid=NO_GUID), name="employment_guid_is_one"),
            models.CheckConstraint(
                condition=Q(starts_on__gte=EARLIEST, starts_on__lt=LATEST)
                & (Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on"), ends_on__lt=LATEST)),
                name="employment_days_in_order",
            ),
            models.UniqueConstraint(
                fields=["organisation", "personnel_number"],
                condition=Q(ends_on__isnull=True) & ~Q(personnel_number=""),
                name="personnel_number_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    def is_current(self, on: date) -> bool:
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


class Absence(models.Model):
    """Days on which somebody is not at work. `kind` (why) is for HR and for the rules of leave: no page of colleagues
    ever reads it; they see until when. No `ends_on`: nobody knows yet."""

    guid = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    employment = models.ForeignKey(Employment, on_delete=models.CASCADE, related_name="absences")
    kind = models.CharField(max_length=60, blank=True, default="")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=4)

    class Meta:
        indexes = [models.Index(fields=["employment", "-starts_on"], name="absence_of_employment")]
        constraints = [
            models.CheckConstraint(condition=~Q(guid=NO_GUID), name="absence_guid_is_one"),
            models.CheckConstraint(
                condition=Q(starts_on__gte=EARLIEST, starts_on__lt=LATEST)
                & (Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on"), ends_on__lt=LATEST)),
                name="absence_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employment_id} {self.starts_on}"
