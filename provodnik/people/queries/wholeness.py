"""For doctor: caches that must agree with what they were made of."""

from __future__ import annotations

from datetime import date

from provodnik.accounts.models import User
from provodnik.people.models import Employment, Entry
from provodnik.people.names import sort_key
from provodnik.people.policies import belonging


def wrong_accounts(*, on: date) -> int:
    """Accounts whose `is_employee` is not what their owner's places of work say."""
    belongs = belonging(on)
    return (
        User.objects.filter(~belongs, is_employee=True).count()
        + User.objects.filter(belongs, is_employee=False).count()
    )


def wrong_lines() -> int:
    """Places of work without their line, or with one of other days, unit, organisation or name."""
    wrong = Employment.objects.filter(entry__isnull=True).count()
    rows = Entry.objects.select_related("employment", "person").order_by("pk")
    for entry in rows.iterator(2000):
        own, person = entry.employment, entry.person
        same = (entry.person_id, entry.organisation_id, entry.unit_id, entry.starts_on, entry.ends_on) == (
            own.person_id,
            own.organisation_id,
            own.unit_id,
            own.starts_on,
            own.ends_on,
        )
        wrong += not (same and entry.sort_key == sort_key(person.surname, person.first_name, person.patronymic))
    return wrong
