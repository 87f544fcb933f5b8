"""That somebody has agreed, from which day to which; what happened to it; its scan."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from provodnik.consents.models.editions import ABOUT, Edition
from provodnik.consents.states import About, Did, Heard, How, Standing
from provodnik.core.models import Blob
from provodnik.people.models import Organisation, Person


class Consent(models.Model):
    """`key`: the portal's own name of it, by which 1C hears. `about` and `organisation` are its edition's (the database
    compares them). `ended_on`: the first day on which it holds no more; `words`: why. `changed_at`: of what 1C has to
    know; `untold_since`: since when 1C has not heard the last of it, None where there is nothing to tell; `heard_at`:
    when it last said that it knows."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    about = models.CharField(max_length=9, choices=ABOUT)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="consents")
    given_on = models.DateField()
    how = models.CharField(max_length=7, default=How.PAPER.value, choices=[(one.value, one.value) for one in How])
    marked_at = models.DateTimeField()
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    standing = models.CharField(
        max_length=9, default=Standing.GIVEN.value, choices=[(one.value, one.value) for one in Standing]
    )
    ended_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_how = models.CharField(max_length=7, blank=True, default="", choices=[(one.value, one.value) for one in How])
    words = models.CharField(max_length=1000, blank=True, default="")
    changed_at = models.DateTimeField()
    untold_since = models.DateTimeField(null=True)
    heard = models.CharField(max_length=7, blank=True, default="", choices=[(one.value, one.value) for one in Heard])
    heard_at = models.DateTimeField(null=True)
    heard_words = models.CharField(max_length=500, blank=True, default="", help_text="why 1C has refused it")
    wiped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "organisation", "about", "-id"], name="consent_of_person"),
            models.Index(fields=["organisation", "about", "-id"], condition=Q(standing="withdrawn"),
                         name="consent_withdrawn"),
            models.Index(fields=["organisation", "about", "-id"], condition=Q(heard="refused"), name="consent_refused"),
            models.Index(fields=["organisation", "untold_since", "id"], condition=Q(untold_since__isnull=False),
                         name="consent_to_tell"),
            models.Index(fields=["ended_at"], condition=Q(wiped_at__isnull=True, ended_at__isnull=False),
                         name="consent_to_wipe"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "about", "person"], condition=Q(standing="given"), name="one_consent_in_force"
            ),
            models.CheckConstraint(
                condition=Q(about__in=[one.value for one in About]) & Q(standing__in=[one.value for one in Standing])
                & Q(how="paper") & Q(ended_how__in=["", "paper", "cabinet"]) & Q(heard__in=["", "taken", "refused"]),
                name="consent_words_known",
            ),
            models.CheckConstraint(
                condition=Q(standing="given", ended_at__isnull=True, ended_on__isnull=True)
                | (~Q(standing="given") & Q(ended_at__isnull=False)),
                name="consent_ended_or_not",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("given_on")), name="consent_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=~Q(standing="mistake") | Q(ended_on__isnull=True), name="a_mistake_was_never_in_force"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.about} {self.pk}"


class ConsentStep(models.Model):
    """What happened to a consent, once and for all (the database refuses to rewrite it). `by` None: 1C or the clock."""

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    did = models.CharField(max_length=9, choices=[(one.value, one.value) for one in Did])

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.consent_id} {self.did}"


class ConsentFile(models.Model):
    """A scan of the paper. Its name stays in the row of the bytes alone as long as they do: both go together."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
