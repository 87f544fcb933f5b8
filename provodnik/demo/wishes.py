"""What the demo's employees ask to change about themselves, who stands in for whom, who is written down twice, and what
an organisation has decided for itself."""

from __future__ import annotations

import random
import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.core.uploads import NewFile
from provodnik.demo import zup
from provodnik.demo.pictures import screenshot
from provodnik.demo.staff import guid
from provodnik.people.actions import changes, rules, standing
from provodnik.people.actions.houses import add_holiday
from provodnik.people.models import Employment, Organisation, Unit
from provodnik.people.policies import current, houses_of
from provodnik.people.rules import Code
from provodnik.people.states import ChangeKind, DecisionKind

DAY = timedelta(days=1)
_SPACE = uuid.UUID("7d0d8f5e-1f7a-4b62-9d55-2f1f2c6f3a55")
MOST_DEPUTIES = 4


def ask(now: datetime) -> None:
    """Everything of the organisation whose personnel a visitor signs in as."""
    hr = User.objects.get(login="evgenia")
    house, on = houses_of(hr).first(), timezone.localdate(now)
    if house is None:
        return
    _decided(house, hr, now, on)
    _deputies(house, hr, now, on)
    _twice(house, now, on)
    _requests(house, hr, now, on)


def _decided(house: Organisation, hr: User, now: datetime, on: date) -> None:
    norm = "Приказ № 118 от 12.10.2026"
    rules.decide(house.pk, Code.BANK_PAUSE, 3, since=on, norm=norm, by=hr, at=now, on=on)
    add_holiday(house.pk, day=date(on.year, 12, 1), name="День чистой реки", by=hr, at=now)


def _deputies(house: Organisation, hr: User, now: datetime, on: date) -> None:
    """Heads whose unit has somebody else; one of them for next week."""
    made = 0
    for unit in Unit.objects.filter(organisation=house, heads__isnull=False).order_by("pk"):
        head = unit.heads.filter(ends_on__isnull=True).first()
        if head is None:
            continue
        others = Employment.objects.filter(current(on), unit=unit).exclude(person__employments=head.employment_id)
        other = others.order_by("pk").first()
        if other is None:
            continue
        starts = on + 7 * DAY if made == 1 else on - DAY
        kinds = [DecisionKind.LEAVE, DecisionKind.ABSENCE] if made % 2 else list(DecisionKind)
        days = {"starts_on": starts, "ends_on": starts + 14 * DAY}
        standing.set_deputy(head.employment_id, other.pk, kinds=kinds, by=hr, at=now, **days)
        made += 1
        if made == MOST_DEPUTIES:
            return


def _twice(house: Organisation, now: datetime, on: date) -> None:
    """1C tells of somebody a second time, under another reference and without a SNILS."""
    rows = Employment.objects.filter(current(on), organisation=house, person__user__isnull=True, kind="main")
    known = rows.select_related("person", "unit", "position").order_by("pk").first()
    if known is None or known.unit is None or known.position is None:
        return
    person, key = known.person, guid("person", "written down twice")
    names = {name: getattr(person, name) for name in ("surname", "first_name", "patronymic", "birth_date")}
    place: dict[str, Any] = {
        "person": key, "organisation": house.guid, "unit": known.unit.guid, "position": known.position.guid,
        "kind": "internal", "personnel_number": "90001", "starts_on": on - 200 * DAY,
    }  # fmt: skip
    rows_told = [zup.told("person", key, names, now), zup.told("employment", guid("place", "twice"), place, now)]
    zup.send(rows_told, name="zup-second-job", at=now)


def _requests(house: Organisation, hr: User, now: datetime, on: date) -> None:
    rows = Employment.objects.filter(current(on), organisation=house, person__user__is_active=True)
    rows = rows.exclude(person__user=hr).select_related("person__user").order_by("person__user__login", "pk")
    people = list({row.person_id: row for row in rows}.values())
    wishes: list[tuple[ChangeKind, dict[str, str], str]] = [
        (ChangeKind.ADDRESS, {"registered": "г. Верхнереченск, ул. Родниковая, д. 7, кв. 12"}, "accept"),
        (ChangeKind.NAME, {"surname": "Журавлёва"}, ""),
        (ChangeKind.FAMILY, {"text": "Родился сын Лев, 3 ноября 2026 года. Прошу вычет."}, "return"),
        (ChangeKind.BANK, {"bik": "044525225", "account": "40817810938160925982", "bank": "Банк «Родник»"}, ""),
        (ChangeKind.OTHER, {"text": "Окончила курсы оператора очистных сооружений."}, "entered"),
        (ChangeKind.DOCUMENT, {"number": "65 04 123456", "issued_by": "ОВД г. Родника", "issued_on": "2020-02-29",
                               "unit_code": "660-001"}, "refuse"),
    ]  # fmt: skip
    for number, (kind, values, then) in enumerate(wishes):
        if not people:
            return
        place = people[number % len(people)]
        if kind is ChangeKind.NAME:  # married: her first name stays
            place = next((one for one in people if one.person.patronymic.endswith("на")), place)
            values |= {"first_name": place.person.first_name, "patronymic": place.person.patronymic}
        user = place.person.user
        assert user is not None
        at = now - timedelta(hours=30 - 4 * number)
        chance = random.Random(number)  # noqa: S311 - the same picture each time
        scans = [NewFile("скан.png", "image/png", screenshot(chance))] if kind is not ChangeKind.BANK else []
        key = uuid.uuid5(_SPACE, kind.value)
        row = changes.ask(
            place.person_id, house.pk, kind, values, scans, key=key, by=user, at=at, on=timezone.localdate(at)
        )
        later = at + timedelta(hours=2)
        if then in ("accept", "entered"):
            changes.accept(row.pk, by=hr, at=later, on=on)
        if then == "entered":
            changes.entered(row.pk, by=hr, at=later + timedelta(hours=1))
        if then == "return":
            changes.give_back(row.pk, "На снимке не видна печать. Сфотографируйте документ целиком.", by=hr, at=later)
        if then == "refuse":
            changes.refuse(row.pk, "Этот паспорт уже внесён в 1С.", by=hr, at=later)
