"""The way back: told once, whole, by versions; taken back; answered. Nothing of it for strangers."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest

from provodnik.core.decisions import Refused
from provodnik.desk.tests.factories import NOW, AdministratorFactory
from provodnik.exchange import contract, manifest
from provodnik.exchange.actions import giving
from provodnik.exchange.manifest import SIGNATURE, SUFFIX
from provodnik.exchange.models import Base, Parcel, Thing
from provodnik.exchange.policies import visible_parcels
from provodnik.exchange.tests.factories import TODAY, Sender, crowd, guid
from provodnik.notify.models import Notice
from provodnik.people.actions import changes
from provodnik.people.models import DataRequest, Organisation, Person, StaffMember
from provodnik.people.states import ChangeKind, StaffRole
from provodnik.people.tests.factories import account

pytestmark = pytest.mark.django_db
BANK = {"bik": "044525225", "account": "40817810938160925982", "bank": "ПАО Сбербанк"}
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def who(sender: Sender) -> Person:
    """Somebody whom the base knows, and who has asked for another account; personnel has accepted."""
    sender.send(crowd(1))
    person = Person.objects.get()
    worker = account(person.employments.get())
    hr = account_of_personnel(person)
    house = Organisation.objects.get()
    row = changes.ask(person.pk, house.pk, ChangeKind.BANK, bank(), key=uuid.uuid4(), by=worker, at=NOW, on=TODAY)
    DataRequest.objects.update(held_until=None)
    changes.accept(row.pk, by=hr, at=NOW, on=TODAY)
    giving.choose_way(sender.base.pk, "folder", by=AdministratorFactory.create(), at=NOW)
    return person


def bank() -> dict[str, str]:
    """The key digit of the account is counted, not remembered."""
    for key in range(10):
        found = BANK | {"account": f"{BANK['account'][:8]}{key}{BANK['account'][9:]}"}
        try:
            changes.cleaned(ChangeKind.BANK, found)
        except Refused:
            continue
        return found
    raise AssertionError("no digit fits")


def account_of_personnel(person: Person) -> Any:
    user = AdministratorFactory.create(roles=[])
    house = person.employments.get().organisation_id
    StaffMember.objects.create(user=user, organisation_id=house, role=StaffRole.HR.value, since=NOW)
    return user


def out(sender: Sender) -> list[dict[str, Any]]:
    """What lies in the folder «out», proved as 1C would; then it is taken away."""
    folder = sender.folder.parent / "out"
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob(f"*{SIGNATURE}")):
        name = path.name.removesuffix(SIGNATURE)
        described = (folder / f"{name}{SUFFIX}").read_bytes()
        assert manifest.is_signed(described, path.read_bytes(), sender.key)
        (listed,) = manifest.read(described).files
        content = (folder / listed.name).read_bytes()
        assert len(content) == listed.size and content.count(b"\n") == listed.objects
        found += [json.loads(line) for line in content.splitlines()]
        for one in (path, folder / f"{name}{SUFFIX}", folder / listed.name):
            one.unlink()
    assert not list(folder.glob(".*"))
    return found


def answer(one: dict[str, Any], result: str = "taken", **more: Any) -> dict[str, Any]:
    return {"type": "answer", "guid": one["guid"], "version": one["version"], "result": result, **more}


def test_it_is_told_once_and_answered(sender: Sender, who: Person) -> None:
    row = DataRequest.objects.get()
    assert giving.collect(at=NOW) == 1 and giving.collect(at=NOW) == 0
    base = Base.objects.get()
    assert giving.put_down(base, at=NOW) == 1 and giving.put_down(base, at=NOW) == 0
    (one,) = out(sender)
    assert one["guid"] == str(row.key) and one["about"] == "bank" and one["person"] == guid("person", "Чистая вода/0")
    assert {value["field"] for value in one["values"]} == {"bik", "account", "bank"}
    shaped = contract.Object(one["type"], one["guid"], one["version"], False, {
        name: value for name, value in one.items() if name not in contract.ENVELOPE})  # fmt: skip
    assert contract.complaints(shaped, contract.TOLD) == []

    sender.send([answer(one, number="ЗК-17", day="2026-11-24", reason="записано")])
    parcel = Parcel.objects.get()
    assert (parcel.answer, parcel.number, parcel.sealed) == ("taken", "ЗК-17", "")
    row.refresh_from_db()
    assert (row.state, row.proof) == ("done", "exchange")
    assert giving.collect(at=LATER) == 0 and not out(sender)
    sender.send([answer(one)], name="b")  # the same again
    assert Parcel.objects.count() == 1 and DataRequest.objects.get().steps.count() == 3
    assert giving.forget(now=NOW + timedelta(days=100)) == 1


def test_a_refusal_is_told_to_personnel_and_a_change_is_a_new_version(sender: Sender, who: Person) -> None:
    base = Base.objects.get()
    giving.collect(at=NOW)
    giving.put_down(base, at=NOW)
    (one,) = out(sender)
    sender.send([answer(one, "refused", reason="Счёт закрыт")])
    assert Notice.objects.filter(text__startswith="1С не приняла").count() == 1
    assert Parcel.objects.get().words == "Счёт закрыт" and DataRequest.objects.get().state == "waiting"
    assert giving.collect(at=LATER) == 0  # what was refused is not told again by itself
    DataRequest.objects.update(since=LATER)
    assert giving.collect(at=LATER) == 1 and giving.put_down(base, at=LATER) == 1
    (again,) = out(sender)
    assert again["version"] > one["version"]
    sender.send([answer(one, "refused")], name="c")  # about the version of before
    assert Parcel.objects.get().answer == ""
    wrong = [answer(again) | {"version": again["version"] + 1}, answer({"guid": str(uuid.uuid4()), "version": 1})]
    wrong += [answer(again, day="2026-02-31")]
    for number, bad in enumerate(wrong):
        sender.send([bad], name=f"w{number}")
    assert Thing.objects.filter(kind="answer", standing="refused").count() == 2 and Parcel.objects.get().answer == ""


def test_what_is_open_no_longer_is_taken_back(sender: Sender, who: Person) -> None:
    base = Base.objects.get()
    giving.collect(at=NOW)
    row, hr = DataRequest.objects.get(), StaffMember.objects.get().user
    who.refresh_from_db()
    assert who.user is not None
    changes.give_back(row.pk, "не та цифра", by=hr, at=NOW)
    giving.collect(at=NOW)
    assert not Parcel.objects.exists()  # 1C had not heard of it
    changes.send_again(row.pk, bank(), by=who.user, at=NOW, on=TODAY)
    DataRequest.objects.update(held_until=None)
    changes.accept(row.pk, by=hr, at=NOW, on=TODAY)
    giving.collect(at=NOW)
    giving.put_down(base, at=NOW)
    (one,) = out(sender)
    changes.give_back(row.pk, "не тот банк", by=hr, at=LATER)
    assert giving.collect(at=LATER) == 1 and giving.collect(at=LATER) == 0
    giving.put_down(base, at=LATER)
    (gone,) = out(sender)
    assert gone == {"type": "data_request", "guid": one["guid"], "version": gone["version"], "deleted": True}
    assert gone["version"] > one["version"]
    sender.send([answer(gone)])
    assert Parcel.objects.get().answer == "taken" and DataRequest.objects.get().state == "returned"


def test_a_folder_that_cannot_be_written_loses_nothing(sender: Sender, who: Person, monkeypatch: Any) -> None:
    giving.collect(at=NOW)
    base = Base.objects.get()
    with monkeypatch.context() as patch:
        patch.setattr(giving.os, "replace", lambda *_: (_ for _ in ()).throw(OSError()))
        assert giving.put_down(base, at=NOW) == 0
    assert giving.put_down(base, at=NOW) == 1


def test_who_is_not_to_hear_does_not(sender: Sender, who: Person) -> None:
    administrator = AdministratorFactory.create()
    giving.choose_way(sender.base.pk, "", by=administrator, at=NOW)
    assert giving.collect(at=NOW) == 0
    giving.choose_way(sender.base.pk, "folder", by=administrator, at=NOW)
    giving.collect(at=NOW)
    assert giving.asked(Base.objects.get(), 0, 10, at=NOW) == []  # it reads files
    stranger = AdministratorFactory.create(roles=[])
    assert not visible_parcels(stranger).exists() and visible_parcels(administrator).count() == 1
    with pytest.raises(Refused):
        giving.choose_way(sender.base.pk, "pull", by=stranger, at=NOW)


def test_a_base_that_asks(sender: Sender, who: Person) -> None:
    administrator = AdministratorFactory.create()
    giving.choose_way(sender.base.pk, "pull", by=administrator, at=NOW)
    giving.collect(at=NOW)
    rows = giving.asked(Base.objects.get(), 0, 10, at=NOW)
    assert len(rows) == 1 and Parcel.objects.get().given_at == NOW
    assert giving.asked(Base.objects.get(), rows[0][0], 10, at=NOW) == []
    assert giving.asked(Base.objects.get(), 0, 10, at=LATER) == rows  # until it is answered
    sender.send([answer(json.loads(rows[0][1]))])
    assert giving.asked(Base.objects.get(), 0, 10, at=LATER) == []
