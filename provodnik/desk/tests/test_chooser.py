"""The pure chooser: by tables and by properties. No database, no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.desk.assignment import (
    WEIGHTS,
    Absence,
    Crew,
    Incoming,
    Plan,
    Rule,
    Shift,
    Standing,
    Way,
    choose,
    first_present,
    on_duty,
)

ANNA, BORIS, VERA, LEAD = 1, 2, 3, 9
NAMES = {ANNA: "Анна", BORIS: "Борис", VERA: "Вера", LEAD: "Галина"}
MOSCOW = ZoneInfo("Europe/Moscow")
MONDAY = date(2026, 11, 23)
DEFECT = Incoming(type="defect", priority="high", subsystem=5, customer=7)


def at(hour: int, minute: int = 0, *, day: date = MONDAY, zone: str = "Europe/Moscow") -> datetime:
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone))


def crew(**more) -> Crew:
    return Crew(**{"id": 1, "name": "Первая линия", "members": (ANNA, BORIS, VERA), **more})


def plan(way: Way = Way.LOAD, *, team: Crew | None = None, rules=None, absences=None, names=None) -> Plan:
    team = team or crew()
    return Plan(
        rules=rules if rules is not None else [Rule(id=1, team=team.id, way=way)],
        teams={team.id: team},
        names=NAMES if names is None else names,
        absences=absences or {},
    )


def person(made: Plan, standing: Standing | None = None, moment: datetime | None = None, request=DEFECT) -> int | None:
    return choose(request, made, standing or Standing(), moment or at(12)).person


@pytest.mark.parametrize(
    ("rules", "chosen"),
    [
        ([], None),
        ([Rule(1, 1, Way.LOAD, subsystem=6)], None),
        ([Rule(1, 1, Way.LOAD, subsystem=5, customer=7, type="defect", priority="high")], 1),
        ([Rule(1, 1, Way.LOAD, priority="low"), Rule(2, 1, Way.LOAD, type="defect"), Rule(3, 1, Way.LOAD)], 2),
        ([Rule(1, 1, Way.LOAD, customer=8), Rule(2, 1, Way.LOAD, type="question"), Rule(3, 1, Way.LOAD)], 3),
        ([Rule(1, 77, Way.LOAD), Rule(2, 1, Way.LOAD)], None),  # its team is gone: nothing is guessed
    ],
)
def test_the_first_rule_that_fits_decides(rules, chosen):
    assert choose(DEFECT, plan(rules=rules), Standing(), at(12)).rule == chosen


def test_what_is_not_stated_fits_only_rules_that_do_not_ask_for_it():
    bare = Incoming(type="question", priority="low")
    made = plan(rules=[Rule(1, 1, Way.LOAD, subsystem=5), Rule(2, 1, Way.LOAD, customer=7), Rule(3, 1, Way.NOBODY)])
    assert choose(bare, made, Standing(), at(12)).rule == 3


@pytest.mark.parametrize(
    ("open_", "chosen"),
    [
        ({}, ANNA),
        ({ANNA: {"low": 1}}, BORIS),
        ({ANNA: {"low": 3}, BORIS: {"urgent": 1}, VERA: {"high": 1}}, ANNA),  # 3, 8, 4
        ({ANNA: {"low": 3, "medium": 1}, BORIS: {"urgent": 1}, VERA: {"high": 1}}, VERA),  # 5, 8, 4
    ],
)
def test_by_load_counts_what_it_weighs(open_, chosen):
    assert person(plan(), Standing(open=open_)) == chosen


def test_a_team_weighs_in_its_own_way():
    flat = crew(weights=dict.fromkeys(WEIGHTS, 1))
    open_ = {ANNA: {"low": 3}, BORIS: {"urgent": 1}, VERA: {"urgent": 2}}
    assert person(plan(team=flat), Standing(open=open_)) == BORIS


def test_of_equals_whoever_was_given_one_longest_ago():
    given_ = {(1, ANNA): at(11), (1, BORIS): at(9), (1, VERA): at(10), (2, BORIS): at(11, 59)}
    assert person(plan(), Standing(given=given_)) == BORIS
    assert person(plan(Way.TURN), Standing(given=given_)) == BORIS
    assert person(plan(Way.TURN), Standing(given={(1, ANNA): at(9), (1, BORIS): at(8)})) == VERA  # never given yet


def test_a_substitute_takes_the_turns_of_whom_he_stands_for_and_no_more():
    made = plan(Way.TURN, absences={ANNA: [Absence(MONDAY, MONDAY, substitute=LEAD)]})
    given_: dict[tuple[int, int], datetime] = {}
    got = []
    for minute in range(6):
        choice = choose(DEFECT, made, Standing(given=given_), at(12, minute))
        assert choice.turn is not None
        given_[1, choice.turn] = at(12, minute)
        got.append(choice.person)
    assert sorted(got) == [BORIS, BORIS, VERA, VERA, LEAD, LEAD]


def test_nobody_by_the_rule_is_the_teams_queue():
    choice = choose(DEFECT, plan(Way.NOBODY), Standing(), at(12))
    assert (choice.team, choice.person, bool(choice.reason)) == (1, None, True)


NIGHT = {0: [Shift(ANNA, time(9), time(21)), Shift(BORIS, time(21), time(9))]}


@pytest.mark.parametrize(
    ("moment", "people"),
    [
        (at(8, 59), []),  # the night of Sunday is nobody's
        (at(9), [ANNA]),
        (at(20, 59), [ANNA]),
        (at(21), [BORIS]),
        (at(0, day=MONDAY + timedelta(days=1)), [BORIS]),
        (at(8, 59, day=MONDAY + timedelta(days=1)), [BORIS]),
        (at(9, day=MONDAY + timedelta(days=1)), []),
        (at(6, zone="UTC"), [ANNA]),  # nine in Moscow
    ],
)
def test_duties_over_midnight_and_their_ends(moment, people):
    assert [one for one, _shift in on_duty(crew(week=NIGHT), moment.astimezone(UTC))] == people


def test_a_duty_that_ends_when_it_begins_is_a_whole_day():
    team = crew(week={0: [Shift(VERA, time(9), time(9))]})
    assert on_duty(team, at(8, 59, day=MONDAY + timedelta(days=1)))
    assert not on_duty(team, at(9, day=MONDAY + timedelta(days=1)))


def test_a_date_of_its_own_replaces_what_begins_on_it():
    team = crew(week=NIGHT, dates={MONDAY: [Shift(VERA, time(9), time(18))]})
    assert [one for one, _ in on_duty(team, at(12))] == [VERA]
    assert not on_duty(team, at(22))
    assert not on_duty(team, at(3, day=MONDAY + timedelta(days=1)))  # nor what would have begun then
    nobody = crew(week=NIGHT, dates={MONDAY: []})
    assert not on_duty(nobody, at(12))


def test_the_zone_is_the_teams():
    vladivostok = crew(zone="Asia/Vladivostok", week=NIGHT)
    assert [one for one, _ in on_duty(vladivostok, at(3))] == [ANNA]  # 10:00 there
    assert person(plan(Way.DUTY, team=vladivostok), moment=at(15)) == BORIS  # 22:00 there


def test_where_the_clocks_jump_duties_still_meet():
    """Kaliningrad has no jumps now; Berlin's last Sunday of October has an hour twice, of March one that is not."""
    week = {day: [Shift(ANNA, time(9), time(2, 30)), Shift(BORIS, time(2, 30), time(9))] for day in range(7)}
    team = crew(zone="Europe/Berlin", week=week)
    for day in (date(2026, 10, 24), date(2026, 3, 28)):
        start = datetime.combine(day, time(12), ZoneInfo("Europe/Berlin")).astimezone(UTC)
        for minutes in range(0, 36 * 60, 10):
            assert on_duty(team, start + timedelta(minutes=minutes)), minutes


