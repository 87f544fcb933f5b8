"""How long texts, files and letters are kept, by contract, and what keeps them longer."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.desk.models.customers import Contract
from provodnik.desk.models.tickets import Ticket


class What(StrEnum):
    """What is erased: TEXTS goes with everything else; NAMES with letters in and out, which are full of them."""

    FILES = "files"
    LETTERS = "letters"
    NAMES = "names"
    TEXTS = "texts"


_EMPTY = _("Empty: for ever.")


class RetentionRule(models.Model):
    """How many months after its closing a request loses what. Of a contract; the one without a contract holds for all
    requests whose contract has no rule, and for what belongs to no request at all."""

    contract = models.OneToOneField(Contract, null=True, on_delete=models.PROTECT, related_name="retention")
    texts_months = models.PositiveSmallIntegerField(_("texts and names"), null=True, blank=True, help_text=_EMPTY)
    files_months = models.PositiveSmallIntegerField(_("files"), null=True, blank=True)
    letters_months = models.PositiveSmallIntegerField(_("letters as they came"), null=True, blank=True)
    strays_months = models.PositiveSmallIntegerField(_("letters that became no request"), null=True, blank=True)
    journal_months = models.PositiveSmallIntegerField(_("lines of the journal"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=Q(contract__isnull=True), name="retention_one_default"),
            models.CheckConstraint(
                condition=Q(contract__isnull=True) | Q(strays_months__isnull=True, journal_months__isnull=True),
                name="retention_of_a_contract_is_of_requests",
            ),
        ]

    def __str__(self) -> str:
        return str(self.contract) if self.contract is not None else str(_("Every other contract"))


class LegalHold(models.Model):
    """Why a request is kept whole though its time is over: a dispute, an inquiry. Until it is lifted."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="when it was lifted")
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(until__isnull=True), name="hold_one_at_a_time")
        ]
        indexes = [models.Index(fields=["-since", "-id"], name="hold_latest")]

    def __str__(self) -> str:
        return f"№ {self.ticket_id}"
