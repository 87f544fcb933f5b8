"""What a directory and a provider have in common: somewhere else people prove who they are."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from provodnik.federation.states import Admits
from provodnik.people.models import Organisation


class Source(models.Model):
    """`admits`: whom it lets in besides those who are known; `answered_at`, `error`, `error_at`: its health, a line for
    the administrator and for doctor, the trouble as a code."""

    is_active = models.BooleanField(_("in use"), default=False)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    organisation = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("whose people"),
        help_text=_("Personnel numbers are looked for in this organisation alone."),
    )
    admits = models.CharField(
        max_length=10, default=Admits.KNOWN.value, choices=[(one.value, one.value) for one in Admits]
    )
    answered_at = models.DateTimeField(null=True, editable=False)
    error = models.CharField(
        max_length=16, blank=True, default="", editable=False, help_text="code of the last trouble"
    )
    error_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]
