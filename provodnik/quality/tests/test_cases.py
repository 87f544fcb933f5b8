"""The rows of figures: what the history says, kept true on every fact, computed anew to the same."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from provodnik.core.parts import Finding
from provodnik.desk.actions import closing, facts, work
from provodnik.desk.actions.incoming import answer
from provodnik.desk.models import Ticket, TicketEvent
from provodnik.desk.states import Priority, Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    MINUTE,
    NOW,
    ContractFactory,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)
from provodnik.quality import checks
from provodnik.quality.actions import cases
from provodnik.quality.models import Case

pytestmark = pytest.mark.django_db


def levels(check) -> list[str]:
    return [finding.level for finding in check() if isinstance(finding, Finding)]


def closed(**fields) -> Ticket:
    """Registered, taken after 10 min, asked at 20, answered at 80, taken up at 100, closed at 160."""
    by = SpecialistFactory.create()
    ticket = make_ticket(**fields)
    at = ticket.registered_at
    work.take(ticket.pk, by=by, at=at + 10 * MINUTE)
    work.ask(ticket.pk, text="Какая страница?", by=by, at=at + 20 * MINUTE)
    answer(ticket.pk, text="Показания.", by=ticket.contact.user, at=at + 80 * MINUTE, key=uuid.uuid4())
    work.take(ticket.pk, by=by, at=at + 100 * MINUTE)
    return closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Исправлено.", by=by, at=at + 160 * MINUTE)


def test_a_closed_request_by_the_regulations_clock():
    ticket = closed()
    cases.refresh([ticket.pk])
    case = Case.objects.get(pk=ticket.pk)
    # R13: 160 minutes less 60 for the user and 20 of our reaction
    assert (case.counted, case.waited_user, case.waited_us) == (80 * 60, 60 * 60, 20 * 60)
    assert case.in_time is True and case.allowance == 24 * 3600 and case.clarifications == 1
    assert case.registered_month == case.closed_month == NOW.date().replace(day=1)
    assert case.assignee_id == ticket.assignee_id and not case.left_out


def test_an_open_request_has_no_spans():
    ticket = make_ticket()
    cases.refresh([ticket.pk])
    case = Case.objects.get(pk=ticket.pk)
    assert (case.closed_at, case.counted, case.in_time, case.allowance) == (None, None, None, None)


def test_late_by_one_second_is_late():
    by, ticket = SpecialistFactory.create(), make_ticket()
    exact, over = make_ticket(), ticket
    for one, more in ((exact, timedelta(0)), (over, timedelta(seconds=1))):
        closing.close(one.pk, resolution=Resolution.SOLVED, text="Да.", by=by, at=one.due_at + more)
    cases.refresh([exact.pk, over.pk])
    assert Case.objects.get(pk=exact.pk).in_time is True
    assert Case.objects.get(pk=over.pk).in_time is False


def test_an_edited_contract_changes_no_verdict_of_the_past():
    contract = ContractFactory.create(high_allowance=2 * HOUR)
    contact = SignedInContactFactory.create(customer=contract.customer)
    ticket = closed(contact=contact)
    cases.refresh([ticket.pk])
    before = Case.objects.values().get(pk=ticket.pk)
    assert before["allowance"] == 2 * 3600 and before["in_time"] is True
    type(contract).objects.filter(pk=contract.pk).update(high_allowance=HOUR)
    cases.refresh([ticket.pk])
    assert Case.objects.values().get(pk=ticket.pk) == before


def test_reopened_and_rated_and_complained():
    by = SpecialistFactory.create()
    ticket = closed()
    at = ticket.closed_at
    closing.rate(ticket.pk, rating=2, text="Долго.", by=ticket.contact.user, at=at + HOUR)
    cases.refresh([ticket.pk])
    assert Case.objects.get(pk=ticket.pk).rating == 2
    closing.reopen(ticket.pk, text="Не всё.", by=by, at=at + 2 * HOUR)
    cases.refresh([ticket.pk])
    assert (Case.objects.get(pk=ticket.pk).reopened, Case.objects.get(pk=ticket.pk).counted) == (1, None)
    closing.close(ticket.pk, resolution=Resolution.COMPLAINT, text="Разобрались.", by=by, at=at + 3 * HOUR)
    cases.refresh([ticket.pk])
    case = Case.objects.get(pk=ticket.pk)
    # the two hours that it stood closed are not counted (I6)
    assert case.counted == 80 * 60 + 3600 and case.complaint and case.rating is None


def test_the_listener_hears_each_fact_and_may_hear_it_twice():
    ticket = make_ticket()
    event = TicketEvent.objects.get(ticket=ticket, kind="registered")
    cases.heard(event.pk)
    cases.heard(event.pk)
    assert Case.objects.get().pk == ticket.pk
    cases.heard(10**9)  # rolled back meanwhile: nothing to do


def test_catching_up_finds_what_nobody_was_told_of():
    ticket, other = make_ticket(), make_ticket()
    assert cases.catch_up(NOW) == 2
    lead = LeadFactory.create()
    facts.change_priority(ticket.pk, priority=Priority.LOW, reason="Вопрос.", by=lead, at=NOW + MINUTE)
    assert cases.catch_up(NOW + 2 * MINUTE) == 1 and Case.objects.get(pk=ticket.pk).priority == "low"
    assert cases.catch_up(NOW + 2 * MINUTE) == 0
    Case.objects.filter(pk=other.pk).delete()
    assert cases.stale(after=0, limit=10) == [other.pk]
    assert cases.catch_up_all() == 1


def test_rebuilding_goes_on_where_it_was_killed(monkeypatch):
    numbers = [make_ticket().pk for _ in range(3)]
    monkeypatch.setattr(cases, "BATCH", 2)
    rebuild = cases.begin_rebuild(NOW)
    assert cases.rebuild_step(rebuild.pk, now=NOW).done == 2
    again = cases.begin_rebuild(NOW)
    assert again.pk == rebuild.pk and again.done == 2
    assert cases.rebuild_step(again.pk, now=NOW).done == 3
    assert cases.rebuild_step(again.pk, now=NOW).finished_at == NOW
    assert sorted(Case.objects.values_list("pk", flat=True)) == numbers
    assert cases.begin_rebuild(NOW).pk != rebuild.pk


def test_doctor_sees_what_is_missing_and_what_is_wrong():
    ticket = closed()
    assert levels(checks.fresh) == ["warning"]  # the next look mends it
    cases.refresh([ticket.pk])
    assert levels(checks.fresh) == levels(checks.figures) == ["ok"]
    Case.objects.update(counted=1)
    assert levels(checks.fresh) == ["ok"] and levels(checks.figures) == ["error"]
    closing.reopen(ticket.pk, text="Не всё.", by=LeadFactory.create(), at=ticket.closed_at + HOUR)
    assert levels(checks.fresh) == ["warning"] and levels(checks.figures) == ["ok"]
