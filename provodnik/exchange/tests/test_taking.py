"""The exchange on a real database: once, in any order, whole or not at all, and what of it waits or is refused."""

from __future__ import annotations

import random
from typing import Any

import pytest

from provodnik.exchange.actions import applying
from provodnik.exchange.models import Batch, KeptVersion, LeaveBalance, Stage, Thing
from provodnik.exchange.tests.factories import MOMENT, Sender, crowd, guid, person, told
from provodnik.people.models import Absence, Employment, Entry, Person, Unit

pytestmark = pytest.mark.django_db


def standings() -> dict[str, int]:
    found: dict[str, int] = {}
    for standing in Thing.objects.values_list("standing", flat=True):
        found[standing] = found.get(standing, 0) + 1
    return found


def test_a_load_is_taken_once_in_any_order_and_the_same_again_changes_nothing(sender: Sender, monkeypatch: Any) -> None:
    monkeypatch.setattr(applying, "PORTION", 3)
    objects = crowd(4)
    random.Random(1).shuffle(objects)
    batch = sender.send(objects)
    assert (batch.state, batch.words, batch.stops) == ("done", "", [])
    assert batch.counts["employment"] == {"added": 4} and batch.done == batch.total == 11
    assert (Person.objects.count(), Entry.objects.count(), Stage.objects.count()) == (4, 4, 0)
    assert standings() == {"taken": 11} and not Thing.objects.exclude(sealed="").exists()
    assert not list(sender.folder.iterdir())
    # the same objects in another batch: nothing; of another version: nothing but the version
    for version in (1, 5):
        batch = sender.send(crowd(4, version=version))
        assert batch.diff["person"] == {"same": 4} and batch.counts == {} and batch.total == 0
    # last month's file again
    batch = sender.send(crowd(4, version=3, ends_on="2026-01-31"))
    assert batch.diff["employment"] == {"older": 4} and batch.state == "done"
    assert not Employment.objects.filter(ends_on__isnull=False).exists()
    assert set(Thing.objects.values_list("version", flat=True)) == {5}


def test_a_child_waits_for_its_parent_across_batches(sender: Sender) -> None:
    house, *rest = crowd(1)
    place, who = rest[-1], rest[-2]
    batch = sender.send([place])
    assert batch.counts == {"employment": {"waiting": 1}}
    waiting = Thing.objects.get()
    assert (waiting.missing_kind, waiting.actor) == ("organisation", "sender") and waiting.sealed
    sender.send([who])
    sender.send([house])
    assert Thing.objects.get(kind="employment").missing_kind == "unit"
    batch = sender.send(rest[:2])
    assert standings() == {"taken": 5} and Employment.objects.get().unit is not None
    # units in any order, across batches; a ring of them is refused with a reason, whoever comes last
    top = told("unit", "верх", organisation=guid("organisation", "Чистая вода"), parent=None, name="Верх")
    low = told("unit", "низ", organisation=guid("organisation", "Чистая вода"), parent=guid("unit", "верх"), name="Низ")
    sender.send([low])
    assert Thing.objects.get(guid=guid("unit", "низ")).standing == "waiting"
    sender.send([top])
    assert Unit.objects.get(name="Низ").parent == Unit.objects.get(name="Верх")
    sender.send([{**top, "version": 2, "parent": guid("unit", "низ")}])
    ring = Thing.objects.get(guid=guid("unit", "верх"))
    assert (ring.standing, ring.about, ring.actor) == ("refused", "parent", "zup") and ring.reason
    assert Unit.objects.get(name="Верх").parent is None


