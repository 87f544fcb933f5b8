"""A page of people whom personnel ticked at once, with what became of each."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from provodnik.consents.models.editions import Edition
from provodnik.consents.states import Verdict
from provodnik.people.models import Organisation, Person


class Marking(models.Model):
    """`key`: of the form: the same form again does nothing and leads to the same verdicts."""

    key = models.UUIDField(unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    given_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class MarkedPerson(models.Model):
    marking = models.ForeignKey(Marking, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Verdict])

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.verdict
