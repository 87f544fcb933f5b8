"""An organisation chooses how its people get in. Norms are rows with days: what held before stays readable."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core.decisions import require
from provodnik.entry.rules import Code, value
from provodnik.people.models import Organisation, OrganisationRule
from provodnik.people.policies import may_keep


def choose(organisation_id: int, wanted: Mapping[Code, Any], *, by: User, at: datetime, on: date) -> None:
    """From today on. What does not differ is not written. Raises Refused, Organisation.DoesNotExist."""
    require(may_keep(by, organisation_id))
    with transaction.atomic():
        house = Organisation.objects.select_for_update().get(pk=organisation_id)
        changed: dict[str, Any] = {}
        for code, new in wanted.items():
            old = value(code, house.pk, on=on)
            if old == new:
                continue
            rows = OrganisationRule.objects.filter(organisation=house, code=code.value)
            rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lt=on).update(
                ends_on=on - timedelta(days=1)
            )
            rows.filter(starts_on__gte=on).delete()
            OrganisationRule.objects.create(organisation=house, code=code.value, value=new, starts_on=on, author=by)
            changed[code.value.partition(".")[2]] = [str(old), str(new)]
        if changed:
            journal.note(house, "changed", by=by, at=at, **changed)
