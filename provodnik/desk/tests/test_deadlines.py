"""Warnings before a deadline and at it: once each, judged by instants and not by when a job ran."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from provodnik.desk import announce
from provodnik.desk.actions import closing, facts, work
from provodnik.desk.models import Contract, DeadlineNotice, EventKind, Ticket
from provodnik.desk.queries.deadlines import near, overdue
from provodnik.desk.schedule import notice_deadlines
from provodnik.desk.states import Priority, Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    MINUTE,
    NOW,
    CalendarFactory,
    ContractFactory,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)
from provodnik.notify.models import Notice

pytestmark = pytest.mark.django_db
DUE = NOW + 24 * HOUR  # of a request of high priority


@pytest.fixture
def specialist():
    return SpecialistFactory.create()


def noticed(ticket: Ticket) -> list[tuple[str, datetime, datetime]]:
    return list(ticket.deadline_notices.order_by("moment").values_list("kind", "due_at", "moment"))


def with_contract(**fields) -> Contract:
    return ContractFactory.create(**fields)


def of(contract: Contract, **fields) -> Ticket:
    return make_ticket(contact=SignedInContactFactory.create(customer=contract.customer), **fields)


@pytest.mark.parametrize(
    ("at", "kinds"),
    [
        (DUE - 2 * HOUR - MINUTE, []),
        (DUE - 2 * HOUR, ["soon"]),
        (DUE - MINUTE, ["soon"]),
        (DUE, ["overdue"]),
        (DUE + 24 * HOUR * 30, ["overdue"]),
    ],
)
def test_at_its_instant_and_only_once(at, kinds):
    ticket = make_ticket()
    assert notice_deadlines(at) == len(kinds)
    assert notice_deadlines(at + MINUTE / 2) == 0
    moments = {"soon": DUE - 2 * HOUR, "overdue": DUE}
    assert noticed(ticket) == [(kind, DUE, moments[kind]) for kind in kinds]


def test_both_in_their_turn(specialist):
    lead = LeadFactory.create()
    ticket = make_ticket()
    work.assign(ticket.pk, to=specialist, by=lead, at=NOW)
    for hours in range(30):
        notice_deadlines(NOW + hours * HOUR)
    assert [kind for kind, _due, _moment in noticed(ticket)] == ["soon", "overdue"]
    told = list(ticket.events.filter(kind__in=[EventKind.WARNED, EventKind.OVERDUE]).order_by("pk"))
    assert [event.data["moment"] for event in told] == [(DUE - 2 * HOUR).isoformat(), DUE.isoformat()]
    for event in told:
        announce.tell(event_id=event.pk)
        announce.tell(event_id=event.pk)
    warned, late = (set(Notice.objects.filter(key=f"desk:{event.kind}:{event.pk}").values_list("user", flat=True))
                    for event in told)  # fmt: skip
    assert warned == {specialist.pk}
    assert late == {specialist.pk, lead.pk}


def test_nobody_has_it_the_lead_is_warned():
    lead = LeadFactory.create()
    ticket = make_ticket()
    notice_deadlines(DUE - HOUR)
    announce.tell(event_id=ticket.events.get(kind=EventKind.WARNED).pk)
    assert Notice.objects.get().user == lead


def test_a_contract_says_how_long_before():
    ticket = of(with_contract(warn_before=timedelta(hours=5)))
    assert not near(DUE - 5 * HOUR - MINUTE)
    assert [(one.number, one.moment) for one in near(DUE - 5 * HOUR)] == [(ticket.pk, DUE - 5 * HOUR)]


def test_by_a_working_calendar_the_warning_is_in_working_time():
    # Registered on Monday at 09:12; ten hours of nine a day: due on Tuesday at 10:12, so the last two hours began
    # on Monday at 17:12.
    contract = with_contract(calendar=CalendarFactory.create(), high_allowance=timedelta(hours=10))
    ticket = of(contract)
    moment = NOW + 8 * HOUR
    assert not near(moment - MINUTE)
    assert [(one.number, one.moment) for one in near(moment)] == [(ticket.pk, moment)]
    assert [one.moment for one in near(ticket.due_at - MINUTE)] == [moment]


def test_over_a_weekend_the_warning_waits_for_nobody():
    # High, 10 working hours, from Friday 16:00 (two hours left that day): due on Monday at 17:00, warned at 15:00.
    friday = NOW + timedelta(days=4, hours=6, minutes=48)
    contract = with_contract(calendar=CalendarFactory.create(), high_allowance=timedelta(hours=10))
    ticket = of(contract, at=friday)
    (found,) = near(ticket.due_at - MINUTE)
    assert ticket.due_at - found.moment == 2 * HOUR
    assert not near(friday + timedelta(days=1))


def test_a_pause_moves_both(specialist):
    ticket = make_ticket()
    work.ask(ticket.pk, text="Что?", by=specialist, at=NOW + HOUR)
    assert notice_deadlines(DUE + HOUR) == 0, "while the clock stands nothing is reached"
    work.take(ticket.pk, by=specialist, at=NOW + 11 * HOUR)
    assert not near(DUE + 8 * HOUR - MINUTE)
    assert [one.moment for one in near(DUE + 8 * HOUR)] == [DUE + 8 * HOUR]


def test_a_new_deadline_warns_anew(specialist):
    ticket = make_ticket(priority=Priority.URGENT)
    notice_deadlines(NOW + 11 * HOUR)
    facts.change_priority(ticket.pk, priority=Priority.HIGH, reason="Обошли", by=specialist, at=NOW + 11 * HOUR)
    notice_deadlines(NOW + 13 * HOUR)
    notice_deadlines(DUE - HOUR)
    assert [(kind, due) for kind, due, _moment in noticed(ticket)] == [("soon", NOW + 12 * HOUR), ("soon", DUE)]


@pytest.mark.parametrize(("closed_after", "breach"), [(-MINUTE, False), (timedelta(0), False), (MINUTE, True)])
def test_closed_before_the_job_ran_is_judged_by_the_instant(specialist, closed_after, breach):
    ticket = make_ticket()
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Так", by=specialist, at=DUE + closed_after)
    notice_deadlines(DUE + 5 * HOUR)
    assert noticed(ticket) == ([("overdue", DUE, DUE)] if breach else [])


@pytest.mark.parametrize(("asked_after", "breach"), [(-MINUTE, False), (MINUTE, True)])
def test_asked_after_the_deadline_is_a_breach_all_the_same(specialist, asked_after, breach):
    ticket = make_ticket()
    work.ask(ticket.pk, text="Что?", by=specialist, at=DUE + asked_after)
    notice_deadlines(DUE + 5 * HOUR)
    assert noticed(ticket) == ([("overdue", DUE, DUE)] if breach else [])


def test_many_are_noticed_in_one_run(monkeypatch):
    monkeypatch.setattr("provodnik.desk.queries.deadlines.BATCH", 2)
    contact = SignedInContactFactory.create()
    for _ in range(5):
        make_ticket(contact=contact)
    assert notice_deadlines(DUE) == 5
    assert DeadlineNotice.objects.count() == 5


def test_editing_is_not_disturbed():
    ticket = make_ticket()
    notice_deadlines(DUE)
    fresh = Ticket.objects.get(pk=ticket.pk)
    assert (fresh.revision, fresh.touched_at) == (ticket.revision, DUE)


def test_the_look_costs_a_few_queries(django_assert_max_num_queries):
    contact = SignedInContactFactory.create()
    for _ in range(20):
        make_ticket(contact=contact)
    with django_assert_max_num_queries(6):
        assert not near(NOW) and not overdue(NOW)
