"""Several people and one request, at the same moment, each in a real transaction of his own (safety F58, F59, F63)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pyotp
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts.actions import factors
from provodnik.channels.models import Channel
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.desk import checks
from provodnik.desk.actions import closing, facts, incoming, work
from provodnik.desk.actions.opening import NewTicket, open_ticket
from provodnik.desk.models import EventKind, Message, MessageKind, Ticket, TicketEvent
from provodnik.desk.states import Priority, Resolution, Status
from provodnik.desk.tests.factories import (
    HOUR,
    MINUTE,
    NOW,
    ContactFactory,
    SignedInContactFactory,
    SpecialistFactory,
    UserFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db(transaction=True)
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

CROWDS = (2, 4, 8)


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at once, each in its thread with its own connection. Gives results, or the exceptions raised."""
    gate = threading.Barrier(len(calls), timeout=20)
    connection.close()  # the pool has six; eight callers share them

    def run(call: Callable[[], Any]) -> Any:
        try:
            gate.wait()
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result(timeout=60) for each in [pool.submit(run, call) for call in calls]]


def won(results: list[Any]) -> list[Any]:
    """The results of who succeeded; whoever did not was told so in words, by nothing worse."""
    for result in results:
        assert not isinstance(result, Exception) or isinstance(result, Refused), repr(result)
    return [result for result in results if not isinstance(result, Exception)]


def assert_sound(ticket: Ticket) -> Ticket:
    """The history is one line, and everything stored follows from it."""
    fresh = Ticket.objects.get(pk=ticket.pk)
    for check in (checks.histories, checks.deadlines, checks.wholeness):
        assert all(finding.level == "ok" for finding in check()), list(check())
    moves = list(fresh.events.exclude(status_to="").order_by("at", "id").values_list("status_from", "status_to"))
    assert all(left[1] == right[0] for left, right in pairwise(moves)), moves
    return fresh


@pytest.mark.parametrize("crowd", CROWDS)
def test_everybody_takes_from_one_page_and_one_wins(crowd):
    ticket = make_ticket()
    people = [SpecialistFactory.create() for _ in range(crowd)]
    results = together(
        *(
            lambda person=person: work.take(ticket.pk, by=person, at=NOW + HOUR, revision=ticket.revision)
            for person in people
        )
    )
    assert len(won(results)) == 1
    assert sum(isinstance(result, ChangedMeanwhile) for result in results) == crowd - 1
    fresh = assert_sound(ticket)
    assert (fresh.status, fresh.assignee_id) == (Status.IN_PROGRESS.value, won(results)[0].assignee_id)
    assert fresh.events.filter(kind=EventKind.TAKEN).count() == 1


@pytest.mark.parametrize("crowd", CROWDS)
def test_everybody_closes_and_it_is_closed_once(crowd):
    ticket = make_ticket()
    people = [SpecialistFactory.create() for _ in range(crowd)]
    results = together(
        *(
            lambda person=person: closing.close(
                ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=person, at=NOW + HOUR, key=uuid.uuid4()
            )
            for person in people
        )
    )
    assert len(won(results)) == 1
    assert_sound(ticket)
    assert ticket.events.filter(kind=EventKind.CLOSED).count() == 1
    assert Message.objects.filter(kind=MessageKind.SOLUTION).count() == 1


@pytest.mark.parametrize("crowd", CROWDS)
def test_replies_of_many_are_all_kept(crowd):
    ticket = make_ticket()
    people = [SpecialistFactory.create() for _ in range(crowd)]
    results = together(
        *(
            lambda person=person: work.reply(ticket.pk, text="Смотрим", by=person, at=NOW + HOUR, key=uuid.uuid4())
            for person in people
        )
    )
    assert len(won(results)) == crowd
    fresh = assert_sound(ticket)
    assert Message.objects.filter(kind=MessageKind.REPLY).count() == crowd
    assert fresh.revision == ticket.revision + crowd  # no update was lost
    assert fresh.events.filter(kind=EventKind.TAKEN).count() == 1


@pytest.mark.parametrize("withdraws", [True, False] * 3)
def test_everything_at_once_leaves_one_history(withdraws):
    """Take, assign, reply, ask, close, answer, withdraw: in any order it ends in a legal state."""
    ticket = make_ticket()
    first, second = SpecialistFactory.create(), SpecialistFactory.create()
    number, at, requester = ticket.pk, NOW + HOUR, ticket.contact.user
    results = together(
        lambda: work.take(number, by=first, at=at),
        lambda: work.assign(number, to=second, by=first, at=at),
        lambda: work.reply(number, text="Смотрим", by=second, at=at, key=uuid.uuid4()),
        lambda: work.ask(number, text="Какая смена?", by=first, at=at, key=uuid.uuid4()),
        lambda: facts.change_priority(number, priority=Priority.URGENT, reason="Стоит у всех", by=second, at=at),
        lambda: incoming.answer(number, text="Вторая", by=requester, at=at, key=uuid.uuid4()),
        lambda: closing.close(number, resolution=Resolution.SOLVED, text="Готово", by=second, at=at, key=uuid.uuid4()),
        *([lambda: closing.withdraw(number, by=requester, at=at)] if withdraws else []),
    )
    won(results)
    assert_sound(ticket)
    # the requester's words are there, whatever happened around them (F63)
    assert Message.objects.filter(ticket=ticket, kind=MessageKind.ANSWER, text="Вторая").count() == 1


