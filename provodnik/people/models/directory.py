"""The directory's own rows (a cache that people.actions.listing keeps) and the history of people."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from provodnik.people.models.persons import Employment, Person
from provodnik.people.models.structure import Organisation, Unit
from provodnik.people.states import Happened, Source


class Entry(models.Model):
    """A line of the directory: a place of work as it is listed and found. `document`: see people.names; it holds only
    what every reader of the directory may know. `ends_on` as the employment's, so that a list needs no other table."""

    employment = models.OneToOneField(Employment, on_delete=models.CASCADE, primary_key=True, related_name="entry")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="entries")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="entries")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.SET_NULL, related_name="entries")
    sort_key = models.CharField(max_length=300)
    document = models.TextField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["sort_key", "employment"], name="entry_order"),
            models.Index(fields=["unit", "sort_key", "employment"], name="entry_of_unit"),
            GinIndex(fields=["document"], opclasses=["gin_trgm_ops"], name="entry_document"),
        ]

    def __str__(self) -> str:
        return self.sort_key


class DirectoryWord(models.Model):
    """A word that stands in some line of the directory: what a slip of the finger is set right to."""

    word = models.CharField(max_length=40, primary_key=True)

    class Meta:
        indexes = [GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="directory_word")]

    def __str__(self) -> str:
        return self.word


class PeopleEvent(models.Model):
    """What happened to whom: written once (the database refuses to rewrite it). `data`: {field: [old, new]} of what
    every HR page may show; of a secret (SNILS) only that it changed."""

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=4, choices=[(one.value, one.value) for one in Source])
    kind = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Happened])
    organisation_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    employment_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["person_id", "-id"], condition=models.Q(person_id__isnull=False), name="event_of_person"
            ),
            models.Index(fields=["organisation_id", "-id"], name="event_of_organisation"),
        ]

    def __str__(self) -> str:
        return self.kind
