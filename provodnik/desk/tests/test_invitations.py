"""An invitation in a letter is a card on the page, whatever the calendar part held."""

from __future__ import annotations

import pytest
from django.urls import reverse

from provodnik.desk import invitations
from provodnik.desk.models import Message
from provodnik.desk.tests.factories import NOW, SignedInContactFactory, SpecialistFactory, make_ticket


@pytest.mark.parametrize(
    "verdict", [{}, {"invitations": None}, {"invitations": ["x", 1, None]}, {"invitations": {"summary": "x"}}]
)
def test_what_is_no_invitation_is_no_card(verdict):
    assert invitations.cards(verdict) == []


def test_times_that_cannot_be_read_are_left_out():
    (card,) = invitations.cards({"invitations": [{"summary": "Встреча", "starts": "завтра", "ends": "2026-11-24"}]})
    assert (card.starts, card.ends, card.cancelled) == (None, None, False)


@pytest.mark.django_db
def test_the_card_is_read_by_both_sides(client):
    contact = SignedInContactFactory.create()
    kept = [
        {
            "summary": "Разбор <b>аварии</b>",
            "starts": "2026-11-24T07:00:00+00:00",
            "ends": "2026-11-24T08:00:00+00:00",
            "location": "Диспетчерская",
            "organizer": "Полевая Анна",
            "method": "CANCEL",
        }
    ]
    ticket = make_ticket(contact=contact, verdict={"invitations": kept}, at=NOW)
    assert Message.objects.get().invitations[0].cancelled
    for person, name in ((contact.user, "requests:show"), (SpecialistFactory.create(), "desk:ticket")):
        client.force_login(person)
        page = client.get(reverse(name, args=[ticket.pk])).content.decode().replace("\xa0", " ")
        assert "Разбор &lt;b&gt;аварии&lt;/b&gt;" in page
        assert "24 ноября 2026, 10:00 – 24 ноября 2026, 11:00" in page
        assert "отменено" in page
