"""Who has left: out at once, his own for a while, nothing by itself when he comes back (safety A52; cabinet B1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from provodnik.accounts import api_tokens
from provodnik.accounts.models import JournalEntry, User
from provodnik.accounts.roles import Role
from provodnik.accounts.scopes import Scope
from provodnik.desk.tests.factories import NOW, PASSWORD, AdministratorFactory, SignedInContactFactory
from provodnik.entry.actions import choosing, leaving
from provodnik.entry.models import Former
from provodnik.entry.rules import Code
from provodnik.people.actions import persons
from provodnik.people.models import Employment, StaffMember
from provodnik.people.states import StaffRole
from provodnik.people.tests.factories import TODAY, House

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def state(user: User) -> tuple[bool, bool, bool]:
    user.refresh_from_db()
    return user.is_active, user.is_former, user.is_employee


def pages(client: Client, *paths: str) -> list[int]:
    return [client.get(path).status_code for path in paths]


def test_from_the_last_day_to_the_last_access() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        boss, house = AdministratorFactory.create(), House()
        choosing.choose(house.pk, {Code.FORMER_DAYS: 30}, by=house.staff(), at=NOW, on=TODAY)
        place, other = house.hire("Озеров Иван", personnel_number="712"), house.hire("Росина Анна")
        user = SignedInContactFactory.create().user
        user.set_password(PASSWORD)
        user.roles = [Role.SPECIALIST.value]
        user.save()
        persons.link_user(place.person_id, user, by=None, at=NOW, on=TODAY)
        StaffMember.objects.create(user=user, organisation_id=house.pk, role=StaffRole.HR.value, since=NOW)
        _row, key = api_tokens.make(owner=user, name="x", scopes=[Scope.DESK_READ], lasts=None, at=NOW)
        client = Client()
        client.force_login(user)
        assert pages(client, "/desk/", "/people/", "/slips/") == [200, 200, 200]
        Employment.objects.filter(pk=place.pk).update(ends_on=TODAY)
        assert leaving.settle(at=NOW, on=TODAY) == 0 and pages(client, "/desk/") == [
            200
        ]  # the last day is a day of work
        clock.shift(DAY)
        assert leaving.settle(at=NOW + DAY, on=TODAY + DAY) == 1
        assert client.get("/people/me").headers["Location"].startswith("/sign-in/")
        assert state(user) == (True, True, False) and user.roles == [] and not user.staff_of.exists()
        assert api_tokens.read(key, now=NOW + DAY) is None
        assert leaving.settle(at=NOW + DAY, on=TODAY + DAY) == 0

        assert client.post("/sign-in/", {"login": "0712", "password": PASSWORD}).status_code == 302
        assert client.get("/").headers["Location"] == "/people/me"
        own = f"/people/{place.person_id}"
        assert pages(client, own, f"{own}/card", "/people/me/looks", "/profile/") == [200] * 4
        closed = ("/desk/", "/people/", "/people/structure", f"/people/{other.person_id}", "/requests/", "/slips/",
                  "/profile/tokens/", "/articles/", "/settings/", "/notices/", "/nowhere/")  # fmt: skip
        assert pages(client, *closed) == [404] * len(closed)
        assert client.post("/requests/new/", {}).status_code == 404
        assert "/requests/" not in client.get(own).text

        end = 31 * DAY
        clock.move_to(NOW + end)
        assert leaving.settle(at=NOW + end, on=TODAY + end) == 1
        assert state(user) == (False, True, False)
        assert client.get("/people/me").headers["Location"].startswith("/sign-in/")
        assert client.post("/sign-in/", {"login": user.login, "password": PASSWORD}).status_code == 422
        # hired anew: in again, without the rights of before
        house.hire("Озеров Иван", person=place.person.keys.get().guid, starts_on=TODAY)
        assert leaving.settle(at=NOW + end, on=TODAY + end) == 1
        assert state(user)[:2] == (True, False) and user.roles == [] and not Former.objects.exists()
        told = JournalEntry.objects.filter(kind="accounts.user", thing=str(user.pk)).order_by("pk")
        assert [line.verb for line in told][-3:] == ["left", "switched_off", "came_back"]
        assert boss.is_administrator


def test_whom_nothing_happens_to(client: Any) -> None:
    """The only administrator stays and doctor counts him; who begins tomorrow and who is in no directory at all (the
    break-glass account) are left alone; an administrator's «off» is not undone."""
    house = House()
    boss = AdministratorFactory.create()

    def account(name: str, **fields: Any) -> User:
        user: User = SignedInContactFactory.create().user
        place = house.hire(name)
        persons.link_user(place.person_id, user, by=None, at=NOW, on=TODAY)
        Employment.objects.filter(pk=place.pk).update(**fields)
        return user

    account("Завтрашний Лев", starts_on=TODAY + DAY)
    off = account("Выключен Олег", ends_on=TODAY - DAY)
    User.objects.filter(pk=off.pk).update(is_active=False)
    place = house.hire("Главный Пётр")
    persons.link_user(place.person_id, boss, by=None, at=NOW, on=TODAY)
    Employment.objects.filter(pk=place.pk).update(ends_on=TODAY - 2 * DAY)
    assert leaving.settle(at=NOW, on=TODAY) == 0
    assert state(boss)[:2] == (True, False) and boss.roles
    assert leaving.gone(on=TODAY).count() == 1
    AdministratorFactory.create()  # in no directory: local
    assert leaving.settle(at=NOW, on=TODAY) == 1
    assert state(boss)[:2] == (True, True)
    assert leaving.settle(at=NOW, on=TODAY) == 0