def test_whoever_is_away_is_replaced():
    away = {ANNA: [Absence(MONDAY, MONDAY, substitute=LEAD)]}
    made = plan(Way.DUTY, team=crew(week=NIGHT), absences=away)
    choice = choose(DEFECT, made, Standing(), at(12))
    assert choice.person == LEAD and "Анна" in choice.reason and "Галина" in choice.reason
    assert person(plan(absences={ANNA: [Absence(MONDAY, MONDAY)]})) == BORIS
    assert person(plan(absences=away), Standing(open={BORIS: {"low": 1}, VERA: {"low": 1}})) == LEAD
    assert person(made, moment=at(12, day=MONDAY + timedelta(days=7))) == ANNA


def test_substitutes_of_substitutes_and_circles():
    def away(person_: int, substitute: int | None) -> dict:
        return {person_: [Absence(MONDAY, MONDAY, substitute)]}

    duty = crew(week=NIGHT)
    assert person(plan(Way.DUTY, team=duty, absences=away(ANNA, BORIS) | away(BORIS, VERA))) == VERA
    assert person(plan(Way.DUTY, team=duty, absences=away(ANNA, BORIS) | away(BORIS, ANNA))) is None
    assert person(plan(Way.DUTY, team=duty, absences=away(ANNA, 55))) is None  # who has left the desk


def test_nobody_is_there_says_so():
    everybody = {one: [Absence(MONDAY, MONDAY)] for one in (ANNA, BORIS, VERA)}
    for way in (Way.LOAD, Way.TURN, Way.DUTY):
        choice = choose(DEFECT, plan(way, team=crew(week=NIGHT), absences=everybody), Standing(), at(12))
        assert (choice.team, choice.person) == (1, None)
        assert choice.reason


