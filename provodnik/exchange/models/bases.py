"""Where an exchange comes from, and how much of it is believed without asking."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.core.secrets import seal, unseal
from provodnik.exchange.states import Gives
from provodnik.people.models import Organisation

GIVES = [
    (Gives.NOT.value, _("nothing is told to 1C")),
    (Gives.FOLDER.value, _("by files in the folder «out»")),
    (Gives.PULL.value, _("1C asks over HTTPS")),
]


class Base(models.Model):
    """A base of 1C:ZUP. `code` names its folder and stands in every batch; its key signs manifests (HMAC-SHA256)."""

    code = models.SlugField(
        _("short name"), max_length=40, unique=True, help_text=_("Latin letters and digits: it names the folder.")
    )
    name = models.CharField(_("name"), max_length=200)
    key_sealed = models.TextField(editable=False)
    key_made_at = models.DateTimeField(editable=False)
    is_active = models.BooleanField(_("the exchange is on"), default=True)
    gives = models.CharField(
        _("the way back"), max_length=6, blank=True, default=Gives.NOT.value, choices=GIVES,
        help_text=_("How requests that the portal has taken come to 1C."),
    )  # fmt: skip
    created_at = models.DateTimeField(editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("base of 1C")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """64 hexadecimal digits. Raises Unreadable under another SECRET_KEY."""
        return unseal(self.key_sealed)

    @key.setter
    def key(self, value: str) -> None:
        self.key_sealed = seal(value)


class Limit(models.Model):
    """What an organisation lets an exchange do without asking a person; no row: the defaults.

    `dismissals`, `changes`: per cent of those who work there, counted with what the last day has brought already;
    fewer than `least` people never stop anything. `open_until`: a person has said that today it may be more."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="exchange_limit")
    dismissals = models.PositiveSmallIntegerField(
        _("dismissals, per cent of those who work"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    changes = models.PositiveSmallIntegerField(
        _("changed places of work and people, per cent"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    least = models.PositiveSmallIntegerField(
        _("so many people never stop it"), default=5, validators=[MaxValueValidator(1000)]
    )
    open_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("thresholds of the exchange")
        constraints = [
            models.CheckConstraint(
                condition=Q(dismissals__gte=1, dismissals__lte=100, changes__gte=1, changes__lte=100),
                name="limit_is_a_share",
            )
        ]

    def __str__(self) -> str:
        return str(self.organisation_id)
