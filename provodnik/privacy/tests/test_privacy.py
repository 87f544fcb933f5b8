"""One person over all parts: found, given out whole, erased with an act; who saw whose data (152-FZ)."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts import journal
from provodnik.accounts.models import JournalEntry, User
from provodnik.core import files
from provodnik.core.decisions import Refused
from provodnik.core.models import ErasureAct
from provodnik.desk.actions import closing, forgetting, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Contact, Message
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    AdministratorFactory,
    ContractFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)
from provodnik.people.models import Employment, Organisation, Person
from provodnik.privacy.actions import extracts
from provodnik.privacy.models import Extract
from provodnik.privacy.queries import acts, holdings, looks, subjects
from provodnik.privacy.queries.subjects import Subject

pytestmark = pytest.mark.django_db
NOW = timezone.now()
REASON = "Запрос № 7 от 20.11.2026"


@pytest.fixture
def anna() -> Contact:
    contact = SignedInContactFactory.create(
        name="Канарейкина Анна", email="anna@chv.example", phone="+7 (912) 345-67-89"
    )
    ContractFactory.create(customer=contact.customer, starts_on=(NOW - timedelta(days=100)).date())
    return contact


@pytest.fixture
def person(anna: Contact) -> Person:
    """The same human as an employee."""
    house = Organisation.objects.create(name="Водоканал")
    made = Person.objects.create(
        user=anna.user, surname="Канарейкина", first_name="Анна", work_phone="22-33-44", email="own@chv.example",
        birth_date="1990-01-02", phone="+79120001122",
    )  # fmt: skip
    made.snils = "11223344595"
    made.save()
    Employment.objects.create(person=made, organisation=house, personnel_number="0017", starts_on="2020-01-01")
    return made


def found(words: str) -> set[str]:
    return {card.name for card in subjects.search(words)}


@pytest.mark.parametrize(
    "words",
    [
        "канарейк",
        "Анна Канарейкина",
        "anna@chv",
        "8 912 345-67-89",
        "345-67-89",
        "0017",
        "own@chv",
        "223344",
        "9120001122",
    ],
)
def test_a_person_is_found_by_a_piece_of_anything(anna: Contact, person: Person, words: str) -> None:
    SignedInContactFactory.create(name="Другой Пётр", email="other@chv.example", phone="+7 999 888-77-66")
    (card,) = subjects.search(words)
    assert card.subject == Subject((anna.user_id,), (anna.pk,), (person.pk,))
    assert set(card.emails) >= {"anna@chv.example", "own@chv.example"}
    pieces = [("user", anna.user_id), ("contact", anna.pk), ("person", person.pk)]
    assert {subjects.subject_of(kind, pk) for kind, pk in pieces} == {card.subject}


def test_what_is_no_search_finds_nobody(anna: Contact) -> None:
    for words in ("", "ан", "  ", "\x00\x00\x00", "нет такого", "%%%", "___"):
        assert found(words) == set()


def a_request(contact: Contact, specialist: User) -> Any:
    ticket = make_ticket(
        contact=contact, at=NOW - timedelta(hours=2), subject="Не печатает", text="Моё письмо",
        files=[NewFile("../../паспорт.pdf", "application/pdf", b"%PDF-synthetic")],
    )  # fmt: skip
    work.take(ticket.pk, by=specialist, at=NOW)
    work.note(ticket.pk, text="Тайная заметка", by=specialist, at=NOW)
    work.reply(ticket.pk, text="Ответ службы", by=specialist, at=NOW)
    return ticket


def test_everything_kept_is_given_out_and_nothing_that_is_closed(anna: Contact, person: Person) -> None:
    administrator = AdministratorFactory.create()
    a_request(anna, SpecialistFactory.create())
    other = SignedInContactFactory.create(name="Чужой", customer=anna.customer)
    make_ticket(contact=other, at=NOW, subject="Чужое обращение", text="Чужой текст")
    anna.user.set_password("synthetic-password")
    anna.user.save()
    subject = subjects.subject_of("contact", anna.pk)
    assert subject is not None
    key = uuid.uuid4()
    made = extracts.ask(Extract.Of.PERSON, "zip", subject, {}, reason=REASON, key=key, by=administrator, at=NOW)
    assert extracts.ask(Extract.Of.PERSON, "zip", subject, {}, reason=REASON, key=key, by=administrator, at=NOW) == made
    extracts.making(made.pk)
    made.refresh_from_db()
    assert (made.state, made.done) == ("done", made.total)
    assert made.blob is not None
    with zipfile.ZipFile(io.BytesIO(files.read(made.blob))) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name in held if ".." in name or name.startswith("/") or "паспорт" in name]
    text = b"".join(held.values()).decode("utf-8", "replace")
    for word in ("Канарейкина", "anna@chv.example", "Моё письмо", "Ответ службы", "%PDF-synthetic", "0017", REASON):
        assert word in text, word
    for word in ("Тайная заметка", "Чужое обращение", "Чужой текст", "11223344595", "1990-01-02", anna.user.password):
        assert word not in text, word
    assert len(json.loads(held["desk.ticket.json"])) == 1
    assert "desk.ticket.json" in held["Содержание.txt"].decode()
    assert JournalEntry.objects.filter(kind="privacy.person", thing=str(person.pk), verb="exported").exists()


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_who_saw_whose_data(anna: Contact, person: Person, kind: str) -> None:
    administrator, thief, honest = (AdministratorFactory.create(full_name=name) for name in ("Адм", "=Вор", "Честный"))
    ticket = make_ticket(contact=anna, at=NOW)
    journal.looked(thief, "desk.ticket", ticket.pk, at=NOW, ticket=ticket.pk)
    journal.looked(thief, "people.card", person.pk, at=NOW)
    journal.looked(honest, "people.card", person.pk, at=NOW)
    journal.looked(thief, "people.card", 10**9, at=NOW)
    journal.looked(thief, "people.card", person.pk, at=NOW - timedelta(days=9))
    since, until = NOW - timedelta(days=1), NOW + timedelta(days=1)
    subject = subjects.subject_of("person", person.pk)
    counts = {
        (by, whose is not None): looks.count(looks.Asked(since, until, by, whose))
        for by in ((), (thief.pk,))
        for whose in (None, subject)
    }
    assert counts == {((), False): 4, ((), True): 3, ((thief.pk,), False): 3, ((thief.pk,), True): 2}
    query = {"since": since.isoformat(), "until": until.isoformat(), "by": [thief.pk]}
    made = extracts.ask(
        Extract.Of.LOOKS, kind, subject, query, reason=REASON, key=uuid.uuid4(), by=administrator, at=NOW
    )
    extracts.making(made.pk)
    made.refresh_from_db()
    assert made.state == "done" and made.done == 2, made.why
    content = files.read(made.blob)
    if kind == "csv":
        rows = [line.split(";") for line in content.decode("utf-8-sig").splitlines()]
        assert rows[1][1] == "'=Вор"
    else:
        rows = [list(row) for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values]
        assert rows[1][1] == "=Вор"
    assert len(rows) == 3
    assert {row[4] for row in rows[1:]} == {"Канарейкина Анна", ticket.requester_name}
    assert {row[2] for row in rows[1:]} == {thief.login}


def test_who_may_no_longer_gets_no_file(anna: Contact) -> None:
    administrator = AdministratorFactory.create()
    subject = Subject(contacts=(anna.pk,))
    asked = {"reason": REASON, "by": administrator, "at": NOW}
    made = extracts.ask(Extract.Of.PERSON, "zip", subject, {}, key=uuid.uuid4(), **asked)
    extracts.ask(Extract.Of.PERSON, "zip", subject, {}, key=uuid.uuid4(), **asked)
    with pytest.raises(Refused):  # two at a time
        extracts.ask(Extract.Of.PERSON, "zip", subject, {}, key=uuid.uuid4(), **asked)
    with pytest.raises(Refused):
        extracts.ask(Extract.Of.PERSON, "zip", subject, {}, key=uuid.uuid4(), **{**asked, "reason": "  "})
    with pytest.raises(Refused):
        extracts.ask(
            Extract.Of.PERSON, "zip", subject, {}, key=uuid.uuid4(), **{**asked, "by": SpecialistFactory.create()}
        )
    User.objects.filter(pk=administrator.pk).update(roles=[])
    extracts.making(made.pk)
    made.refresh_from_db()
    assert (made.state, made.blob) == ("failed", None) and made.why
    assert extracts.throw_away(NOW + timedelta(days=6)) == 0
    assert extracts.throw_away(NOW + timedelta(days=8)) == 2


class TestPages:
    @pytest.fixture
    def administrator(self, client: Client) -> User:
        user = AdministratorFactory.create()
        client.force_login(user)
        return user

    def test_the_way_of_a_demand(
        self, client: Client, administrator: User, anna: Contact, person: Person, django_assert_max_num_queries: Any
    ) -> None:
        page = client.post(reverse("privacy:index"), {"words": "канарейк"})
        address = reverse("privacy:person", args=["user", anna.user_id])
        assert address in page.text
        assert client.post(reverse("privacy:index"), {"words": "а"}).status_code == 422
        with django_assert_max_num_queries(75):
            page = client.get(address)
        assert "Канарейкина" in page.text
        assert JournalEntry.objects.filter(kind="privacy.person", thing=str(person.pk), by=administrator).exists()
        form = {"key": str(uuid.uuid4()), "reason": REASON}
        refused = client.post(reverse("privacy:export", args=["user", anna.user_id]), {**form, "reason": ""})
        assert refused.status_code == 422
        for _twice in range(2):
            assert client.post(reverse("privacy:export", args=["user", anna.user_id]), form).status_code == 302
        made = Extract.objects.get()
        assert 'hx-trigger="every 2s"' in client.get(reverse("privacy:extracts")).text
        assert client.get(reverse("privacy:download", args=[made.pk])).status_code == 404  # not made yet
        extracts.making(made.pk)
        assert (
            'hx-trigger="every 2s"' not in client.get(reverse("privacy:extracts"), headers={"HX-Request": "true"}).text
        )
        given = client.get(reverse("privacy:download", args=[made.pk]))
        assert given["Content-Type"] == "application/zip"
        assert "attachment" in given["Content-Disposition"]
        client.force_login(AdministratorFactory.create())
        assert client.get(reverse("privacy:download", args=[made.pk])).status_code == 404

    def test_an_incident_is_asked_for_by_days(self, client: Client, administrator: User, person: Person) -> None:
        address = f"{reverse('privacy:looks')}?kind=person&pk={person.pk}"
        assert "Канарейкина" in client.get(address).text
        good = {"key": str(uuid.uuid4()), "reason": REASON, "since": "2026-11-01", "until": "2026-11-02", "kind": "csv"}
        for wrong in (
            {"until": "2026-10-01"}, {"until": "2028-01-01"}, {"login": "nobody-of-this-name"}, {"kind": "exe"},
            {"since": "x"}, {"reason": ""},
        ):  # fmt: skip
            assert client.post(address, {**good, **wrong}).status_code == 422, wrong
        assert client.post(address, {**good, "login": administrator.login.upper()}).status_code == 302
        asked = extracts.asked_of(Extract.objects.get())
        assert asked.until - asked.since == timedelta(days=2)
        assert asked.by == (administrator.pk,)
        assert asked.subject is not None and asked.subject.persons == (person.pk,)

    def test_who_works_here_is_not_erased(self, client: Client, administrator: User, anna: Contact) -> None:
        User.objects.filter(pk=anna.user_id).update(is_employee=True)
        refused = forgetting.may_forget(Contact.objects.get(pk=anna.pk))
        assert not refused
        page = client.get(reverse("privacy:person", args=["contact", anna.pk])).text.replace("\xa0", " ")
        assert str(refused.reason)[:30] in page and "/erase/" not in page

    def test_an_act_is_printed_with_what_the_order_asks_for(
        self, client: Client, administrator: User, anna: Contact
    ) -> None:
        ticket = a_request(anna, SpecialistFactory.create())
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=ticket_holder(ticket), at=NOW)
        act = forgetting.ask(anna, texts=True, reason=REASON, by=administrator, at=NOW)
        assert forgetting.carry_out(act, at=NOW, go_on=lambda: True)
        assert not Message.objects.filter(text__contains="Моё").exists()
        address = reverse("privacy:act", args=[act.pk])
        assert REASON in client.get(address).text.replace("\xa0", " ")
        assert client.post(address, {"operator": "Водоканал"}).status_code == 422
        typed = {
            "operator": "Водоканал",
            "address": "Омск",
            "processor": "Разработчик, Тверь",
            "person": "",
            "responsible": "Иванов И. И., админ\n\nПетров",
        }
        given = client.post(address, typed)
        assert given["Content-Type"] == "application/pdf" and given.content.startswith(b"%PDF")
        act.refresh_from_db()
        data = acts.paper(act, {**typed, "responsible": ["Иванов", "Петров"]}, system="PROводник 1.1")
        told = json.dumps(data, ensure_ascii=False)
        for word in (
            "Водоканал", "Омск", "Разработчик", "Иванов", "PROводник 1.1", REASON, f"№ {ticket.pk}", str(anna.pk),
        ):  # fmt: skip
            assert word in told.replace("\xa0", " "), word
        extract = json.dumps(data["extract"], ensure_ascii=False).replace("\xa0", " ")
        for word in (str(anna.pk), "PROводник 1.1", REASON, f"{NOW:%Y}"):  # point 5 of the order: it stands by itself
            assert word in extract, word
        assert "Канарейкина" not in told
        assert len(data["categories"]) >= 3

    def test_an_act_of_nothing_is_still_an_act(self) -> None:
        act = ErasureAct.objects.create(kind="person", begun_at=NOW, asked={})
        data = acts.paper(
            act, {"operator": "", "address": "", "processor": "", "person": "x", "responsible": []}, system=""
        )
        assert len(data["categories"]) == 1 and len(data["lines"]) == 1


def ticket_holder(ticket: Any) -> User:
    ticket.refresh_from_db()
    holder: User = ticket.assignee
    return holder


def test_every_table_about_a_person_is_given_out_or_says_why_not() -> None:
    """A new table that belongs to a person, his card, his place of work or his account must be named."""
    owners = ("accounts.User", "desk.Contact", "people.Person", "people.Employment")
    belong = set()
    for model in apps.get_models():
        if model._meta.app_label in ("demo", "auth", "contenttypes", "procrastinate"):
            continue
        for field in model._meta.concrete_fields:
            if not isinstance(field, models.ForeignKey) or field.related_model._meta.label not in owners:
                continue
            is_card = field.related_model._meta.label != "accounts.User"
            if is_card or field.one_to_one or field.remote_field.on_delete is models.CASCADE:
                belong.add(model._meta.label)
    named = {one.model for one in holdings.HOLDINGS} | set(holdings.LEFT_OUT)
    assert belong - named == set()
    assert not {one.model for one in holdings.HOLDINGS} & set(holdings.LEFT_OUT)
    for holding in holdings.HOLDINGS:
        assert holding.category and holdings.columns(holding)
        holdings.rows(holding, Subject((1,), (1,), (1,)), ("a@b.example",)).count()
