"""A51, all doors together: whoever is asked for, the same statements in the same order, one key derived, the same page.

Timings would measure the machine; what is compared is what takes time: statements (their shapes) and derived keys."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from provodnik.accounts.models import SignInFailure, User
from provodnik.desk.tests.factories import UserFactory
from provodnik.people.tests.factories import House

pytestmark = pytest.mark.django_db
NOBODY = "nemo"


@pytest.fixture
def names() -> dict[str, str]:
    """kind → what is typed; each kind but the first is somebody."""
    house = House()
    for name, login, more in (
        ("Озеров Иван", "ozerov", {}),
        ("Петрова Анна", "petrova", {"is_external": True}),
        ("Верхов Глеб", "verhov", {"is_active": False}),
    ):
        worker = house.hire(name, personnel_number=login[-3:] + "7")
        user = UserFactory.create(login=login, email=f"{login}@utility.example", **more)
        user.set_password("тихая заводь у плотины" if not more else None)
        user.save()
        worker.person.user = user
        worker.person.save()
    return {
        "nobody": NOBODY, "nobody's number": "99912345", "nobody's phone": "+79990001122",
        "nobody's mail": "nobody@utility.example",
        "login": "ozerov", "mail": "ozerov@utility.example", "number": "rov7", "external": "petrova", "off": "verhov",
    }  # fmt: skip


def shape(text: str) -> str:
    """A statement without its values."""
    text = re.sub(r"'[^']*'|\b\d+\b|\bE'[^']*'", "?", re.sub(r'"s\d+_x\d+"', "point", text))
    return re.sub(r"(\?, )+\?", "?", re.sub(r"\s+", " ", text))[:160]


def costs(names: dict[str, str], path: str, data: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    derived: list[int] = []
    original = ScryptPasswordHasher.encode
    monkeypatch.setattr(ScryptPasswordHasher, "encode", lambda *a, **k: (derived.append(1), original(*a, **k))[1])
    found: dict[str, tuple[Any, ...]] = {}
    for kind, typed in names.items():
        SignInFailure.objects.all().delete()
        derived.clear()
        with CaptureQueriesContext(connection) as asked:
            answer = Client().post(path, {"login": typed, **data})
        page = re.sub(r'(csrfmiddlewaretoken" value=|name="now" content=|data-csrf=)"[^"]*"', "", answer.text)
        page = page.replace(typed.replace("+", "&#x2B;"), "•").replace(typed, "•")
        statements = [shape(one["sql"]) for one in asked.captured_queries]
        found[kind] = (answer.status_code, len(derived), statements, re.sub(r"[\w-]{40,}", "", page))
    return found


@pytest.mark.parametrize(
    ("route", "data"), [("accounts:sign_in", {"password": "wrong-password-1"}), ("accounts:forgot", {})]
)
def test_every_name_costs_the_same(
    names: dict[str, str], route: str, data: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = costs(names, reverse(route), data, monkeypatch)
    status, derived, _asked, page = found["nobody"]
    assert derived == (1 if data else 0) and User.objects.count() == 3
    for kind, (other_status, other_derived, statements, other_page) in found.items():
        assert (other_status, other_derived) == (status, derived), kind
        assert other_page == page, kind
        # what was typed is read as its shape allows (an address is no number): those are compared with their like
        like = {"mail": "nobody's mail", "nobody's mail": "nobody's mail"}.get(kind)
        like = like or (kind if kind in ("nobody's phone", "nobody's number") else "nobody")
        assert statements == found[like][2], kind
