"""What can be chosen in the filters of the queue: one statement, however many lists there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from provodnik.core import prepared
from provodnik.ui.text import short_name

MOST_CHOICES = 300  # of one list
Choice = tuple[int, str]

_SQL = " UNION ALL ".join(
    f"(SELECT '{name}', id, {label} FROM {table} WHERE {condition} ORDER BY {order} LIMIT {MOST_CHOICES})"  # noqa: S608
    for name, table, label, condition, order in (
        ("customers", "desk_customer", "coalesce(nullif(short_name, ''), name)", "is_active", "name"),
        ("subsystems", "desk_subsystem", "name", "is_active", "position, name"),
        ("people", "accounts_user", "full_name", "is_active AND roles && '{specialist,lead}'", "full_name"),
        ("teams", "desk_team", "name", "is_active", "name"),
        ("tags", "desk_tag", "name", "is_active", "name"),
    )
)


@dataclass(frozen=True, slots=True)
class Choices:
    """Lists of (id, words), in their order."""

    customers: list[Choice]
    subsystems: list[Choice]
    people: list[Choice]
    teams: list[Choice]
    tags: list[Choice]


def choices() -> Choices:
    """Everything that the queue may be narrowed by."""
    found: dict[str, list[Choice]] = {one.name: [] for one in fields(Choices)}
    for name, pk, label in prepared.fetch(_SQL):
        found[name].append((pk, short_name(label) if name == "people" else label))
    return Choices(**found)


_FIELDS = """
SELECT one.id, one.label FROM desk_fielddefinition one JOIN desk_contract contract ON contract.id = one.contract_id
WHERE one.is_active AND (contract.customer_id = %s::bigint OR one.id = ANY(%s::bigint[]))
ORDER BY one.position, one.id LIMIT 20
"""


def own_fields(customer: int | None, chosen: Mapping[int, str]) -> list[tuple[str, str, str]]:
    """Fields of a customer's own, and those that are `chosen` (field → value): (name in the address, label, value)."""
    if customer is None and not chosen:
        return []
    found = prepared.fetch(_FIELDS, [customer, list(chosen)])
    return [(f"field_{pk}", label, chosen.get(pk, "")) for pk, label in found]
