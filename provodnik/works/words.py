"""Works in people's words: when, what, whether the service is there; one place for pages, letters and announcements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.core.text import one_line
from provodnik.ui.text import NBSP, clock, day, moment
from provodnik.works.models import KINDS, STATES, Work
from provodnik.works.states import Kind, State

LOOKS = {
    State.DRAFT.value: ("neutral", "pencil"),
    State.ANNOUNCED.value: ("info", "megaphone"),
    State.GOING.value: ("warning", "play"),
    State.ENDED.value: ("success", "circle-check"),
    State.CANCELLED.value: ("neutral", "ban"),
}
ICONS = {Kind.PLANNED.value: "calendar-days", Kind.URGENT.value: "wrench", Kind.INCIDENT.value: "siren"}


def kind_word(kind: str) -> str:
    return str(dict(KINDS)[kind])


def state_word(state: str, kind: str = "") -> str:
    """«Идут» of works, «Идёт» of an incident."""
    if kind == Kind.INCIDENT.value:
        of_incident = {
            State.GOING.value: _("It is going on"),
            State.ANNOUNCED.value: _("It is announced"),
            State.ENDED.value: _("It is removed"),
            State.CANCELLED.value: _("It was cancelled"),
        }
        return of_incident.get(state) or str(dict(STATES)[state])
    return str(dict(STATES)[state])


def when(begin: datetime, end: datetime | None, now: datetime) -> str:
    """«25 ноября, 02:00–06:00», «25 ноября, 22:00 – 26 ноября, 02:00», «с 25 ноября, 02:00» of an unknown end."""
    if end is None:
        return _("since %(moment)s") % {"moment": moment(begin, now)}
    if timezone.localtime(begin).date() == timezone.localtime(end).date():
        return f"{day(begin, now)}, {clock(begin)}–{clock(end)}"
    return f"{moment(begin, now)}{NBSP}– {moment(end, now)}"


def span_of(work: Work, now: datetime) -> str:
    """When it really was, or is planned to be."""
    if work.state == State.CANCELLED.value:
        return when(work.starts_at, work.ends_at, now)
    return when(work.began_at or work.starts_at, work.finished_at or work.ends_at, now)


def consequence(*, kind: str, state: str, unavailable: bool, partly: bool) -> str:
    """What it means for who works in the product. `partly`: only some sections are touched."""
    if unavailable and state == State.GOING.value:
        return _("The sections concerned are unavailable.") if partly else _("The portal is unavailable.")
    if unavailable:
        return _("The sections concerned will be unavailable.") if partly else _("The portal will be unavailable.")
    return _("The portal goes on working.") if kind != Kind.INCIDENT.value else ""


def announcement(
    *,
    kind: str,
    state: str,
    title: str,
    begin: datetime,
    end: datetime | None,
    unavailable: bool,
    partly: bool,
    now: datetime,
) -> str:
    """The line above every page."""
    words = {"kind": kind_word(kind), "when": when(begin, end, now), "title": one_line(title, 120)}
    missing = consequence(kind=kind, state=state, unavailable=True, partly=partly) if unavailable else ""
    if state == State.GOING.value:
        going = {
            Kind.PLANNED.value: _("Planned works are going on: %(title)s"),
            Kind.URGENT.value: _("Urgent works are going on: %(title)s"),
            Kind.INCIDENT.value: _("Incident: %(title)s"),
        }
        line = going[kind] % words
        if end is not None:
            over = _("It should be over %(moment)s.") % {"moment": moment(end, now)}
            missing = f"{missing} {over}"
    else:
        line = _("%(kind)s, %(when)s: %(title)s") % words
    line = line if line.endswith((".", "!", "?", "…")) else f"{line}."
    return f"{line} {missing.strip()}".strip()


def tone(*, kind: str, state: str, unavailable: bool) -> str:
    if state != State.GOING.value:
        return "info"
    return "error" if kind == Kind.INCIDENT.value and unavailable else "warning"


def names(things: Iterable[object]) -> str:
    return ", ".join(str(thing) for thing in things)
