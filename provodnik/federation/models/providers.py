"""Providers of sign-in: OpenID Connect."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from provodnik.core.secrets import seal, unseal
from provodnik.federation.models.sources import Source


class Provider(Source):
    """A provider that tells who somebody is. `issuer` is its name in every token, letter for letter."""

    name = models.CharField(_("name"), max_length=60)
    issuer = models.CharField(_("issuer"), max_length=500, unique=True)
    client_id = models.CharField(_("client id"), max_length=300)
    client_secret_sealed = models.TextField(blank=True, default="", editable=False)
    scopes = models.CharField(_("scopes"), max_length=300, default="openid profile email")
    number_claim = models.CharField(_("personnel number"), max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return self.name

    @property
    def client_secret(self) -> str:
        """Raises Unreadable under another SECRET_KEY."""
        return unseal(self.client_secret_sealed)

    @client_secret.setter
    def client_secret(self, value: str) -> None:
        self.client_secret_sealed = seal(value)


class Exchange(models.Model):
    """A code of a provider that was brought here once: brought again, it is refused before the provider is asked."""

    digest = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="exchange_of_code_age")]

    def __str__(self) -> str:
        return self.digest[:8]
