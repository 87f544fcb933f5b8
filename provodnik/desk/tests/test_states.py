"""The regulation's tables, read back clause by clause."""

from datetime import timedelta

import pytest

from provodnik.desk import states
from provodnik.desk.states import Impact, Priority, Resolution, Status, TicketType

LEGAL = {  # I11, word for word
    ("created", "in_progress"),
    ("created", "clarification"),
    ("created", "done"),
    ("in_progress", "clarification"),
    ("in_progress", "done"),
    ("clarification", "in_progress"),
    ("clarification", "done"),
    ("done", "in_progress"),
}


@pytest.mark.parametrize("old", list(Status))
@pytest.mark.parametrize("new", list(Status))
def test_moves_are_those_of_i11_and_no_other(old: Status, new: Status) -> None:
    assert states.is_legal(old, new) is ((old.value, new.value) in LEGAL)
    assert states.is_legal(old.value, new.value) is states.is_legal(old, new)


@pytest.mark.parametrize(("old", "new"), [("", "created"), ("created", ""), ("done", "merged"), ("x", "y")])
def test_unknown_statuses_move_nowhere(old: str, new: str) -> None:
    assert states.is_legal(old, new) is False


def test_tables_cannot_be_changed_by_a_reader() -> None:
    with pytest.raises(TypeError):
        states.MOVES[Status.DONE] = frozenset()  # type: ignore[index]
    with pytest.raises(TypeError):
        states.DEFAULT_ALLOWANCES[Priority.LOW] = timedelta(0)  # type: ignore[index]


def test_every_status_but_the_last_is_open() -> None:
    assert {*states.OPEN_STATUSES, Status.DONE} == set(Status)
    assert Status.DONE not in states.OPEN_STATUSES


def test_allowances_are_those_of_r12() -> None:
    hours = {p.value: a / timedelta(hours=1) for p, a in states.DEFAULT_ALLOWANCES.items()}
    assert hours == {"urgent": 12, "high": 24, "medium": 48, "low": 96}


def test_priorities_rank_from_the_gravest() -> None:
    assert sorted(Priority, key=lambda p: p.rank) == [
        Priority.URGENT,
        Priority.HIGH,
        Priority.MEDIUM,
        Priority.LOW,
    ]


def test_impact_proposes_type_and_priority_by_r5() -> None:
    assert dict(states.PROPOSALS) == {
        Impact.NOTHING_WORKS: (TicketType.DEFECT, Priority.URGENT),
        Impact.CANNOT_ENTER: (TicketType.DEFECT, Priority.HIGH),
        Impact.CANNOT_GET: (TicketType.DEFECT, Priority.MEDIUM),
        Impact.QUESTION: (TicketType.QUESTION, Priority.LOW),
    }


@pytest.mark.parametrize("priority", list(Priority))
def test_a_refusal_is_for_low_alone_and_withdrawal_is_the_users(priority: Priority) -> None:
    allowed = states.allowed_resolutions(priority)
    assert (Resolution.REFUSED in allowed) is (priority is Priority.LOW)
    assert Resolution.WITHDRAWN not in allowed
    assert set(allowed) | {Resolution.REFUSED} == set(states.SPECIALIST_RESOLUTIONS)
    assert states.allowed_resolutions(priority.value) == allowed


def test_an_unknown_priority_allows_no_resolution() -> None:
    with pytest.raises(ValueError, match="gold"):
        states.allowed_resolutions("gold")


def test_only_a_withdrawal_needs_no_explanation() -> None:
    assert set(Resolution) - states.EXPLANATION_REQUIRED == {Resolution.WITHDRAWN}


def test_the_diagram_draws_exactly_the_legal_moves() -> None:
    lines = states.diagram().splitlines()
    assert lines[0] == "stateDiagram-v2"
    arrows = [tuple(line.strip().split(" --> ")) for line in lines[1:]]
    assert arrows[0] == ("[*]", "created")
    assert arrows[-1] == ("done", "[*]")
    assert set(arrows[1:-1]) == LEGAL
    assert len(arrows) == len(set(arrows))
