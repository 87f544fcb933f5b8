"""Words of the exchange's pages: plain ones, for personnel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from provodnik.exchange.states import Actor, Outcome, Standing, State, Stop
from provodnik.people.words import field_word

KINDS: Mapping[str, Any] = {
    "organisation": gettext_lazy("Organisations"),
    "position": gettext_lazy("Positions"),
    "unit": gettext_lazy("Units"),
    "person": gettext_lazy("People"),
    "employment": gettext_lazy("Places of work"),
    "dismissal": gettext_lazy("Dismissals"),
    "absence": gettext_lazy("Absences"),
    "leave_balance": gettext_lazy("Balances of leave"),
    "payslip": gettext_lazy("Payslips"),
    "answer": gettext_lazy("Answers of 1C"),
}
ONE: Mapping[str, Any] = {
    "organisation": gettext_lazy("Organisation"),
    "position": gettext_lazy("Position"),
    "unit": gettext_lazy("Unit"),
    "person": gettext_lazy("Person"),
    "employment": gettext_lazy("Place of work"),
    "dismissal": gettext_lazy("Dismissal"),
    "absence": gettext_lazy("Absence"),
    "leave_balance": gettext_lazy("Balance of leave"),
    "payslip": gettext_lazy("Payslip"),
    "answer": gettext_lazy("Answer of 1C"),
}
ACTORS: Mapping[str, Any] = {
    Actor.PAYROLL_BASE.value: gettext_lazy("Who keeps the payroll base"),
    Actor.PERSONNEL.value: gettext_lazy("Personnel"),
    Actor.SENDER.value: gettext_lazy("Who looks after the exchange in 1C"),
    Actor.ADMINISTRATOR.value: gettext_lazy("Administrator of the portal"),
}
TODO: Mapping[str, Any] = {
    Actor.PAYROLL_BASE.value: gettext_lazy("Set it right in 1C: the next exchange brings it here."),
    Actor.PERSONNEL.value: gettext_lazy("Say on the person's page whether it is the same person, then try again."),
    Actor.SENDER.value: gettext_lazy("Look what 1C sends: the reason says which field."),
    Actor.ADMINISTRATOR.value: gettext_lazy("Look at the installation, then try again."),
}
PATIENCE = gettext_lazy("It is taken by itself once that comes; if it does not come, 1C must send it.")
STATE_TONES: Mapping[str, tuple[str, str]] = {
    State.READING.value: ("info", "hourglass"),
    State.RECEIVED.value: ("info", "hourglass"),
    State.CHECKING.value: ("info", "search"),
    State.HELD.value: ("warning", "circle-pause"),
    State.APPLYING.value: ("info", "hourglass"),
    State.DONE.value: ("success", "circle-check"),
    State.REFUSED.value: ("error", "circle-alert"),
    State.DROPPED.value: ("", "ban"),
}
# columns of a batch's table: what is counted, in the order of reading
COUNTED: Mapping[str, Any] = {
    "added": gettext_lazy("added"),
    "changed": gettext_lazy("changed"),
    "unchanged": gettext_lazy("unchanged"),
    "kept": gettext_lazy("kept whole"),
    "waiting": gettext_lazy("waiting"),
    "refused": gettext_lazy("not taken"),
}


def field_of(about: str) -> str:
    """«lines.3.sum» is told by its first word, where people know one."""
    return field_word(about.split(".")[0]) if about else ""


def waits_for(kind: str) -> str:
    return {
        "organisation": gettext("Waits for its organisation to come from 1C."),
        "unit": gettext("Waits for its unit to come from 1C."),
        "position": gettext("Waits for its position to come from 1C."),
        "person": gettext("Waits for its person to come from 1C."),
        "employment": gettext("Waits for its place of work to come from 1C."),
    }.get(kind, gettext("Waits for something to come from 1C."))


def told_of(stop: Mapping[str, Any]) -> str:
    """Why a threshold stopped a batch, with the figures."""
    if stop["rule"] == Stop.DISMISSALS.value:
        text = gettext(
            "%(name)s: would dismiss %(would)d of %(of)d people (%(share)d %%), the threshold is %(limit)d %%."
        )
    else:
        text = gettext(
            "%(name)s: would change %(would)d of %(of)d people (%(share)d %%), the threshold is %(limit)d %%."
        )
    share = round(100 * stop["would"] / stop["of"]) if stop["of"] else 100
    return text % {**stop, "share": share}


def _planned(found: Mapping[str, int]) -> dict[str, int]:
    return {
        "added": found.get(Outcome.NEW.value, 0),
        "changed": found.get(Outcome.CHANGED.value, 0),
        Standing.REFUSED.value: found.get(Outcome.REFUSED.value, 0),
    }


def tally(
    diff: Mapping[str, Mapping[str, int]], counts: Mapping[str, Mapping[str, int]], *, planned: bool = False
) -> list[tuple[str, list[int]]]:
    """(kind, figures in the order of COUNTED) of a batch; `planned`: what it would do, by its dry run."""
    if planned:
        counts = {kind: _planned(found) for kind, found in diff.items()}
    rows = []
    for kind in KINDS:
        before, done = diff.get(kind, {}), counts.get(kind, {})
        if not before and not done:
            continue
        still = before.get(Outcome.SAME.value, 0) + before.get(Outcome.OLDER.value, 0) + done.get("same", 0)
        rows.append(
            (
                kind,
                [
                    done.get("added", 0),
                    done.get("changed", 0) + done.get(Standing.GONE.value, 0),
                    still,
                    done.get(Standing.KEPT.value, 0),
                    done.get(Standing.WAITING.value, 0),
                    done.get(Standing.REFUSED.value, 0) + done.get("foreign", 0),
                ],
            )
        )
    return rows
