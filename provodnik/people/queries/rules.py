"""What holds in an organisation on a day, since when, by whose word; what will hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from provodnik.people.models import OrganisationRule
from provodnik.people.policies import current
from provodnik.people.rules import RULES, Code, Rule

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Line:
    """`row` None: nobody has decided, the default holds. `later`: rows that begin after the day; `past`: before."""

    rule: Rule
    value: Any
    row: OrganisationRule | None
    later: Sequence[OrganisationRule]
    past: Sequence[OrganisationRule]


def value(code: Code, organisation_id: int, *, on: date) -> Any:
    """What holds on a day. One statement."""
    rows = OrganisationRule.objects.filter(current(on), code=code.value).order_by("starts_on")
    found = dict(rows.filter(organisation_id=organisation_id).values_list("organisation_id", "value"))
    return RULES[code].held(found[organisation_id]) if found else RULES[code].default


def lines(organisation_id: int, *, on: date) -> list[Line]:
    """All of people's own rules. One statement."""
    rows = OrganisationRule.objects.filter(organisation_id=organisation_id, code__in=[code.value for code in RULES])
    of: dict[str, list[OrganisationRule]] = {}
    for row in rows.select_related("author").order_by("-starts_on"):
        of.setdefault(row.code, []).append(row)
    return [_line(rule, of.get(rule.code.value, []), on) for rule in RULES.values()]


def _line(rule: Rule, rows: list[OrganisationRule], on: date) -> Line:
    now = next((row for row in rows if row.starts_on <= on and (row.ends_on is None or row.ends_on >= on)), None)
    later = [row for row in reversed(rows) if row.starts_on > on]
    past = [row for row in rows if row.ends_on is not None and row.ends_on < on][:SHOWN]
    return Line(rule, rule.held(now.value) if now else rule.default, now, later, past)
