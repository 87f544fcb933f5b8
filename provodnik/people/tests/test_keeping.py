"""An organisation is kept by hand: settings, roles, rules, units, heads, deputies, two cards of one human."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from provodnik.accounts.actions import factors
from provodnik.accounts.models import JournalEntry, User
from provodnik.desk.tests.factories import NOW, AdministratorFactory, UserFactory
from provodnik.notify.models import Notice
from provodnik.people.actions import joining, persons, standing
from provodnik.people.actions.rules import decide
from provodnik.people.actions.taking import Incoming
from provodnik.people.models import (
    Deputy,
    Employment,
    Entry,
    OrganisationRule,
    PeopleEvent,
    Person,
    PersonKey,
    StaffMember,
    Unit,
    UnitHead,
)
from provodnik.people.queries import directory, duplicates
from provodnik.people.queries.person import deputy_may
from provodnik.people.queries.rules import value
from provodnik.people.rules import Code
from provodnik.people.states import DecisionKind, Source, StaffRole
from provodnik.people.tests.factories import TODAY, House, account, key_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class Town:
    def __init__(self) -> None:
        self.house = House("Чистая вода")
        self.top = self.house.unit("Производство")
        self.shop = self.house.unit("Цех", self.top)
        self.chief = self.house.hire("Росина Элеонора", self.shop, "Начальник цеха")
        self.anna = self.house.hire("Щукина Анна Львовна", self.shop, "Инженер", birth_date="1985-03-07")
        self.hr, self.administrator = self.house.staff(), AdministratorFactory.create()
        self.home = f"/people/organisations/{self.house.pk}"


@pytest.fixture
def town() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield Town()


def test_a_second_factor_may_be_asked_of_whoever_opens_other_peoples_data(town: Town, client: Client) -> None:
    """The administrators' rule knows personnel and accountants: those who are it, become it and stop being it."""
    accountant = town.house.staff(StaffRole.PAYROLL)
    client.force_login(town.administrator)
    page = client.get("/settings/second-factor/").content.decode()
    assert "Кадры" in page and "Расчётчик" in page
    rules = {"must_hr": "on", "days_hr": "7", "must_payroll": "on", "days_payroll": "0"}
    assert client.post("/settings/second-factor/", rules).status_code == 302

    def due(*accounts: User) -> list[Any]:
        return [User.objects.get(pk=one.pk).second_factor_due for one in accounts]

    fresh = account(town.anna)
    assert due(town.hr, accountant, fresh) == [NOW + 7 * DAY, NOW, None]
    give = standing.give_role(fresh, town.house.organisation, StaffRole.PAYROLL, by=town.administrator, at=NOW)
    assert due(fresh) == [NOW]
    client.force_login(fresh)
    assert client.get("/payslips/batches/")["Location"] == "/profile/second-factor/"
    standing.take_role(give.pk, by=town.administrator, at=NOW, on=TODAY)
    assert due(fresh) == [None]
    assert client.get("/people/").status_code == 200
    factors.set_rules({}, by=town.administrator, at=NOW)
    assert due(town.hr, accountant, fresh) == [None, None, None]


def test_settings_roles_rules_and_holidays(town: Town, client: Client) -> None:
    client.force_login(town.hr)
    form = {"name": "Чистая вода", "short_name": "ЧВ", "region": "66", "zone": "Asia/Omsk", "is_active": "on"}
    assert client.post(f"{town.home}/settings", form | {"inn": "12"}).status_code == 422
    assert client.post(f"{town.home}/settings", form).status_code == 302
    house = town.house.organisation
    assert (house.zone, house.shares_directory, house.sources["zone"]) == ("Asia/Omsk", False, "hand")
    assert names_found(town, "чв") == ["Росина", "Щукина"]  # the directory names the organisation anew
    assert client.post(f"{town.home}/holidays", {"date": "2026-11-28", "name": "День реки"}).status_code == 302
    assert client.post(f"{town.home}/holidays", {"date": "2026-11-28", "name": "Опять"}).status_code == 422
    page = client.get(f"{town.home}/holidays").content.decode()
    assert "День реки" in page
    # a rule holds from its day on; what held before stays readable
    rules = f"{town.home}/rules"
    tomorrow = TODAY + DAY
    bad = {"code": "people.bank_pause_days", "value": "99", "since": tomorrow.isoformat()}
    for wrong in (
        {},
        {"value": "x"},
        {"value": "-1"},
        {"value": "5", "since": (TODAY - DAY).isoformat()},
        {"code": "z"},
    ):
        assert client.post(f"{rules}/decide", bad | wrong).status_code == 422
    assert client.post(f"{rules}/decide", bad | {"value": "5", "norm": "приказ № 7"}).status_code == 302
    held = [value(Code.BANK_PAUSE, town.house.pk, on=day) for day in (TODAY, tomorrow, tomorrow + 90 * DAY)]
    assert held == [2, 5, 5]
    decide(town.house.pk, Code.BANK_PAUSE, 3, since=TODAY, by=town.hr, at=NOW, on=TODAY)
    decide(town.house.pk, Code.BANK_PAUSE, 4, since=tomorrow + DAY, by=town.hr, at=NOW, on=TODAY)
    held = [value(Code.BANK_PAUSE, town.house.pk, on=day) for day in (TODAY, tomorrow, tomorrow + DAY)]
    assert held == [3, 3, 4] and OrganisationRule.objects.count() == 2
    assert "приказ" not in client.get(rules).content.decode()  # it gave way before it began
    # roles are an administrator's to give; personnel sees them
    accountant = UserFactory.create(full_name="Счётова Вера")
    give = {"user": accountant.pk, "role": "payroll"}
    assert client.post(f"{town.home}/staff/give", give).status_code == 404
    client.force_login(town.administrator)
    assert "Счётова" in client.get(f"{town.home}/staff?who=счётова").content.decode()
    assert client.post(f"{town.home}/staff/give", {"user": 10**12, "role": "hr"}).status_code == 422
    assert client.post(f"{town.home}/staff/give", give).status_code == 302
    row = StaffMember.objects.get(user=accountant)
    assert row.given_by == town.administrator and row.role == StaffRole.PAYROLL
    page = client.get(f"{town.home}/staff").content.decode()
    assert "Счётова Вера" in page and "Расчётчик" in page
    assert client.post(f"{town.home}/staff/{row.pk}/take").status_code == 302
    assert client.post(f"{town.home}/staff/{row.pk}/take").status_code == 404
    verbs = JournalEntry.objects.filter(kind="people.staffmember").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["added", "removed"]
    for page_of in (town.home, "/people/organisations", f"{town.home}/units", f"{town.home}/deputies"):
        assert client.get(page_of).status_code == 200


