"""The rules carried out: after registration, once, with the reason in the history; and what is carried to a lead."""

from __future__ import annotations

import threading
from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from provodnik.accounts.models import User
from provodnik.channels.models import Outgoing
from provodnik.core.decisions import Refused
from provodnik.desk import announce, event_words, schedule
from provodnik.desk.actions import assignment, closing, facts, work
from provodnik.desk.assignment import Way
from provodnik.desk.models import (
    Absence,
    AssignmentRule,
    DutyDay,
    DutyShift,
    Escalation,
    EventKind,
    Subsystem,
    Team,
    TeamMember,
    Ticket,
    TicketEvent,
)
from provodnik.desk.states import Impact, Priority, Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    MINUTE,
    NOW,
    CalendarFactory,
    ContractFactory,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
    make_ticket,
)
from provodnik.notify.models import Notice
from provodnik.people.actions import persons
from provodnik.people.models import Absence as PersonAbsence
from provodnik.people.states import Source
from provodnik.people.tests.factories import House

pytestmark = pytest.mark.django_db


def person(name: str) -> User:
    return SpecialistFactory.create(full_name=name)


@pytest.fixture
def anna() -> User:
    return person("Ковалёва Анна Петровна")


@pytest.fixture
def boris() -> User:
    return person("Лугов Борис Ильич")


def team(*members: User, lead: User | None = None, name: str = "Первая линия") -> Team:
    made = Team.objects.create(name=name, lead=lead)
    TeamMember.objects.bulk_create(TeamMember(team=made, user=one) for one in members)
    return made


def rule(of: Team, way: Way = Way.LOAD, **what) -> AssignmentRule:
    return AssignmentRule.objects.create(team=of, way=way.value, position=AssignmentRule.objects.count(), **what)


def routed(ticket: Ticket, at: datetime = NOW) -> Ticket:
    assignment.route(ticket.pk, at=at)
    ticket.refresh_from_db()
    return ticket


def test_without_rules_nothing_happens():
    before = make_ticket()
    after = routed(make_ticket())
    assert (after.team, after.assignee, after.revision) == (None, None, before.revision)


def test_the_first_rule_gives_team_and_person_and_the_history_says_why(anna, boris):
    portal = SubsystemFactory.create()
    work.take(make_ticket(priority=Priority.LOW).pk, by=anna, at=NOW)
    first = team(anna, boris)
    rule(team(anna, name="Кадры"), subsystem=portal)
    rule(first)
    ticket = routed(make_ticket())
    assert (ticket.team, ticket.assignee) == (first, boris)
    event = ticket.events.get(kind=EventKind.ROUTED)
    told = event_words.words(event, anna, NOW).text
    assert "Первая линия" in told and "Лугов" in told and "по нагрузке" in told
    announce.tell.func(event.pk)
    assert Notice.objects.filter(user=boris).count() == 1


def test_a_second_time_changes_nothing(anna, boris):
    rule(team(anna, boris), Way.TURN)
    ticket = routed(make_ticket())
    revision, had = ticket.revision, ticket.assignee
    assert routed(ticket).revision == revision
    assert ticket.assignee == had
    assert ticket.events.filter(kind=EventKind.ROUTED).count() == 1


@pytest.mark.parametrize("before", ["taken", "assigned", "closed", "team"])
def test_what_a_person_did_first_stands(anna, boris, before):
    rule(team(anna), Way.LOAD)
    other = team(boris, name="Вторая линия")
    ticket = make_ticket()
    if before == "taken":
        work.take(ticket.pk, by=boris, at=NOW)
    elif before == "assigned":
        work.assign(ticket.pk, to=boris, by=anna, at=NOW)
    elif before == "closed":
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Да", by=boris, at=NOW)
    else:
        assignment.change_team(ticket.pk, team=other, by=boris, at=NOW)
    ticket.refresh_from_db()
    had = (ticket.team, ticket.assignee, ticket.revision)
    routed(ticket)
    assert (ticket.team, ticket.assignee, ticket.revision) == had


