"""Drafts, and answers that can be taken back for some seconds: nothing that was written is ever lost."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.channels.models import Channel, Outgoing
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.desk.actions import closing, drafts, incoming, macros, sending, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.actions.sending import Written
from provodnik.desk.models import Attachment, EventKind, Macro, Message, MessageKind, Ticket, TicketEvent, Unsent
from provodnik.desk.states import Priority, Resolution, Status
from provodnik.desk.tests.factories import HOUR, NOW, SpecialistFactory, make_ticket
from provodnik.notify.models import Notice
from tests.mail import run_jobs

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
SENT = NOW + HOUR


@pytest.fixture
def agent() -> User:
    user: User = SpecialistFactory.create()
    return user


@pytest.fixture
def ticket() -> Ticket:
    return make_ticket()


def written(mode: str = "reply", text: str = "Открыли смену.", **more: Any) -> Written:
    return Written(mode, text, more.pop("key", None) or uuid.uuid4(), more.pop("resolution", "solved"), **more)


def hold(ticket: Ticket, agent: User, said: Written | None = None, *, at: Any = SENT, seconds: int = 10) -> Unsent:
    held = sending.hold(ticket.pk, said or written(), by=agent, at=at, seconds=seconds)
    assert held is not None
    return held


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_what_waits_is_seen_by_nobody_and_stops_no_clock(agent: User, ticket: Ticket) -> None:
    facts = TicketEvent.objects.count()
    held = hold(ticket, agent, written("ask", "Какой браузер?"))
    now = fresh(ticket)
    assert (now.status, now.revision, now.asked_at, now.assignee_id) == (Status.CREATED, ticket.revision, None, None)
    assert TicketEvent.objects.count() == facts
    assert not Message.objects.filter(kind=MessageKind.QUESTION).exists()
    assert held.release_at == SENT + 10 * SECOND


def test_it_leaves_as_of_the_moment_when_its_time_was_over(agent: User, ticket: Ticket) -> None:
    held = hold(ticket, agent, written("close", "Готово."))
    assert not sending.release(held.pk, now=SENT + 9 * SECOND)
    assert sending.release(held.pk, now=SENT + HOUR)  # the worker came late
    assert fresh(ticket).closed_at == SENT + 10 * SECOND
    assert not Unsent.objects.exists()
    assert not sending.release(held.pk, now=SENT + HOUR)  # its job runs again
    assert Message.objects.filter(kind=MessageKind.SOLUTION).count() == 1


def test_the_browser_may_be_gone(agent: User, ticket: Ticket, transactional_db: None) -> None:
    """The job alone carries it out, and the requester is told."""
    hold(ticket, agent, at=timezone.now() - 11 * SECOND)
    run_jobs()
    assert Message.objects.get(kind=MessageKind.REPLY).text == "Открыли смену."
    assert Outgoing.objects.filter(recipient=ticket.contact_email, key__startswith="desk:reply").exists()


def test_a_lost_job_is_made_up_for(agent: User, ticket: Ticket) -> None:
    held = hold(ticket, agent)
    assert sending.left_behind(SENT + 20 * SECOND) == []
    assert sending.left_behind(SENT + 25 * SECOND) == [held.pk]


def test_pressed_twice_it_waits_once_and_is_sent_once(agent: User, ticket: Ticket) -> None:
    said = written()
    held = hold(ticket, agent, said)
    assert sending.hold(ticket.pk, said, by=agent, at=SENT + SECOND, seconds=10) == held
    assert Unsent.objects.count() == 1
    sending.release(held.pk, now=SENT + HOUR)
    assert sending.hold(ticket.pk, said, by=agent, at=SENT + HOUR, seconds=10) is None
    assert Message.objects.filter(kind=MessageKind.REPLY).count() == 1


def test_taken_back_it_is_a_draft_with_its_files(agent: User, ticket: Ticket) -> None:
    said = written(files=[NewFile("журнал.txt", "text/plain", b"1")])
    held = hold(ticket, agent, said)
    assert sending.recall(ticket.pk, held.pk, by=agent, at=SENT + SECOND)
    assert not sending.recall(ticket.pk, held.pk, by=agent, at=SENT + SECOND)
    assert not sending.release(held.pk, now=SENT + HOUR)
    draft = Unsent.objects.get()
    assert (draft.text, draft.mode, draft.release_at) == (said.text, "reply", None)
    again = written(files_kept=[draft.files.get().pk])
    held = hold(ticket, agent, again, at=SENT + 2 * SECOND)
    sending.release(held.pk, now=SENT + HOUR)
    assert Attachment.objects.get(message__key=again.key).name == "журнал.txt"


def test_a_file_that_is_not_named_again_stays_behind(agent: User, ticket: Ticket) -> None:
    held = hold(ticket, agent, written(files=[NewFile("журнал.txt", "text/plain", b"1")]))
    sending.recall(ticket.pk, held.pk, by=agent, at=SENT)
    sending.send(ticket.pk, written(text="Без файла."), by=agent, at=SENT + SECOND)
    assert not Attachment.objects.exists()
    assert not Unsent.objects.exists()


def test_nobody_takes_back_what_is_another_s(agent: User, ticket: Ticket) -> None:
    held = hold(ticket, agent)
    other = SpecialistFactory.create()
    assert not sending.recall(ticket.pk, held.pk, by=other, at=SENT)
    with pytest.raises(Refused):
        sending.hold(ticket.pk, written(key=held.key), by=other, at=SENT, seconds=10)


def test_what_was_begun_meanwhile_stands_below(agent: User, ticket: Ticket) -> None:
    held = hold(ticket, agent)
    drafts.keep(ticket.pk, by=agent, at=SENT, key=uuid.uuid4(), mode="note", text="И ещё.")
    sending.recall(ticket.pk, held.pk, by=agent, at=SENT)
    assert Unsent.objects.get().text == "Открыли смену.\n\nИ ещё."


@pytest.mark.parametrize(
    "wrong",
    [written(text=" "), written("close", " "), written("close", "Отказ", resolution="refused"), written("ask", "")],
    ids=["empty", "no solution", "refusal", "no question"],
)
def test_what_is_wrong_is_told_at_once(agent: User, ticket: Ticket, wrong: Written) -> None:
    with pytest.raises(Refused):
        hold(ticket, agent, wrong)
    assert not Unsent.objects.exists()


def test_somebody_was_faster_before_it_was_sent(agent: User, ticket: Ticket) -> None:
    work.note(ticket.pk, text="Уже звонил.", by=SpecialistFactory.create(), at=SENT)
    with pytest.raises(ChangedMeanwhile):
        sending.hold(ticket.pk, written(), by=agent, at=SENT, seconds=10, revision=ticket.revision)


@pytest.mark.parametrize("mode", ["reply", "ask", "close"])
def test_an_answer_that_came_while_it_waited_gives_it_back(agent: User, ticket: Ticket, mode: str) -> None:
    """The requester's word is never covered by what was written before it was read."""
    held = hold(ticket, agent, written(mode, "Готово."))
    said = incoming.Said(text="Всё заработало само.", channel=Channel.PORTAL, contact=ticket.contact)
    incoming.hear(ticket.pk, said, key=uuid.uuid4(), at=SENT + SECOND)
    assert sending.release(held.pk, now=SENT + HOUR)
    draft = Unsent.objects.get()
    assert draft.text == "Готово." and draft.release_at is None and draft.returned
    assert fresh(ticket).answered_at is not None
    assert Notice.objects.get(user=agent, tone="error").url == f"/desk/{ticket.pk}"
    assert not TicketEvent.objects.filter(kind__in=[EventKind.REPLIED, EventKind.ASKED, EventKind.CLOSED]).exists()