def names_found(town: Town, typed: str) -> list[str]:
    return [row.name.split()[0] for row in directory.page(town.hr, now=NOW, on=TODAY, typed=typed).rows]


def test_units_and_their_heads(town: Town, client: Client, django_assert_max_num_queries: Any) -> None:
    client.force_login(town.hr)
    assert client.post(f"{town.home}/units/add", {"name": "Лаборатория", "parent": town.shop.pk}).status_code == 302
    lab = Unit.objects.get(name="Лаборатория")
    assert lab.path == [town.top.pk, town.shop.pk, lab.pk] and lab.sources["name"] == "hand"
    keep = "/people/units/{}/keep".format

    def step(pk: int, **form: Any) -> str:
        response = client.post(keep(pk), form)
        return "" if response.status_code == 302 else response.content.decode()

    # a ring of units is refused in words; so is disbanding where something is left
    assert "не может входить в себя" in step(town.top.pk, what="move", parent=lab.pk)
    assert "Под ним есть подразделения" in step(town.shop.pk, what="close")
    assert step(lab.pk, what="move", parent=town.top.pk) == "" and step(lab.pk, what="rename", name="Хим. лаб.") == ""
    assert "работают люди" in step(town.shop.pk, what="close")
    assert step(lab.pk, what="close") == "" and not Unit.objects.get(pk=lab.pk).is_active
    assert step(lab.pk, what="open") == ""
    assert client.post(keep(lab.pk), {"what": "burn"}).status_code == 422
    # a head, found and named from a day on; a hand's word is not undone by an exchange
    with django_assert_max_num_queries(30):
        assert "Росина" in client.get(keep(town.shop.pk) + "?who=росина").content.decode()
    since = TODAY.isoformat()
    other = House("Чужие").hire("Чужак Пётр")
    assert "не работает в организации" in step(town.shop.pk, what="head", employment=other.pk, since=since)
    assert "Выберите" in step(town.shop.pk, what="head", since=since)
    assert step(town.shop.pk, what="head", employment=town.chief.pk, since=since) == ""
    row = UnitHead.objects.get(unit=town.shop)
    assert (row.employment_id, row.source, row.starts_on) == (town.chief.pk, "hand", TODAY)
    with django_assert_max_num_queries(20):
        assert "Росина" in client.get(f"{town.home}/units").content.decode()
    assert step(town.shop.pk, what="head", nobody="1", since=(TODAY + DAY).isoformat()) == ""
    assert UnitHead.objects.get(unit=town.shop).ends_on == TODAY
    client.force_login(town.administrator)
    assert client.get(keep(town.shop.pk)).status_code == 404 and client.get(f"{town.home}/units").status_code == 200


