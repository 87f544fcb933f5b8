"""A worker asks to change his own data (B9): by a code, by a scan, by the second factor; 1C has the last word."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client

from provodnik.accounts.actions import contacts
from provodnik.accounts.models import JournalEntry, Totp, User, Way
from provodnik.core.models import Blob
from provodnik.core.secrets import seal
from provodnik.desk.tests.factories import NOW
from provodnik.notify.models import Notice
from provodnik.people import announce, changes
from provodnik.people.actions import changes as actions
from provodnik.people.actions import persons
from provodnik.people.actions.rules import decide
from provodnik.people.actions.taking import Incoming
from provodnik.people.changes import cleaned
from provodnik.people.models import DataRequest, DataRequestFile, DataRequestStep, Person
from provodnik.people.rules import Code
from provodnik.people.states import MOVES, ChangeKind, ChangeState, Source
from provodnik.people.tests.factories import TODAY, House, account, key_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NAME = {"surname": "Родникова", "first_name": "Анна", "patronymic": "Львовна"}
BANK = {"bik": "044525225", "account": "40817810938160925982", "bank": "Сбербанк"}


def scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("свидетельство.jpg", b"\xff\xd8\xff" + b"x" * 99, "image/jpeg")


class Town:
    def __init__(self) -> None:
        self.house = House("Чистая вода")
        self.anna = self.house.hire("Щукина Анна Львовна", phone="+79120000001", email="old@chv.example")
        self.user, self.hr = account(self.anna), self.house.staff()
        self.key = key_of(self.anna.person)

    def exchange(self, **fields: Any) -> None:
        persons.take_persons([Incoming(self.key, fields)], source=Source.ONEC, at=NOW)

    @property
    def person(self) -> Person:
        return Person.objects.get(pk=self.anna.person_id)


@pytest.fixture
def town() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield Town()


def signed_in(user: User) -> Client:
    """A session that has just been proved."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["_sure_at"] = NOW.isoformat()
    session.save()
    return client


def test_a_name_by_a_scan_until_1c_says_so(town: Town) -> None:
    worker, hr = signed_in(town.user), signed_in(town.hr)
    form = {"key": str(uuid.uuid4()), **NAME}
    assert "Приложите" in worker.post("/people/me/data/new/name", form).content.decode()
    for _twice in range(2):  # a double click asks once
        assert worker.post("/people/me/data/new/name", {**form, "files": scan()}).status_code == 302
    row = DataRequest.objects.get()
    assert "Родникова" not in row.sealed and Notice.objects.filter(user=town.hr).count() == 1
    assert worker.post("/people/me/data/new/name", {**form, "key": uuid.uuid4(), "files": scan()}).status_code == 422
    # personnel sees it and the scan, and is seen; a stranger's personnel sees nothing
    page = hr.get(f"/people/requests/{row.pk}").content.decode()
    file = DataRequestFile.objects.get()
    assert "Родникова" in page and hr.get(f"/people/scans/{file.key}").status_code == 200
    assert "Щукина" in hr.get("/people/requests").content.decode()
    looks = worker.get("/people/me/looks").content.decode()
    assert "Скан заявления" in looks and "Заявление об изменении" in looks
    foreign = signed_in(House("Чужие").staff())
    for address in (f"/people/requests/{row.pk}", f"/people/scans/{file.key}", f"/people/me/data/{row.pk}"):
        assert foreign.get(address).status_code == 404
    # returned with a reason, set right, accepted: it holds here, and waits for 1C
    assert hr.post(f"/people/requests/{row.pk}/decide", {"what": "return", "reason": " "}).status_code == 422
    hr.post(f"/people/requests/{row.pk}/decide", {"what": "return", "reason": "Снимок смазан"})
    assert "Снимок смазан" in worker.get(f"/people/me/data/{row.pk}").content.decode()
    assert worker.post(f"/people/me/data/{row.pk}/mend", {**form, "files": scan()}).status_code == 302
    hr.post(f"/people/requests/{row.pk}/decide", {"what": "accept"})
    assert town.person.surname == "Родникова" and town.person.sources["surname"] == "hand"
    waits = worker.get(f"/people/me/data/{row.pk}").content.decode().replace("\xa0", " ")
    assert "Ждём 1С с сегодня" in waits or "ждём 1С с сегодня" in waits
    hr.post(f"/people/requests/{row.pk}/decide", {"what": "entered"})  # personnel cannot say it for 1C
    town.exchange(surname="Щукина")  # last night's 1C overwrites nothing
    assert (town.person.surname, DataRequest.objects.get().state) == ("Родникова", "waiting")
    town.exchange(**NAME)
    row.refresh_from_db()
    assert (row.state, row.proof) == ("done", "exchange")
    steps = [(step.state, step.by) for step in DataRequestStep.objects.all()]
    assert steps == [
        ("sent", town.user),
        ("returned", town.hr),
        ("sent", town.user),
        ("waiting", town.hr),
        ("done", None),
    ]
    # after its days scans and words are gone, the steps stay
    assert actions.wipe(at=NOW + 29 * DAY, on=TODAY) == 0
    assert actions.wipe(at=NOW + 31 * DAY, on=TODAY) == 1
    row.refresh_from_db()
    assert row.sealed == "" and not row.files.exists() and not Blob.objects.exists() and row.steps.count() == 5
    assert worker.get(f"/people/me/data/{row.pk}").status_code == 200


