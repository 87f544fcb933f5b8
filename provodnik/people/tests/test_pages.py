"""The pages of people: search that forgives, pages by key, the chart, one's own page, the card and who looked at it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from provodnik.accounts.models import JournalEntry, User
from provodnik.desk.tests.factories import NOW, AdministratorFactory, SpecialistFactory
from provodnik.people import module, policies
from provodnik.people.actions import employments, listing, persons, standing
from provodnik.people.actions.taking import Incoming
from provodnik.people.models import Employment, Entry, Organisation, PeopleEvent
from provodnik.people.queries import directory
from provodnik.people.queries.person import deputy_may, manager_ids
from provodnik.people.states import DecisionKind, Source, StaffRole
from provodnik.people.tests.factories import TODAY, House, account, guid, key_of

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


class Town:
    """Two organisations: one that shares its directory, one that keeps to itself."""

    def __init__(self) -> None:
        self.open, self.shy = House("Чистая вода"), House("Тихий Дон")
        Organisation.objects.filter(pk=self.shy.pk).update(shares_directory=False)
        self.top = self.open.unit("Производство")
        self.lab = self.open.unit("Лаборатория питьевой воды", self.top)
        self.chief = self.open.hire("Росина Элеонора", self.lab, "Начальник лаборатории")
        self.anna = self.open.hire(
            "Щукина-Журавлёва Анна Львовна", self.lab, "Инженер-химик",
            work_phone="+7 (343) 215-14-16", phone="+79120000001", snils="11223344595", personnel_number="00712",
        )  # fmt: skip
        self.pump = self.open.hire("Родников Лев Ильич", self.top, "Машинист")
        self.stranger = self.shy.hire("Скрытный Яков", self.shy.unit("Секретный участок"), "Хранитель")
        standing.set_head(self.lab.pk, self.chief.pk, since=TODAY, source=Source.ONEC, at=NOW)
        standing.set_head(self.top.pk, self.pump.pk, since=TODAY, source=Source.ONEC, at=NOW)
        self.user, self.hr = account(self.anna), self.open.staff()


@pytest.fixture
def town() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield Town()


def names_of(user: User, typed: str, **more: Any) -> list[str]:
    return [row.name.split()[0] for row in directory.page(user, now=NOW, on=TODAY, typed=typed, **more).rows]


def test_search_forgives_and_tells_nothing_of_strangers(town: Town) -> None:
    found = {
        typed: names_of(town.user, typed)
        for typed in (
            "журавлева анна", "ЖУРАВЛЁВА", ";ehfdktdf", "жуавлева", "журавлвеа", "родинков", "hjlybrjd", "лев род",
            "215-14", "8 343 215 14 16", "химик", "питьевой", "скрытный", "секретный", "хранитель", "00712",
            "9120000001", "112233", "%", "_", "'; --", "щ" * 200,
        )
    }  # fmt: skip
    anna, lev = ["Щукина-Журавлёва"], ["Родников"]
    by_word = dict.fromkeys(("журавлева анна", "ЖУРАВЛЁВА", ";ehfdktdf", "жуавлева", "журавлвеа", "химик"), anna)
    by_word |= {"родинков": lev, "hjlybrjd": lev, "лев род": lev, "215-14": anna, "8 343 215 14 16": anna}
    by_word["питьевой"] = ["Росина", "Щукина-Журавлёва"]
    assert found == {typed: by_word.get(typed, []) for typed in found} | {"%": found["%"], "_": found["_"]}
    page = directory.page(town.user, now=NOW, on=TODAY, typed="жуавлева")
    assert page.instead == "журавлева"
    assert names_of(account(town.stranger), "журавлева") == anna  # the shy see those who share
    assert names_of(account(town.stranger), "скрытый") == ["Скрытный"]


def test_who_is_called_so_stands_before_whose_unit_is(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """«лаб» finds everybody of the laboratory; who is called Лабазин comes first, on every page."""
    town.open.hire("Лабазин Яков", town.top)
    assert names_of(town.user, "лаб") == ["Лабазин", "Росина", "Щукина-Журавлёва"]
    monkeypatch.setattr(directory, "SHOWN", 1)
    first = directory.page(town.user, now=NOW, on=TODAY, typed="лаб")
    second = directory.page(town.user, now=NOW, on=TODAY, typed="лаб", after=first.after)
    third = directory.page(town.user, now=NOW, on=TODAY, typed="лаб", after=second.after)
    assert [page.rows[0].name.split()[0] for page in (first, second, third)] == [
        "Лабазин",
        "Росина",
        "Щукина-Журавлёва",
    ]
    assert third.after is None


def test_pages_by_key_and_their_cost(
    town: Town, client: Client, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "SHOWN", 2)
    client.force_login(town.user)
    for number in range(3):
        town.open.hire(f"Ручейков{'ё' * number} Глеб", town.lab)
    seen, address = [], "/people/"
    for _page in range(5):
        with django_assert_max_num_queries(13):  # four: is the reader personnel, for ways that parts show
            response = client.get(address)
        page = response.context["page"]
        seen += [row.name for row in page.rows]
        address = f"/people/{response.context['more']}"
        if not page.after:
            break
    assert seen == sorted(seen) and len(seen) == len(set(seen)) == 6
    assert client.get("/people/?after=999999").context["page"].rows == []
    for bad in ("after=x", "after=9223372036854775808", "organisation=-1", "unit=1e9", "q=%00", "q=" + "%D1%8F" * 900):
        assert client.get(f"/people/?{bad}").status_code == 200
    part = client.get("/people/?q=rosina", **HTMX).content.decode()
    assert "<html" not in part
    assert names_of(town.user, "", unit=town.lab.pk)[:2] == ["Росина", "Ручейков"]
    assert "Родников" not in names_of(town.user, "", unit=town.lab.pk)


def test_the_chart_opens_by_branches(town: Town, client: Client, django_assert_max_num_queries: Any) -> None:
    client.force_login(town.user)
    with django_assert_max_num_queries(14):
        whole = client.get("/people/structure").content.decode()
    assert "Производство" in whole and "Лаборатория" not in whole and "Секретный" not in whole
    with django_assert_max_num_queries(16):
        branch = client.get(f"/people/structure/{town.top.pk}/branch", **HTMX).content.decode()
    assert "Лаборатория питьевой воды" in branch and "2 человека" in branch.replace("\xa0", " ")
    assert "<html" not in branch and "<html" in client.get(f"/people/structure/{town.top.pk}/branch").content.decode()
    page = client.get(f"/people/structure/{town.lab.pk}").content.decode()
    assert "Росина" in page and "Щукина" in page and f"/people/structure/{town.top.pk}" in page
    assert client.get(f"/people/structure/{town.stranger.unit_id}").status_code == 404


def test_a_persons_page_tells_where_and_until_when_but_never_why(
    town: Town, client: Client, django_assert_max_num_queries: Any
) -> None:
    fields = {"employment": town.anna.guid, "kind": "Больничный", "starts_on": TODAY, "ends_on": TODAY + timedelta(9)}
    employments.take_absences([Incoming(guid(9), fields)], source=Source.ONEC, at=NOW)
    days = {"starts_on": TODAY, "ends_on": TODAY + timedelta(9)}
    standing.set_deputy(town.anna.pk, town.pump.pk, kinds=[DecisionKind.LEAVE], by=town.user, at=NOW, **days)
    client.force_login(account(town.pump))
    with django_assert_max_num_queries(22):
        page = client.get(f"/people/{town.anna.person_id}").content.decode().replace("\xa0", " ")
    assert "отсутствует до 2 декабря включительно" in page and "Росина" in page and "Родников" in page
    for secret in ("Больничный", "+79120000001", "00712", "223344"):
        assert secret not in page
    assert client.get(f"/people/{town.stranger.person_id}").status_code == 404
    assert client.get(f"/people/{town.anna.person_id}/card").status_code == 404
    assert JournalEntry.objects.filter(kind="people.card").count() == 0
    # managers: the head of the unit; for the head himself, the head above
    rows = list(Employment.objects.select_related("unit").filter(pk__in=[town.anna.pk, town.chief.pk]))
    assert manager_ids(rows, on=TODAY) == {town.anna.pk: town.chief.pk, town.chief.pk: town.pump.pk}
    deputy = Employment.objects.get(pk=town.pump.pk).person.user_id or 0
    may = [deputy_may(deputy, town.anna.pk, kind, on=TODAY + timedelta(day)) for kind, day in
           (("leave", 0), ("leave", 9), ("leave", 10), ("documents", 0), ("payslips", 0))]  # fmt: skip
    assert may == [True, True, False, False, False]


def test_the_card_is_shown_to_personnel_who_are_shown_to_the_person(town: Town, client: Client) -> None:
    card = f"/people/{town.anna.person_id}/card"
    client.force_login(town.hr)
    for _twice in range(2):
        page = client.get(card).content.decode().replace("\xa0", " ")
    assert "+79120000001" in page and "00712" in page and "•••-•••-•45 95" in page and "223344" not in page
    assert client.get(f"/people/{town.stranger.person_id}/card").status_code == 404
    form = {"surname": "Щукина", "first_name": "Анна", "patronymic": "Львовна", "work_phone": "2-16", "room": "б" * 99}
    response = client.post(f"/people/{town.anna.person_id}/correct", form)
    assert response.status_code == 422 and "2-16" in response.content.decode()
    assert client.post(f"/people/{town.anna.person_id}/correct", form | {"room": "7"}).status_code == 302
    town.user.refresh_from_db()
    assert town.user.full_name == "Щукина Анна Львовна" and names_of(town.user, "журавлева") == []
    said = Incoming(key_of(town.anna.person), {"surname": "Журавлёва"})
    persons.take_persons([said], source=Source.ONEC, at=NOW)
    assert "Журавлёва" in client.get(card).content.decode()
    assert client.post(f"/people/{town.anna.person_id}/follow/surname").status_code == 302
    assert names_of(town.user, "журавлева") == ["Журавлёва"]
    client.post(f"/people/{town.anna.person_id}/follow/snils")
    client.force_login(town.user)
    looks = client.get("/people/me/looks").content.decode()
    assert looks.count("Кадровая карточка") == 1 and town.hr.full_name.split()[0] in looks
    own = client.get(client.get("/people/me").headers["Location"] + "/card").content.decode()
    assert "исправлено вручную" in own
    assert JournalEntry.objects.filter(kind="people.card").count() == 1  # one's own look is none
    assert PeopleEvent.objects.filter(kind="corrected", by=town.hr).count() == 1


def test_several_places_of_work_and_the_switch(town: Town, client: Client) -> None:
    second = {"person": key_of(town.anna.person), "kind": "external"}
    other = town.shy.hire("Щукина-Журавлёва Анна Львовна", position="Лаборант", **second)
    client.force_login(town.user)
    page = client.get(f"/people/{town.anna.person_id}")
    assert [place.pk for place in page.context["switch"]] == [town.anna.pk, other.pk]
    assert page.context["here"].pk == town.anna.pk
    assert client.post("/people/me/place", {"place": other.pk}).status_code == 302
    assert client.get(f"/people/{town.anna.person_id}").context["here"].pk == other.pk
    for bad in (town.pump.pk, "", "x", 10**30):
        assert client.post("/people/me/place", {"place": bad}).status_code == 404
    # a colleague of the open organisation alone does not learn of the job in the shy one
    client.force_login(account(town.pump))
    assert "Лаборант" not in client.get(f"/people/{town.anna.person_id}").content.decode()
    # dismissed from the chosen one, he acts for the one that is left
    client.force_login(town.user)
    client.post("/people/me/place", {"place": other.pk})
    yesterday = TODAY - timedelta(1)
    employments.dismiss(other.pk, last_day=yesterday, source=Source.ONEC, at=NOW, on=TODAY)
    assert client.get(f"/people/{town.anna.person_id}").context["here"].pk == town.anna.pk
    # and from all: the directory is closed, his own page is not
    employments.dismiss(town.anna.pk, last_day=yesterday, source=Source.ONEC, at=NOW, on=TODAY)
    assert client.get("/people/").status_code == 404
    assert client.get(f"/people/{town.anna.person_id}/card").status_code == 200
    assert client.get(f"/people/{town.pump.person_id}").status_code == 404


def test_who_finds_whom(town: Town) -> None:
    """The one door, asked by everybody."""
    outsider, administrator = SpecialistFactory.create(), AdministratorFactory.create()
    left = town.open.hire("Бывший Илья", starts_on="2020-01-09", ends_on="2026-11-22")
    today = town.open.hire("Последний День", starts_on="2020-01-09", ends_on="2026-11-23")
    soon = town.open.hire("Будущий Пётр", starts_on="2026-11-24")
    places = {
        "anna": town.anna, "stranger": town.stranger, "left": left, "today": today, "soon": soon,
    }  # fmt: skip
    askers = {
        "anna": town.user, "left": account(left), "hr": town.hr, "shy hr": town.shy.staff(),
        "payroll": town.open.staff(StaffRole.PAYROLL), "outsider": outsider, "administrator": administrator,
    }  # fmt: skip
    seen = {
        asker: {
            name
            for name, place in places.items()
            if policies.visible_people(user, on=TODAY).filter(pk=place.person_id).exists()
        }
        for asker, user in askers.items()
    }
    assert seen == {
        "anna": {"anna", "today"},
        "left": {"left"},
        "hr": {"anna", "left", "today", "soon"},
        "shy hr": {"stranger"},
        "payroll": set(),
        "outsider": set(),
        "administrator": {"anna", "stranger", "today"},
    }
    town.anna.person.refresh_from_db()
    cards = {asker for asker, user in askers.items() if policies.may_see_card(user, town.anna.person, on=TODAY)}
    assert cards == {"anna", "hr"}
    User.objects.filter(pk=town.user.pk).update(is_active=False)
    town.user.refresh_from_db()
    assert not policies.visible_people(town.user, on=TODAY).exists()


def test_doctor_sees_a_line_that_is_not_right(town: Town) -> None:
    assert [finding.level for finding in [*module.check_directory(), *module.check_people()]] == ["ok", "ok"]
    Entry.objects.filter(pk=town.anna.pk).update(sort_key="я")
    User.objects.filter(pk=town.user.pk).update(is_employee=False)
    assert [finding.level for finding in [*module.check_directory(), *module.check_people()]] == ["error", "warning"]
    listing.relist_all()
    persons.mark_employees(None, on=TODAY)
    assert [finding.level for finding in [*module.check_directory(), *module.check_people()]] == ["ok", "ok"]
