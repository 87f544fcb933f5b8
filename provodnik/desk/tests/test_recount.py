"""An edited contract or calendar moves the deadlines of open requests, and judges nothing of the past anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from provodnik.desk import checks
from provodnik.desk.actions import closing
from provodnik.desk.actions.administration import calendars, customers
from provodnik.desk.models import Contract, Ticket
from provodnik.desk.schedule import look_at_deadlines
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    NOW,
    AdministratorFactory,
    CalendarFactory,
    ContractFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract() -> Contract:
    return ContractFactory.create(calendar=CalendarFactory.create())


def tickets(contract: Contract) -> tuple[Ticket, Ticket]:
    """One open, one closed."""
    contact = SignedInContactFactory.create(customer=contract.customer)
    opened, closed = make_ticket(contact=contact), make_ticket(contact=contact)
    closing.close(closed.pk, resolution=Resolution.SOLVED, text="Готово", by=SpecialistFactory.create(), at=NOW + HOUR)
    return opened, Ticket.objects.get(pk=closed.pk)


def complaints() -> list[str]:
    return [finding.text for finding in checks.deadlines() if finding.level == "error"]


def test_new_terms(contract):
    opened, closed = tickets(contract)
    contract.high_allowance = timedelta(hours=8)
    customers.save_contract(contract, by=AdministratorFactory.create(), at=NOW)
    look_at_deadlines(timestamp=0)
    assert Ticket.objects.get(pk=opened.pk).due_at == NOW + 8 * HOUR
    assert Ticket.objects.get(pk=closed.pk).due_at == closed.due_at
    assert not complaints()
    assert Contract.objects.get().recounted


def test_new_hours(contract):
    opened, closed = tickets(contract)
    calendar = contract.calendar
    calendar.week = {str(day): [["08:00", "20:00"]] for day in range(5)}
    calendars.save_calendar(calendar, by=AdministratorFactory.create(), at=NOW)
    look_at_deadlines(timestamp=0)
    moved = Ticket.objects.get(pk=opened.pk)
    assert moved.due_at < opened.due_at
    assert moved.queue_at == moved.due_at
    assert Ticket.objects.get(pk=closed.pk).due_at == closed.due_at
    assert not complaints()


def test_nothing_is_moved_without_an_edit(contract):
    opened, _closed = tickets(contract)
    before = Ticket.objects.get(pk=opened.pk)
    look_at_deadlines(timestamp=0)
    after = Ticket.objects.get(pk=opened.pk)
    assert (after.due_at, after.revision) == (before.due_at, before.revision)