def test_two_requests_changed_in_opposite_order_do_not_lock_each_other_up():
    """Bulk work of two people: each step is its own transaction, so there is no deadlock to break (F18)."""
    left, right = make_ticket(), make_ticket()
    first, second = SpecialistFactory.create(), SpecialistFactory.create()

    def bulk(person: Any, *numbers: int) -> None:
        for step in range(10):
            for number in numbers:
                work.note(number, text=f"шаг {step}", by=person, at=NOW + MINUTE, key=uuid.uuid4())

    results = together(lambda: bulk(first, left.pk, right.pk), lambda: bulk(second, right.pk, left.pk))
    assert results == [None, None]
    assert Message.objects.filter(kind=MessageKind.NOTE).count() == 40


@pytest.mark.parametrize("crowd", CROWDS)
def test_one_form_in_parallel_is_one_request(crowd):
    contact = SignedInContactFactory.create()
    new = NewTicket(text="Не открывается", channel=Channel.PORTAL, customer=contact.customer, contact=contact)
    key = uuid.uuid4()
    results = together(*(lambda: open_ticket(new, key=key, by=contact.user, at=NOW) for _ in range(crowd)))
    assert {result.pk for result in results} == {Ticket.objects.get().pk}
    assert Message.objects.count() == 1
    assert TicketEvent.objects.count() == 1


def test_one_key_of_two_people_belongs_to_the_first():
    key = uuid.uuid4()
    people = [SignedInContactFactory.create() for _ in range(2)]
    results = together(
        *(
            lambda contact=contact: open_ticket(
                NewTicket(text="Моё", channel=Channel.PORTAL, customer=contact.customer, contact=contact),
                key=key,
                by=contact.user,
                at=NOW,
            )
            for contact in people
        )
    )
    assert len(won(results)) == 1
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda ticket, key, person: work.reply(ticket.pk, text="Смотрим", by=person, at=NOW + HOUR, key=key),
        lambda ticket, key, person: work.note(ticket.pk, text="Смотрим", by=person, at=NOW + HOUR, key=key),
        lambda ticket, key, person: work.ask(ticket.pk, text="Что?", by=person, at=NOW + HOUR, key=key),
        lambda ticket, key, person: closing.close(
            ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=person, at=NOW + HOUR, key=key
        ),
        lambda ticket, key, person: incoming.answer(
            ticket.pk, text="Ещё", by=ticket.contact.user, at=NOW + HOUR, key=key
        ),
        lambda ticket, key, person: closing.withdraw(
            ticket.pk, text="Не нужно", by=ticket.contact.user, at=NOW + HOUR, key=key
        ),
    ],
    ids=["reply", "note", "ask", "close", "answer", "withdraw"],
)
def test_one_form_in_parallel_says_one_thing(act):
    ticket = make_ticket()
    person, key = SpecialistFactory.create(), uuid.uuid4()
    results = together(*(lambda: act(ticket, key, person) for _ in range(6)))
    assert len(won(results)) == 6, results
    assert Message.objects.filter(ticket=ticket).exclude(kind=MessageKind.REQUEST).count() == 1
    assert_sound(ticket)


def test_an_answer_that_goes_on_in_a_new_request_makes_one():
    ticket = make_ticket()
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=SpecialistFactory.create(), at=NOW)
    key, late = uuid.uuid4(), NOW + timedelta(days=30)
    results = together(
        *(lambda: incoming.answer(ticket.pk, text="Опять", by=ticket.contact.user, at=late, key=key) for _ in range(4))
    )
    numbers = {result.pk for result in won(results)}
    assert len(numbers) == 1
    assert Ticket.objects.filter(follows=ticket).count() == 1
    assert ticket.events.filter(kind=EventKind.CONTINUED).count() == 1


@pytest.mark.parametrize("crowd", CROWDS)
def test_a_double_click_on_the_page_registers_once(crowd):
    contact = SignedInContactFactory.create()
    form = {
        "key": str(uuid.uuid4()),
        "impact": "cannot_enter",
        "text": "Показания пропадают после «Сохранить».",
        "contact_email": "a@chv.example",
    }

    def send() -> str:
        client = Client()
        client.force_login(contact.user)
        response = client.post(reverse("requests:new"), form)
        assert response.status_code == 302, response.content.decode()
        return response.url

    addresses = won(together(*[send] * crowd))
    ticket = Ticket.objects.get()
    assert set(addresses) == {reverse("requests:receipt", args=[ticket.pk])}


def test_numbers_of_many_requests_are_all_different():
    contacts = [ContactFactory.create() for _ in range(8)]

    def several(contact: Any) -> list[int]:
        return [make_ticket(contact=contact).pk for _ in range(5)]

    numbers = [number for made in together(*(lambda one=one: several(one) for one in contacts)) for number in made]
    assert len(set(numbers)) == 40


def test_doctor_agrees_after_all_that(capsys):
    for _ in range(3):
        ticket = make_ticket()
        person = SpecialistFactory.create()
        together(
            lambda ticket=ticket, person=person: work.take(ticket.pk, by=person, at=NOW + HOUR),
            lambda ticket=ticket, person=person: work.ask(ticket.pk, text="Что?", by=person, at=NOW + HOUR),
        )
    try:
        call_command("doctor", "--strict")
    except SystemExit:
        told = capsys.readouterr().out
        assert not [line for line in told.splitlines() if line.startswith("✗") and "desk" in line], told


def test_of_two_uses_of_one_code_one_is_good():
    """A53: the same code of the app, and the same code of the sheet, at the same moment."""
    user = UserFactory.create()
    at = timezone.now()
    factors.add_totp(user, secret=TOTP, code=pyotp.TOTP(TOTP).at(at), session_key=None, at=at)
    sheet = factors.make_codes(user, session_key=None, at=at)
    later = at + timedelta(seconds=30)
    for code in (pyotp.TOTP(TOTP).at(later), sheet[0]):
        results = together(*[lambda code=code: factors.use_code(user, code, at=later)] * 4)
        assert sorted(map(bool, results)) == [False, False, False, True], results
