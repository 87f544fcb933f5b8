"""A question about a line, and its answer, which stays by the line."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.payslips import announce
from provodnik.payslips.models import PayQuestion, PayslipVersion
from provodnik.payslips.policies import may_keep, own_versions
from provodnik.payslips.queries.contents import content_of

MOST_OPEN = 20  # questions of one person that wait for an answer


def ask(version: PayslipVersion, line: int | None, text: str, *, key: uuid.UUID, by: User, at: datetime) -> PayQuestion:
    """By the worker whose payslip it is. The same form again asks nothing twice. Raises Refused."""
    text = text.strip()
    if not text:
        raise Refused(_("Write your question."), "text")
    with transaction.atomic():
        mine = own_versions(by).select_for_update(of=("self",)).select_related("payslip", "kept").filter(pk=version.pk)
        found = mine.first()
        if found is None:
            raise Refused(_("Only the worker asks about his payslip."))
        known = PayQuestion.objects.filter(key=key).first()
        if known is not None:
            if known.asked_by_id != by.pk:
                raise Refused(_("This form was already used. Open it anew."))
            return known
        if PayQuestion.objects.filter(asked_by=by, answered_at__isnull=True).count() >= MOST_OPEN:
            raise Refused(_("So many questions wait for an answer already. Wait for some of them."))
        lines = content_of(found).lines
        if line is not None and not 0 <= line < len(lines):
            raise Refused(_("There is no such line."), "line")
        about = lines[line] if line is not None else None
        asked = PayQuestion.objects.create(
            key=key,
            version=found,
            organisation_id=found.payslip.organisation_id,
            line=line,
            group=about.group if about is not None else "",
            name=about.name[:200] if about is not None else "",
            text=text[:2000],
            asked_by=by,
            asked_at=at,
        )
        announce.asked(asked, at=at)
        return asked


def answer(question_id: int, text: str, *, by: User, at: datetime) -> PayQuestion:
    """By the payroll accountant, once. Raises Refused, PayQuestion.DoesNotExist."""
    text = text.strip()
    if not text:
        raise Refused(_("Write the answer."), "answer")
    with transaction.atomic():
        asked = (
            PayQuestion.objects.select_for_update(of=("self",))
            .select_related("version__payslip__employment__person")
            .get(pk=question_id)
        )
        require(may_keep(by, asked.organisation_id))
        if asked.asked_by_id == by.pk:
            raise Refused(_("Somebody else answers one's own question."))
        if asked.answered_at is not None:
            raise Refused(_("It is answered already."))
        asked.answer, asked.answered_by, asked.answered_at = text[:4000], by, at
        asked.save(update_fields=["answer", "answered_by", "answered_at"])
        announce.answered(asked, at=at)
        return asked