def test_a_contact_by_a_code(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(
        "provodnik.accounts.announce.contact_changed", lambda what, **more: told.append((what, more["to"]))
    )
    sent: list[str] = []
    monkeypatch.setattr(contacts.announce, "send_contact_code", lambda row, code, *, at: sent.append(code))
    worker = Client()
    with time_machine.travel(NOW - timedelta(hours=1), tick=False):
        worker.force_login(town.user)
    assert "confirm" in worker.get("/people/me/data/new/email").headers["Location"]  # not proved lately
    worker = signed_in(town.user)
    form = {"key": str(uuid.uuid4()), "email": "New@chv.example"}
    assert worker.post("/people/me/data/new/email", form).headers["Location"].endswith("/email/code")
    code = "/people/me/data/new/email/code"
    assert worker.post(code, {"code": "0000000" if sent[0] != "0000000" else "1111111"}).status_code == 422
    assert town.person.email == "old@chv.example" and not DataRequest.objects.exists()
    assert worker.post(code, {"code": sent[0]}).status_code == 302
    person, row = town.person, DataRequest.objects.get()
    assert (person.email, person.email_confirmed_at, row.state, row.by_code) == (
        "new@chv.example",
        NOW,
        "waiting",
        True,
    )
    assert (Way.EMAIL, "old@chv.example") in told[0][1] and (Way.PHONE, "+79120000001") in told[0][1]
    assert worker.post(code, {"code": sent[0]}).status_code == 302 and DataRequest.objects.count() == 1
    town.exchange(email="old@chv.example")
    assert town.person.email == "new@chv.example"
    town.exchange(email="new@chv.example")
    row.refresh_from_db()
    assert (row.state, town.person.email_confirmed_at) == ("done", NOW)
    # where the organisation has decided otherwise, nobody proves it himself
    decide(town.house.pk, Code.CONTACTS_BY_CODE, False, since=TODAY, by=town.hr, at=NOW, on=TODAY)
    with pytest.raises(changes.Refused):
        actions.take_contact(
            town.person.pk, town.house.pk, ChangeKind.EMAIL, "x@chv.example", by=town.user, at=NOW, on=TODAY
        )
    # without a gateway a phone is checked by personnel, and proved by nobody
    phone = {"key": str(uuid.uuid4()), "phone": "8 912 000-00-02"}
    assert worker.post("/people/me/data/new/phone", phone).status_code == 302
    row = DataRequest.objects.get(kind="phone")
    signed_in(town.hr).post(f"/people/requests/{row.pk}/decide", {"what": "accept"})
    assert (town.person.phone, town.person.phone_confirmed_at) == ("+79120000002", None)


def test_bank_details_by_the_second_factor_and_not_in_silence(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(announce, "bank_change_asked", lambda row, *, at: asked.append(row.pk))
    worker, hr = signed_in(town.user), signed_in(town.hr)
    form = {"key": str(uuid.uuid4()), **BANK}
    assert "второй фактор" in worker.post("/people/me/data/new/bank", form).content.decode()
    assert not DataRequest.objects.exists()
    Totp.objects.create(user=town.user, sealed=seal("JBSWY3DPEHPK3PXP"), created_at=NOW, used_at=NOW, last_step=0)
    wrong = worker.post("/people/me/data/new/bank", form | {"account": "40817810938160925983"})
    assert wrong.status_code == 422 and "цифра" in wrong.content.decode()
    assert worker.post("/people/me/data/new/bank", form).status_code == 302
    row = DataRequest.objects.get()
    assert asked == [row.pk] and row.held_until == TODAY + 2 * DAY
    own = worker.get(f"/people/me/data/{row.pk}").content.decode()
    assert BANK["account"] not in own and "5982" in own
    assert BANK["account"] in hr.get(f"/people/requests/{row.pk}").content.decode()
    hr.post(f"/people/requests/{row.pk}/decide", {"what": "accept"})
    assert DataRequest.objects.get().state == "sent"  # the owner may still say that it was not he
    with time_machine.travel(NOW + 2 * DAY, tick=False):
        actions.accept(row.pk, by=town.hr, at=NOW + 2 * DAY, on=TODAY + 2 * DAY)
        actions.entered(row.pk, by=town.hr, at=NOW + 2 * DAY)
    row.refresh_from_db()
    assert (row.state, row.proof) == ("done", "personnel")
    monkeypatch.undo()
    mail.outbox.clear()
    announce.send_bank_change(request_id=row.pk, when=NOW.isoformat())
    addresses = {address for letter in mail.outbox for address in letter.to}
    assert addresses == {"old@chv.example", town.user.email} - {""}
    assert all(not re.search(r"\d{20}", str(letter.body)) for letter in mail.outbox)


def test_nobody_judges_himself_and_moves_are_the_databases_too(town: Town) -> None:
    worker = signed_in(town.hr)
    officer = town.house.hire("Кадрова Ольга")
    persons.link_user(officer.person_id, town.hr, by=None, at=NOW, on=TODAY)
    form = {"key": str(uuid.uuid4()), "text": "Окончила курсы"}
    assert worker.post("/people/me/data/new/other", form).status_code == 302
    row = DataRequest.objects.get()
    worker.post(f"/people/requests/{row.pk}/decide", {"what": "accept"})
    assert DataRequest.objects.get().state == "sent"
    assert not JournalEntry.objects.filter(kind="people.request").exists()
    assert worker.post(f"/people/me/data/{row.pk}/cancel").status_code == 302
    assert DataRequest.objects.get().state == "cancelled"
    worker.post(f"/people/me/data/{row.pk}/cancel")  # twice: told, nothing changes
    allowed = {(one, other) for one, others in MOVES.items() for other in others}
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'people_data_request_guard'")
        held = set(re.findall(r"'(\w+)>(\w+)'", cursor.fetchone()[0]))
    assert held == {(one.value, other.value) for one, other in allowed}
    with pytest.raises(IntegrityError), transaction.atomic():
        DataRequest.objects.filter(pk=row.pk).update(state=ChangeState.DONE.value)
    with pytest.raises(IntegrityError), transaction.atomic():
        DataRequestStep.objects.all().delete()


def test_what_a_request_may_hold() -> None:
    good = [(ChangeKind.BANK, BANK), (ChangeKind.NAME, NAME), (ChangeKind.ADDRESS, {"registered": "Пермь"}),
            (ChangeKind.DOCUMENT, {"number": "65 04 123456", "issued_by": "ОВД", "issued_on": "2020-02-29"}),
            (ChangeKind.PHONE, {"phone": "8 912 000 00 02"})]  # fmt: skip
    for kind, values in good:
        assert cleaned(kind, values)
    bad = [(ChangeKind.BANK, BANK | {"bik": "144525225"}), (ChangeKind.BANK, BANK | {"account": "4" * 20}),
           (ChangeKind.BANK, BANK | {"bik": "044525226"}), (ChangeKind.PHONE, {"phone": ""}), (ChangeKind.NAME, {}),
           (ChangeKind.FAMILY, {"text": "я" * 2001}), (ChangeKind.EMAIL, {"email": "a@b\r\nBcc: x@y.z"}),
           (ChangeKind.DOCUMENT, {"number": "1", "issued_by": "1", "issued_on": "0001-01-01"})]  # fmt: skip
    for kind, values in bad:
        with pytest.raises(changes.Refused):
            cleaned(kind, values)
