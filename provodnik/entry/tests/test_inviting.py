"""Invitations by letters and messages: one use, the second fact, no names (cabinet B1.2; A51, A53)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from provodnik.accounts import texting
from provodnik.accounts.models import SignInFailure
from provodnik.channels.models import Outgoing
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.desk.tests.factories import NOW
from provodnik.entry import announce
from provodnik.entry.actions import activating, choosing, inviting, slips
from provodnik.entry.models import Sheet, Slip
from provodnik.entry.rules import Code
from provodnik.entry.states import LASTS, TRIES
from provodnik.people.models import Organisation, Person, UnitHead
from provodnik.people.tests.factories import TODAY, House, account

pytestmark = pytest.mark.django_db
PASSWORD = "тихая заводь у плотины"
PHONE, EMAIL = "+79123456789", "ozerov@example.org"


@dataclass
class Phone:
    """A gateway that remembers; `full`: its day is used up."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    full: bool = False

    def is_on(self) -> bool:
        return True

    def may_reset(self) -> bool:
        return False

    def fates(self, keys: Collection[str]) -> dict[str, str]:
        return dict.fromkeys(keys, "sent")

    def send(self, number: str, text: str, *, key: str, kind: str, at: datetime) -> None:
        if self.full:
            raise Refused("full")
        self.sent.append((number, text))


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    one = Phone()
    monkeypatch.setattr(texting, "_texting", lambda: one)
    return one


class Town:
    def __init__(self) -> None:
        self.house = House("Чистая вода")
        self.hr = self.house.staff()
        more = {"birth_date": "1985-03-07"}
        self.ivan = self.house.hire("Озеров Иван Петрович", personnel_number="1", email=EMAIL, **more)
        self.anna = self.house.hire("Петрова Анна", personnel_number="2", phone=PHONE, **more)
        self.none = self.house.hire("Немой Глеб", personnel_number="3", **more)

    @property
    def organisation(self) -> Organisation:
        return self.house.organisation

    def invite(self, *people: Any, key: uuid.UUID | None = None, at: datetime = NOW) -> tuple[Sheet, int]:
        rows = [one.pk for one in people]
        return inviting.invite(self.organisation, rows, key=key or uuid.uuid4(), by=self.hr, at=at, on=TODAY)


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def client() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield Client()


def token_in(text: str) -> str:
    found = re.search(r"/start/by/([\w-]+)/", text)
    assert found is not None, text
    return found[1]


def letter() -> str:
    return Outgoing.objects.latest("pk").text


def answer(client: Client, token: str, fact: str = "07.03.1985") -> Any:
    SignInFailure.objects.all().delete()
    return client.post(reverse("entry:start_link", args=[token]), {"fact": fact})


def test_letters_and_messages_go_once_and_name_nobody(town: Town, phone: Phone, client: Client) -> None:
    key = uuid.uuid4()
    sheet, unreached = town.invite(town.ivan, town.anna, town.none, key=key)
    assert unreached == 1 and Slip.objects.count() == 2
    assert EMAIL not in str(Slip.objects.values()) and PHONE not in str(Slip.objects.values())
    with pytest.raises(ChangedMeanwhile):
        town.invite(town.ivan, key=key)
    announce.hand_over(sheet.pk)
    announce.hand_over(sheet.pk)
    row = Outgoing.objects.get()
    [(number, text)] = phone.sent
    assert row.recipient == EMAIL and number == PHONE and mail.outbox == []
    for told in (row.text, row.subject, text):
        assert not any(word in told for word in ("Озеров", "Петрова", "Иван", "Анна", "Чистая", "1985"))
    assert len(token_in(text)) >= 26 and len(text) < 201  # three parts of a message in Cyrillic
    assert set(Slip.objects.values_list("sealed", "delivery")) == {("", "queued")}
    client.force_login(town.hr)
    page = client.get(reverse("entry:index")).text
    assert "o···v@example.org" in page and "+7912···89" in page and EMAIL not in page
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("entry:sending", args=[sheet.pk]))
    assert len(asked) < 25


def test_from_the_link_to_being_signed_in(town: Town, client: Client) -> None:
    sheet, _unreached = town.invite(town.ivan)
    announce.hand_over(sheet.pk)
    token = token_in(letter())
    address = reverse("entry:start_link", args=[token])
    page = client.get(address)
    nobody = client.get(reverse("entry:start_link", args=["x" * len(token)]))
    assert page.status_code == nobody.status_code == 200 and "Озеров" not in page.text
    assert page.text.replace(token, "").split("csrf")[0] == nobody.text.replace("x" * len(token), "").split("csrf")[0]
    assert Slip.objects.get().used_at is None  # looking uses nothing
    assert answer(client, token, "08.03.1985").status_code == 422
    assert answer(client, token).headers["Location"] == "/start/password/"
    client.post("/start/password/", {"new": PASSWORD, "again": PASSWORD})
    user = Person.objects.get(pk=town.ivan.person_id).user
    assert user is not None and user.check_password(PASSWORD)
    assert answer(Client(), token).status_code == 422
    with pytest.raises(Refused):  # who is in with rights over others, or is out, gets none: the same rule as slips
        user.roles = ["administrator"]
        user.save()
        town.invite(town.ivan)


