"""What some people want in a row besides the usual: read for the shown rows alone, by one statement, only for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provodnik.core import prepared
from provodnik.desk.queries.queue import Row

# What a row may show under the subject, in the order in which it is offered; the first three are the usual ones.
COLUMNS: Mapping[str, Promise] = {
    "customer": _("Customer"),
    "requester": _("Requester"),
    "assignee": _("Specialist"),
    "team": _("Team"),
    "type": _("Type"),
    "subsystem": _("Section"),
    "tags": _("Tags"),
    "registered": _("When it was registered"),
    "due": _("Exact deadline"),
}
USUAL = ("customer", "requester", "assignee")
_FURTHER = frozenset({"team", "type", "subsystem", "tags", "registered"})

_SQL = """
SELECT ticket.number, ticket.type, coalesce(part.name, ''), coalesce(team.name, ''), ticket.registered_at,
       coalesce((SELECT string_agg(tag.name, ', ' ORDER BY tag.name) FROM desk_tickettag AS put
                 JOIN desk_tag AS tag ON tag.id = put.tag_id WHERE put.ticket_id = ticket.number), '')
FROM desk_ticket AS ticket
LEFT JOIN desk_subsystem AS part ON part.id = ticket.subsystem_id
LEFT JOIN desk_team AS team ON team.id = ticket.team_id
WHERE ticket.number = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Extra:
    type: str
    subsystem: str
    team: str
    registered_at: datetime
    tags: str


def known(columns: Iterable[str]) -> tuple[str, ...]:
    """Those that there are, each once."""
    return tuple(name for name in dict.fromkeys(columns) if name in COLUMNS)


def extras(rows: Iterable[Row], columns: Iterable[str]) -> dict[int, Extra]:
    """By the number of the request; nothing is asked when none of these columns is wanted."""
    numbers = [row.number for row in rows]
    if not numbers or not _FURTHER & set(columns):
        return {}
    return {number: Extra(*values) for number, *values in prepared.fetch(_SQL, [numbers])}
