"""The history of works in sentences, for who leads them and for who is only told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from provodnik.ui.text import moment
from provodnik.works import words
from provodnik.works.models import WorkEvent, WorkEventKind

ICONS = {
    WorkEventKind.DRAFTED: "pencil",
    WorkEventKind.EDITED: "pencil",
    WorkEventKind.ANNOUNCED: "megaphone",
    WorkEventKind.BEGAN: "play",
    WorkEventKind.CHANGED: "calendar-days",
    WorkEventKind.NEWS: "message-square",
    WorkEventKind.ENDED: "circle-check",
    WorkEventKind.CANCELLED: "ban",
    WorkEventKind.TIED: "link",
    WorkEventKind.UNTIED: "unlink",
}
# What stays inside: whom else it concerns, and who answers for it.
INSIDE = ("customers", "responsible", "public")


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: a sentence, its changes (field, old, new), what was said."""

    at: datetime
    icon: str
    text: str
    who: str
    said: str
    changes: list[tuple[str, str, str]]
    late: bool


def line(event: WorkEvent, now: datetime, *, inside: bool) -> Line:
    """`inside`: the reader is of the desk or leads works."""
    words_of_kind = {
        WorkEventKind.DRAFTED: _("Written down as a draft"),
        WorkEventKind.EDITED: _("Edited"),
        WorkEventKind.ANNOUNCED: _("Announcement"),
        WorkEventKind.BEGAN: _("The beginning"),
        WorkEventKind.CHANGED: _("A change"),
        WorkEventKind.NEWS: _("News"),
        WorkEventKind.ENDED: _("It came to an end"),
        WorkEventKind.CANCELLED: _("Cancellation"),
        WorkEventKind.TIED: _("Request № %(number)s is tied"),
        WorkEventKind.UNTIED: _("Request № %(number)s is untied"),
    }
    kind = WorkEventKind(event.kind)
    text = words_of_kind[kind]
    if kind in (WorkEventKind.TIED, WorkEventKind.UNTIED):
        text = text % {"number": event.data.get("number", "")}
    return Line(
        at=event.at,
        icon=ICONS[kind],
        text=text,
        who=event.by.full_name if inside and event.by is not None else "",
        said=event.text,
        changes=list(_changes(event.data, now, inside=inside)),
        late=bool(event.data.get("late")),
    )


def late_reason(events: Iterable[WorkEvent]) -> str:
    """Why planned works were told of later than they should be; "" when they were in time."""
    return next((one.text for one in events if one.data.get("late")), "")


def _changes(data: dict[str, Any], now: datetime, *, inside: bool) -> Iterable[tuple[str, str, str]]:
    for name, label in _labels().items():
        if name not in data or (name in INSIDE and not inside):
            continue
        old, new = data[name]
        yield label, _value(name, old, now), _value(name, new, now)


def _labels() -> dict[str, str]:
    return {
        "kind": _("What it is"),
        "title": _("Title"),
        "starts_at": _("Start of the works"),
        "ends_at": _("End of the works"),
        "unavailable": _("The portal is unavailable"),
        "text": _("Text"),
        "release": _("Release"),
        "subsystems": _("Sections"),
        "customers": _("Customers"),
        "public": _("On the status page"),
        "responsible": _("Who answers for it"),
    }


def _value(name: str, value: Any, now: datetime) -> str:
    if name in ("starts_at", "ends_at"):
        return moment(datetime.fromisoformat(value), now) if value else _("not known")
    if name == "kind":
        return words.kind_word(value)
    if name in ("customers", "subsystems"):
        return ", ".join(value) if value else _("all")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = str(value)
    return (text if len(text) <= 80 else text[:79] + "…") or "—"
