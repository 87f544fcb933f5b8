"""What an exchange brings, on a real database: once, in any order, against corrections by hand, and what is refused."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from provodnik.core.decisions import Refused
from provodnik.desk.tests.factories import NOW
from provodnik.people.actions import employments, listing, persons, standing, structure
from provodnik.people.actions.taking import Incoming
from provodnik.people.models import Absence, Deputy, Employment, Entry, PeopleEvent, Person, Unit
from provodnik.people.models.structure import MOST_DEEP
from provodnik.people.states import DecisionKind, Source
from provodnik.people.tests.factories import TODAY, House, account, guid, key_of, must

pytestmark = pytest.mark.django_db
ONEC: dict[str, Any] = {"source": Source.ONEC, "at": NOW}


def say(employment: Employment, **fields: Any) -> Any:
    (verdict,) = persons.take_persons([Incoming(key_of(employment.person), fields)], **ONEC)
    return verdict


def test_the_same_again_changes_nothing_and_a_hand_is_not_overwritten() -> None:
    house = House()
    one = house.hire("Ёлкин Пётр Ильич", work_phone="2-14", snils="112-233-445 95")
    hr, events = house.staff(), PeopleEvent.objects.count()
    assert say(one, surname="Ёлкин", work_phone="2-14", snils="11223344595").what == "same"
    assert PeopleEvent.objects.count() == events
    persons.correct(one.person_id, {"work_phone": "2-15", "room": ""}, by=hr, at=NOW, on=TODAY)
    for _again in range(2):
        verdict = say(one, work_phone="2-14", first_name="Пётр")
        assert [(found.field, found.kept, found.offered) for found in verdict.conflicts] == [
            ("work_phone", "2-15", "2-14")
        ]
    person = Person.objects.get(pk=one.person_id)
    assert (person.work_phone, person.differs["work_phone"]["offered"]) == ("2-15", "2-14")
    assert Entry.objects.get(person=person).document.endswith("#215")
    # HR gives the field back, or the exchange comes to say the same: the difference is over
    persons.follow_exchange(person.pk, "work_phone", by=hr, at=NOW, on=TODAY)
    person.refresh_from_db()
    assert (person.work_phone, person.differs, person.sources["work_phone"]) == ("2-14", {}, "onec")
    persons.correct(person.pk, {"surname": "Ёлкин-Палкин"}, by=hr, at=NOW, on=TODAY)
    say(one, surname="Елкин")
    say(one, surname="Ёлкин-Палкин")
    person.refresh_from_db()
    assert (person.differs, person.sources["surname"]) == ({}, "onec")
    kinds = list(PeopleEvent.objects.filter(person_id=person.pk).order_by("pk").values_list("kind", "source"))
    assert ("corrected", "hand") in kinds
    assert "112" not in str(list(PeopleEvent.objects.values_list("data")))
    with pytest.raises(Refused):
        persons.correct(person.pk, {"room": "7"}, by=House("Другая").staff(), at=NOW, on=TODAY)


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({"surname": "", "first_name": ""}, "surname"),
        ({"birth_date": "0001-01-01"}, "birth_date"),
        ({"birth_date": "99999-12-31"}, "birth_date"),
        ({"snils": "112-233-445 96"}, "snils"),
        ({"email": "a@b\r\nBcc: c@d.example"}, "email"),
        ({"phone": "1"}, "phone"),
        ({"surname": "я" * 101}, "surname"),
        ({"surname": 5}, "surname"),
        ({"salary": "1"}, "salary"),
    ],
)
def test_bad_rows_are_refused_and_spoil_no_other(fields: dict[str, Any], about: str) -> None:
    good = {"surname": "Родников", "first_name": "Лев"}
    rows = [Incoming(guid(1), good | fields), Incoming(guid(2), good), Incoming(guid(0), good), Incoming(guid(2), good)]
    verdicts = persons.take_persons(rows, **ONEC)
    assert [verdict.what for verdict in verdicts] == ["refused", "added", "refused", "refused"]
    assert verdicts[0].about == about and str(verdicts[0].reason)
    assert Person.objects.count() == 1


def test_places_of_work_and_what_they_refer_to() -> None:
    house, other = House(), House("Степногорье")
    lab, far = house.unit("Лаборатория"), other.unit("Лаборатория")
    one = house.hire("Родников Лев Ильич", lab, "Лаборант", personnel_number="0012")
    base = {"person": key_of(one.person), "organisation": house.key, "starts_on": "2026-02-01"}

    def take(*rows: dict[str, Any]) -> list[Any]:
        incoming = [Incoming(row.pop("guid", None) or uuid.uuid4(), row) for row in rows]
        return employments.take_employments(incoming, **ONEC, on=TODAY)

    unknown = uuid.uuid4()
    found = take(
        base | {"unit": unknown},
        base | {"person": unknown},
        base | {"unit": far.guid},
        base | {"personnel_number": "0012"},
        base | {"ends_on": "2026-01-31"},
        base | {"kind": "slave"},
        {"person": base["person"]},
        base | {"personnel_number": "0013", "kind": "internal"},
        base | {"personnel_number": "0013"},
        base | {"guid": one.guid, "person": key_of(other.hire("Чужой Человек").person)},
    )
    assert [verdict.what for verdict in found] == [*["refused"] * 7, "added", "refused", "refused"]
    assert (found[0].missing, found[1].missing) == (("unit", unknown), ("person", unknown))
    assert [one.about for one in found[2:7]] == ["unit", "personnel_number", "ends_on", "kind", "organisation"]
    # dismissed: the number is free again, the account learns that nobody works here
    user = account(one)
    assert user.is_employee
    second = Employment.objects.get(pk=found[7].pk)
    for row in (one, second):
        employments.dismiss(row.pk, last_day=date(2026, 2, 3), **ONEC, on=TODAY)
    user.refresh_from_db()
    assert not user.is_employee
    again = take(base | {"personnel_number": "0012", "starts_on": "2026-02-10"})
    assert again[0].what == "added"  # the same person, hired again
    user.refresh_from_db()
    assert user.is_employee
    # away until, and not away any more
    absence = Incoming(guid(7), {"employment": one.guid, "kind": "Отпуск", "starts_on": "2026-01-12", "ends_on": None})
    assert [employments.take_absences([absence], **ONEC)[0].what for _twice in range(2)] == ["added", "same"]
    bad = Incoming(guid(8), {"employment": one.guid, "starts_on": "2026-01-12", "ends_on": "2026-01-01"})
    assert employments.take_absences([bad], **ONEC)[0].about == "ends_on"
    assert (employments.drop_absences([guid(7)]), Absence.objects.count()) == (1, 0)


def test_somebody_of_another_base_is_joined_by_personnel_alone() -> None:
    house = House()
    one = house.hire("Родников Лев Ильич", snils="11223344595")
    row = Incoming(guid(5), {"surname": "Родников", "first_name": "Лев", "snils": "112-233-445 95", "room": "12"})
    (verdict,) = persons.take_persons([row], **ONEC)
    assert (verdict.what, verdict.twin) == ("refused", one.person_id)
    with pytest.raises(Refused):
        persons.join(guid(5), one.person_id, by=account(one), at=NOW)
    persons.join(guid(5), one.person_id, by=house.staff(), at=NOW)
    assert persons.take_persons([row], **ONEC)[0].pk == one.person_id


class TestTree:
    def test_a_batch_in_any_order_turns_a_branch_upside_down(self) -> None:
        house = House()
        keys = {name: uuid.uuid4() for name in "абвг"}

        def take(**above: str | None) -> list[str]:
            rows = [
                Incoming(
                    keys[name],
                    {"name": name, "organisation": house.key, "parent": keys[parent] if parent else None},
                )
                for name, parent in above.items()
            ]
            return [verdict.what for verdict in structure.take_units(rows, **ONEC)]

        def paths() -> dict[str, str]:
            names = dict(Unit.objects.values_list("pk", "name"))
            return {unit.name: "".join(names[pk] for pk in unit.path) for unit in Unit.objects.all()}

        assert take(г="в", в="б", б="а", а=None) == ["added"] * 4
        assert paths() == {"а": "а", "б": "аб", "в": "абв", "г": "абвг"}
        assert take(г="в", в="б", б="а", а=None) == ["same"] * 4
        assert take(а="в", в=None) == ["changed"] * 2
        assert paths() == {"в": "в", "г": "вг", "а": "ва", "б": "ваб"}
        assert take(в="б") == ["refused"]
        assert take(а="б", б="а") == ["refused", "same"]
        assert paths()["б"] == "ваб"

    def test_the_database_refuses_what_code_would(self) -> None:
        house, other = House(), House("Другая")
        top = house.unit("Управление")
        low = house.unit("Участок", house.unit("Цех", top))
        stranger = other.unit("Чужое")
        for values in ({"parent": low}, {"parent": top}, {"parent": stranger}, {"organisation_id": other.pk}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Unit.objects.filter(pk=top.pk).update(**values)
        with pytest.raises(IntegrityError), transaction.atomic():
            unit = top
            for _deeper in range(MOST_DEEP):
                unit = Unit.objects.create(name="н", organisation_id=house.pk, parent=unit)
        low.path = [1, 2, 3]
        low.save()
        low.refresh_from_db()
        assert low.path[0] == top.pk  # nobody but the database writes it
        with pytest.raises(IntegrityError), transaction.atomic():
            PeopleEvent.objects.update(kind="added")
        with pytest.raises(IntegrityError), transaction.atomic():
            Unit.objects.create(name="двойник", organisation_id=house.pk, guid=low.guid)

    def test_a_hand_moves_a_branch_without_touching_its_people(self) -> None:
        house = House()
        top, side = house.unit("Управление"), house.unit("Филиал")
        shop = house.unit("Цех", top)
        part = house.unit("Участок", shop)
        house.hire("Родников Лев", part)
        hr = house.staff()
        with connection.execute_wrapper(_no_people):
            structure.move_unit(shop.pk, side.pk, by=hr, at=NOW)
        part.refresh_from_db()
        assert part.path == [side.pk, shop.pk, part.pk]
        for below in (part.pk, shop.pk):
            with pytest.raises(Refused):
                structure.move_unit(shop.pk, below, by=hr, at=NOW)
        with pytest.raises(Refused):
            structure.move_unit(shop.pk, None, by=House("Другая").staff(), at=NOW)
        # 1C goes on saying the old place: the hand's stays
        row = Incoming(shop.guid, {"parent": top.guid})  # type: ignore[arg-type]
        (verdict,) = structure.take_units([row], **ONEC)
        assert [one.field for one in verdict.conflicts] == ["parent"]
        assert Unit.objects.get(pk=shop.pk).parent_id == side.pk


def _no_people(execute: Any, sql: str, *rest: Any) -> Any:
    assert not sql.startswith("UPDATE") or "people_unit" in sql
    return execute(sql, *rest)


def test_heads_deputies_and_their_days() -> None:
    house = House()
    shop = house.unit("Цех")
    chief, old, worker = house.hire("Главный А", shop), house.hire("Прежний Б", shop), house.hire("Рабочий В", shop)
    standing.set_head(shop.pk, old.pk, since=date(2025, 1, 1), **ONEC)
    standing.set_head(shop.pk, chief.pk, since=date(2026, 1, 1), **ONEC)
    assert list(shop.heads.order_by("starts_on").values_list("employment_id", "ends_on")) == [
        (old.pk, date(2025, 12, 31)),
        (chief.pk, None),
    ]
    standing.set_manager(worker.pk, chief.pk, since=TODAY, **ONEC)
    with pytest.raises(Refused):
        standing.set_manager(chief.pk, worker.pk, since=TODAY, **ONEC)
    user, days = account(chief), {"starts_on": TODAY, "ends_on": date(2026, 12, 31)}
    row = standing.set_deputy(chief.pk, old.pk, kinds=[DecisionKind.LEAVE], by=user, at=NOW, **days)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deputy.objects.filter(pk=row.pk).update(kinds=["payslips"])
    with pytest.raises(Refused):
        standing.set_deputy(chief.pk, worker.pk, kinds=[DecisionKind.LEAVE], by=account(worker), at=NOW, **days)
    standing.end_deputy(row.pk, by=user, at=NOW, on=TODAY)
    assert not Deputy.objects.exists()


def test_a_first_load_lists_once_at_its_end() -> None:
    house = House()
    with listing.paused():
        must([])
        house.hire("Родников Лев Ильич")
    assert not Entry.objects.exists()
    assert listing.relist_all() == 1
    assert Entry.objects.get().sort_key == "родников лев ильич"
