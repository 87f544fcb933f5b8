"""Slips: for one's own people, good once with a second fact, told apart by nobody (A50-A53; B-check 21)."""

from __future__ import annotations

import uuid
import zipfile
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from provodnik.accounts.models import JournalEntry, Session, SignInFailure, User
from provodnik.accounts.roles import Role
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.desk.tests.factories import NOW, UserFactory
from provodnik.entry import codes, paper
from provodnik.entry.actions import activating, slips
from provodnik.entry.actions.slips import Printed
from provodnik.entry.models import Slip
from provodnik.entry.queries import candidates
from provodnik.entry.states import ALPHABET, LASTS, TRIES, Fact, is_fact, read_code
from provodnik.people.models import Employment, Organisation, OrganisationRule, Person
from provodnik.people.policies import houses_of
from provodnik.people.states import StaffRole
from provodnik.people.tests.factories import TODAY, House, account

pytestmark = pytest.mark.django_db
PASSWORD = "тихая заводь у плотины"
BORN = "1985-03-07"
START, SECOND = "/start/", "/start/password/"


class Town:
    def __init__(self) -> None:
        self.house, self.other = House("Чистая вода"), House("Тихий Дон")
        self.unit = self.house.unit("Участок <сетей> & насосов")
        self.hr = self.house.staff()
        self.ivan = self.house.hire(
            "Озеров Иван Петрович", self.unit, birth_date=BORN, snils="11223344595", personnel_number="00712"
        )

    def print(self, *people: Employment, at: Any = NOW) -> list[Printed]:
        rows = [one.pk for one in people or (self.ivan,)]
        organisation = Organisation.objects.get(pk=self.house.pk)
        return slips.make(organisation, rows, key=uuid.uuid4(), by=self.hr, at=at, on=TODAY)[1]

    def code(self, *people: Employment, at: Any = NOW) -> str:
        return self.print(*people, at=at)[0].code


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def client() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield Client()


def send(client: Client, code: str, fact: str = "07.03.1985") -> Any:
    """The first page; counters of guesses are forgotten: they have their own test."""
    SignInFailure.objects.all().delete()
    return client.post(START, {"code": code, "fact": fact})


def test_codes_and_facts() -> None:
    assert not set("01IOS58LZQ") & set(ALPHABET)
    code = "ABEK-MHPC-34XT"
    for typed in (code, code.lower(), "АВЕК МНРС 34ХТ", "авекмнрсзчхт", "8BEKMHPC34XT".replace("8B", "AB")):
        assert read_code(typed) == "ABEKMHPC34XT", typed
    for typed in ("", "ABEK", code + "A", "ABEK-MHPC-34XO", "\0" * 12, "A" * 1000):
        assert read_code(typed) == ""
    born = date(1985, 3, 7)
    told: list[tuple[str, str, bool]] = [
        ("07.03.1985", "birth", True), ("7.3.1985", "birth", True), ("07031985", "birth", True),
        ("1985-03-07", "birth", True), ("7/3/1985", "birth", True), ("07.03.85", "birth", False),
        ("03.07.1985", "birth", False), ("", "birth", False), ("٠٧.٠٣.١٩٨٥", "birth", False),
        ("4595", "snils", True), ("45 95", "snils", True), ("595", "snils", False), ("11223344595", "snils", False),
        ("", "snils", False), ("07.03.1985", "", False),
    ]  # fmt: skip
    for typed, fact, right in told:
        assert is_fact(typed, fact, birth_date=born, snils="11223344595") is right, typed
    for typed in ("", "None", "00.00.0000", "0000"):  # what is absent equals nothing
        assert not is_fact(typed, Fact.BIRTH, birth_date=None, snils="")
        assert not is_fact(typed, Fact.SNILS, birth_date=None, snils="")