def test_in_turn_is_kept_between_requests(anna, boris):
    rule(team(anna, boris), Way.TURN)
    got = [routed(make_ticket(), NOW + step * MINUTE).assignee for step in range(4)]
    assert got == [anna, boris, anna, boris]


def test_by_duty_with_a_date_of_its_own_and_an_absence(anna, boris):
    lead = LeadFactory.create()
    line = team(anna, boris, lead=lead)
    rule(line, Way.DUTY)
    DutyShift.objects.create(team=line, user=anna, weekday=0, starts=time(9), ends=time(9))
    assert routed(make_ticket()).assignee == anna
    Absence.objects.create(user=anna, starts_on=date(2026, 11, 20), ends_on=date(2026, 11, 23), substitute=lead)
    ticket = routed(make_ticket())
    assert ticket.assignee == lead
    assert "замещает" in ticket.events.get(kind=EventKind.ROUTED).data["reason"]
    DutyDay.objects.create(team=line, date=date(2026, 11, 23), user=boris, starts=time(0), ends=time(0))
    assert routed(make_ticket()).assignee == boris
    DutyDay.objects.all().delete()
    DutyDay.objects.create(team=line, date=date(2026, 11, 23))
    ticket = routed(make_ticket())
    assert (ticket.team, ticket.assignee) == (line, None)


def test_whom_hr_keeps_as_away_is_away(anna, boris):
    rule(team(anna, boris), Way.TURN)
    place = House().hire("Снегирёва Анна Петровна")
    persons.link_user(place.person_id, anna, by=None, at=NOW, on=NOW.date())
    leave = PersonAbsence.objects.create(employment=place, starts_on=date(2026, 11, 22), source=Source.ONEC.value)
    assert [routed(make_ticket()).assignee for _ in range(2)] == [boris, boris]
    leave.ends_on = date(2026, 11, 22)
    leave.save()
    assert routed(make_ticket()).assignee == anna


def test_who_has_left_the_desk_gets_nothing(anna, boris):
    rule(team(anna, boris))
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert [routed(make_ticket()).assignee for _ in range(2)] == [boris, boris]


def test_the_job_follows_registration_and_every_fact_that_rules_look_at(anna, deferred):
    """Registering asks nothing of the rules; the job that tells of it asks for the other one."""
    portal: Subsystem = SubsystemFactory.create()
    ticket = make_ticket()
    schedule.heard(ticket.events.get(kind=EventKind.REGISTERED).pk)
    assert "desk.give" not in deferred()  # no rules: not even a job
    line = team(anna)
    rule(line, subsystem=portal)
    schedule.heard(ticket.events.get(kind=EventKind.REGISTERED).pk)
    assert deferred().count("desk.give") == 1
    schedule.give.func(ticket.pk)
    ticket.refresh_from_db()
    assert ticket.team is None
    facts.change_subsystem(ticket.pk, subsystem=portal, by=person("Разбор Р"), at=NOW)
    schedule.heard(ticket.events.get(kind=EventKind.SUBSYSTEM).pk)
    assert deferred().count("desk.give") == 2
    schedule.give.func(ticket.pk)
    ticket.refresh_from_db()
    assert (ticket.team, ticket.assignee) == (line, anna)


@pytest.fixture
def deferred():
    def names() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT task_name FROM procrastinate_jobs ORDER BY id")
            return [name for (name,) in cursor.fetchall()]

    return names


def test_registering_costs_no_statement_more_with_rules(anna):
    contact = SignedInContactFactory.create()
    make_ticket(contact=contact)  # what is looked up once is looked up

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            make_ticket(contact=contact)
        return len(asked)

    without = statements()
    rule(team(anna), Way.DUTY)
    assert statements() == without


