"""Codes by which somebody proves that he reads what comes to a phone or an address."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Way(models.TextChoices):
    """By what somebody is reached."""

    EMAIL = "email", "email"
    PHONE = "phone", "phone"


class ContactCode(models.Model):
    """A code on its way to a contact, or used. `about`: whose proof it is, like "person:17": a code for one is none for
    another. The code itself is sealed until it was sent, afterwards only its digest is left."""

    about = models.CharField(max_length=64)
    way = models.CharField(max_length=8, choices=Way.choices)
    value = models.CharField(max_length=254)
    digest = models.CharField(max_length=64, editable=False)
    sealed = models.TextField(blank=True, default="", editable=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0, help_text="wrong codes")
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True, help_text="a newer one was asked for, or it was guessed at")

    class Meta:
        indexes = [
            models.Index(fields=["value", "-made_at"], name="contact_code_of_value"),
            models.Index(fields=["about", "-made_at"], name="contact_code_of_whom"),
            models.Index(fields=["made_at"], name="contact_code_age"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["about", "way"],
                condition=Q(used_at__isnull=True, voided_at__isnull=True),
                name="one_living_contact_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.way}"