def test_a_link_dies_as_a_slip_does(town: Town, client: Client) -> None:
    def made(at: datetime = NOW) -> str:
        sheet, _unreached = town.invite(town.ivan, at=at)
        with time_machine.travel(at, tick=False):
            announce.hand_over(sheet.pk)
        return token_in(letter())

    old, new = made(), made()
    assert answer(client, old).status_code == 422
    for _try in range(TRIES):
        assert answer(client, new, "01.01.2001").status_code == 422
    assert answer(client, new).status_code == 422
    late = made(NOW - LASTS - timedelta(minutes=1))
    assert Slip.objects.latest("pk").delivery == "queued" and answer(client, late).status_code == 422
    live = made()
    paper = slips.make(town.organisation, [town.ivan.pk], key=uuid.uuid4(), by=town.hr, at=NOW, on=TODAY)[1][0].code
    assert answer(client, live).status_code == 422  # a slip on paper voids the link
    assert answer(client, paper).status_code == 422  # and is none itself
    SignInFailure.objects.all().delete()
    assert client.post("/start/", {"code": live, "fact": "07.03.1985"}).status_code == 422
    assert client.post("/start/", {"code": paper, "fact": "07.03.1985"}).status_code == 302


def test_what_could_not_be_sent_is_void_and_told(town: Town, phone: Phone, client: Client) -> None:
    phone.full = True
    sheet, _unreached = town.invite(town.anna)
    announce.hand_over(sheet.pk)
    row = Slip.objects.get()
    assert (row.delivery, row.void_why, row.sealed) == ("failed", "unsent", "")
    client.force_login(town.hr)
    assert "отправить не удалось" in client.get(reverse("entry:sending", args=[sheet.pk])).text


def test_who_may_invite_whom(town: Town) -> None:
    stranger = House("Тихий Дон").staff()
    with pytest.raises(Refused):
        inviting.invite(town.organisation, [town.ivan.pk], key=uuid.uuid4(), by=stranger, at=NOW, on=TODAY)
    with pytest.raises(Refused):
        town.invite(town.none)
    with pytest.raises(Refused):
        town.invite()


def test_a_manager_prints_for_his_own_people_where_he_may(town: Town, client: Client) -> None:
    crew, yard = town.house.unit("Участок"), town.house.unit("Двор")
    boss = town.house.hire("Главный Пётр", crew, birth_date="1970-01-01")
    fitter = town.house.hire("Слесарь Олег", crew, birth_date="1990-01-01")
    other = town.house.hire("Чужой Илья", yard, birth_date="1990-01-01")
    user = account(boss)
    client.force_login(user)
    mine = reverse("entry:mine")
    UnitHead.objects.create(unit=crew, employment=boss, starts_on=TODAY, source="hand")
    assert client.get(mine).status_code == 404  # the organisation has not allowed it
    allowed = {Code.MANAGERS: True}
    choosing.choose(town.organisation.pk, allowed, by=town.hr, at=NOW, on=TODAY)
    page = client.get(mine).text
    assert "Слесарь" in page and "Чужой" not in page and "Главный" not in page.split("<main")[1]
    for wanted in ([other.pk], [fitter.pk, other.pk], [boss.pk], []):
        assert client.post(mine, {"people": wanted, "key": str(uuid.uuid4())}).status_code == 422
    assert not Slip.objects.exists()
    answer = client.post(mine, {"people": [fitter.pk], "key": str(uuid.uuid4())})
    assert answer["Content-Type"] == "application/pdf" and Slip.objects.get().sheet.made_by == user
    with pytest.raises(Refused):  # on paper alone: a link would go past the man himself
        inviting.invite(town.organisation, [fitter.pk], key=uuid.uuid4(), by=user, at=NOW, on=TODAY)
    UnitHead.objects.all().delete()
    assert client.get(mine).status_code == 404


@pytest.mark.parametrize("link", [False, True])
def test_200_strangers_cost_what_200_known_ones_cost(town: Town, monkeypatch: pytest.MonkeyPatch, link: bool) -> None:
    """A51 without a clock: a right code with a wrong fact, a code of nobody, a void and a used one end in exactly one
    password hash; the statements differ by a handful that no network measures beside it."""
    sheet, _unreached = town.invite(town.ivan)
    announce.hand_over(sheet.pk)
    paper = slips.make(town.organisation, [town.anna.pk], key=uuid.uuid4(), by=town.hr, at=NOW, on=TODAY)[1][0].code
    known, nobody = (token_in(letter()), "x" * 27) if link else (paper, "ABEKMHPC34XT")
    hashed: list[int] = []
    monkeypatch.setattr(activating, "make_password", lambda text: hashed.append(1))
    prove = activating.prove_link if link else activating.prove
    costs: dict[str, set[tuple[int, int]]] = {"known": set(), "nobody": set()}
    for name, code in (("known", known), ("nobody", nobody)):
        for _time in range(3):
            hashed.clear()
            with CaptureQueriesContext(connection) as asked:
                assert prove(code, "01.01.2001", at=NOW, on=TODAY) is None
            costs[name].add((len(hashed), len(asked)))
    assert {hashes for found in costs.values() for hashes, _asked in found} == {1}
    assert max(asked for _hashes, asked in costs["known"]) - min(asked for _h, asked in costs["nobody"]) <= 12
