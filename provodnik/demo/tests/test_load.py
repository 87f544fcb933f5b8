"""The demo's two years: all states are there, the invariants hold, loading twice changes nothing."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.channels.models import Inbound, InboundState, Mailbox, Outgoing
from provodnik.demo import data
from provodnik.demo.cases import _BLANK, Writer
from provodnik.demo.load import load
from provodnik.demo.people import PASSWORD, SUPPORT, settle
from provodnik.demo.pictures import protocol, screenshot
from provodnik.demo.play import Player
from provodnik.demo.words import blanks, latin
from provodnik.desk.models import Attachment, Contact, Contract, EventKind, MessageKind, Ticket, TicketEvent
from provodnik.desk.queries.facts import contract_in_force
from provodnik.desk.states import Impact, Priority, Resolution, Status
from provodnik.entry.models import Slip
from provodnik.transfer.models import Transfer
from tests.manual import recipes

NIGHT = datetime(2026, 11, 22, 23, 40, tzinfo=UTC)


def test_small_demo_has_everything_and_doctor_finds_nothing(demo, monkeypatch):
    monkeypatch.setenv("PROVODNIK_DEMO_SMTP_PORT", "2599")
    said = StringIO()
    call_command("load_demo", small=True, stdout=said)
    assert Slip.objects.filter(used_at__isnull=False).count() == 1
    assert PASSWORD in said.getvalue() and "innokenty" in said.getvalue()
    tickets = Ticket.objects.all()
    assert set(tickets.values_list("status", flat=True)) == {one.value for one in Status}
    assert set(tickets.values_list("priority", flat=True)) == {one.value for one in Priority}
    open_ones = tickets.filter(closed_at=None)
    now = timezone.now()
    assert open_ones.count() >= 40
    assert open_ones.filter(due_at__lt=now).exclude(status="clarification").count() >= 3
    assert open_ones.filter(answered_at__isnull=False).count() >= 5
    assert open_ones.filter(priority="urgent").count() >= 2
    assert open_ones.filter(contact=None).count() == 2
    assert tickets.filter(undelivered=True).count() >= 2
    kinds = set(TicketEvent.objects.values_list("kind", flat=True))
    seldom = {EventKind.SUBSYSTEM, EventKind.EMAIL, EventKind.TYPE, EventKind.CUSTOMER, EventKind.CONTINUED}
    seldom |= {EventKind.HELD, EventKind.RELEASED, EventKind.ERASED}  # two years are not enough for texts to be erased
    assert set(EventKind) - seldom <= {EventKind(kind) for kind in kinds}
    assert {Resolution.SOLVED, Resolution.REFUSED, Resolution.COMPLAINT, Resolution.WITHDRAWN} <= set(
        tickets.values_list("resolution", flat=True)
    )
    assert not TicketEvent.objects.filter(at__gt=now).exists()
    assert Attachment.objects.exists()
    assert set(Inbound.objects.values_list("state", flat=True)) == set(InboundState) - {InboundState.RECEIVED}
    assert Outgoing.objects.filter(state="dead").count() >= 2
    brought = Transfer.objects.order_by("at").values_list("state", "new", "refused", "files", "missing", "aside_count")
    assert list(brought) == [("done", 4, 1, 2, 1, 1), ("looked", 2, 1, 1, 0, 0)]
    doctor = StringIO()
    with contextlib.suppress(SystemExit):  # what it has found is in its words
        call_command("doctor", strict=True, stdout=doctor)
    assert "✗" not in doctor.getvalue()
    again_changes_only_the_port(monkeypatch)


def again_changes_only_the_port(monkeypatch):
    before = Ticket.objects.count()
    monkeypatch.setenv("PROVODNIK_DEMO_SMTP_PORT", "2600")
    call_command("load_demo", small=True, stdout=StringIO())
    assert Ticket.objects.count() == before
    assert Mailbox.objects.get(address=SUPPORT).smtp_port == 2600


@pytest.mark.long
def test_interrupted_it_begins_anew(demo, monkeypatch):
    class Killed(Exception):
        pass

    def kill(step: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Player, "note", lambda player, step: kill(step))
        call_command("load_demo", small=True, stdout=StringIO())
    assert not Ticket.objects.exists() and not User.objects.exists()
    with time_machine.travel(recipes.MOMENT):
        load(lambda words: None, now=recipes.MOMENT, small=True)
        assert not (wrong := recipes.faults(asked_by)), "pictures of the manuals: make pictures\n" + "\n".join(wrong)
    times = list(Ticket.objects.order_by("number").values_list("registered_at", flat=True))
    assert times and times == sorted(times), "numbers grow with the time of registration"
    notes = Ticket.objects.filter(messages__kind=MessageKind.NOTE, messages__contact__isnull=False)
    assert not notes.exists(), "notes are never public"


def asked_by(login: str) -> Callable[[str], tuple[int, str]]:
    """How a plain client of this account asks for a page."""
    client = Client()
    if login:
        client.force_login(User.objects.get(login=login), "provodnik.accounts.backends.LoginOrEmailBackend")

    def ask(address: str) -> tuple[int, str]:
        answer = client.get(address, follow=True)
        return answer.status_code, answer.content.decode()

    return ask


def test_a_database_with_people_is_left_alone(demo):
    User.objects.create_user("somebody", full_name="Кто-то Настоящий")
    with pytest.raises(CommandError):
        call_command("load_demo", small=True, stdout=StringIO())
    assert not Contact.objects.exists()


def test_same_moment_same_demo(demo):
    """A complaint about the demo can be looked at by another: chance has a seed."""
    cast = settle(date(2026, 11, 23), random.Random(14), small=True)
    plans = [
        [[(step.at, step.verb, step.case.subject) for step in steps] for steps in writer.history(5)]
        for writer in (Writer(cast, NIGHT, random.Random(3)), Writer(cast, NIGHT, random.Random(3)))
    ]
    assert plans[0] == plans[1]


@pytest.mark.parametrize("today", [date(2026, 1, 5), date(2026, 1, 12), date(2027, 6, 1)])
def test_a_contract_is_in_force_on_any_day_of_loading(demo, today):
    cast = settle(today, random.Random(1), small=True)
    for customer in cast.customers.values():
        assert contract_in_force(customer, today) is not None
    assert Contract.objects.filter(customer=cast.customers["chv"]).count() == 3


def test_scenarios_speak_of_what_exists():
    departments, subsystems = set(data.toml("people")["departments"]), set(data.subsystems())
    known = set(blanks(NIGHT, random.Random(1), other=1, colleague="x"))
    scenarios = data.scenarios()
    assert [name for name, count in Counter(one["id"] for one in scenarios).items() if count > 1] == []
    for one in scenarios:
        assert set(one["from"]) <= departments and one["subsystem"] in subsystems, one["id"]
        Impact(one["impact"])
        Resolution(one.get("resolution", "solved"))
        assert "withdrawn" in one or one["solution"], one["id"]
        assert ("answer" in one) == ("question" in one) and ("reason" in one) == ("priority" in one), one["id"]
        words = [*one["subject"], *one["text"], *one.get("solution", [])]
        words += [one.get(part, "") for part in ("question", "answer", "reply", "note")]
        assert {blank for text in words for blank in _BLANK.findall(text)} <= known, one["id"]
    assert {row["scenario"] for row in data.toml("today")["cases"]} <= {one["id"] for one in scenarios}


def test_addresses_are_nobodys():
    for row in data.toml("people")["account"]:
        assert row["email"].endswith(".example")
    assert latin("Приозёрная-Щукина") == "priozernayaschukina"


def test_files_are_what_they_say():
    shot, sheet = screenshot(random.Random(1)), protocol(random.Random(1))
    assert shot.startswith(b"\x89PNG\r\n\x1a\n") and shot.endswith(b"IEND\xaeB`\x82")
    assert sheet.startswith(b"%PDF-1.4") and sheet.endswith(b"%%EOF\n")
    start = int(sheet.rsplit(b"startxref\n", 1)[1].split()[0])
    assert sheet[start:].startswith(b"xref")
