"""Rating by a letter: nothing that merely follows a link rates (mail filters, previews, prefetching browsers)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from provodnik.channels.models import Outgoing
from provodnik.desk import announce, ratings
from provodnik.desk.actions import closing, incoming, work
from provodnik.desk.models import EventKind, Ticket, TicketEvent
from provodnik.desk.policies import RATING_LASTS
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import LeadFactory, SignedInContactFactory, SpecialistFactory, make_ticket
from provodnik.notify.models import Notice

pytestmark = pytest.mark.django_db


def closed(ago: timedelta = timedelta(hours=1), **more) -> tuple[Ticket, TicketEvent]:
    at = timezone.now() - ago
    ticket = make_ticket(contact=SignedInContactFactory.create(), at=at - timedelta(hours=1), **more)
    by = SpecialistFactory.create()
    ticket = closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово.", by=by, at=at)
    return ticket, ticket.events.get(kind=EventKind.CLOSED)


def page(ticket: Ticket, event: TicketEvent) -> str:
    return reverse("rating:rate", args=[ratings.make(ticket.pk, event.pk)])


def test_the_letter_has_a_link_for_each_mark_that_records_nothing_by_itself(client):
    ticket, event = closed()
    announce.tell.func(event.pk)
    letter = Outgoing.objects.get(key__startswith="desk:closed:")
    hrefs = re.findall(r'href="([^"]+/rate/[^"]+)"', letter.html)
    assert [href[-1] for href in hrefs] == list("12345")
    assert f"{page(ticket, event)}\n" in letter.text
    before = Ticket.objects.values().get()
    for href in hrefs:
        path = "/rate/" + href.partition("/rate/")[2]
        for method in ("GET", "HEAD"):
            for purpose in ({}, {"Sec-Purpose": "prefetch"}):
                assert client.generic(method, path, headers=purpose).status_code == 200
    assert Ticket.objects.values().get() == before
    assert not TicketEvent.objects.filter(kind=EventKind.RATED).exists()
    assert 'value="5" ' in client.get(path).content.decode()
    assert re.search(r'value="5"[^>]*checked|checked[^>]*value="5"', client.get(path).content.decode())


def test_the_button_records_and_the_mark_may_be_changed(client):
    ticket, event = closed()
    response = client.post(page(ticket, event), {"rating": "4", "text": "Спасибо"})
    assert response.status_code == 302
    assert "оценка" in client.get(response["Location"]).content.decode()
    client.post(page(ticket, event), {"rating": "4", "text": "Спасибо"})  # sent twice
    client.post(page(ticket, event), {"rating": "5", "text": ""})
    ticket.refresh_from_db()
    assert (ticket.rating, ticket.rating_text) == (5, "")
    told = list(ticket.events.filter(kind=EventKind.RATED).order_by("pk").values_list("data", flat=True))
    assert [(one["old"], one["rating"], one["by_letter"]) for one in told] == [(None, 4, True), (4, 5, True)]


@pytest.mark.parametrize("content", [{}, {"rating": "0"}, {"rating": "6"}, {"rating": "5; DROP"}, {"rating": "\x00"}])
def test_nonsense_is_told_and_not_recorded(client, content):
    ticket, event = closed()
    assert client.post(page(ticket, event), content).status_code == 422
    assert not TicketEvent.objects.filter(kind=EventKind.RATED).exists()


def test_a_link_dies_with_its_closing_and_its_time(client):
    ticket, event = closed(contact_email="")
    token = ratings.make(ticket.pk, event.pk)
    foreign, other = closed()
    swapped = ratings.make(foreign.pk, event.pk)
    for bad in (token[:-1], token[:-3] + "AAA", "x", "1-1", token.replace("-", "0-"), swapped):
        assert client.get(reverse("rating:rate", args=[bad])).status_code == 410, bad
        assert client.post(reverse("rating:rate", args=[bad]), {"rating": "1"}).status_code == 410
    assert client.get(page(foreign, other)).status_code == 200
    incoming.answer(
        ticket.pk, text="Не помогло", by=ticket.contact.user, at=timezone.now(), key=ticket.key.__class__(int=7)
    )
    assert client.get(page(ticket, event)).status_code == 410
    closing.close(
        ticket.pk, resolution=Resolution.SOLVED, text="Теперь да.", by=SpecialistFactory.create(), at=timezone.now()
    )
    assert client.post(page(ticket, event), {"rating": "1"}).status_code == 410
    late, of_late = closed(ago=RATING_LASTS + timedelta(minutes=1))
    assert client.post(page(late, of_late), {"rating": "1"}).status_code == 410
    assert not TicketEvent.objects.filter(kind=EventKind.RATED).exists()


def test_a_low_mark_is_told_to_the_lead_once():
    lead = LeadFactory.create()
    ticket, _event = closed()
    user = ticket.contact.user
    for mark in (4, 2, 1, 5):
        closing.rate(ticket.pk, rating=mark, text="", by=user, at=timezone.now())
    for one in ticket.events.filter(kind=EventKind.RATED):
        announce.tell.func(one.pk)
        announce.tell.func(one.pk)
    assert Notice.objects.filter(user=lead, text__contains="2 из 5").count() == 1
    assert Notice.objects.filter(user=lead, key__startswith="desk:rated").count() == 1


def test_rating_moves_neither_status_nor_deadline():
    ticket, event = closed()
    before = Ticket.objects.values("status", "due_at", "closed_at", "assignee", "queue_rank", "queue_at").get()
    closing.rate(ticket.pk, rating=1, text="Долго", closing=event.pk, at=timezone.now())
    assert Ticket.objects.values("status", "due_at", "closed_at", "assignee", "queue_rank", "queue_at").get() == before
    assert work.note(ticket.pk, text="Позвонил", by=SpecialistFactory.create(), at=timezone.now())
