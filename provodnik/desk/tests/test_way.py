"""Any way through the actions, legal or not, at growing instants, against a simple model of the regulation.

The model knows what R9-R15 and I2-I6 say and nothing of the code: a list of (instant, status) and the priority. After
every step the stored request is compared with it, and doctor's checks must find nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from provodnik.core.decisions import Refused
from provodnik.desk import checks
from provodnik.desk.actions import closing, facts, incoming, work
from provodnik.desk.models import Message, MessageKind, Ticket, TicketEvent
from provodnik.desk.queries.facts import clock_story
from provodnik.desk.states import Priority, Resolution
from provodnik.desk.tests.factories import HOUR, MINUTE, NOW, SignedInContactFactory, SpecialistFactory, make_ticket

ALLOWANCE = {"urgent": 12 * HOUR, "high": 24 * HOUR, "medium": 48 * HOUR, "low": 96 * HOUR}  # R12, written out anew
REOPENING = timedelta(days=7)
TEXTS = st.sampled_from(["Проверьте, пожалуйста, ещё раз.", "Вот.", "\x00", "  "])
PASSED = st.sampled_from(
    [timedelta(), timedelta(seconds=1), HOUR, 11 * HOUR, timedelta(days=3), timedelta(days=7), timedelta(days=8)]
)


class Way(RuleBasedStateMachine):
    """One request; `expect` runs a step and compares whether it was refused with what the model says."""

    def __init__(self) -> None:
        super().__init__()
        self.room = transaction.atomic()  # each example leaves nothing to the next
        self.room.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.room.__exit__(None, None, None)

    @initialize(priority=st.sampled_from(list(Priority)))
    def register(self, priority: Priority) -> None:
        self.now = NOW
        self.people = [SpecialistFactory.create(), SpecialistFactory.create()]
        self.ticket = make_ticket(contact=SignedInContactFactory.create(), priority=priority, at=NOW)
        self.number, self.user = self.ticket.pk, self.ticket.contact.user
        self.moves = [(NOW, "created")]
        self.priority, self.resolution = priority.value, ""
        self.answered = None
        self.assignee = None
        self.messages = 1
        self.undelivered = False

    @property
    def status(self) -> str:
        return self.moves[-1][1]

    def expect(self, allowed: bool, step: Callable[[], Any]) -> bool:
        self.now += 7 * MINUTE  # nothing happens at once: every pause has a length
        before = self.stored()
        try:
            step()
        except Refused:
            assert not allowed, "refused what the regulation allows"
            assert self.stored() == before, "refused, and changed something"
            return False
        assert allowed, "done what the regulation forbids"
        return True

    def stored(self) -> tuple[Any, ...]:
        row = Ticket.objects.filter(pk=self.number).values().get()
        return (
            row,
            TicketEvent.objects.filter(ticket_id=self.number).count(),
            Message.objects.filter(ticket_id=self.number).count(),
        )

    def move(self, to: str) -> None:
        self.moves.append((self.now, to))

    def taken_up(self, who: int) -> None:
        if self.status != "in_progress":
            self.move("in_progress")
        self.assignee = self.people[who].pk if self.assignee is None else self.assignee

    def closed(self, resolution: str) -> None:
        self.move("done")
        self.resolution, self.answered, self.undelivered = resolution, None, True

    @rule(span=PASSED)
    def time_passes(self, span: timedelta) -> None:
        self.now += span

    # --- the desk

    @rule(who=st.integers(0, 1))
    def take(self, who: int) -> None:
        mine = self.status == "in_progress" and self.assignee == self.people[who].pk
        if self.expect(
            self.status != "done" and not mine, lambda: work.take(self.number, by=self.people[who], at=self.now)
        ):
            if self.status != "in_progress":
                self.move("in_progress")
                self.answered = None
            self.assignee = self.people[who].pk

    @rule(who=st.integers(0, 1), text=TEXTS)
    def reply(self, who: int, text: str) -> None:
        allowed = self.status != "done" and bool(text.strip())
        if self.expect(allowed, lambda: work.reply(self.number, text=text, by=self.people[who], at=self.now)):
            self.taken_up(who)
            self.answered = None
            self.messages += 1

    @rule(who=st.integers(0, 1), text=TEXTS)
    def ask(self, who: int, text: str) -> None:
        allowed = self.status != "done" and bool(text.strip())
        if self.expect(allowed, lambda: work.ask(self.number, text=text, by=self.people[who], at=self.now)):
            if self.status == "clarification":
                self.move("in_progress")
            self.assignee = self.people[who].pk if self.assignee is None else self.assignee
            self.move("clarification")
            self.answered = None
            self.messages += 1

    @rule(text=TEXTS)
    def note(self, text: str) -> None:
        if self.expect(bool(text.strip()), lambda: work.note(self.number, text=text, by=self.people[0], at=self.now)):
            self.messages += 1

    @rule(to=st.sampled_from([None, 0, 1]))
    def assign(self, to: int | None) -> None:
        person = None if to is None else self.people[to]
        if self.expect(
            self.status != "done", lambda: work.assign(self.number, to=person, by=self.people[0], at=self.now)
        ):
            self.assignee = person.pk if person else None

    @rule(priority=st.sampled_from(list(Priority)), reason=TEXTS)
    def change_priority(self, priority: Priority, reason: str) -> None:
        same = priority.value == self.priority
        allowed = self.status != "done" and (same or bool(reason.strip()))
        if self.expect(
            allowed,
            lambda: facts.change_priority(
                self.number, priority=priority, reason=reason, by=self.people[0], at=self.now
            ),
        ):
            self.priority = priority.value

    @rule(resolution=st.sampled_from(list(Resolution)), text=TEXTS, who=st.integers(0, 1))
    def close(self, resolution: Resolution, text: str, who: int) -> None:
        allowed = (
            self.status != "done"
            and resolution is not Resolution.WITHDRAWN
            and (resolution is not Resolution.REFUSED or self.priority == "low")
            and bool(text.strip())
        )
        if self.expect(
            allowed,
            lambda: closing.close(self.number, resolution=resolution, text=text, by=self.people[who], at=self.now),
        ):
            self.assignee = self.people[who].pk if self.assignee is None else self.assignee
            self.closed(resolution.value)
            self.messages += 1

    @rule(text=TEXTS)
    def reopen(self, text: str) -> None:
        allowed = self.status == "done" and bool(text.strip())
        if self.expect(allowed, lambda: closing.reopen(self.number, text=text, by=self.people[0], at=self.now)):
            self.move("in_progress")
            self.resolution, self.undelivered = "", False
            self.messages += 1

    @rule()
    def told_otherwise(self) -> None:
        if self.expect(
            True,
            lambda: closing.told_otherwise(self.number, text="По телефону", by=self.people[0], at=self.now),
        ):
            self.messages += self.undelivered
            self.undelivered = False

    # --- the requester

    @rule(text=TEXTS, times=st.integers(1, 2))
    def answer(self, text: str, times: int) -> None:
        key, went = uuid.uuid4(), []

        def send() -> None:
            for _ in range(times):  # a double click is one message
                went.append(incoming.answer(self.number, text=text, by=self.user, at=self.now, key=key).pk)

        open_now = self.status != "done"
        closed_at = self.moves[-1][0]
        if not self.expect(bool(text.strip()), send):
            return
        assert len(set(went)) == 1
        if open_now:
            self.answered = self.answered or self.now
        elif self.now <= closed_at + REOPENING:
            self.move("in_progress")
            self.resolution, self.answered, self.undelivered = "", self.now, False
        else:
            assert went[0] != self.number
            follower = Ticket.objects.get(pk=went[0])
            assert (follower.follows_id, follower.status) == (self.number, "created")
            return
        assert went[0] == self.number
        self.messages += 1

    @rule()
    def withdraw(self) -> None:
        again = self.resolution == "withdrawn"
        if (
            self.expect(
                self.status != "done" or again, lambda: closing.withdraw(self.number, by=self.user, at=self.now)
            )
            and not again
        ):
            self.closed("withdrawn")

    @rule(rating=st.integers(0, 6))
    def rate(self, rating: int) -> None:
        self.expect(
            self.status == "done" and 1 <= rating <= 5,
            lambda: closing.rate(self.number, rating=rating, text="", by=self.user, at=self.now),
        )

    @rule()
    def a_stranger_tries(self) -> None:
        stranger = SignedInContactFactory.create().user
        for step in (
            lambda: incoming.answer(self.number, text="Моё", by=stranger, at=self.now, key=uuid.uuid4()),
            lambda: closing.withdraw(self.number, by=stranger, at=self.now),
            lambda: closing.rate(self.number, rating=5, text="", by=stranger, at=self.now),
            lambda: work.take(self.number, by=stranger, at=self.now),
            lambda: closing.close(self.number, resolution=Resolution.SOLVED, text="Вот", by=self.user, at=self.now),
        ):
            self.expect(False, step)

    # --- what must hold after each step

    def due(self) -> Any:
        """I3, round the clock: registration + allowance + each ended pause that began before it was used up."""
        due = NOW + ALLOWANCE[self.priority]
        stays = [(status, start, end) for (start, status), (end, _) in zip(self.moves, self.moves[1:], strict=False)]
        for status, start, end in stays:
            if status in ("clarification", "done") and start < due:
                due += end - start
        return due

    @invariant()
    def the_stored_request_is_what_the_model_says(self) -> None:
        row = Ticket.objects.get(pk=self.number)
        since = self.moves[-1][0]
        assert row.status == self.status
        assert row.resolution == self.resolution
        assert row.priority == self.priority
        assert row.assignee_id == self.assignee
        assert row.due_at == self.due()
        assert row.answered_at == self.answered
        assert row.asked_at == (since if self.status == "clarification" else None)
        assert row.closed_at == (since if self.status == "done" else None)
        assert row.undelivered == self.undelivered
        assert row.registered_at == NOW
        assert row.messages.count() == self.messages
        if self.status == "done":
            assert (row.queue_rank, row.queue_at) == (3, since)
        elif self.answered is not None:
            assert (row.queue_rank, row.queue_at) == (0, self.answered)
        elif self.status == "clarification":
            assert (row.queue_rank, row.queue_at) == (2, since)
        else:
            assert (row.queue_rank, row.queue_at) == (1, row.due_at)

    @invariant()
    def doctor_finds_nothing(self) -> None:
        for check in (checks.deadlines, checks.histories, checks.wholeness):
            assert [finding.text for finding in check() if finding.level != "ok"] == []

    @invariant()
    def the_story_agrees_with_the_stored(self) -> None:
        ticket = Ticket.objects.select_related("contract__calendar").get(pk=self.number)
        story = clock_story(ticket, list(ticket.events.order_by("at", "id")), now=self.now)
        total = story.counted + story.waiting_user + story.waiting_us + story.stood_closed
        until = ticket.closed_at or self.now
        assert total == until - NOW
        if self.status != "clarification":
            assert story.due_at == ticket.due_at
        if ticket.closed_at is not None:
            assert story.in_time is (ticket.closed_at <= ticket.due_at)

    @invariant()
    def what_the_requester_reads_holds_no_note(self) -> None:
        notes = Message.objects.filter(ticket_id=self.number, kind=MessageKind.NOTE)
        public = Message.objects.filter(ticket_id=self.number).exclude(kind=MessageKind.NOTE)
        assert notes.count() + public.count() == self.messages


@pytest.mark.django_db
def test_any_way_agrees_with_the_regulation() -> None:
    run_state_machine_as_test(
        Way,
        settings=settings(
            max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
