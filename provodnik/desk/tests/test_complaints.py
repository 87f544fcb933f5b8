"""«Жалоба»: a request of its own to the lead, by its own deadline, never to whom it is about (R11)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.desk import announce, checks, policies, schedule
from provodnik.desk.actions import assignment, closing, complaints, deadlines, facts, incoming, work
from provodnik.desk.announce.people import tell_desk
from provodnik.desk.models import (
    AssignmentRule,
    Contract,
    EventKind,
    SavedView,
    Team,
    TeamMember,
    Ticket,
    TicketLink,
)
from provodnik.desk.queries import found, live, queue, rail, ties
from provodnik.desk.queries.filters import Filters
from provodnik.desk.queries.queue import view_named
from provodnik.desk.queries.views import VIEWS, counters, tickets_of
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


class TestKeptFromTheAccused:
    """docs/adr/0021: by `visible_tickets` alone, and by whatever is written beside it for speed."""

    WORD = "хамствоканарейка"

    @pytest.fixture
    def complaint(self, ticket: Ticket, lead: User) -> Ticket:
        made = complain(ticket, text=f"Сплошное {self.WORD}.")
        Ticket.objects.filter(pk=made.pk).update(priority="urgent", subject=f"Жалоба {self.WORD}")
        return made

    def test_lists_search_counters_page_links_and_the_api_of_lists(self, anna, lead, ticket, complaint):
        other = SpecialistFactory.create()
        TicketLink.objects.create(one=ticket, other=complaint, kind="related", by=lead, at=NOW)
        shared = SavedView.objects.create(name="Срочные", query={"view": "open", "priority": "urgent"}, changed_at=NOW)
        now = NOW + 2 * HOUR
        for person, there in ((anna, False), (other, True), (lead, True)):
            assert policies.visible_tickets(person).filter(pk=complaint.pk).exists() is there
            for key, view in VIEWS.items():
                if key.startswith("mine") or view.archive or key in ("unassigned", "answered", "soon", "overdue"):
                    continue
                shown = queue.page(person, view, Filters(), now=now)
                assert (complaint.pk in [row.number for row in shown.rows]) is (there and key != "clarification"), key
                if key == "complaints":
                    assert counters(person, now)[key] == int(there)
            assert bool(queue.page(person, VIEWS["open"], Filters(priority="urgent"), now=now).rows) is there
            assert {one.id: one.count for one in rail.rail(person, now).saved}[shared.pk] == int(there)
            for typed in (self.WORD, str(complaint.pk)):
                assert (complaint.pk in [hit.row.number for hit in found.search(person, typed, now=now).hits]) is there
            assert bool([one for one in ties.ties(person, ticket).links if one.number == complaint.pk]) is there
            assert (complaint.pk in [row.number for row in live.changes(person, NOW, now=now).rows]) is there

    def test_pages_and_files(self, client, anna, lead, complaint):
        address = reverse("desk:ticket", args=[complaint.pk])
        for person, status in ((anna, 404), (lead, 200)):
            client.force_login(person)
            assert client.get(address).status_code == status
            page = client.get(reverse("desk:queue") + "?view=open").text
            assert (self.WORD in page) is (status == 200)

    def test_notices(self, anna, lead, complaint):
        note = work.note(complaint.pk, text=f"@{anna.login}, объясните", by=lead, at=NOW + HOUR)
        event = complaint.events.get(message=note)
        tell_desk(event, [anna, SpecialistFactory.create()], "x")
        assert not Notice.objects.filter(user=anna, url=reverse("desk:ticket", args=[complaint.pk])).exists()
        assert Notice.objects.filter(key=f"desk:{event.kind}:{event.pk}").count() == 1

    def test_what_goes_on_after_it_is_one_too(self, anna, lead, ticket, complaint):
        closing.close(complaint.pk, resolution=Resolution.SOLVED, text="Поговорили", by=lead, at=NOW + 2 * HOUR)
        said = incoming.Said(text="Опять", channel="portal", contact=ticket.contact)
        later = incoming.hear(complaint.pk, said, key=uuid.uuid4(), at=NOW + 24 * 60 * HOUR)
        assert later.pk != complaint.pk and later.complains_about_id == anna.pk and later.assignee_id == lead.pk
        assert not policies.visible_tickets(anna).filter(pk=later.pk).exists()

    def test_the_clock_tells_its_own_time(self, client, lead, ticket, complaint):
        client.force_login(lead)
        page = client.get(reverse("desk:ticket", args=[complaint.pk])).text.replace("\u00a0", " ")
        assert "Срок ответа на жалобу" in page and "ответ на жалобу даётся за 8 ч" in page
        assert "Норматив" not in page

    def test_the_queue_keeps_its_index(self, anna):
        """Plans are measured by hand; here, that it stays one comparison without a join."""
        sql = str(policies.visible_tickets(anna).query)
        where = sql.split(" WHERE ")[1]
        assert " JOIN " not in sql and "SELECT" not in where and where.count("complains_about_id") == 2
        assert " WHERE " not in str(policies.visible_tickets(LeadFactory.create()).query)
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'desk_ticket'")
            made = dict(cursor.fetchall())
        assert "(complains_about_id) WHERE (complains_about_id IS NOT NULL)" in made["ticket_complaints_about"]
        # «записано с/по» over the whole archive
        assert made["ticket_registered"].endswith("(registered_at)")