def test_from_the_slip_to_being_signed_in(town: Town, client: Client) -> None:
    code = town.code()
    assert code not in str(Slip.objects.values())
    page = client.get(reverse("entry:start_with", args=[code]))
    assert f"{code[:4]}-{code[4:8]}" in page.text and "Озеров" not in page.text
    assert page["Cache-Control"].find("no-store") >= 0
    assert send(client, code.lower()).headers["Location"] == SECOND
    page = client.get(SECOND)
    assert "Озеров Иван" in page.text.replace("\xa0", " ") and "00712" in page.text
    weak = client.post(SECOND, {"new": "1234567890", "again": "1234567890"})
    assert weak.status_code == 422 and Slip.objects.get().used_at is None
    assert client.session.get("_shared") is None
    before = client.session.session_key
    assert client.post(SECOND, {"new": PASSWORD, "again": PASSWORD}).headers["Location"] == "/"
    assert client.session.session_key != before
    user = Person.objects.get(pk=town.ivan.person_id).user
    assert user is not None and user.is_employee and user.check_password(PASSWORD)
    assert client.get("/people/me").headers["Location"] == f"/people/{town.ivan.person_id}"
    # once and never again; the journal has both
    again = send(Client(), code)
    assert again.status_code == 422
    assert set(JournalEntry.objects.filter(kind="entry.slip").values_list("verb", flat=True)) == {
        "slip_used", "slip_reused",
    }  # fmt: skip
    assert code not in str(list(JournalEntry.objects.values()))


def test_nobody_learns_what_was_wrong(town: Town, client: Client) -> None:
    """Unknown, wrong fact, used up, run out, made void, of somebody dismissed: one status, one text (A51)."""
    code = town.code()
    page = send(client, "ABEKMHPCTYX2")
    told = {"unknown": (page.status_code, body(page))}

    def ask(name: str, typed: str, fact: str = "07.03.1985") -> None:
        page = send(client, typed, fact)
        told[name] = (page.status_code, body(page))

    ask("malformed", "123")
    ask("fact", code, "08.03.1985")
    Slip.objects.update(expires_at=NOW)
    ask("old", code)
    Slip.objects.update(expires_at=NOW + LASTS)
    slips.void(Slip.objects.get().pk, by=town.hr, at=NOW)
    ask("void", code)
    gone = town.code()
    Employment.objects.filter(pk=town.ivan.pk).update(ends_on=TODAY - timedelta(days=400))
    ask("left", gone)
    assert len(set(told.values())) == 1, told.keys()


def body(page: Any) -> str:
    """Without what was typed and the token of the form."""
    lines = page.text.replace("\n", "").split("<form")
    return str(lines[0]).split("<h1", 1)[1]


def test_five_mistakes_kill_it_and_guessing_gets_slow(town: Town, client: Client) -> None:
    code = town.code()
    for _number in range(TRIES):
        assert send(client, code, "01.01.1990").status_code == 422
    slip = Slip.objects.get()
    assert (slip.tries, slip.void_why) == (TRIES, "tries")
    assert send(client, code).status_code == 422  # the right fact comes too late
    assert JournalEntry.objects.filter(kind="entry.slip", verb="slip_voided").count() == 1
    SignInFailure.objects.all().delete()
    answers = [client.post(START, {"code": code, "fact": "x"}).status_code for _number in range(5)]
    assert answers == [422, 422, 422, 429, 429]
    assert (
        client.post(START, {"code": "АВЕКМНРСТУХ2", "fact": "x"}).status_code == 422
    )  # another code is not delayed yet


def test_again_by_a_new_slip(town: Town, client: Client) -> None:
    """A lost password: the old slip is void, all sessions of before end; two at once, one wins."""
    user = account(town.ivan)
    old = Client()
    old.force_login(user)
    first, second = town.code(), town.code()
    assert [slip.void_why for slip in Slip.objects.order_by("pk")] == ["newer", ""]
    assert send(client, first).status_code == 422
    assert send(client, second).status_code == 302
    other = Client()
    assert send(other, second).status_code == 302
    assert client.post(SECOND, {"new": PASSWORD, "again": PASSWORD}).headers["Location"] == "/"
    assert other.post(SECOND, {"new": PASSWORD, "again": PASSWORD}).headers["Location"] == START
    assert old.get("/people/me").headers["Location"].startswith("/sign-in/")
    assert Session.objects.filter(user=user).count() == 1
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert Client().get(SECOND).headers["Location"] == START  # nobody comes to the password by its address


def test_on_the_masters_tablet(town: Town, client: Client) -> None:
    """Somebody else's device is said on the first page and holds to the end."""
    code = town.code()
    client.post(START, {"code": code, "fact": "07.03.1985", "shared": "on"})
    client.post(SECOND, {"new": PASSWORD, "again": PASSWORD})
    assert client.get("/people/me").status_code == 302
    assert client.session["_shared"] and client.session.get_expiry_age() == 300


