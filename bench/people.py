"""The directory of 50,000 people: search by every way of typing, the chart, a person's page.

Pages are described for bench/web.py; the people are written in bulk, their lines by the product's own `relist_all`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from django.db import connection, transaction

from provodnik.accounts.models import User
from provodnik.people.actions import listing
from provodnik.people.models import Employment, Organisation, Person, Position, Unit, UnitHead
from provodnik.people.states import Source

PLACES = 50_000
HOUSES = ("Большой водоканал", "Речной водоканал")
LOGIN = "employee0"
AIM = 20.0  # p95 against the bare view's, at most: what is typed is answered before the next key
STARTED = date(2020, 1, 9)
ROOTS = """
Родник Ручей Берег Луг Поляна Роща Дубрава Ключ Озер Камыш Осок Ракит Ольх Берез Клён Рябин Калин Малин Смород Журавл
Сокол Орл Голуб Лебед Щегл Чиж Синиц Дрозд Зорян Заря Вечер Утр Полудн Зим Весен Осен Мороз Снегир Туман Рос Град Молний
Громов Вихр Ветр Полевой Степн Горн Каменн Песчан Глин Мел Солян Медн Железн Серебр Золот Янтар Жемчуг Хрусталь Стекольн
""".split()
ENDINGS = "ов ев ин ский кин ников цев енко ян онов".split()
NAMES = "Александра Иннокентий Мария Пётр Ольга Всеволод Анна Дмитрий Елена Михаил Лев Фёдор Семён Вера Алёна".split()
PATRONYMICS = "Львович Ильинична Петрович Фёдоровна Семёнович Андреевна Михайловна Олегович Борисовна Юрьевич".split()
POSITIONS = "Слесарь Машинист Инженер Диспетчер Оператор Электрик Лаборант Экономист Водитель Мастер".split()
OF_WHAT = "насосной станции|аварийной бригады|лаборатории|водоподготовки|очистных сооружений|учёта|сетей|участка".split(
    "|"
)


def fill(say: Callable[[str], None]) -> None:
    """Raises RuntimeError when the directory does not hold everybody."""
    if Person.objects.filter(user__login=LOGIN).exists():
        return
    chance = random.Random(7)
    with transaction.atomic():
        houses = [Organisation.objects.create(name=name, zone="Europe/Moscow") for name in HOUSES]
        units = [_units(house) for house in houses]
        positions = Position.objects.bulk_create(
            Position(name=f"{one} {what} {grade}-го разряда")
            for one in POSITIONS
            for what in OF_WHAT
            for grade in range(1, 5)
        )
        surnames = [f"{root}{ending}" for root in ROOTS for ending in ENDINGS]
        people = Person.objects.bulk_create([_person(no, surnames, chance) for no in range(PLACES)], batch_size=2000)
        places = Employment.objects.bulk_create(
            [_place(no, person, houses, units, positions, chance) for no, person in enumerate(people)], batch_size=2000
        )
        _heads(places)
        user = User.objects.create(login=LOGIN, full_name=people[0].full_name, is_employee=True)
        Person.objects.filter(pk=people[0].pk).update(user=user)
        listed = listing.relist_all()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE people_entry; ANALYZE people_employment; ANALYZE people_person; ANALYZE people_unit")
        cursor.execute("ANALYZE people_directoryword")
    if listed < PLACES:
        raise RuntimeError(f"the directory lists {listed}")
    say(f"  {listed} people in the directory")


def _person(no: int, surnames: list[str], chance: random.Random) -> Person:
    return Person(
        surname=chance.choice(surnames),
        first_name=chance.choice(NAMES),
        patronymic=chance.choice(PATRONYMICS),
        work_phone=f"+7 (343) 2{no % 90 + 10:02}-{no // 90 % 100:02}-{no % 100:02}",
        room=str(no % 400),
        sources={"surname": Source.ONEC.value},
    )


def _units(house: Organisation) -> list[Unit]:
    """Four storeys: 6 blocks, 8 shops in each, 9 crews in each; the crews are where people work."""
    last: list[Unit] = []
    for block in range(6):
        top = Unit.objects.create(organisation=house, name=f"Блок {OF_WHAT[block]}")
        for shop in range(8):
            middle = Unit.objects.create(organisation=house, parent=top, name=f"Цех {OF_WHAT[shop]} № {block}")
            last += [
                Unit.objects.create(organisation=house, parent=middle, name=f"Бригада № {block}{shop}{number}")
                for number in range(9)
            ]
    return last


def _place(
    no: int,
    person: Person,
    houses: list[Organisation],
    units: list[list[Unit]],
    positions: list[Any],
    chance: random.Random,
) -> Employment:
    house = 0 if no % 5 else 1
    return Employment(
        person=person,
        organisation=houses[house],
        unit=units[house][no % len(units[house])],
        position=chance.choice(positions),
        personnel_number=f"{no:06}",
        starts_on=STARTED + timedelta(days=no % 2000),
    )


def _heads(places: list[Employment]) -> None:
    first: dict[int | None, Employment] = {}
    for place in places:
        first.setdefault(place.unit_id, place)
    UnitHead.objects.bulk_create(
        UnitHead(unit_id=unit, employment=place, starts_on=date(2026, 1, 1), source=Source.ONEC.value)
        for unit, place in first.items()
        if unit is not None
    )


WAYS = (
    "surname", "a piece of it", "surname and first name", "Е for Ё", "a slip of the finger", "the other layout",
    "phone", "position", "unit", "nobody",
)  # fmt: skip
FRAGMENTS = frozenset({"branch of the chart", *(f"search of people, {way}" for way in WAYS)})


def searches() -> dict[str, str]:
    """What is typed, by the way of typing."""
    person = Person.objects.filter(user__login=LOGIN).get()
    other = Person.objects.order_by("pk")[PLACES // 2]
    keys = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.")
    surname, slip = other.surname, f"{other.surname[:3]}{other.surname[4:]}"
    return {
        "surname": surname,
        "a piece of it": surname[:3],
        "surname and first name": f"{surname} {other.first_name}",
        "Е for Ё": "алена федоровна",
        "a slip of the finger": slip,
        "the other layout": surname.lower().translate(keys),
        "phone": person.work_phone[-9:],
        "position": "слесарь насосной",
        "unit": "бригада 254",
        "nobody": "йцукенгшщз",
    }


def addresses() -> dict[str, tuple[str, ...]]:
    """Name of a measured page → its addresses."""
    top = Unit.objects.filter(parent__isnull=True, organisation__name=HOUSES[0]).order_by("pk")[0]
    shop = Unit.objects.filter(parent=top).order_by("pk")[0]
    crew = Unit.objects.filter(parent=shop).order_by("pk")[0]
    persons = list(Person.objects.order_by("pk").values_list("pk", flat=True)[100:120])
    found = {f"search of people, {name}": (f"/people/?q={quote(typed)}",) for name, typed in searches().items()}
    return {
        "directory, the first page": ("/people/",),
        **found,
        "chart": ("/people/structure",),
        "branch of the chart": (f"/people/structure/{top.pk}/branch", f"/people/structure/{shop.pk}/branch"),
        "unit with its people": (f"/people/structure/{crew.pk}",),
        "person's page": tuple(f"/people/{pk}" for pk in persons),
    }
