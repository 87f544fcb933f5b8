"""Search of the desk goes back through the numbers in stretches: nothing is missed at their borders, order is kept."""

from __future__ import annotations

from itertools import chain

import pytest

from provodnik.desk.models import Ticket
from provodnik.desk.queries import found
from provodnik.desk.tests.factories import NOW, ContactFactory, SpecialistFactory, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def tickets(monkeypatch):
    """Twelve requests; every third speaks of pumps, the first one alone of a dam."""
    monkeypatch.setattr(found, "STRETCHES", (1, 2))
    monkeypatch.setattr(found, "PAGE", 2)
    contact = ContactFactory.create()
    texts = ["Насосы шумят" if no % 3 == 0 else "Отчёт пуст" for no in range(12)]
    texts[0] += ", дамба течёт"
    return [make_ticket(contact=contact, text=text) for text in texts]


def pages(user, typed):
    """Numbers of every page, by following «older»."""
    before, told = None, []
    while True:
        page = found.search(user, typed, now=NOW, before=before)
        told.append([hit.row.number for hit in page.hits])
        if page.older is None:
            return told
        before = page.older


def numbers(tickets, *places):
    return [tickets[place].pk for place in places]


def test_pages_hold_all_newest_first(tickets):
    user = SpecialistFactory.create()
    assert pages(user, "насос") == [numbers(tickets, 9, 6), numbers(tickets, 3, 0)]
    assert [*chain(*pages(user, "отчёты"))] == numbers(tickets, 11, 10, 8, 7, 5, 4, 2, 1)


def test_what_is_rare_and_old_is_found(tickets):
    user = SpecialistFactory.create()
    assert pages(user, "дамбы") == [numbers(tickets, 0)]
    assert pages(user, "дамба насос") == [numbers(tickets, 0)]
    assert pages(user, "плотина") == [[]]


def test_a_number_is_found_beside_words(tickets):
    user = SpecialistFactory.create()
    assert tickets[4].pk in [*chain(*pages(user, f"№ {tickets[4].pk}"))]


def test_an_empty_desk_finds_nothing():
    assert not Ticket.objects.exists()
    assert pages(SpecialistFactory.create(), "насос") == [[]]
