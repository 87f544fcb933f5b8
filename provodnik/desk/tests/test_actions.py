"""The regulation's way through the actions, on a real PostgreSQL."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.desk.actions import closing, facts, incoming, work
from provodnik.desk.models import EventKind, Message, MessageKind, Ticket, TicketEvent
from provodnik.desk.queries.facts import clock_story
from provodnik.desk.states import MOVES, Priority, Resolution, Status, TicketType
from provodnik.desk.tests.factories import (
    HOUR,
    NOW,
    CalendarFactory,
    ContractFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def specialist():
    return SpecialistFactory.create()


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("contract__calendar").get(pk=ticket.pk)


def story(ticket: Ticket, now):
    return clock_story(fresh(ticket), list(ticket.events.order_by("at", "id")), now=now)


class TestRegistration:
    def test_has_number_time_priority_and_deadline(self):
        ticket = make_ticket()
        assert ticket.number > 0
        assert (ticket.registered_at, ticket.due_at) == (NOW, NOW + 24 * HOUR)
        assert (ticket.type, ticket.priority, ticket.status) == ("defect", "high", "created")
        assert [event.kind for event in ticket.events.all()] == [EventKind.REGISTERED]

    def test_the_same_form_twice_is_one_request(self):
        contact = SignedInContactFactory.create()
        from provodnik.channels.models import Channel
        from provodnik.desk.actions.opening import NewTicket, open_ticket

        new = NewTicket(text="Не открывается", channel=Channel.PORTAL, customer=contact.customer, contact=contact)
        key = uuid.uuid4()
        first = open_ticket(new, key=key, by=None, at=NOW)
        again = open_ticket(new, key=key, by=None, at=NOW + HOUR)
        assert first.pk == again.pk
        assert Message.objects.count() == 1

    def test_somebody_elses_form_is_refused(self):
        first = make_ticket()
        from provodnik.channels.models import Channel
        from provodnik.desk.actions.opening import NewTicket, open_ticket

        other = SignedInContactFactory.create()
        new = NewTicket(text="Моё", channel=Channel.PORTAL, customer=other.customer, contact=other)
        with pytest.raises(Refused):
            open_ticket(new, key=first.key, by=None, at=NOW)

    def test_contract_sets_allowance_and_calendar(self):
        contract = ContractFactory.create(calendar=CalendarFactory.create(), high_allowance=timedelta(hours=10))
        contact = SignedInContactFactory.create(customer=contract.customer)
        ticket = make_ticket(contact=contact)
        # 09:12 on Monday in Moscow; nine hours a day, so the tenth is on Tuesday
        assert ticket.due_at == NOW + timedelta(days=1, hours=1)


class TestTheWay:
    def test_clock_stands_while_clarifications_are_sought(self, specialist):
        ticket = make_ticket()
        work.take(ticket.pk, by=specialist, at=NOW + HOUR)
        work.ask(ticket.pk, text="Какая дата смены?", by=specialist, at=NOW + 2 * HOUR)
        contact_user = ticket.contact.user
        incoming.answer(ticket.pk, text="22 ноября", by=contact_user, at=NOW + 5 * HOUR, key=uuid.uuid4())
        answered = fresh(ticket)
        assert (answered.status, answered.answered_at, answered.queue_rank) == ("clarification", NOW + 5 * HOUR, 0)
        work.take(ticket.pk, by=specialist, at=NOW + 6 * HOUR)
        resumed = fresh(ticket)
        assert (resumed.status, resumed.answered_at) == ("in_progress", None)
        assert resumed.due_at == NOW + 28 * HOUR
        told = story(ticket, NOW + 7 * HOUR)
        assert (told.counted, told.waiting_user, told.waiting_us) == (3 * HOUR, 3 * HOUR, HOUR)

    def test_asked_again_keeps_the_two_waits_apart(self, specialist):
        ticket = make_ticket()
        work.ask(ticket.pk, text="Что?", by=specialist, at=NOW + HOUR)
        incoming.answer(ticket.pk, text="То", by=ticket.contact.user, at=NOW + 2 * HOUR, key=uuid.uuid4())
        work.ask(ticket.pk, text="А где?", by=specialist, at=NOW + 4 * HOUR)
        told = story(ticket, NOW + 7 * HOUR)
        assert (told.waiting_user, told.waiting_us, told.counted) == (4 * HOUR, 2 * HOUR, HOUR)

    def test_priority_recomputes_from_registration(self, specialist):
        ticket = make_ticket()
        work.ask(ticket.pk, text="Что?", by=specialist, at=NOW + HOUR)
        work.take(ticket.pk, by=specialist, at=NOW + 3 * HOUR)
        changed = facts.change_priority(
            ticket.pk, priority=Priority.URGENT, reason="Стоит у всех", by=specialist, at=NOW + 4 * HOUR
        )
        assert changed.due_at == NOW + 14 * HOUR

    @pytest.mark.parametrize("resolution", [r for r in Resolution if r is not Resolution.WITHDRAWN])
    def test_every_resolution_demands_words(self, specialist, resolution):
        ticket = make_ticket(priority=Priority.LOW)
        with pytest.raises(Refused) as refused:
            closing.close(ticket.pk, resolution=resolution, text="  ", by=specialist, at=NOW)
        assert refused.value.field == "text"
        assert fresh(ticket).status == "created"

    def test_refusal_is_for_low_alone(self, specialist):
        ticket = make_ticket()
        with pytest.raises(Refused):
            closing.close(ticket.pk, resolution=Resolution.REFUSED, text="Не будем", by=specialist, at=NOW)

    def test_specialist_cannot_withdraw(self, specialist):
        ticket = make_ticket()
        with pytest.raises(Refused):
            closing.close(ticket.pk, resolution=Resolution.WITHDRAWN, text="x", by=specialist, at=NOW)

    def test_requester_withdraws(self):
        ticket = make_ticket()
        done = closing.withdraw(ticket.pk, by=ticket.contact.user, at=NOW + HOUR)
        assert (done.status, done.resolution) == ("done", "withdrawn")
        assert closing.withdraw(ticket.pk, by=ticket.contact.user, at=NOW + 2 * HOUR).closed_at == NOW + HOUR

    def test_reply_within_days_reopens_and_closed_time_is_not_counted(self, specialist):
        ticket = make_ticket()
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=specialist, at=NOW + HOUR)
        again = incoming.answer(
            ticket.pk, text="Снова пропадает", by=ticket.contact.user, at=NOW + timedelta(days=2), key=uuid.uuid4()
        )
        assert again.pk == ticket.pk
        assert (again.status, again.resolution, again.closed_at) == ("in_progress", "", None)
        assert again.due_at == NOW + 24 * HOUR + timedelta(days=2) - HOUR

    def test_later_reply_is_a_new_linked_request(self, specialist):
        ticket = make_ticket()
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=specialist, at=NOW)
        new = incoming.answer(
            ticket.pk, text="Снова", by=ticket.contact.user, at=NOW + timedelta(days=7, seconds=1), key=uuid.uuid4()
        )
        assert new.pk != ticket.pk
        assert (new.follows_id, fresh(ticket).status, new.status) == (ticket.pk, "done", "created")

    def test_page_made_from_an_older_state_is_refused(self, specialist):
        ticket = make_ticket()
        work.take(ticket.pk, by=specialist, at=NOW)
        with pytest.raises(ChangedMeanwhile):
            work.reply(ticket.pk, text="Ответ", by=specialist, at=NOW, revision=ticket.revision)

    def test_same_reply_twice_is_one_message(self, specialist):
        ticket = make_ticket()
        key = uuid.uuid4()
        for _ in range(3):
            work.reply(ticket.pk, text="Смотрим", by=specialist, at=NOW, key=key)
        assert Message.objects.filter(kind=MessageKind.REPLY).count() == 1

    def test_type_changes_with_a_reason(self, specialist):
        ticket = make_ticket()
        with pytest.raises(Refused):
            facts.change_type(ticket.pk, type_=TicketType.QUESTION, reason="", by=specialist, at=NOW)
        facts.change_type(ticket.pk, type_=TicketType.QUESTION, reason="Это вопрос", by=specialist, at=NOW)
        assert fresh(ticket).type == "question"


class TestTheDatabaseRefuses:
    @pytest.mark.parametrize(("old", "new"), [(a, b) for a in Status for b in Status if a != b and b not in MOVES[a]])
    def test_illegal_move(self, old, new):
        ticket = make_ticket()
        self.put(ticket, old)
        with pytest.raises(IntegrityError), transaction.atomic():
            self.put(ticket, new)

    @pytest.mark.parametrize(("old", "new"), [(a, b) for a in Status for b in MOVES[a]])
    def test_legal_move_passes(self, old, new):
        ticket = make_ticket()
        self.put(ticket, old)
        self.put(ticket, new)
        assert fresh(ticket).status == new

    def put(self, ticket: Ticket, status: Status) -> None:
        if fresh(ticket).status == status.value:
            return
        Ticket.objects.filter(pk=ticket.pk).update(
            status=status.value,
            resolution="solved" if status is Status.DONE else "",
            closed_at=NOW if status is Status.DONE else None,
            asked_at=NOW if status is Status.CLARIFICATION else None,
        )

    @pytest.mark.parametrize(
        "values", [{"registered_at": NOW + HOUR}, {"resolution": "solved"}, {"rating": 6}, {"status": "lost"}]
    )
    def test_impossible_values(self, values):
        ticket = make_ticket()
        with pytest.raises(IntegrityError), transaction.atomic():
            Ticket.objects.filter(pk=ticket.pk).update(**values)

    def test_refusal_of_a_high_one(self):
        ticket = make_ticket()
        with pytest.raises(IntegrityError), transaction.atomic():
            Ticket.objects.filter(pk=ticket.pk).update(status="done", resolution="refused", closed_at=NOW)

    def test_history_is_written_once(self):
        ticket = make_ticket()
        for change in (
            lambda: TicketEvent.objects.filter(ticket=ticket).update(at=NOW + HOUR),
            lambda: TicketEvent.objects.filter(ticket=ticket).delete(),
            lambda: Message.objects.filter(ticket=ticket).update(text="другое"),
        ):
            with pytest.raises((IntegrityError, ProtectedError)), transaction.atomic():
                change()