def test_a_person_says_the_team(anna, boris):
    line = team(anna)
    ticket = assignment.change_team(make_ticket().pk, team=line, by=boris, at=NOW)
    assert "Первая линия" in event_words.words(ticket.events.get(kind=EventKind.ROUTED), boris, NOW).text
    Team.objects.filter(pk=line.pk).update(is_active=False)
    with pytest.raises(Refused):
        assignment.change_team(make_ticket().pk, team=Team.objects.get(), by=boris, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_both_find_the_same_person_free():
    """Four requests at the same moment among four people: each gets one."""
    people = [person(f"Человек {n}") for n in range(4)]
    rule(team(*people))
    tickets = [make_ticket() for _ in range(4)]
    together = threading.Barrier(4)

    def give(number: int) -> None:
        try:
            together.wait(10)
            assignment.route(number, at=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=give, args=[ticket.pk]) for ticket in tickets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(Ticket.objects.values_list("assignee", flat=True)) == sorted(one.pk for one in people)


class TestEscalation:
    @pytest.fixture
    def lead(self) -> User:
        return LeadFactory.create(full_name="Полева Галина Сергеевна")

    def kinds(self, ticket: Ticket) -> list[str]:
        return [event.data["why"] for event in ticket.events.filter(kind=EventKind.ESCALATED).order_by("pk")]

    @pytest.mark.parametrize(
        ("after", "kinds"),
        [
            (29 * MINUTE, []),
            (30 * MINUTE, ["untaken"]),
            (24 * HOUR * 0.8 - MINUTE, ["untaken"]),
            (24 * HOUR * 0.8, ["untaken", "share"]),
            (24 * HOUR, ["untaken"]),  # nobody looked between: then it is overdue, which the leads are told anyway
        ],
    )
    def test_at_its_instant_and_only_once(self, lead, after, kinds):
        Escalation.objects.create(percent=80, untaken_minutes=30)
        ticket = make_ticket(impact=Impact.CANNOT_ENTER)
        for _ in range(2):
            schedule.carry_to_leads(NOW + after)
        assert self.kinds(ticket) == kinds

    def test_the_instants_are_the_rules(self, lead):
        Escalation.objects.create(percent=50, untaken_minutes=60)
        ticket = make_ticket(impact=Impact.CANNOT_ENTER)
        schedule.carry_to_leads(NOW + 13 * HOUR)
        assert dict(ticket.deadline_notices.values_list("kind", "moment")) == {
            "untaken": NOW + HOUR,
            "share": NOW + 12 * HOUR,
        }

    def test_taken_in_time_is_not_carried(self, lead, anna):
        Escalation.objects.create(untaken_minutes=30)
        ticket = make_ticket()
        work.take(ticket.pk, by=anna, at=NOW + 29 * MINUTE)
        assert schedule.carry_to_leads(NOW + HOUR) == 0

    def test_a_team_has_its_own(self, lead, anna):
        other = LeadFactory.create()
        line = team(anna, lead=other)
        Escalation.objects.create(team=line, untaken_minutes=10)
        Escalation.objects.create(untaken_minutes=60)
        of_team, of_none = make_ticket(), make_ticket()
        assignment.change_team(of_team.pk, team=line, by=anna, at=NOW)
        schedule.carry_to_leads(NOW + 20 * MINUTE)
        assert (self.kinds(of_team), self.kinds(of_none)) == (["untaken"], [])
        event = of_team.events.get(kind=EventKind.ESCALATED)
        announce.tell.func(event.pk)
        assert list(Notice.objects.filter(key__startswith="desk:escalated").values_list("user", flat=True)) == [
            other.pk
        ]
        assert "10 мин" in event_words.words(event, anna, NOW).text

    def test_by_mail_once_each_and_without_a_word_of_the_request(self, lead, anna):
        Escalation.objects.create(percent=80, untaken_minutes=30, urgent_at_once=True)
        ticket = make_ticket(impact=Impact.CANNOT_ENTER, subject="Тайна Иванова", text="Тайна Иванова")
        urgent = make_ticket(impact=Impact.NOTHING_WORKS)
        User.objects.filter(pk=anna.pk).update(email="")
        for _ in range(2):
            schedule.carry_to_leads(NOW + 24 * HOUR * 0.8)
            for event in TicketEvent.objects.filter(kind=EventKind.ESCALATED):
                announce.tell.func(event.pk)
        sent = Outgoing.objects.filter(key__startswith="escalated:")
        assert [(one.recipient, one.about) for one in sent] == [(lead.email, "")] * len(sent)
        assert sum(f"№ {ticket.pk}" in one.subject.replace("\u00a0", " ") for one in sent) == 2  # untaken, then a share
        of_urgent = urgent.events.filter(kind=EventKind.ESCALATED).exclude(data__why="at_once").count()
        assert len(sent) == 2 + of_urgent
        for one in sent:
            told = one.subject + one.text + one.html
            assert "Тайна" not in told and ticket.requester_name not in told and ticket.contact_email not in told
            assert f"/desk/{ticket.pk}" in one.text or f"/desk/{urgent.pk}" in one.text
        assert "30 мин" in "".join(one.text.replace("\u00a0", " ") for one in sent)

    def test_an_absent_lead_is_stood_in_for(self, lead, anna):
        Escalation.objects.create(untaken_minutes=10)
        Absence.objects.create(user=lead, starts_on=NOW.date(), ends_on=NOW.date(), substitute=anna)
        ticket = make_ticket()
        schedule.carry_to_leads(NOW + 20 * MINUTE)
        assert ticket.events.get(kind=EventKind.ESCALATED).data["to"] == [anna.pk]

    def test_urgent_at_once_and_only_the_urgent(self, lead, anna):
        Escalation.objects.create()
        rule(team(anna, lead=lead))
        Escalation.objects.create(team=Team.objects.get())
        urgent, high = make_ticket(impact=Impact.NOTHING_WORKS), make_ticket(impact=Impact.CANNOT_ENTER)
        for ticket in (urgent, high, urgent):
            schedule.give.func(ticket.pk)
        schedule.carry_to_leads(NOW + MINUTE)
        assert (self.kinds(urgent), self.kinds(high)) == (["at_once"], [])
        facts.change_priority(high.pk, priority=Priority.URGENT, reason="Все", by=anna, at=NOW + HOUR)
        schedule.carry_to_leads(NOW + HOUR)
        assert self.kinds(high) == ["at_once"]

    def test_by_the_contracts_working_time(self, lead):
        """Registered on Monday at 9:12 in Moscow; hours are 9 to 18."""
        Escalation.objects.create(percent=50, untaken_minutes=600)
        contract = ContractFactory.create(calendar=CalendarFactory.create(), high_allowance=12 * HOUR)
        ticket = make_ticket(
            contact=SignedInContactFactory.create(customer=contract.customer), impact=Impact.CANNOT_ENTER
        )
        assert schedule.carry_to_leads(NOW + 6 * HOUR - MINUTE) == 0
        assert schedule.carry_to_leads(NOW + 6 * HOUR) == 1
        tuesday = NOW + 24 * HOUR + 48 * MINUTE  # 10:00: 8 h 48 min of Monday and an hour
        assert schedule.carry_to_leads(tuesday + 11 * MINUTE) == 0
        assert schedule.carry_to_leads(tuesday + 12 * MINUTE) == 1
        assert self.kinds(ticket) == ["share", "untaken"]

    def test_it_disturbs_nobody_who_writes(self, lead):
        Escalation.objects.create(untaken_minutes=1)
        ticket = make_ticket()
        schedule.carry_to_leads(NOW + HOUR)
        assert Ticket.objects.get().revision == ticket.revision

    def test_the_look_costs_a_few_statements(self, lead, django_assert_max_num_queries):
        Escalation.objects.create(percent=80, untaken_minutes=30)
        for _ in range(5):
            make_ticket()
        with django_assert_max_num_queries(6):
            assert schedule.carry_to_leads(NOW + timedelta(seconds=1)) == 0
