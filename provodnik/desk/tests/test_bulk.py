"""One step for many requests: verdicts, undoing, calling off, a second sending, a killed process."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from provodnik.core.decisions import Refused
from provodnik.desk.actions import bulk, closing, facts, incoming, tagging, work
from provodnik.desk.models import BulkRun, EventKind, Tag, Ticket, TicketTag
from provodnik.desk.states import Priority, Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    NOW,
    SignedInContactFactory,
    SpecialistFactory,
    UserFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db
What = BulkRun.What


@pytest.fixture
def specialist():
    return SpecialistFactory.create()


@pytest.fixture
def tickets():
    contact = SignedInContactFactory.create()
    return [make_ticket(contact=contact) for _one in range(3)]


def run(what, asked, tickets, specialist, at=NOW + HOUR, key=None):
    made = bulk.begin(what, asked, [one.pk for one in tickets], key=key or uuid.uuid4(), by=specialist, at=at)
    return bulk.carry_out(made.pk, at=at)


def verdicts(made):
    return dict(made.items.values_list("ticket_id", "done"))


class TestAssign:
    def test_each_has_its_verdict(self, tickets, specialist):
        first, second, third = tickets
        closing.close(second.pk, resolution=Resolution.SOLVED, text="Да", by=specialist, at=NOW)
        made = run(What.ASSIGN, {"to": specialist.pk}, tickets, specialist)
        assert verdicts(made) == {first.pk: True, second.pk: False, third.pk: True}
        assert made.items.get(ticket=second).reason
        assert made.state == "done"

    def test_undone_it_is_as_before_but_for_what_somebody_changed_since(self, tickets, specialist):
        colleague, third = SpecialistFactory.create(), SpecialistFactory.create()
        work.assign(tickets[0].pk, to=colleague, by=specialist, at=NOW)
        made = run(What.ASSIGN, {"to": specialist.pk}, tickets, specialist)
        work.assign(tickets[1].pk, to=third, by=third, at=NOW + 2 * HOUR)
        undone = bulk.undo(made.pk, by=specialist, at=NOW + 3 * HOUR)
        assert undone.state == "undone"
        has = dict(Ticket.objects.values_list("pk", "assignee_id"))
        assert [has[one.pk] for one in tickets] == [colleague.pk, third.pk, None]
        assert made.items.get(ticket=tickets[1]).undo_reason
        events = Ticket.objects.get(pk=tickets[0].pk).events.count()
        bulk.undo(made.pk, by=specialist, at=NOW + 4 * HOUR)  # twice changes nothing more
        assert Ticket.objects.get(pk=tickets[0].pk).events.count() == events

    def test_only_to_the_desk_and_only_by_it(self, tickets, specialist):
        stranger = UserFactory.create()
        with pytest.raises(Refused):
            run(What.ASSIGN, {"to": stranger.pk}, tickets, specialist)
        with pytest.raises(Refused):
            run(What.ASSIGN, {"to": specialist.pk}, tickets, stranger)
        assert not BulkRun.objects.exists()


def test_priority_goes_back_with_its_deadline(tickets, specialist):
    facts.change_priority(tickets[0].pk, priority=Priority.URGENT, reason="Стоит", by=specialist, at=NOW)
    before = dict(Ticket.objects.values_list("pk", "due_at"))
    made = run(What.PRIORITY, {"priority": "low", "reason": "Пожелание"}, tickets, specialist)
    assert set(Ticket.objects.values_list("priority", flat=True)) == {"low"}
    bulk.undo(made.pk, by=specialist, at=NOW + 2 * HOUR)
    assert dict(Ticket.objects.values_list("pk", "due_at")) == before


def test_tags_are_put_on_and_taken_off_again_but_not_those_that_were_there(tickets, specialist):
    (tag,) = tagging.named(["авария"])
    tagging.change_tags(tickets[0].pk, add=[tag.pk], by=specialist, at=NOW)
    made = run(What.TAGS, {"add": [tag.pk], "remove": []}, tickets, specialist)
    assert TicketTag.objects.filter(tag=tag).count() == 3
    bulk.undo(made.pk, by=specialist, at=NOW + 2 * HOUR)
    assert list(TicketTag.objects.values_list("ticket_id", flat=True)) == [tickets[0].pk]


class TestHeld:
    asked = {"resolution": "solved", "text": "Исправлено в 4.2"}

    def test_a_closing_waits_and_can_be_called_off(self, tickets, specialist):
        made = run(What.CLOSE, self.asked, tickets, specialist)
        assert (made.state, made.due_at) == ("waiting", NOW + HOUR + bulk.HOLD)
        assert bulk.carry_out(made.pk, at=NOW + HOUR + timedelta(seconds=9)).state == "waiting"
        assert bulk.undo(made.pk, by=specialist, at=NOW + HOUR).state == "cancelled"
        assert bulk.carry_out(made.pk, at=NOW + 2 * HOUR).state == "cancelled"
        assert not Ticket.objects.filter(status="done").exists()

    def test_carried_out_it_is_done_once_and_the_letters_are_gone(self, tickets, specialist):
        made = run(What.CLOSE, self.asked, tickets, specialist)
        for hours in (2, 3):
            assert bulk.carry_out(made.pk, at=NOW + hours * HOUR).state == "done"
        assert Ticket.objects.filter(status="done").count() == 3
        for one in tickets:
            assert one.events.filter(kind=EventKind.CLOSED).count() == 1
        with pytest.raises(Refused):
            bulk.undo(made.pk, by=specialist, at=NOW + 3 * HOUR)

    def test_who_wrote_meanwhile_is_read_first(self, tickets, specialist):
        made = run(What.ANSWER, {"text": "Готово"}, tickets, specialist)
        user = tickets[0].contact.user
        incoming.answer(tickets[0].pk, text="Стойте", by=user, at=NOW + HOUR + timedelta(seconds=5), key=uuid.uuid4())
        done = bulk.carry_out(made.pk, at=NOW + 2 * HOUR)
        assert verdicts(done) == {tickets[0].pk: False, tickets[1].pk: True, tickets[2].pk: True}

    def test_what_a_killed_process_left_is_gone_on_with(self, tickets, specialist):
        made = run(What.ANSWER, {"text": "Готово"}, tickets, specialist)
        BulkRun.objects.filter(pk=made.pk).update(state="running")
        bulk._one(BulkRun.objects.get(pk=made.pk), made.items.order_by("pk")[0].pk, at=NOW + 2 * HOUR)
        assert bulk.left_behind(NOW + 2 * HOUR) == [made.pk]
        assert bulk.carry_out(made.pk, at=NOW + 2 * HOUR).state == "done"
        for one in tickets:
            assert one.messages.filter(text="Готово").count() == 1


class TestBounds:
    def test_the_same_form_twice_is_one_run(self, tickets, specialist):
        key = uuid.uuid4()
        for _again in range(2):
            run(What.ASSIGN, {"to": specialist.pk}, tickets, specialist, key=key)
        assert BulkRun.objects.count() == 1
        with pytest.raises(Refused):
            run(What.ASSIGN, {"to": None}, tickets, SpecialistFactory.create(), key=key)

    def test_neither_none_nor_too_many(self, specialist):
        for numbers in ([], list(range(1, bulk.MOST + 2)), [10**9]):
            with pytest.raises(Refused):
                bulk.begin(What.ASSIGN, {"to": None}, numbers, key=uuid.uuid4(), by=specialist, at=NOW)
        assert not BulkRun.objects.exists()

    def test_a_step_without_its_words_does_nothing(self, tickets, specialist):
        asked = [
            (What.ANSWER, {"text": " "}),
            (What.CLOSE, {"resolution": "solved", "text": ""}),
            (What.PRIORITY, {"priority": "low", "reason": ""}),
            (What.TAGS, {"add": [], "remove": []}),
        ]
        for what, words in asked:
            with pytest.raises(Refused):
                run(what, words, tickets, specialist)


class TestPages:
    @pytest.fixture
    def desk(self, client, specialist):
        client.force_login(specialist)
        return client

    def post(self, desk, what, tickets, **typed):
        data = {"n": [one.pk for one in tickets], "key": str(uuid.uuid4()), **typed}
        return desk.post(reverse("desk:bulk", args=[what]), data, headers={"HX-Request": "true"})

    def test_a_step_tells_its_verdict_and_its_undo(self, desk, tickets, specialist):
        page = desk.get(reverse("desk:bulk", args=["assign"]), {"n": [one.pk for one in tickets]})
        assert page.status_code == 200
        answer = self.post(desk, "assign", tickets, assignee=specialist.pk)
        told = json.loads(answer["HX-Trigger"])["desk:bulk"]
        assert told["refused"] == 0 and told["undo"]
        desk.post(told["undo"], headers={"HX-Request": "true"})
        assert not Ticket.objects.exclude(assignee=None).exists()
        assert desk.get(told["history"]).status_code == 200
        assert str(BulkRun.objects.get().pk) in desk.get(reverse("desk:bulk_runs")).content.decode()

    def test_what_was_refused_stands_with_its_reason(self, desk, tickets, specialist):
        closing.close(tickets[1].pk, resolution=Resolution.SOLVED, text="Да", by=specialist, at=NOW)
        answer = self.post(desk, "tags", tickets, tags="авария, новая метка")
        assert TicketTag.objects.count() == 6 and Tag.objects.count() == 2
        answer = self.post(desk, "priority", tickets, priority="low", reason="Пожелание")
        assert str(tickets[1].pk) in answer.content.decode()
        assert json.loads(answer["HX-Trigger"])["desk:bulk"]["refused"] == 1

    def test_mistakes_are_told_and_change_nothing(self, desk, tickets):
        for what, typed in (("answer", {}), ("close", {"resolution": "x", "text": "y"}), ("priority", {})):
            assert self.post(desk, what, tickets, **typed).status_code == 422
        assert desk.get(reverse("desk:bulk", args=["assign"]), {"n": "нет"}).status_code == 200
        assert self.post(desk, "assign", []).status_code == 422
        assert not BulkRun.objects.exists()

    def test_chosen_requests_are_merged_into_the_earliest(self, desk, tickets):
        page = desk.get(reverse("desk:bulk", args=["merge"]), {"n": [one.pk for one in tickets]})
        assert f'value="{tickets[0].pk}"' in page.content.decode()
        answer = self.post(desk, "merge", tickets, into=tickets[0].pk, text="")
        assert answer["HX-Redirect"].startswith(reverse("desk:ticket", args=[tickets[0].pk]))
        assert Ticket.objects.filter(merge__target=tickets[0]).count() == 2

    def test_without_script_there_is_a_page_of_marks(self, desk, tickets):
        page = desk.get(reverse("desk:choose"), {"view": "open"}).content.decode()
        assert page.count('type="checkbox"') == 3
        answer = desk.post(
            reverse("desk:bulk", args=["assign"]), {"n": tickets[0].pk, "key": str(uuid.uuid4()), "assignee": ""}
        )
        assert answer.status_code == 302
        assert desk.get(answer["Location"]).status_code == 200