def test_dismissals_absences_balances_and_payslips(sender: Sender) -> None:
    objects = crowd(2)
    place = guid("employment", "Чистая вода/0")
    slip: dict[str, Any] = {
        "employment": place, "organisation": guid("organisation", "Чистая вода"), "period": "2026-01", "part": "final",
        "to_pay": "50000.00", "lines": [{"group": "pay", "name": "Оклад", "sum": "57471.26", "days": "17"}],
    }  # fmt: skip
    objects += [
        told("leave_balance", place, on="2026-02-02", balances=[
            {"name": "Основной", "days": "18.67"}, {"name": "Северный", "days": "0.5"}]),
        told("absence", 1, employment=place, kind="Отпуск", starts_on="2026-02-02", ends_on=None),
        told("payslip", 1, pdf="лист 1.pdf", **slip),
    ]  # fmt: skip
    batch = sender.send(objects, pdfs={"лист 1.pdf": b"%PDF-1.7"})
    assert (batch.words, batch.state) == ("", "done")
    assert standings() == {"taken": 10}  # the payslip by the part that takes them (provodnik/payslips)
    balances = dict(LeaveBalance.objects.values_list("name", "days"))
    assert {name: str(days) for name, days in balances.items()} == {"Основной": "18.6700", "Северный": "0.5000"}
    kept = KeptVersion.objects.get()
    assert kept.pdf is not None and kept.sealed and "Оклад" not in kept.sealed
    # a correction keeps what was; other content under the same version is refused; a balance that is gone is gone
    more = [
        told("payslip", 1, 2, **{**slip, "to_pay": "51000.00"}),
        told("payslip", 2, 2, pdf="нет.pdf", **slip),
        told("leave_balance", place, 2, on="2026-02-03", balances=[{"name": "Основной", "days": "-1"}]),
        told("absence", 1, 2, deleted=True),
        told("dismissal", place, 1, last_day="2026-02-01"),
        told("dismissal", guid("employment", "нет"), 1, last_day="2026-02-01"),
    ]
    batch = sender.send(more)
    assert [row.version for row in KeptVersion.objects.all()] == [1, 2]
    assert str(LeaveBalance.objects.get().days) == "-1.0000" and not Absence.objects.exists()
    assert Employment.objects.get(guid=place).ends_on is not None
    assert batch.counts["payslip"] == {"kept": 1, "refused": 1} and batch.counts["dismissal"] == {
        "changed": 1,
        "waiting": 1,
    }
    sender.send([told("payslip", 1, 2, **{**slip, "to_pay": "1.00"}), told("dismissal", place, 2, deleted=True)])
    again = Thing.objects.get(kind="payslip", guid=guid("payslip", 1))
    assert (again.standing, again.about) == ("refused", "version") and KeptVersion.objects.count() == 2
    assert Employment.objects.get(guid=place).ends_on is None


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (told("person", 9, surname="А", birth_date="0001-01-01"), "birth_date", "sender"),
    (told("person", 9, surname="А", birth_date="2026-02-30"), "birth_date", "zup"),
    (told("person", 9, surname="А", snils="112-233-445 96"), "snils", "zup"),
    (told("person", 9, surname="А", salary="1"), "salary", "sender"),
    (told("person", 9, surname="я" * 101), "surname", "sender"),
    (told("person", 9, surname=""), "surname", "zup"),
    (told("organisation", 9, name="А", zone="Moscow"), "zone", "sender"),
    (person(9)[1] | {"personnel_number": "0000"}, "personnel_number", "zup"),
    (person(9)[1] | {"ends_on": "2019-01-01"}, "ends_on", "zup"),
    (told("leave_balance", guid("employment", "Чистая вода/0"), on="2026-01-01", balances=[
        {"name": "О", "days": "1"}, {"name": "О", "days": "2"}]), "balances", "sender"),
    (told("unit", 9, deleted=True), "deleted", "sender"),
]  # fmt: skip


def test_what_is_wrong_is_a_row_that_says_who_should_act(sender: Sender) -> None:
    sender.send([*crowd(1), person(9)[0]])
    for version, (one, about, actor) in enumerate(REFUSED, 2):
        batch = sender.send([{**one, "version": version}, told("position", "П", version, name="П")])
        thing = Thing.objects.get(kind=one["type"], guid=one["guid"])
        assert (thing.standing, thing.about, thing.actor, bool(thing.reason)) == ("refused", about, actor, True), one
        assert batch.state == "done" and "refused" in batch.counts[one["type"]]
    # set right in 1C, it is taken and the row is gone
    sender.send([told("person", 9, 50, surname="А", birth_date="1990-02-28")])
    assert Thing.objects.get(kind="person", guid=guid("person", 9)).standing == "taken"
    # the same SNILS under two references: personnel must say whether it is one person
    sender.send([told("person", name, surname=name, first_name="И", snils="112-233-445 95") for name in ("Раз", "Два")])
    twin = Thing.objects.get(guid=guid("person", "Два"))
    assert (twin.standing, twin.actor, twin.title) == ("refused", "personnel", "Два И") and twin.twin
    # another base says the same reference: it stays with the first
    other = Sender("other")
    batch = other.send([told("position", "П", 99, name="Чужая")])
    assert batch.counts == {"position": {"foreign": 1}}
    assert Batch.objects.filter(state="done").count() == Batch.objects.count()


def test_a_hand_correction_outlives_the_exchange(sender: Sender) -> None:
    sender.send(crowd(1))
    unit = Unit.objects.get()
    Unit.objects.filter(pk=unit.pk).update(name="Цех очистки", sources={**unit.sources, "name": "hand"})
    for version in (2, 3):
        sender.send([told("unit", "Чистая вода", version, name="Цех" + str(version))])
    thing = Thing.objects.get(kind="unit")
    assert thing.differs["name"]["offered"] == "Цех3" and thing.standing == "taken" and thing.title
    assert applying.hand_over("payslip", MOMENT) == 0
