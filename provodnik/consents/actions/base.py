"""What the actions share."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.consents.models import Consent, ConsentStep
from provodnik.consents.states import Did, Heard, Standing
from provodnik.core.decisions import Refused
from provodnik.notify.actions import notify

LONGEST_WORDS = 1000


def locked(pk: int) -> Consent:
    """Raises Consent.DoesNotExist."""
    rows = Consent.objects.select_for_update(of=("self",)).select_related("person__user", "organisation", "edition")
    return rows.get(pk=pk)


def step(row: Consent, did: Did, *, by: User | None, at: datetime) -> None:
    ConsentStep.objects.create(consent=row, at=at, by=by, did=did.value)


def to_be_told(row: Consent, *, at: datetime) -> None:
    """1C has to learn of the last change. What it has never heard of and is void is none of its business."""
    void = row.standing in (Standing.MISTAKE.value, Standing.REPLACED.value)
    knows = row.standing == Standing.MISTAKE.value and row.heard_at is not None
    row.changed_at = at
    row.untold_since = (row.untold_since or at) if knows or not void else None
    if row.untold_since is not None or row.heard == Heard.REFUSED.value:
        row.heard, row.heard_words = Heard.NOTHING.value, ""


def day_of_paper(day: date, *, on: date, since: date, field: str) -> None:
    """Raises Refused."""
    if day > on:
        raise Refused(_("This day has not come yet."), field)
    if day < since:
        raise Refused(_("This is before the day from which it could be signed."), field)


def tell_worker(row: Consent, text: str, *, key: str, at: datetime) -> None:
    if row.person.user is not None:
        notify([row.person.user], key=f"consents:{row.pk}:{key}", text=text, at=at, url=f"/consents/mine/{row.pk}")
