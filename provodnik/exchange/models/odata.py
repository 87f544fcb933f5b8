"""Where the portal reads a base of 1C itself, by OData."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.core.secrets import seal, unseal
from provodnik.exchange.models.bases import Base


class ODataAccess(models.Model):
    """`reads`: choices of `odata.sets.CHOICES`; `hour`: of the local day, when it is read each night. `checked`: what
    the last check found, [{"set", "code", "count"}]; `started_at`: when the last reading began."""

    base = models.OneToOneField(Base, on_delete=models.PROTECT, related_name="odata")
    is_on = models.BooleanField(_("read each night"), default=False)
    address = models.CharField(_("address"), max_length=500)
    user = models.CharField(_("user of 1C"), max_length=100)
    password_sealed = models.TextField(blank=True, default="", editable=False)
    ca = models.TextField(_("authority of the certificate"), max_length=20000, blank=True, default="")
    reads = models.JSONField(_("what is read"), default=list)
    hour = models.PositiveSmallIntegerField(_("at what hour"), default=3, validators=[MaxValueValidator(23)])
    changed_at = models.DateTimeField(editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    checked = models.JSONField(default=list, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("reading of 1C by OData")
        constraints = [models.CheckConstraint(condition=Q(hour__lte=23), name="odata_hour_of_a_day")]

    def __str__(self) -> str:
        return str(self.base)

    @property
    def password(self) -> str:
        """Raises Unreadable under another SECRET_KEY."""
        return unseal(self.password_sealed)

    @password.setter
    def password(self, value: str) -> None:
        self.password_sealed = seal(value)
