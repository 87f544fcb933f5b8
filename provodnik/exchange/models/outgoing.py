"""What the portal tells a base of 1C, and what 1C has answered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.core.secrets import seal, unseal
from provodnik.exchange.models.bases import Base
from provodnik.exchange.states import Answer
from provodnik.people.models import Organisation

ANSWERS = [
    (Answer.NONE.value, _("no answer yet")),
    (Answer.TAKEN.value, _("taken by 1C")),
    (Answer.REFUSED.value, _("refused by 1C")),
]


class Parcel(models.Model):
    """An object on its way to 1C, in its last version. `guid`: the portal's own name of it; `sealed`: the object as it
    goes, emptied once it is answered; `given_at`: when this version was first carried; `is_gone`: the portal takes it
    back. `number`, `day`: of the document that 1C has made of it. `title`: how personnel recognises it."""

    base = models.ForeignKey(Base, on_delete=models.PROTECT, related_name="parcels")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=14)
    guid = models.UUIDField()
    version = models.BigIntegerField()
    title = models.CharField(max_length=200)
    sealed = models.TextField(blank=True, default="")
    is_gone = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=8, choices=ANSWERS, blank=True, default=Answer.NONE.value)
    answered_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=500, blank=True, default="")
    number = models.CharField(max_length=40, blank=True, default="")
    day = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["base", "id"], condition=Q(answer=""), name="parcel_unanswered"),
            models.Index(fields=["organisation", "-id"], name="parcel_of_organisation"),
            models.Index(fields=["answered_at"], name="parcel_answered"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "guid"], name="parcel_once"),
            models.CheckConstraint(
                condition=Q(answer__in=[one.value for one in Answer])
                & (Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False))),
                name="parcel_answer_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.guid}"

    @property
    def told(self) -> str:
        """The object as JSON; "" once it is answered. Raises Unreadable under another SECRET_KEY."""
        return unseal(self.sealed) if self.sealed else ""

    @told.setter
    def told(self, text: str) -> None:
        self.sealed = seal(text)
