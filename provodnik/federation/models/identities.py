"""Who somebody is elsewhere, and whose account that is here."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from provodnik.federation.models.directories import Directory
from provodnik.federation.models.providers import Provider
from provodnik.federation.states import How


class Identity(models.Model):
    """An account's name with a directory or a provider: issuer and subject, never a login and never an e-mail address,
    which are given anew to somebody else (safety A55). `name`: how he is called there, for people to read.

    `roles`: what groups of the directory have given him here, so that they can be taken again. `closed_at`: the
    directory has shut him out, and his account was switched off because of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities")
    directory = models.ForeignKey(Directory, null=True, on_delete=models.CASCADE, related_name="identities")
    provider = models.ForeignKey(Provider, null=True, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    name = models.CharField(max_length=300, blank=True, default="")
    how = models.CharField(max_length=8, choices=[(one.value, one.value) for one in How])
    linked_at = models.DateTimeField()
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    used_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True, help_text="when the directory was asked whether he is still there")
    closed_at = models.DateTimeField(null=True)
    roles = ArrayField(models.CharField(max_length=32), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once"),
            models.UniqueConstraint(fields=["user", "issuer"], name="one_identity_of_an_issuer"),
            models.CheckConstraint(
                condition=Q(directory__isnull=False, provider__isnull=True)
                | Q(directory__isnull=True, provider__isnull=False),
                name="identity_of_one_kind",
            ),
            models.CheckConstraint(condition=~Q(issuer="") & ~Q(subject=""), name="identity_is_one"),
        ]
        indexes = [models.Index(fields=["directory", "looked_at"], name="identity_to_look_at")]

    def __str__(self) -> str:
        return self.name or self.subject
