"""Assignment, complaints and rating in a browser: every page in both themes and sizes, empty and full."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.accounts.models import User
from provodnik.desk import ratings
from provodnik.desk.actions import closing, complaints
from provodnik.desk.models import (
    DryRun,
    EventKind,
    Ticket,
)
from provodnik.desk.queries.dry_run import last_month
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def lead(page: Page, sign_in: Any) -> User:
    user = LeadFactory.create(full_name="Светлова-Милорадова Галина Константиновна")
    sign_in(page, user)
    return user


def test_pages_with_nothing(page: Page, lead: User, live_server: Any, look: Any) -> None:
    for name in ("rules", "teams", "duties", "absences"):
        page.goto(live_server.url + reverse(f"assignment:{name}"))
        look(page, f"assignment-empty-{name}")


def test_a_dry_run_tells_how_far_it_is(page: Page, lead: User, live_server: Any) -> None:
    since, until = last_month(timezone.now())
    waiting = DryRun.objects.create(
        asked_by=lead, asked_at=timezone.now(), since=since, until=until, total=12_040, done=3_000
    )
    page.goto(live_server.url + reverse("assignment:dry_run", args=[waiting.pk]))
    expect(page.get_by_text("3 000 из 12 040")).to_be_visible()


def test_a_complaint_and_a_rating(page: Page, sign_in: Any, live_server: Any, look: Any) -> None:
    """From the request to the complaint; the tapped mark is recorded by the button and not before."""
    agent, contact = SpecialistFactory.create(), SignedInContactFactory.create()
    LeadFactory.create()
    ticket = make_ticket(contact=contact, at=timezone.now() - timedelta(hours=2))
    now = timezone.now()
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово.", by=agent, at=now)
    event = ticket.events.get(kind=EventKind.CLOSED)
    address = reverse("rating:rate", args=[ratings.make(ticket.pk, event.pk)])
    page.goto(f"{live_server.url}{address}?mark=2")
    look(page, "rating")
    assert Ticket.objects.get().rating is None
    page.get_by_role("button", name="Поставить оценку").click()
    expect(page.get_by_role("status")).to_contain_text("оценка")
    assert Ticket.objects.get().rating == 2
    look(page, "rating-done")
    page.goto(f"{live_server.url}{address[:-2]}x/")
    look(page, "rating-gone")
    sign_in(page, contact.user)
    page.goto(live_server.url + reverse("requests:show", args=[ticket.pk]))
    page.get_by_role("link", name="Пожаловаться").click()
    look(page, "complain")
    page.get_by_label("Чем вы недовольны?").fill("Отвечали не по существу.")
    page.get_by_role("button", name="Отправить жалобу").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("записано")
    assert complaints.open_complaint(ticket, contact) is not None
