"""Assignment, complaints and rating in a browser: every page in both themes and sizes, empty and full."""

from __future__ import annotations

import uuid
from datetime import time, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.accounts.models import User
from provodnik.desk import ratings
from provodnik.desk.actions import closing, complaints, dry_run, work
from provodnik.desk.models import (
    Absence,
    AssignmentRule,
    DryRun,
    DutyDay,
    DutyShift,
    Escalation,
    EventKind,
    Team,
    TeamMember,
    Ticket,
)
from provodnik.desk.queries.dry_run import last_month
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
    make_ticket,
)

pytestmark = pytest.mark.browser
PAGES = ("rules", "add_rule", "escalation", "teams", "add_team", "duties", "absences", "add_absence")


@pytest.fixture
def lead(page: Page, sign_in: Any) -> User:
    user = LeadFactory.create(full_name="Светлова-Милорадова Галина Константиновна")
    sign_in(page, user)
    return user


@pytest.fixture
def team(lead: User) -> Team:
    """A team with everything, and a month behind it."""
    names = ("Верхоглядов-Заозёрский Иннокентий Мстиславович", "Журавлёва-Северная Злата Ильинична", "Лесовой Савва")
    people = [SpecialistFactory.create(full_name=name) for name in names]
    team = Team.objects.create(name="Кадры, зарплата и документы работников", lead=lead)
    TeamMember.objects.bulk_create(TeamMember(team=team, user=one) for one in people)
    Team.objects.create(name="Производство", is_active=False)
    Escalation.objects.create(team=team, percent=80, untaken_minutes=45)
    for weekday in range(5):
        DutyShift.objects.create(team=team, user=people[0], weekday=weekday, starts=time(9), ends=time(21))
        DutyShift.objects.create(team=team, user=people[1], weekday=weekday, starts=time(21), ends=time(9))
    today = timezone.localdate()
    day = today + timedelta(days=3)
    DutyDay.objects.create(team=team, user=people[2], date=day, starts=time(10), ends=time(16), note="День компании")
    Absence.objects.create(user=people[0], starts_on=today, ends_on=day, substitute=people[1], note="отпуск")
    Absence.objects.create(user=people[1], starts_on=day, ends_on=day)
    portal = SubsystemFactory.create(name="Расчётные листки")
    AssignmentRule.objects.create(team=team, way="duty", priority="urgent", position=1)
    AssignmentRule.objects.create(team=team, way="load", subsystem=portal, type="defect", position=2)
    AssignmentRule.objects.create(team=team, way="turn", priority="high", position=3)
    since = last_month(timezone.now())[0]
    for number in range(6):
        ticket = make_ticket(at=since + timedelta(hours=number + 1))
        work.take(ticket.pk, by=people[number % 2], at=since + timedelta(hours=number + 2))
    run = dry_run.ask(key=uuid.uuid4(), by=lead, at=timezone.now())
    dry_run.carry_out.func(run.pk)
    return team


def test_pages_with_nothing(page: Page, lead: User, live_server: Any, look: Any) -> None:
    for name in ("rules", "teams", "duties", "absences"):
        page.goto(live_server.url + reverse(f"assignment:{name}"))
        look(page, f"assignment-empty-{name}")


def test_pages_with_everything(page: Page, team: Team, live_server: Any, look: Any) -> None:
    run, rule, absence = DryRun.objects.get(), AssignmentRule.objects.all()[1], Absence.objects.all()[0]
    waiting = DryRun.objects.create(
        asked_by=run.asked_by, asked_at=run.asked_at, since=run.since, until=run.until, total=12_040, done=3_000
    )
    addresses = [(name, reverse(f"assignment:{name}")) for name in PAGES]
    addresses += [
        (name, reverse(f"assignment:{name}", args=[pk]))
        for name, pk in (
            ("team", team.pk), ("rule", rule.pk), ("absence", absence.pk), ("dry_run", run.pk),
            ("add_shifts", team.pk), ("add_day", team.pk),
        )
    ]  # fmt: skip
    for name, address in addresses:
        page.goto(live_server.url + address)
        look(page, f"assignment-{name}")
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