def test_deputies_decide_for_a_time_and_never_of_payslips(town: Town, client: Client) -> None:
    chief, anna = account(town.chief), account(town.anna)
    client.force_login(chief)
    days = {"starts_on": TODAY.isoformat(), "ends_on": (TODAY + DAY).isoformat()}
    form: dict[str, Any] = {"manager": town.chief.pk, "deputy": town.anna.pk, "kinds": ["leave", "requests"], **days}
    assert "Щукина" in client.get("/people/me/deputies?who=щукина").content.decode()
    for wrong in ({"kinds": ["payslips"]}, {"kinds": []}, {"deputy": town.chief.pk}, {"manager": town.anna.pk},
                  {"ends_on": "2020-01-01"}, {"deputy": 10**15}):  # fmt: skip
        assert client.post("/people/me/deputies", form | wrong).status_code == 422
    assert client.post("/people/me/deputies", form).status_code == 302
    row = Deputy.objects.get()
    may = [deputy_may(anna.pk, town.chief.pk, kind, on=TODAY + day * DAY) for kind, day in
           (("leave", 0), ("leave", 1), ("leave", 2), ("documents", 0), ("payslips", 0))]  # fmt: skip
    assert may == [True, True, False, False, False]
    # by construction: there is no such word, and the database knows none
    assert not {"payslip", "payslips", "pay", "payroll"} & {kind.value for kind in DecisionKind}
    with pytest.raises(IntegrityError), transaction.atomic():
        Deputy.objects.filter(pk=row.pk).update(kinds=["payslips"])
    client.force_login(anna)
    assert "Росина" in client.get("/people/me/deputies").content.decode()
    assert client.post(f"/people/deputies/{row.pk}/end").status_code == 404
    client.force_login(town.hr)
    assert (
        client.post(f"{town.home}/deputies/add", form | {"manager": town.anna.pk, "deputy": town.chief.pk}).status_code
        == 302
    )
    assert Deputy.objects.count() == 2 and "Щукина" in client.get(f"{town.home}/deputies").content.decode()
    assert client.post(f"/people/deputies/{row.pk}/end").status_code == 302
    assert not deputy_may(anna.pk, town.chief.pk, "leave", on=TODAY)


def test_two_cards_of_one_human_become_one(town: Town, client: Client) -> None:
    anna, user = town.anna.person, account(town.anna)
    twin = town.house.hire("Щукина Анна Львовна", town.top, "Лаборант", birth_date="1985-03-07", phone="+79120000001")
    town.house.hire("Щукина Анна Львовна", town.top, "Однофамилица", birth_date="1990-01-01")
    found = duplicates.pairs([town.house.pk]).pairs
    assert [(pair.one.pk, pair.other.pk) for pair in found] == [(anna.pk, twin.person_id)]
    client.force_login(town.hr)
    assert "Щукина" in client.get("/people/duplicates").content.decode()
    address = f"/people/{anna.pk}/join/{twin.person_id}"
    assert "Лаборант" in client.get(address).content.decode()
    keys = {key_of(anna), key_of(twin.person)}
    assert client.post(address).status_code == 302
    anna = Person.objects.get(pk=anna.pk)
    assert set(PersonKey.objects.filter(person=anna).values_list("guid", flat=True)) == keys
    assert (anna.was, anna.phone, anna.user) == ([twin.person_id], "+79120000001", user)
    assert set(Employment.objects.filter(person=anna)) == {town.anna, twin}
    assert set(Entry.objects.filter(person=anna).values_list("pk", flat=True)) == {town.anna.pk, twin.pk}
    assert not Person.objects.filter(pk=twin.person_id).exists()
    assert PeopleEvent.objects.filter(kind="joined").count() == 2 and Notice.objects.filter(user=user).exists()
    client.force_login(user)
    assert client.get("/people/me/looks").content.decode().count("Кадровая карточка") == 2  # the joined one's too
    # 1C goes on to speak of both references: one human
    persons.take_persons([Incoming(key, {"room": "7"}) for key in keys], source=Source.ONEC, at=NOW)
    assert Person.objects.get(pk=anna.pk).room == "7"


def test_who_is_not_one_human_is_not_joined(town: Town) -> None:
    """Else personnel could lay a stranger's payslips into somebody's hands."""
    anna = town.anna.person
    same = {"birth_date": "1985-03-07"}
    twin = town.house.hire("Щукина Анна Львовна", town.top, **same)
    other = town.house.hire("Ручьёва Инна", town.top, **same)
    told = {
        "another name": (anna, other.person, {}),
        "a name by hand": (anna, other.person, {"correct": ("Щукина", "Анна", "Львовна")}),
        "both sign in": (anna, twin.person, {"accounts": True}),
    }
    for case, (one, two, more) in told.items():
        if "correct" in more:
            surname, first, patronymic = more["correct"]
            names = {"surname": surname, "first_name": first, "patronymic": patronymic}
            persons.correct(two.pk, names, by=town.hr, at=NOW, on=TODAY)
        if "accounts" in more:
            account(town.anna), account(twin)
        with pytest.raises(joining.Refused):
            joining.join(one.pk, two.pk, by=town.hr, at=NOW, on=TODAY)
        assert Person.objects.filter(pk__in=[one.pk, two.pk]).count() == 2, case
    stranger = House("Чужие").hire("Щукина Анна Львовна", **same)
    with pytest.raises(joining.Refused):
        joining.join(anna.pk, stranger.person_id, by=town.hr, at=NOW, on=TODAY)