def test_barred_is_never_chosen():
    barred = Incoming(type="defect", priority="high", barred=frozenset({ANNA}))
    assert person(plan(Way.DUTY, team=crew(week=NIGHT)), request=barred) is None
    assert person(plan(), request=barred) == BORIS
    made = plan()
    assert first_present(made, [ANNA, LEAD], at(12), zone="UTC", barred=frozenset({ANNA})) == LEAD


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        choose(DEFECT, plan(), Standing(), datetime(2026, 11, 23, 12))  # noqa: DTZ001 - that is the point


people = st.sampled_from([ANNA, BORIS, VERA, LEAD, 55])
clocks = st.times().map(lambda one: one.replace(second=0, microsecond=0))
shifts = st.lists(st.builds(Shift, people, clocks, clocks), max_size=4)
days = st.dates(MONDAY - timedelta(days=9), MONDAY + timedelta(days=9))
moments = st.datetimes(
    datetime(2026, 11, 16),  # noqa: DTZ001 - the zone comes with `timezones`
    datetime(2026, 11, 30),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, MOSCOW]),
)
priorities = st.sampled_from([priority.value for priority in WEIGHTS])


@st.composite
def absences(draw):
    found: dict[int, list[Absence]] = {}
    for who in draw(st.lists(people, max_size=4)):
        first = draw(days)
        found.setdefault(who, []).append(
            Absence(first, first + timedelta(days=draw(st.integers(0, 5))), draw(st.none() | people))
        )
    return found


@st.composite
def plans(draw):
    team = crew(
        members=tuple(draw(st.lists(people, unique=True))),
        zone=draw(st.sampled_from(["Europe/Moscow", "Asia/Kamchatka", "UTC"])),
        week=draw(st.dictionaries(st.integers(0, 6), shifts)),
        dates=draw(st.dictionaries(days, shifts, max_size=3)),
    )
    rule = st.builds(
        Rule,
        st.integers(1, 99),
        st.just(1),
        st.sampled_from(Way),
        st.none() | st.just(5),
        priority=st.just("") | priorities,
    )
    return plan(team=team, rules=draw(st.lists(rule, max_size=4)), absences=draw(absences()))


loads = st.dictionaries(people, st.dictionaries(priorities, st.integers(0, 9)))
requests = st.builds(
    Incoming,
    st.just("defect"),
    priorities,
    st.none() | st.just(5),
    barred=st.frozensets(people, max_size=2),
)


@given(plans(), requests, loads, moments)
def test_whoever_is_chosen_could_be(made: Plan, request: Incoming, open_: dict, moment: datetime):
    choice = choose(request, made, Standing(open=open_), moment)
    assert choice == choose(request, made, Standing(open=open_), moment)  # the same question, the same answer
    assert (choice.rule is None) == (choice.team is None)
    assert bool(choice.reason) == (choice.rule is not None)
    if choice.person is None:
        return
    assert choice.person in NAMES
    assert choice.person not in request.barred
    day = moment.astimezone(ZoneInfo(made.teams[1].zone)).date()
    assert not any(one.starts_on <= day <= one.ends_on for one in made.absences.get(choice.person, ()))
    assert NAMES[choice.person] in choice.reason
    rule = next(one for one in made.rules if one.id == choice.rule)
    assert rule.priority in ("", request.priority)
    assert choice.way != Way.NOBODY


@given(plans(), requests, loads, moments)
def test_nobody_of_the_team_has_less(made: Plan, request: Incoming, open_: dict, moment: datetime):
    made = Plan([Rule(1, 1, Way.LOAD)], made.teams, made.names, {})
    chosen = person(made, Standing(open=open_), moment, request)
    able = [one for one in made.teams[1].members if one in NAMES and one not in request.barred]
    assert (chosen is None) == (not able)

    def weighs(who: int) -> int:
        return sum(WEIGHTS[priority] * count for priority, count in open_.get(who, {}).items())

    assert chosen is None or weighs(chosen) == min(map(weighs, able))


@given(plans(), moments)
def test_a_whole_turn_gives_everybody_one(made: Plan, moment: datetime):
    made = Plan([Rule(1, 1, Way.TURN)], made.teams, made.names, {})
    able = [one for one in made.teams[1].members if one in NAMES]
    given_: dict[tuple[int, int], datetime] = {}
    order = []
    for step in range(2 * len(able)):
        chosen = person(made, Standing(given=given_), moment)
        assert chosen is not None
        order.append(chosen)
        given_[1, chosen] = moment + timedelta(seconds=step)
    assert sorted(order[: len(able)]) == sorted(able)
    assert order[len(able) :] == order[: len(able)]
