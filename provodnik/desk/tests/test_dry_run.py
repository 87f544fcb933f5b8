"""«What would have been»: registrations replayed through the rules; nothing of them changes."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from provodnik.desk.actions import closing, dry_run, facts, work
from provodnik.desk.assignment import Crew, Incoming, Plan, Rule, Shift, Way
from provodnik.desk.models import AssignmentRule, DryRun, DutyShift, Subsystem, Team, TeamMember, Ticket, TicketEvent
from provodnik.desk.queries.dry_run import last_month
from provodnik.desk.replay import Burden, Past, Replay
from provodnik.desk.states import Priority, Resolution
from provodnik.desk.tests.factories import LeadFactory, SpecialistFactory, SubsystemFactory, make_ticket

ANNA, BORIS, VERA = 1, 2, 3
NAMES = {ANNA: "Анна", BORIS: "Борис"}
START = datetime(2026, 10, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def plan(way: Way = Way.LOAD, **more) -> Plan:
    team = Crew(id=1, name="Линия", members=(ANNA, BORIS), zone="UTC", **more)
    return Plan([Rule(1, 1, way, priority="high"), Rule(2, 1, way, priority="urgent")], {1: team}, NAMES)


def past(number: int, hours: float, *, was: int | None = None, closed: float | None = None, priority="high") -> Past:
    ends = START + closed * HOUR if closed is not None else None
    return Past(number, START + hours * HOUR, Incoming("defect", priority), was, ends)


def fed(replay: Replay, *requests: Past) -> list[int | None]:
    return [replay.feed(one).person for one in requests]


def test_load_grows_and_falls_with_real_closings():
    replay = Replay(plan())
    got = fed(replay, past(1, 0, closed=9), past(2, 1, closed=2), past(3, 3), past(4, 4), past(5, 10))
    # Boris's first is closed at two, so at three he has none; Anna's at nine, so at ten they have one each
    assert got == [ANNA, BORIS, BORIS, ANNA, BORIS]
    assert (replay.lines[1, ANNA].most_open, replay.lines[1, ANNA].most_load) == (2, 8)


def test_what_people_had_before_counts():
    replay = Replay(plan())
    replay.burden([Burden(ANNA, "low"), Burden(BORIS, "urgent", START + HOUR)])
    assert fed(replay, past(1, 0), past(2, 2)) == [ANNA, BORIS]


def test_it_is_set_beside_what_was():
    replay = Replay(plan())
    fed(replay, past(1, 0, was=ANNA), past(2, 1, was=VERA), past(3, 2), past(4, 3, was=ANNA, priority="low"))
    assert (replay.total, replay.unmatched, replay.same, replay.other) == (4, 1, 1, 2)
    assert replay.never() == [2]
    report = replay.report({VERA: "Вера"}, {1: "высокие", 2: "экстренные"})
    assert {line["person"]: (line["count"], line["really"]) for line in report["lines"]} == {
        "Анна": (2, 1),
        "Борис": (1, 0),
        "Вера": (0, 1),
    }
    assert [(one["number"], one["would"], one["was"]) for one in report["examples"]] == [
        (2, "Борис", "Вера"),
        (3, "Анна", ""),
    ]
    assert [rule["count"] for rule in report["rules"]] == [3, 0]


def test_left_in_the_queue_burdens_nobody():
    replay = Replay(plan(Way.DUTY, week={3: [Shift(ANNA, time(9), time(10))]}))  # 1 October 2026 is a Thursday
    assert fed(replay, past(1, 0.5), past(2, 1)) == [ANNA, None]
    assert (replay.nobody, replay.lines[1, None].count) == (1, 1)


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        (datetime(2026, 11, 23, tzinfo=UTC), "2026-10-01", "2026-11-01"),
        (datetime(2026, 1, 31, tzinfo=UTC), "2025-12-01", "2026-01-01"),
        (datetime(2026, 10, 31, 22, tzinfo=UTC), "2026-10-01", "2026-11-01"),  # November in Moscow already
    ],
)
def test_last_month_is_the_calendars(now, since, until):
    assert tuple(f"{one:%Y-%m-%d}" for one in last_month(now)) == (since, until)


@pytest.mark.django_db
class TestJob:
    @pytest.fixture
    def month(self) -> datetime:
        return last_month(timezone.now())[0]

    def test_it_replays_what_was_registered_then(self, month, client):
        portal: Subsystem = SubsystemFactory.create(name="Зарплата")
        anna, lead = SpecialistFactory.create(full_name="Ковалёва Анна"), LeadFactory.create()
        team = Team.objects.create(name="Линия")
        TeamMember.objects.create(team=team, user=anna)
        for weekday in range(7):
            DutyShift.objects.create(team=team, user=anna, weekday=weekday, starts=time(0), ends=time(0))
        AssignmentRule.objects.create(team=team, way="duty", subsystem=portal, position=1)
        AssignmentRule.objects.create(team=team, way="duty", priority="high", position=2)
        AssignmentRule.objects.create(team=team, way="load", priority="urgent", position=3)
        before = make_ticket(at=month - HOUR)
        first = make_ticket(at=month + HOUR)
        second = make_ticket(at=month + 2 * HOUR, priority=Priority.LOW)
        make_ticket(at=timezone.now())
        # set right afterwards: the rules of that moment did not see it
        facts.change_priority(first.pk, priority=Priority.URGENT, reason="Так", by=lead, at=month + 3 * HOUR)
        facts.change_subsystem(second.pk, subsystem=portal, by=lead, at=month + 3 * HOUR)
        work.take(first.pk, by=anna, at=month + 3 * HOUR)
        closing.close(second.pk, resolution=Resolution.SOLVED, text="Да", by=lead, at=month + 4 * HOUR)
        tickets, events = list(Ticket.objects.order_by("pk").values()), TicketEvent.objects.count()
        key = uuid.uuid4()
        run = dry_run.ask(key=key, by=lead, at=timezone.now())
        assert dry_run.ask(key=key, by=lead, at=timezone.now()) == run
        for _ in range(2):
            dry_run.carry_out.func(run.pk)
        run.refresh_from_db()
        assert (run.done, run.total, bool(run.finished_at)) == (2, 2, True)
        assert (run.report["unmatched"], run.report["same"]) == (1, 1)
        assert [rule["count"] for rule in run.report["rules"]] == [0, 1, 0]
        assert (list(Ticket.objects.order_by("pk").values()), TicketEvent.objects.count()) == (tickets, events)
        assert before.pk not in [one["number"] for one in run.report["examples"]]
        client.force_login(lead)
        page = client.get(reverse("assignment:dry_run", args=[run.pk])).content.decode()
        assert "Ковалёва" in page and "ни разу не подошло" in page

    def test_while_it_goes_on_the_page_asks_again(self, month, client):
        lead = LeadFactory.create()
        client.force_login(lead)
        response = client.post(reverse("assignment:ask"), {"key": str(uuid.uuid4())})
        run = DryRun.objects.get()
        assert response["Location"] == reverse("assignment:dry_run", args=[run.pk])
        assert "hx-get" in client.get(response["Location"]).content.decode()
        piece = client.get(response["Location"], headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in piece and "hx-get" in piece

    def test_only_the_last_reports_are_kept(self):
        lead = LeadFactory.create()
        for _ in range(dry_run.KEPT + 3):
            dry_run.ask(key=uuid.uuid4(), by=lead, at=timezone.now())
        assert DryRun.objects.count() == dry_run.KEPT
