"""What an address narrows the queue by, in words: «Все открытые · Высокий · исполнитель — вы»."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.desk.labels import PRIORITIES, STATUSES, TYPES
from provodnik.desk.models import Customer, FieldDefinition, Subsystem, Tag, Team
from provodnik.desk.queries.filters import DUE, ME, NONE, US, Filters
from provodnik.desk.queries.views import DEFAULT_VIEW, VIEWS
from provodnik.ui.text import full_day, short_name


def told(query: Mapping[str, Any]) -> str:
    """One line; what is not there any more is left out."""
    filters = Filters.read(query)
    base = VIEWS.get(str(query.get("view", "")), VIEWS[DEFAULT_VIEW])
    return " · ".join([str(base.label), *(piece for piece in _pieces(filters) if piece)])


def _pieces(filters: Filters) -> list[str]:
    return [
        str(dict(STATUSES).get(filters.status, "")),
        str(dict(PRIORITIES).get(filters.priority, "")),
        str(dict(TYPES).get(filters.type, "")),
        _name(Customer, filters.customer),
        _name(Subsystem, filters.subsystem),
        _("without a team") if filters.team == NONE else _name(Team, filters.team),
        _person(filters.assignee),
        *_times(filters),
        *(_name(Tag, tag) for tag in filters.marks.tags),
        *(f"{_name(FieldDefinition, pk)}: {value}" for pk, value in filters.marks.fields),
        f"«{filters.text}»" if filters.text else "",
    ]


def _name(model: Any, pk: object) -> str:
    found = model.objects.filter(pk=int(str(pk))).first() if pk not in (None, "") else None
    return str(found) if found is not None else ""


def _person(assignee: str) -> str:
    if assignee == NONE:
        return _("nobody's")
    if assignee == ME:
        return _("mine")
    found = User.objects.filter(pk=int(assignee)).first() if assignee else None
    return short_name(found.full_name) if found is not None else ""


def _times(filters: Filters) -> list[str]:
    words = []
    if filters.waiting:
        words.append(_("our turn") if filters.waiting == US else _("the user's turn"))
    if filters.since:
        words.append(_("registered from %(day)s") % {"day": _day(filters.since)})
    if filters.until:
        words.append(_("registered until %(day)s") % {"day": _day(filters.until)})
    if filters.due:
        words.append(
            str(due_words()[filters.due]) if filters.due in DUE else _("due until %(day)s") % {"day": _day(filters.due)}
        )
    return words


def due_words() -> dict[str, str]:
    return {"today": _("due today"), "tomorrow": _("due today or tomorrow"), "week": _("due within a week")}


def due_choices(chosen: str) -> list[tuple[str, str]]:
    """What the filter offers; a day that the address names stays chosen."""
    named = [(chosen, _("due until %(day)s") % {"day": _day(chosen)})] if chosen and chosen not in DUE else []
    return [*due_words().items(), *named]


def _day(written: str) -> str:
    return full_day(date.fromisoformat(written))
