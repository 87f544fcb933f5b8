"""A consent ends: taken back on paper, taken back by the worker himself, or it was marked by mistake."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.consents import words
from provodnik.consents.actions.base import LONGEST_WORDS, day_of_paper, locked, step, tell_worker, to_be_told
from provodnik.consents.models import Consent
from provodnik.consents.policies import may_call_a_mistake, may_end, may_withdraw
from provodnik.consents.states import Did, How, Standing
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line
from provodnik.notify.actions import notify
from provodnik.people.models import StaffMember
from provodnik.people.states import StaffRole

_COLUMNS = [
    "standing", "ended_on", "ended_at", "ended_by", "ended_how", "words", "changed_at", "untold_since", "heard",
    "heard_words",
]  # fmt: skip


def withdraw(pk: int, ended_on: date, reason: str = "", *, by: User, at: datetime, on: date) -> Consent:
    """Personnel has got a paper. Raises Refused, Consent.DoesNotExist."""
    with transaction.atomic():
        row = locked(pk)
        require(may_end(by, row))
        day_of_paper(ended_on, on=on, since=row.given_on, field="ended_on")
        _end(row, ended_on, How.PAPER, _words(reason, needed=False), by=by, at=at)
        tell_worker(row, words.ended(row), key="ended", at=at)
    return row


def withdraw_own(pk: int, reason: str = "", *, by: User, at: datetime, on: date) -> Consent:
    """The worker takes it back himself, from today on. Personnel is told. Raises Refused, Consent.DoesNotExist."""
    with transaction.atomic():
        row = locked(pk)
        if row.person.user_id != by.pk:
            raise Consent.DoesNotExist
        require(may_withdraw(by, row))
        _end(row, max(on, row.given_on), How.CABINET, _words(reason, needed=False), by=by, at=at)
        staff = StaffMember.objects.filter(organisation_id=row.organisation_id, role=StaffRole.HR.value)
        notify(
            User.objects.filter(pk__in=staff.values("user_id")).exclude(pk=by.pk),
            key=f"consents:{row.pk}:withdrawn", text=words.withdrawn_by(row), at=at,
            url=reverse("consents:show", args=[row.pk]), tone="warning",
        )  # fmt: skip
    return row


def _end(row: Consent, ended_on: date, how: How, told: str, *, by: User, at: datetime) -> None:
    row.standing, row.ended_on, row.ended_how = Standing.WITHDRAWN.value, ended_on, how.value
    row.ended_at, row.ended_by, row.words = at, by, told
    to_be_told(row, at=at)
    row.save(update_fields=_COLUMNS)
    step(row, Did.WITHDRAWN, by=by, at=at)


def _words(text: str, *, needed: bool) -> str:
    text = one_line(text, LONGEST_WORDS + 1).strip()
    if len(text) > LONGEST_WORDS or (needed and not text):
        raise Refused(_("Say why, in a few sentences."), "reason")
    return text


def call_a_mistake(pk: int, reason: str, *, by: User, at: datetime) -> Consent:
    """It was never given: a wrong person was ticked, a wrong day. It stays, with the reason. What it had replaced does
    not begin again: personnel marks it anew. Raises Refused, Consent.DoesNotExist."""
    told = _words(reason, needed=True)
    with transaction.atomic():
        row = locked(pk)
        require(may_call_a_mistake(by, row))
        row.standing, row.ended_on, row.ended_how = Standing.MISTAKE.value, None, ""
        row.ended_at, row.ended_by, row.words = at, by, told
        to_be_told(row, at=at)
        row.save(update_fields=_COLUMNS)
        step(row, Did.MISTAKE, by=by, at=at)
        tell_worker(row, words.ended(row), key="mistake", at=at)
    return row
