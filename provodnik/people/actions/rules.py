"""An organisation decides: rows with days, so that what held before stays readable."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.people import cleaning
from provodnik.people.models import Organisation, OrganisationRule
from provodnik.people.policies import may_keep
from provodnik.people.rules import RULES, Code

A_DAY = timedelta(days=1)


def decide(
    organisation_id: int, code: Code, value: Any, *, since: date, norm: str = "", by: User, at: datetime, on: date
) -> OrganisationRule:
    """From `since` on (today or later: yesterday was as it was). Whatever was decided for that day or later gives way.
    Raises Refused, Organisation.DoesNotExist."""
    require(may_keep(by, organisation_id))
    chosen, norm = RULES[code].clean(value), cleaning.text(300)(norm, "norm")
    if since < on or since > on + 400 * A_DAY:
        raise Refused(_("A rule begins today or later, within a year."), "since")
    with transaction.atomic():
        house = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation_id)
        rows = OrganisationRule.objects.filter(organisation=house, code=code.value)
        before = rows.filter(starts_on__lte=on).order_by("-starts_on").first()
        old = RULES[code].held(before.value) if before is not None else RULES[code].default
        rows.filter(starts_on__gte=since).delete()
        rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=since)).update(ends_on=since - A_DAY)
        row = OrganisationRule.objects.create(
            organisation=house, code=code.value, value=chosen, norm=norm, starts_on=since, author=by
        )
        name = code.value.partition(".")[2]
        told: dict[str, Any] = {name: [str(old), str(chosen)], "from": ["", since.isoformat()]}
        journal.note(house, "changed", by=by, at=at, **told)
    return row
