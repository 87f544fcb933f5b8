"""Directories of accounts: LDAP and Active Directory."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from provodnik.core.secrets import seal, unseal
from provodnik.federation.models.sources import Source
from provodnik.federation.states import Security


class Directory(Source):
    """A directory whose people sign in by their names and passwords of there."""

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(
        _("kind"), max_length=8, default="ldap", choices=[("ad", "Active Directory"), ("ldap", _("LDAP"))]
    )
    servers = models.TextField(_("servers"), max_length=1000)
    security = models.CharField(
        _("protection"),
        max_length=8,
        default=Security.TLS.value,
        choices=[
            (Security.TLS.value, _("TLS (port 636)")),
            (Security.STARTTLS.value, _("StartTLS (port 389)")),
            (Security.NONE.value, _("None: passwords go in the clear")),
        ],
    )
    ca = models.TextField(_("certificate of the authority"), max_length=50_000, blank=True, default="")
    bind_dn = models.CharField(_("account for searching"), max_length=500, blank=True, default="")
    bind_secret = models.TextField(blank=True, default="", editable=False)
    base = models.CharField(_("where to search"), max_length=500)
    narrow = models.CharField(_("filter"), max_length=2000, default="(objectClass=person)")
    logins = ArrayField(models.CharField(max_length=64), verbose_name=_("names to sign in by"))
    number_attribute = models.CharField(_("personnel number"), max_length=64, blank=True, default="")
    name_attribute = models.CharField(_("full name"), max_length=64, blank=True, default="cn")
    email_attribute = models.CharField(_("work e-mail"), max_length=64, blank=True, default="mail")
    phone_attribute = models.CharField(_("work phone"), max_length=64, blank=True, default="telephoneNumber")
    room_attribute = models.CharField(_("room"), max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return self.name

    @property
    def bind_password(self) -> str:
        """Raises Unreadable under another SECRET_KEY."""
        return unseal(self.bind_secret)

    @bind_password.setter
    def bind_password(self, value: str) -> None:
        self.bind_secret = seal(value)

    @property
    def issuer(self) -> str:
        """Who vouches for its identities."""
        return f"ldap:{self.pk}"


class GroupRole(models.Model):
    """That members of a group of a directory have a role here. Without rows no group gives anything."""

    directory = models.ForeignKey(Directory, on_delete=models.CASCADE, related_name="group_roles")
    group = models.CharField(max_length=500, help_text="its DN")
    role = models.CharField(max_length=32)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["directory", "group", "role"], name="group_role_once")]

    def __str__(self) -> str:
        return f"{self.group} → {self.role}"
