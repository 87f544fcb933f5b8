"""Signing in by a personnel number, a phone or an e-mail: as the organisation chooses, and never by what two share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from provodnik.accounts.models import SignInFailure, User
from provodnik.accounts.queries import folded, signs_in_as
from provodnik.desk.tests.factories import NOW, PASSWORD, UserFactory
from provodnik.entry.actions import choosing
from provodnik.entry.names import readings
from provodnik.entry.rules import Code
from provodnik.entry.states import Name
from provodnik.people.models import Employment, Organisation
from provodnik.people.tests.factories import TODAY, House, account, key_of

pytestmark = pytest.mark.django_db
EVERY = [name.value for name in Name]


def test_readings() -> None:
    table: list[tuple[str, dict[Name, str]]] = [
        ("00712", {Name.NUMBER: "712"}),
        (" 0 712 ", {Name.NUMBER: "712"}),
        ("ЦТ-0012", {Name.NUMBER: "цт-0012"}),
        ("Ivan@Mail.Example ", {Name.EMAIL: "ivan@mail.example"}),
        ("8 (912) 000-00-01", {Name.NUMBER: "8(912)000-00-01", Name.PHONE: "+79120000001"}),
        ("+7 912 000 00 01", {Name.NUMBER: "+79120000001", Name.PHONE: "+79120000001"}),
        ("9120000001", {Name.NUMBER: "9120000001", Name.PHONE: "+79120000001"}),
        ("000", {}), ("", {}), ("1\x002", {}), ("я" * 300, {}),
    ]  # fmt: skip
    for typed, found in table:
        assert readings(typed) == found, typed
    assert len({folded(one) for one in ("+7 912 000-00-01", "89120000001", "9120000001")}) == 1
    assert folded("00712") == folded("712") and folded(" Ivan ") == "ivan"


def test_who_is_meant(django_assert_max_num_queries: Any) -> None:
    with time_machine.travel(NOW, tick=False):
        house, other = House("Чистая вода"), House("Тихий Дон")
        ivan = house.hire("Озеров Иван", personnel_number="00712", phone="+79120000001", email="ivan@mail.example")
        user = account(ivan)
        house.hire("Озеров Иван", person=key_of(ivan.person), personnel_number="00713", kind="internal")

        def means(*typed: str) -> set[User | None]:
            return {signs_in_as(one) for one in typed}

        assert means("712", "00712", "0000000712", "713", user.login, user.login.upper()) == {user}
        assert means("89120000001", "ivan@mail.example", "7120", "", "712 OR 1=1") == {None}  # not chosen, or nobody
        hr = house.staff()
        chosen = {Code.NAMES: EVERY, Code.SECOND_FACT: "snils", Code.FORMER_DAYS: 90}
        choosing.choose(house.pk, chosen, by=hr, at=NOW, on=TODAY)
        choosing.choose(other.pk, {Code.NAMES: EVERY}, by=other.staff(), at=NOW, on=TODAY)
        assert means("8 912 000-00-01", "+79120000001", "IVAN@mail.example", "712") == {user}
        with django_assert_max_num_queries(10):
            signs_in_as("89120000001")
        # his wife has the same phone and works in the other organisation: neither, whoever has an account
        anna = other.hire("Озерова Анна", phone="+79120000001", personnel_number="712")
        assert means("89120000001", "712") == {None}
        assert means("713", "ivan@mail.example") == {user}
        page = Client()
        page.force_login(hr)
        text = page.get("/slips/rules/").text.replace("\xa0", " ")
        assert "+79120000001" in text and "номер 712" in text and "Анна" not in text  # of a stranger: that there is one
        # she leaves: the number is his alone; a login of an account goes before everything
        Employment.objects.filter(pk=anna.pk).update(ends_on=TODAY - timedelta(days=1))
        assert means("712", "89120000001") == {user}
        admin = UserFactory.create(login="712")
        assert means("712") == {admin}
        Organisation.objects.filter(pk=house.pk).update(is_active=False)
        assert means("713") == {None}
        answer = page.post(f"/slips/rules/{house.pk}/", {"names": [], "second_fact": "birth", "former_days": "-1"})
        assert answer.status_code == 422


def test_signing_in_and_being_nobody() -> None:
    """The same answer and the same growing delay for a number that nobody has, whatever way it is written (A51)."""
    with time_machine.travel(NOW, tick=False):
        user = account(House().hire("Озеров Иван", personnel_number="00712"))

        def tries(*typed: str) -> list[tuple[int, str]]:
            SignInFailure.objects.all().delete()
            pages = [Client().post("/sign-in/", {"login": one, "password": "неверный пароль"}) for one in typed]
            return [(page.status_code, page.text.split("<form")[0].split("<h1")[1]) for page in pages]

        assert tries("712", "00712", "712", "0712") == tries("812", "00812", "812", "0812")
        SignInFailure.objects.all().delete()
        user.set_password(PASSWORD)
        user.save()
        client = Client()
        assert client.post("/sign-in/", {"login": "0712", "password": PASSWORD}).status_code == 302
        assert client.session["_auth_user_id"] == str(user.pk)
