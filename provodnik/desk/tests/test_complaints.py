"""«Жалоба»: a request of its own to the lead, by its own deadline, never to whom it is about (R11)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.desk import announce, checks, schedule
from provodnik.desk.actions import assignment, closing, complaints, deadlines, facts, incoming, work
from provodnik.desk.models import AssignmentRule, Contract, EventKind, Team, TeamMember, Ticket
from provodnik.desk.queries.queue import view_named
from provodnik.desk.queries.views import tickets_of
from provodnik.desk.states import Priority, Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    NOW,
    ContractFactory,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)
from provodnik.notify.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    return SpecialistFactory.create(full_name="Ковалёва Анна Петровна")


@pytest.fixture
def lead() -> User:
    return LeadFactory.create(full_name="Полева Галина Сергеевна")


@pytest.fixture
def ticket(anna: User) -> Ticket:
    contract: Contract = ContractFactory.create(complaint_allowance=8 * HOUR)
    ticket = make_ticket(contact=SignedInContactFactory.create(customer=contract.customer))
    return work.take(ticket.pk, by=anna, at=NOW)


def requester(ticket: Ticket) -> User:
    assert ticket.contact is not None and ticket.contact.user is not None
    return ticket.contact.user


def complain(ticket: Ticket, text: str = "Грубили по телефону.", **more) -> Ticket:
    options = {"by": requester(ticket), "at": NOW + HOUR, "key": uuid.uuid4(), **more}
    return complaints.complain(ticket.pk, text=text, **options)


def test_it_goes_to_the_lead_with_its_own_deadline(ticket, anna, lead):
    made = complain(ticket)
    assert (made.complains_of, made.complains_about, made.assignee) == (ticket, anna, lead)
    assert made.due_at == made.registered_at + 8 * HOUR
    assert made.subject.endswith(ticket.subject) and made.contact == ticket.contact
    assert ticket.events.get(kind=EventKind.COMPLAINED).data["number"] == made.pk
    for event in made.events.all():
        announce.tell.func(event.pk)
    assert Notice.objects.filter(user=lead).count() == 1
    assert not Notice.objects.filter(user=anna).exists()
    ticket.refresh_from_db()
    assert ticket.is_open and ticket.assignee == anna  # the first one goes its way


def test_of_a_closed_request_too_which_stays_closed(ticket, anna, lead):
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Да", by=anna, at=NOW)
    assert complain(ticket).assignee == lead
    ticket.refresh_from_db()
    assert not ticket.is_open


def test_the_same_form_makes_one_and_a_second_waits_for_the_first(ticket, anna, lead):
    key = uuid.uuid4()
    assert complain(ticket, key=key) == complain(ticket, key=key)
    with pytest.raises(Refused):
        complain(ticket)
    closing.close(
        Ticket.objects.get(complains_of=ticket).pk, resolution=Resolution.COMPLAINT, text="Извините", by=lead, at=NOW
    )
    assert complain(ticket).pk
    other = make_ticket(contact=ticket.contact)
    with pytest.raises(Refused):
        complain(other, key=key)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_said_is_no_complaint(ticket, lead, text):
    with pytest.raises(Refused):
        complain(ticket, text)


def test_only_its_requester_complains_and_not_of_a_complaint(ticket, anna, lead):
    with pytest.raises(Refused):
        complain(ticket, by=anna)
    with pytest.raises(Refused):
        complain(ticket, by=requester(make_ticket()))
    with pytest.raises(Refused):
        complain(complain(ticket))


class TestNeverTheAccused:
    def test_by_hand(self, ticket, anna, lead):
        made = complain(ticket)
        for act in (
            lambda: work.take(made.pk, by=anna, at=NOW),
            lambda: work.assign(made.pk, to=anna, by=lead, at=NOW),
            lambda: work.reply(made.pk, text="Это не я", by=anna, at=NOW),
            lambda: work.ask(made.pk, text="Кто?", by=anna, at=NOW),
            lambda: closing.close(made.pk, resolution=Resolution.USER_ERROR, text="Нет", by=anna, at=NOW),
            lambda: facts.change_priority(made.pk, priority=Priority.LOW, reason="Так", by=anna, at=NOW),
        ):
            with pytest.raises(Refused):
                act()
        made.refresh_from_db()
        assert made.assignee == lead

    def test_by_the_database(self, ticket, anna, lead):
        made = complain(ticket)
        with pytest.raises(IntegrityError), transaction.atomic():
            Ticket.objects.filter(pk=made.pk).update(assignee=anna)

    def test_by_the_rules(self, ticket, anna):
        team = Team.objects.create(name="Линия")
        TeamMember.objects.create(team=team, user=anna)
        AssignmentRule.objects.create(team=team, way="load")
        made = complain(ticket)  # no lead at all
        assert made.assignee is None
        schedule.give.func(made.pk)
        made.refresh_from_db()
        assert made.assignee is None

    def test_when_it_is_about_a_lead_another_gets_it(self, ticket, lead):
        work.assign(ticket.pk, to=lead, by=lead, at=NOW)
        assert complain(ticket).assignee is None
        other = LeadFactory.create(full_name="Яковлев Пётр")
        closing.close(
            Ticket.objects.get(complains_of=ticket).pk, resolution=Resolution.SOLVED, text="Да", by=other, at=NOW
        )
        assert complain(ticket).assignee == other

    def test_the_lead_of_the_team_before_the_others(self, ticket, anna, lead):
        own = LeadFactory.create(full_name="Юдин Олег")
        team = Team.objects.create(name="Линия", lead=own)
        assignment.change_team(ticket.pk, team=team, by=anna, at=NOW)
        made = complain(ticket)
        assert (made.assignee, made.team) == (own, team)


def test_closing_as_a_complaint_opens_the_follow_up(ticket, anna, lead):
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Да", by=anna, at=NOW)
    late = NOW + timedelta(days=30)
    follower = incoming.answer(
        ticket.pk, text="Со мной говорили грубо.", by=requester(ticket), at=late, key=uuid.uuid4()
    )
    boris = SpecialistFactory.create()
    key = uuid.uuid4()
    for _ in range(2):
        closing.close(
            follower.pk, resolution=Resolution.COMPLAINT, text="Передано руководителю.", by=boris, at=late, key=key
        )
    made = Ticket.objects.get(complains_of=follower)
    assert (made.assignee, made.complains_about) == (lead, anna)
    assert made.messages.get().text == "Со мной говорили грубо."
    closing.close(made.pk, resolution=Resolution.COMPLAINT, text="Поговорили с сотрудником.", by=lead, at=late)
    assert Ticket.objects.filter(complains_of=made).count() == 0  # the answer to a complaint is no new one


def test_its_time_is_its_own_whatever_the_priority(ticket, lead):
    made = complain(ticket)
    made = facts.change_priority(made.pk, priority=Priority.URGENT, reason="Так", by=lead, at=NOW + 2 * HOUR)
    assert made.due_at == made.registered_at + 8 * HOUR
    Contract.objects.update(complaint_allowance=4 * HOUR)
    deadlines.recount(Contract.objects.get().pk)
    made.refresh_from_db()
    assert made.due_at == made.registered_at + 4 * HOUR
    assert [found.level for found in checks.deadlines()] == ["ok"]


def test_the_leads_view_and_its_line_in_the_menu(ticket, anna, lead, client):
    made = complain(ticket)
    assert [one.pk for one in tickets_of(view_named("complaints"), lead, NOW)] == [made.pk]
    for user, seen in ((lead, True), (anna, False)):
        client.force_login(user)
        assert ("view=complaints" in client.get(reverse("desk:queue")).content.decode()) is seen


class TestPage:
    def test_written_and_confirmed(self, ticket, lead, client):
        client.force_login(requester(ticket))
        page = reverse("requests:complain", args=[ticket.pk])
        assert page in client.get(reverse("requests:show", args=[ticket.pk])).content.decode()
        key = uuid.uuid4()
        for _ in range(2):
            response = client.post(page, {"key": str(key), "text": "Долго"})
            made = Ticket.objects.get(complains_of=ticket)
            assert response["Location"] == reverse("requests:receipt", args=[made.pk])
        own = client.get(reverse("requests:show", args=[made.pk])).content.decode()
        assert reverse("requests:show", args=[ticket.pk]) in own
        assert reverse("requests:complain", args=[made.pk]) not in own
        assert reverse("requests:show", args=[made.pk]) in client.get(page).content.decode()

    @pytest.mark.parametrize("content", [{}, {"text": ""}, {"key": "x", "text": "Да"}])
    def test_what_is_wrong_is_told(self, ticket, lead, client, content):
        client.force_login(requester(ticket))
        assert client.post(reverse("requests:complain", args=[ticket.pk]), content).status_code == 422
        assert Ticket.objects.count() == 1
