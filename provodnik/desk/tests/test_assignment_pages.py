"""The pages of leads and administrators: teams, duties, absences, rules."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts.models import JournalEntry, User
from provodnik.desk.actions import assignment
from provodnik.desk.models import (
    Absence,
    AssignmentRule,
    DutyCycle,
    DutyDay,
    DutyShift,
    Escalation,
    Team,
    TeamMember,
)
from provodnik.desk.queries import teams as queries
from provodnik.desk.tests.factories import (
    NOW,
    AdministratorFactory,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db
OVERLAP = "Дни пересекаются с уже записанным отсутствием: 01.12.2026–14.12.2026."


@pytest.fixture
def lead() -> User:
    return LeadFactory.create(full_name="Полева Галина Сергеевна")


@pytest.fixture
def anna() -> User:
    return SpecialistFactory.create(full_name="Ковалёва Анна Петровна")


@pytest.fixture
def page(client: Client, lead: User):
    client.force_login(lead)

    def ask(name: str, /, *args: Any, **content: Any) -> Any:
        address = reverse(f"assignment:{name}", args=args)
        return client.post(address, content) if content else client.get(address)

    return ask


def text(response: Any) -> str:
    return response.content.decode()


TEAM = {
    "name": "Первая линия", "zone": "Europe/Moscow", "urgent_weight": "8", "high_weight": "4", "medium_weight": "2",
    "low_weight": "1", "is_active": "on",
}  # fmt: skip


def test_a_team_with_its_people_and_its_escalation(page, lead, anna):
    boris = SpecialistFactory.create()
    assert page("add_team", **TEAM, lead=lead.pk, members=[anna.pk], **{"lead-percent": "80"}).status_code == 302
    team = Team.objects.get()
    assert (team.lead, list(team.members.all()), team.escalation.percent) == (lead, [anna], 80)
    TeamMember.objects.update(given_at=NOW)
    page("team", team.pk, **TEAM, members=[anna.pk, boris.pk], **{"lead-percent": ""})
    assert dict(team.memberships.values_list("user", "given_at")) == {anna.pk: NOW, boris.pk: None}
    assert not Escalation.objects.exists()
    assert JournalEntry.objects.filter(kind="desk.team").count() == 2
    assert "Первая линия" in text(page("teams"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"zone": "Mars/Olympus"}, {"urgent_weight": "101"}, {"low_weight": "-1"}, {"lead": "999999"},
        {"members": "999999"}, {"lead-percent": "100"}, {"lead-untaken_minutes": "99999999"},
    ],
)  # fmt: skip
def test_a_wrong_team_is_told_and_not_kept(page, wrong):
    assert page("add_team", **{**TEAM, **wrong}).status_code == 422
    assert not Team.objects.exists()


def test_whoever_is_not_of_the_desk_is_not_offered(page):
    stranger = SignedInContactFactory.create().user
    assert page("add_team", **TEAM, members=[stranger.pk]).status_code == 422


def test_a_team_in_use_is_not_removed(page, anna):
    team = Team.objects.create(name="Линия")
    assignment.change_team(make_ticket().pk, team=team, by=anna, at=NOW)
    assert reverse("assignment:remove_team", args=[team.pk]) not in text(page("team", team.pk))
    page("remove_team", team.pk, yes="1")
    assert Team.objects.exists()
    other = Team.objects.create(name="Пустая")
    page("remove_team", other.pk, yes="1")
    assert not Team.objects.filter(pk=other.pk).exists()


class TestDuties:
    @pytest.fixture
    def team(self, anna: User) -> Team:
        team = Team.objects.create(name="Линия")
        TeamMember.objects.create(team=team, user=anna)
        return team

    def test_several_weekdays_at_once_and_each_once(self, page, team, anna):
        duty = {"user": anna.pk, "weekdays": ["0", "1", "4"], "starts": "21:00", "ends": "09:00"}
        for _ in range(2):
            assert page("add_shifts", team.pk, **duty).status_code == 302
        assert list(DutyShift.objects.values_list("weekday", flat=True)) == [0, 1, 4]
        assert "21:00–09:00" in text(page("duties_of", team.pk))
        page("remove_shift", DutyShift.objects.first().pk, yes="1")
        assert DutyShift.objects.count() == 2

    @pytest.mark.parametrize(
        "wrong", [{"weekdays": []}, {"weekdays": ["7"]}, {"starts": "25:00"}, {"ends": ""}, {"user": "0"}]
    )
    def test_a_wrong_duty_is_told(self, page, team, anna, wrong):
        duty = {"user": anna.pk, "weekdays": ["0"], "starts": "21:00", "ends": "09:00", **wrong}
        assert page("add_shifts", team.pk, **duty).status_code == 422

    def test_a_date_of_its_own(self, page, team, anna):
        day = {"date": "2026-12-31", "note": "Праздник"}
        assert page("add_day", team.pk, **day, user=anna.pk).status_code == 422  # without hours
        assert page("add_day", team.pk, **day, user=anna.pk, starts="10:00", ends="14:00").status_code == 302
        again = page("add_day", team.pk, **day, user=anna.pk, starts="10:00", ends="15:00")
        assert again.context["form"].errors == {"starts": ["В этот день человек уже дежурит с этого часа."]}
        nobody = page("add_day", team.pk, **day, user="")  # a person and nobody at once
        assert list(nobody.context["form"].errors) == ["date"]
        assert "Праздник" in text(page("duties_of", team.pk))
        page("remove_day", DutyDay.objects.get().pk, yes="1")
        assert page("add_day", team.pk, **day, user="").status_code == 302
        assert DutyDay.objects.get().user is None

    def test_the_page_tells_who_is_on_duty_and_where_nobody_is(self, team, anna, lead):
        for weekday in range(7):
            DutyShift.objects.create(team=team, user=anna, weekday=weekday, starts=time(9), ends=time(21))
        Absence.objects.create(user=anna, starts_on=date(2026, 11, 24), ends_on=date(2026, 11, 24), substitute=lead)
        rota = queries.rota(team, now=NOW + timedelta(hours=1))
        assert rota.now == ["Ковалёва\u00a0А.\u00a0П."]
        assert [day.gaps for day in rota.days[:2]] == ["00:00–09:00, 21:00–24:00"] * 2
        assert [(one.away, one.instead) for one in rota.days[1].duties] == [(True, "Полева\u00a0Г.\u00a0С.")]
        assert queries.rota(team, now=NOW + timedelta(hours=15)).now == []

    def test_a_shift_pattern_is_written_shown_changed_and_removed(self, page, team, anna):
        typed = {"user": anna.pk, "pattern": "NN--", "starts_on": "2026-11-20", "day_starts": "09:00"}
        hours = {"day_ends": "21:00"}
        assert page("add_cycle", team.pk, **typed, **hours).status_code == 302
        cycle = DutyCycle.objects.get()
        assert (cycle.turns, cycle.told) == ("NN--", "2 через 2, ночные")
        again = page("add_cycle", team.pk, **typed, **hours)
        assert list(again.context["form"].errors) == ["starts_on"]
        whole = {**typed, "pattern": "own", "own": "с в в в", "ends_on": "2026-12-31"}
        assert page("cycle", cycle.pk, **whole).status_code == 302
        cycle.refresh_from_db()
        assert (cycle.turns, cycle.day_ends, cycle.ends_on) == ("A---", None, date(2026, 12, 31))
        shown = text(page("cycle", cycle.pk))
        assert "Сутки через трое" in shown and "время московское" in shown
        for name in ("duties_of", "team"):
            assert "Ковалёва" in text(page(name, team.pk))
        page("remove_cycle", cycle.pk, yes="1")
        assert not DutyCycle.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"pattern": "own", "own": "ССВ"}, "own"), ({"pattern": "own", "own": "щи"}, "own"),
            ({"pattern": "own", "own": ""}, "own"), ({"pattern": "own", "own": "Д" * 57}, "own"),
            ({"pattern": "XX"}, "pattern"), ({"day_ends": ""}, "day_ends"), ({"day_ends": "08:00"}, "day_ends"),
            ({"ends_on": "2026-11-19"}, "ends_on"), ({"starts_on": ""}, "starts_on"), ({"user": ""}, "user"),
        ],
    )  # fmt: skip
    def test_a_wrong_pattern_is_told_at_its_field(self, page, team, anna, wrong, field):
        typed = {"user": anna.pk, "pattern": "DD--", "own": "", "starts_on": "2026-11-20", "day_starts": "09:00"}
        refused = page("add_cycle", team.pk, **{**typed, "day_ends": "21:00", **wrong})
        assert refused.status_code == 422 and list(refused.context["form"].errors) == [field]

    def test_the_calendar_of_two_weeks_reads_patterns_in_the_teams_own_zone(self, team, anna, lead):
        Team.objects.update(zone="Asia/Kamchatka")  # nine hours ahead: there the 24th has begun
        team.refresh_from_db()
        for person, first in ((anna, 24), (lead, 25)):
            DutyCycle.objects.create(
                team=team, user=person, turns="A---", starts_on=date(2026, 11, first), day_starts=time(0)
            )
        rota = queries.rota(team, now=NOW.replace(hour=13))
        assert rota.now == ["Ковалёва\u00a0А.\u00a0П."]
        assert [line.name for line in rota.lines] == ["Ковалёва\u00a0А.\u00a0П.", "Полева\u00a0Г.\u00a0С."]
        mine = [number for number, cell in enumerate(rota.lines[0].cells) if cell]
        assert mine == [0, 4, 8, 12] and rota.lines[0].cells[0][0].brief == "сутки"
        assert [day.brief_gaps for day in rota.ahead[:3]] == [[], [], ["0–24"]]

    def test_its_statements_do_not_grow(self, team, anna, django_assert_max_num_queries):
        for weekday in range(7):
            DutyShift.objects.create(team=team, user=anna, weekday=weekday, starts=time(9), ends=time(21))
        with django_assert_max_num_queries(12):
            queries.rota(team, now=NOW)


class TestAbsences:
    ABSENCE = {"starts_on": "2026-12-01", "ends_on": "2026-12-14", "note": "отпуск"}

    def test_written_changed_removed(self, page, anna, lead):
        assert page("add_absence", **self.ABSENCE, user=anna.pk, substitute=lead.pk).status_code == 302
        absence = Absence.objects.get()
        taken = page("add_absence", **self.ABSENCE, user=anna.pk)
        assert taken.status_code == 422
        assert taken.context["form"].errors == {"starts_on": [OVERLAP]}  # at the field, without a constraint's name
        assert page("absence", absence.pk, **{**self.ABSENCE, "ends_on": "2026-12-20"}, user=anna.pk).status_code == 302
        absence.refresh_from_db()
        assert (absence.ends_on, absence.substitute) == (date(2026, 12, 20), None)
        assert "Ковалёва" in text(page("absences"))
        page("remove_absence", absence.pk, yes="1")
        assert not Absence.objects.exists()

    @pytest.mark.parametrize("wrong", [{"ends_on": "2026-11-30"}, {"ends_on": "2099-01-01"}, {"starts_on": "завтра"}])
    def test_a_wrong_one_is_told(self, page, anna, wrong):
        assert page("add_absence", **{**self.ABSENCE, **wrong}, user=anna.pk).status_code == 422
        assert page("add_absence", **self.ABSENCE, user=anna.pk, substitute=anna.pk).status_code == 422

    def test_a_substitute_who_is_away_is_marked(self, page, anna, lead):
        today = timezone.localdate()
        Absence.objects.create(user=anna, starts_on=today, ends_on=today, substitute=lead)
        assert "замещающий тоже" not in text(page("absences"))
        Absence.objects.create(user=lead, starts_on=today, ends_on=today)
        assert "замещающий тоже" in text(page("absences"))


class TestRules:
    def test_added_last_moved_and_removed(self, page, lead):
        assert "Сначала команда" in text(page("rules"))
        team = Team.objects.create(name="Линия")
        portal = SubsystemFactory.create(name="Зарплата")
        for more in ({"subsystem": portal.pk}, {"priority": "urgent"}, {"type": "defect"}):
            assert page("add_rule", team=team.pk, way="load", is_active="on", **more).status_code == 302

        def order() -> list[tuple[Any, str, str]]:
            return list(AssignmentRule.objects.values_list("subsystem", "priority", "type"))

        first, second, third = order()
        rules = list(AssignmentRule.objects.all())
        page("move_rule", rules[2].pk, up="1")
        assert order() == [first, third, second]
        page("move_rule", rules[0].pk, up="1")  # it stands first already
        assert order() == [first, third, second]
        page("move_rule", rules[0].pk, up="0")
        assert order() == [third, first, second]
        assert "Раздел «Зарплата»" in text(page("rules"))
        page("remove_rule", rules[0].pk, yes="1")
        assert order() == [third, second]

    @pytest.mark.parametrize("wrong", [{"team": ""}, {"way": "coin"}, {"priority": "x"}, {"subsystem": "999"}])
    def test_a_wrong_rule_is_told(self, page, wrong):
        team = Team.objects.create(name="Линия")
        assert page("add_rule", **{"team": team.pk, "way": "load", **wrong}).status_code == 422

    def test_what_a_rule_names_is_not_removed(self, page):
        team = Team.objects.create(name="Линия")
        AssignmentRule.objects.create(team=team)
        page("remove_team", team.pk, yes="1")
        assert Team.objects.exists()

    def test_escalation_without_a_team(self, page):
        assert page("escalation", percent="70", untaken_minutes="15").status_code == 302
        assert Escalation.objects.get(team=None).untaken_minutes == 15
        assert "70" in text(page("rules"))
        assert page("escalation", percent="", untaken_minutes="").status_code == 302
        assert not Escalation.objects.exists()

    def test_the_pages_take_few_statements(self, page, django_assert_max_num_queries):
        team = Team.objects.create(name="Линия")
        for position in range(5):
            AssignmentRule.objects.create(team=team, position=position)
        for name in ("rules", "teams", "absences"):
            page(name)
            with django_assert_max_num_queries(14):
                page(name)


def test_an_administrator_without_the_desk_finds_them_among_the_settings(client):
    client.force_login(AdministratorFactory.create())
    for name in ("rules", "teams", "duties", "absences"):
        assert reverse(f"assignment:{name}") in text(client.get(reverse("settings:overview")))
    client.force_login(SpecialistFactory.create())
    assert reverse("assignment:rules") not in text(client.get(reverse("desk:queue")))
