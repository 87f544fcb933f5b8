"""1C has answered what it was told of a consent."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from provodnik.accounts.models import User
from provodnik.consents import words
from provodnik.consents.actions.base import locked, step
from provodnik.consents.models import Consent
from provodnik.consents.policies import may_tell_again
from provodnik.consents.queries.telling import KIND, version_of
from provodnik.consents.states import Did, Heard, Standing
from provodnik.core.decisions import require
from provodnik.exchange.models import Parcel
from provodnik.notify.actions import notify
from provodnik.people.models import StaffMember
from provodnik.people.states import StaffRole


def heard(key: uuid.UUID, taken: bool, reason: str, at: datetime) -> None:
    """In the caller's transaction. An answer to what was told before the last change settles nothing: the change is
    still to be told, also where it was void and 1C had not heard of it until now."""
    row = Consent.objects.select_for_update(of=("self",)).filter(key=key).first()
    if row is None:
        return
    told = Parcel.objects.filter(kind=KIND, guid=key).values_list("version", flat=True).first()
    is_last = told is not None and told >= version_of(row)
    row.heard_at = at if taken else row.heard_at
    if is_last and row.untold_since is not None:
        row.untold_since = None
        row.heard, row.heard_words = (Heard.TAKEN.value, "") if taken else (Heard.REFUSED.value, reason[:500])
        step(row, Did.TAKEN if taken else Did.REFUSED, by=None, at=at)
        if not taken:
            _tell_personnel(row, at)
    elif not is_last and taken and row.standing == Standing.MISTAKE.value:
        row.untold_since = row.untold_since or at
    row.save(update_fields=["untold_since", "heard", "heard_words", "heard_at"])


def _tell_personnel(row: Consent, at: datetime) -> None:
    """Once a day for an organisation and a kind: a base that refuses everything tells it once."""
    staff = StaffMember.objects.filter(organisation_id=row.organisation_id, role=StaffRole.HR.value)
    address = reverse("consents:index")
    notify(
        User.objects.filter(pk__in=staff.values("user_id")),
        key=f"consents:refused:{row.organisation_id}:{row.about}:{at:%Y-%m-%d}",
        text=words.refused_by_1c(row.about),
        at=at,
        url=f"{address}?organisation={row.organisation_id}&about={row.about}&list=refused",
        tone="warning",
    )


def again(pk: int, *, by: User, at: datetime) -> Consent:
    """The obstacle is gone: tell 1C once more. Raises Refused, Consent.DoesNotExist."""
    with transaction.atomic():
        row = locked(pk)
        require(may_tell_again(by, row))
        row.changed_at, row.untold_since, row.heard, row.heard_words = at, at, Heard.NOTHING.value, ""
        row.save(update_fields=["changed_at", "untold_since", "heard", "heard_words"])
        step(row, Did.AGAIN, by=by, at=at)
    return row
