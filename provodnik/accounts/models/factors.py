"""The second factor: an app with codes, passkeys, printed codes, and devices that need none for a while."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from provodnik.accounts.models.users import User
from provodnik.core.secrets import seal, unseal


class FactorRule(models.Model):
    """That people of a role must have a second factor: from the instant of the rule and its days of grace on."""

    role = models.CharField(max_length=32, unique=True, help_text="a role, or requester: who has none")
    since = models.DateTimeField()
    grace_days = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.role


class Totp(models.Model):
    """An app that counts codes (RFC 6238). Its row is made when the first code was right."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="totp")
    sealed = models.TextField(help_text="the secret, encrypted by core.secrets")
    last_step = models.BigIntegerField(help_text="the last step a code of which was taken: each is good once")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def secret(self) -> str:
        return unseal(self.sealed)

    @secret.setter
    def secret(self, value: str) -> None:
        self.sealed = seal(value)


class Passkey(models.Model):
    """A key of WebAuthn that lives in a device, a browser or a token."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.BinaryField(unique=True, max_length=1023)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    transports = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    doubted_at = models.DateTimeField(
        null=True, help_text="its counter went back: there may be a copy; no longer taken"
    )

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.name


class PrintedCode(models.Model):
    """A code on paper, good once. Only its digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="printed_codes")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="printed_code_once")]

    def __str__(self) -> str:
        return str(self.pk)


class TrustedDevice(models.Model):
    """A browser that is not asked for the second factor until a day. Only the digest of its mark is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="trusted_devices")
    digest = models.CharField(max_length=64, unique=True)
    device = models.CharField(max_length=300, blank=True, default="", help_text="its User-Agent")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)
