"""Who has left: his sessions, keys and rights end at once, his own data stay readable for a while."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from provodnik.accounts import journal
from provodnik.accounts.models import ApiToken, Session, TrustedDevice, User
from provodnik.accounts.policies import is_last_administrator
from provodnik.entry import rules
from provodnik.entry.models import Former
from provodnik.people.actions.persons import mark_employees
from provodnik.people.models import Employment, Person, StaffMember
from provodnik.people.policies import current

AT_ONCE = 500  # accounts of one run; the next is half a minute away


def gone(*, on: date) -> QuerySet[Person]:
    """Who worked here until before this day, and whose account does not say so yet."""
    places = Employment.objects.filter(person_id=OuterRef("pk"))
    not_over = places.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    return Person.objects.filter(Exists(places), ~Exists(not_over), user__is_former=False, user__is_active=True)


def settle(*, at: datetime, on: date) -> int:
    """Whoever has left, has come back, or has had his time. Returns how many accounts were changed."""
    places = Employment.objects.filter(person_id=OuterRef("pk"))
    back = Person.objects.filter(Exists(places.filter(current(on))), user__former__isnull=False)
    over = Person.objects.filter(user__former__closed_at__isnull=True, user__former__until__lt=on, user__is_active=True)
    changed = 0
    for pk in {pk for people in (gone(on=on), back, over) for pk in people.values_list("pk", flat=True)[:AT_ONCE]}:
        changed += judge(pk, at=at, on=on)
    return changed


def judge(person_id: int, *, at: datetime, on: date) -> bool:
    """Let one person's account say what his places of work say. Returns whether it was changed."""
    with transaction.atomic():
        person = Person.objects.filter(pk=person_id, user__isnull=False).first()
        if person is None:
            return False
        user = User.objects.select_for_update().get(employee=person)
        places = list(Employment.objects.filter(person_id=person.pk))
        former = Former.objects.filter(user=user).first()
        if any(place.is_current(on) for place in places):
            return former is not None and _back(user, former, at=at)
        if not places or any(place.ends_on is None or place.ends_on >= on for place in places):
            return False  # was never hired, or has not begun yet
        is_new = former is None
        former = former or _left(user, person, places, at=at, on=on)
        if former is not None and former.until < on and former.closed_at is None:
            return _close(user, former, at=at)
        return is_new and former is not None


def _left(user: User, person: Person, places: list[Employment], *, at: datetime, on: date) -> Former | None:
    if is_last_administrator(user):  # nobody could let anybody in again; doctor names him
        return None
    rights = [*user.roles, *StaffMember.objects.filter(user=user).values_list("role", flat=True)]
    StaffMember.objects.filter(user=user).delete()
    user.roles, user.is_former = [], True
    user.second_factor_due = None
    user.save(update_fields=["roles", "is_former", "second_factor_due"])
    Session.objects.filter(user=user).delete()
    TrustedDevice.objects.filter(user=user).delete()
    ApiToken.objects.filter(owner=user, revoked_at__isnull=True).update(revoked_at=at)
    mark_employees([person.pk], on=on)
    until = max(last_day(place, on=on) for place in places)
    journal.note(user, "left", by=None, at=at, rights=[rights, []], until=until.isoformat())
    return Former.objects.create(user=user, since=at, until=until)


def last_day(place: Employment, *, on: date) -> date:
    """On which who has left this place still reads his own."""
    assert place.ends_on is not None
    days = rules.value(rules.Code.FORMER_DAYS, place.organisation_id, on=on)
    return place.ends_on + timedelta(days=int(days))


def _close(user: User, former: Former, *, at: datetime) -> bool:
    if user.is_active:  # else an administrator has switched it off: then it is his to switch on
        user.is_active = False
        user.save(update_fields=["is_active"])
        Session.objects.filter(user=user).delete()
        journal.note(user, "switched_off", by=None, at=at, until=former.until.isoformat())
        former.closed_at = at
        former.save(update_fields=["closed_at"])
        return True
    return False


def _back(user: User, former: Former, *, at: datetime) -> bool:
    """Hired anew: rights are given anew too, they do not come back by themselves."""
    user.is_former, user.is_active = False, user.is_active or former.closed_at is not None
    user.save(update_fields=["is_former", "is_active"])
    former.delete()
    journal.note(user, "came_back", by=None, at=at)
    return True