def test_a_colleague_s_note_does_not_stop_it(agent: User, ticket: Ticket) -> None:
    held = hold(ticket, agent)
    work.note(ticket.pk, text="Видел такое.", by=SpecialistFactory.create(), at=SENT + SECOND)
    sending.release(held.pk, now=SENT + HOUR)
    assert Message.objects.filter(kind=MessageKind.REPLY).exists()


def test_closed_by_a_colleague_meanwhile_it_comes_back(agent: User, ticket: Ticket) -> None:
    held = hold(ticket, agent)
    other = SpecialistFactory.create()
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=other, at=SENT + SECOND)
    sending.release(held.pk, now=SENT + HOUR)
    assert Unsent.objects.get().returned


def test_whoever_left_the_desk_loses_nothing_either(agent: User, ticket: Ticket) -> None:
    other = SpecialistFactory.create()
    work.assign(ticket.pk, to=other, by=agent, at=SENT)
    held = hold(ticket, agent)
    User.objects.filter(pk=agent.pk).update(is_active=False)
    sending.release(held.pk, now=SENT + HOUR)
    assert Unsent.objects.get().returned
    assert Notice.objects.filter(user=other, tone="error").count() == 1


class TestDrafts:
    def keep(self, ticket: Ticket, agent: User, **more: Any) -> Unsent | None:
        said = {"key": uuid.uuid4(), "mode": "reply", "text": "Почти", "at": SENT, **more}
        return drafts.keep(ticket.pk, by=agent, **said)

    def test_one_a_request_and_person(self, agent: User, ticket: Ticket) -> None:
        first, second = self.keep(ticket, agent), self.keep(ticket, agent, text="Почти готово", mode="ask")
        assert first == second and Unsent.objects.get().text == "Почти готово"
        self.keep(ticket, SpecialistFactory.create())
        assert Unsent.objects.count() == 2

    def test_emptied_it_is_gone(self, agent: User, ticket: Ticket) -> None:
        self.keep(ticket, agent)
        assert self.keep(ticket, agent, text="  ") is None
        assert not Unsent.objects.exists()

    def test_sent_it_is_gone_and_a_late_autosave_brings_it_not_back(self, agent: User, ticket: Ticket) -> None:
        key = uuid.uuid4()
        self.keep(ticket, agent, key=key)
        sending.send(ticket.pk, written(key=key), by=agent, at=SENT)
        assert self.keep(ticket, agent, key=key) is None
        assert not Unsent.objects.exists()

    def test_limits_are_told(self, agent: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(Refused):
            self.keep(ticket, agent, text="а" * 200_001)
        monkeypatch.setattr(drafts, "MOST_DRAFTS", 1)
        self.keep(ticket, agent)
        with pytest.raises(Refused):
            self.keep(make_ticket(), agent)
        assert self.keep(ticket, agent, text="Дальше") is not None

    def test_a_stranger_s_form_is_refused(self, agent: User, ticket: Ticket) -> None:
        kept = self.keep(ticket, agent)
        assert kept is not None
        with pytest.raises(Refused):
            self.keep(ticket, SpecialistFactory.create(), key=kept.key)

    def test_what_cannot_be_stored_is_no_fault(self, agent: User, ticket: Ticket) -> None:
        kept = self.keep(ticket, agent, text="а\x00б")
        assert kept is not None and kept.text == "а\ufffdб"


def test_a_macro_is_carried_out_with_the_text(agent: User, ticket: Ticket) -> None:
    other = SpecialistFactory.create()
    macro = macros.save(
        Macro(title="Второй линии", text="Передали.", priority="urgent", assign="person", assignee=other),
        shared=False,
        by=agent,
        at=SENT,
    )
    held = hold(ticket, agent, written(macro=macro))
    assert fresh(ticket).priority == Priority.HIGH
    sending.release(held.pk, now=SENT + HOUR)
    now = fresh(ticket)
    assert (now.priority, now.assignee) == (Priority.URGENT, other)
    macro.refresh_from_db()
    assert macro.used == 1
    assert "Второй линии" in TicketEvent.objects.get(kind=EventKind.PRIORITY).data["reason"]