def test_for_whom_personnel_may_print(town: Town, client: Client) -> None:
    """Nobody of another organisation; nobody who has rights over others: a paper must not take over his account."""
    organisation = Organisation.objects.get(pk=town.house.pk)
    boss, payer = town.house.hire("Главный Лев", birth_date=BORN), town.house.hire("Счётов Глеб", birth_date=BORN)
    User.objects.filter(pk=account(boss).pk).update(roles=[Role.ADMINISTRATOR.value])
    staff = account(payer)
    town.house.staff(StaffRole.PAYROLL)
    staff.staff_of.create(organisation_id=town.other.pk, role=StaffRole.PAYROLL.value, since=NOW)
    off, bare = town.house.hire("Выключен Олег", birth_date=BORN), town.house.hire("Безднев Пётр")
    User.objects.filter(pk=account(off).pk).update(is_active=False)
    foreign = town.other.hire("Чужов Иван", birth_date=BORN)
    rows, _more = candidates.listed(organisation, unit=None, typed="", on=TODAY)
    assert {one.employment.pk for one in rows if not one.why_not} == {town.ivan.pk}
    for one in (boss, payer, off, bare, foreign):
        with pytest.raises(Refused):
            town.print(one)
    # what he becomes afterwards counts too
    code = town.code()
    user = account(town.ivan)
    User.objects.filter(pk=user.pk).update(roles=[Role.SPECIALIST.value])
    assert send(client, code).status_code == 422
    assert not houses_of(UserFactory.create()).exists()
    with pytest.raises(Refused):
        slips.make(organisation, [town.ivan.pk], key=uuid.uuid4(), by=town.other.staff(), at=NOW, on=TODAY)
    key = uuid.uuid4()
    User.objects.filter(pk=user.pk).update(roles=[])
    slips.make(organisation, [town.ivan.pk], key=key, by=town.hr, at=NOW, on=TODAY)
    with pytest.raises(ChangedMeanwhile):
        slips.make(organisation, [town.ivan.pk], key=key, by=town.hr, at=NOW, on=TODAY)


def test_the_organisation_chooses_the_fact(town: Town) -> None:
    OrganisationRule.objects.create(
        organisation_id=town.house.pk, code="entry.second_fact", value="snils", starts_on=TODAY
    )
    code = town.code()
    told: dict[str, Any] = {"at": NOW, "on": TODAY}
    assert activating.prove(code, "07.03.1985", **told) is None
    assert activating.prove(code, "4595", **told) is not None


def test_paper_and_register(town: Town, client: Client, django_assert_max_num_queries: Any) -> None:
    people = [
        town.house.hire(f"Ручьёв-{n} Пётр", town.unit, birth_date=BORN, personnel_number=f"=1+{n}") for n in range(9)
    ]
    printed = town.print(*people)
    made = paper.slips(Organisation.objects.get(pk=town.house.pk), printed, at=NOW)
    assert made.startswith(b"%PDF") and made.count(b"/Type /Page\n") + made.count(b"/Type/Page\n") in (0, 2)
    client.force_login(town.hr)
    chosen = client.get("/slips/new/", {"unit": town.unit.pk})
    assert chosen.text.count('name="people"') == 10
    assert "Участок &lt;сетей&gt;" in chosen.text
    sent = client.post("/slips/new/", {"key": str(uuid.uuid4()), "people": [people[0].pk, town.ivan.pk, "x"]})
    assert sent["Content-Type"] == "application/pdf" and sent.content.startswith(b"%PDF")
    assert client.post("/slips/new/", {"key": str(uuid.uuid4())}).status_code == 422
    with django_assert_max_num_queries(12):
        page = client.get("/slips/")
    assert page.text.count("Ручьёв") == 10  # the void one of the first is in the register too
    sheet = client.get("/slips/export/")
    with zipfile.ZipFile(BytesIO(sheet.content)) as book:
        rows = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert ">=1+3<" in rows and "<f>" not in rows
    slip = Slip.objects.order_by("-pk").first()
    assert slip is not None
    assert client.post(f"/slips/{slip.pk}/void/").status_code == 302
    slip.refresh_from_db()
    assert slip.void_why == "hand" and codes.digest("x") != slip.digest
