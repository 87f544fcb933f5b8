"""The story of a request's clock in words and figures: the same for requester and specialist (mockups, principle 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.desk.labels import PRIORITIES
from provodnik.desk.story import ClockStory
from provodnik.ui.text import clock, duration, full_moment, moment

SOON = timedelta(hours=2)
_PRIORITY = dict(PRIORITIES)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the account: what, how much, and which stretch of the track it is."""

    label: str
    value: str
    kind: str = ""
    total: bool = False


@dataclass(frozen=True, slots=True)
class ClockCard:
    """What c-clock shows. `segments`: (kind, seconds); `lines`: sentences of how the deadline came about."""

    tone: str
    icon: str
    heading: str
    sub: str
    segments: Sequence[tuple[str, float]]
    track_label: str
    rows: Sequence[Row]
    lines: Sequence[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def card(story: ClockStory, *, registered: datetime, now: datetime, desk: bool, complaint: bool = False) -> ClockCard:
    """Words for one reader: the desk reads of the requester in the third person, the requester of himself."""
    tone, icon, heading, sub = _headline(story, now, desk)
    return ClockCard(
        tone=tone,
        icon=icon,
        heading=heading,
        sub=sub,
        segments=_segments(story),
        track_label=_("Counted %(ran)s, stood %(stood)s, left %(left)s")
        % {
            "ran": duration(story.counted),
            "stood": duration(story.waiting_user + story.waiting_us + story.stood_closed),
            "left": duration(max(story.left, timedelta())),
        },
        rows=_rows(story, registered, now, desk, complaint),
        lines=_lines(story, registered, now, complaint),
    )


def _headline(story: ClockStory, now: datetime, desk: bool) -> tuple[str, str, str, str]:
    if story.closed_at is not None:
        when = moment(story.closed_at, now)
        if story.in_time:
            return (
                "success",
                "circle-check",
                _("Closed in time"),
                _("%(when)s, counted %(spent)s")
                % {
                    "when": when,
                    "spent": duration(story.counted),
                },
            )
        late = duration(story.closed_at - story.due_at)
        return "error", "circle-alert", _("Closed %(late)s late") % {"late": late}, when
    if story.standing in ("user", "us") and story.standing_for is not None and story.standing_since is not None:
        return (
            "warning",
            "circle-pause",
            _("The clock stands for %(span)s") % {"span": duration(story.standing_for)},
            (_left_words(story) if desk else _why_standing(story, now)),
        )
    due = moment(story.due_at, now)
    if story.overdue:
        late = duration(now - story.due_at)
        return (
            "error",
            "circle-alert",
            _("Overdue by %(late)s") % {"late": late},
            _("It was due %(due)s") % {"due": due},
        )
    tone = "warning" if story.left < SOON else "info"
    return tone, "clock", _left_words(story), _("Until %(due)s") % {"due": due}


def _left_words(story: ClockStory) -> str:
    return _("%(span)s left") % {"span": duration(max(story.left, timedelta()))}


def _since(value: datetime, now: datetime) -> str:
    """«11:50» of today, else the whole moment: «с 11:50», «с 22 ноября 2026, 11:50» read well, «с вчера» does not."""
    today = timezone.localtime(value).date() == timezone.localtime(now).date()
    return clock(value) if today else full_moment(value)


def _why_standing(story: ClockStory, now: datetime) -> str:
    since = _since(story.standing_since or now, now)
    if story.standing == "user":
        return _("Waiting for your answer since %(since)s") % {"since": since}
    return _("Your answer came %(since)s; a specialist will take it up") % {"since": since}


def _segments(story: ClockStory) -> list[tuple[str, float]]:
    kinds = {"ran": "ran", "user": "stood", "us": "stood", "closed": "stood"}
    spans = [(kinds[piece.kind], piece.length.total_seconds()) for piece in story.segments if piece.length]
    if story.closed_at is None:
        if story.left > timedelta():
            spans.append(("left", story.left.total_seconds()))
        elif story.overdue_by:
            spans.append(("over", story.overdue_by.total_seconds()))
    return spans


def _rows(story: ClockStory, registered: datetime, now: datetime, desk: bool, complaint: bool) -> list[Row]:
    norm = _("Allowance, %(priority)s") % {"priority": _PRIORITY[story.priority.value]}
    rows = [
        Row(_("Registered"), moment(registered, now)),
        Row(_("Time to answer a complaint") if complaint else norm, duration(story.allowance)),
        Row(_("Counted"), duration(story.counted), "ran"),
    ]
    waiting = _("Waiting for the user") if desk else _("Waiting for you, not counted")
    reaction = _("Our reaction to the answer") if desk else _("Your answer was waiting for us, not counted")
    if story.waiting_user:
        rows.append(Row(waiting, _running(story.waiting_user, story.standing == "user"), "stood"))
    if story.waiting_us:
        rows.append(Row(reaction, _running(story.waiting_us, story.standing == "us"), "stood"))
    if story.stood_closed:
        rows.append(Row(_("Stood closed, not counted"), duration(story.stood_closed), "stood"))
    if story.closed_at is None:
        rows.append(Row(_("Left"), duration(max(story.left, timedelta())), "left"))
    rows.append(Row(_("Deadline"), moment(story.due_at, now), total=True))
    return rows


def _running(span: timedelta, goes_on: bool) -> str:
    return _("%(span)s, going on") % {"span": duration(span)} if goes_on else duration(span)


def _lines(story: ClockStory, registered: datetime, now: datetime, complaint: bool) -> list[str]:
    """A complaint has a due time of its own, whatever its priority is and becomes."""
    lines = [
        _("Registered %(when)s. A complaint is answered within %(allowance)s.")
        % {"when": moment(registered, now), "allowance": duration(story.allowance)}
        if complaint
        else _("Registered %(when)s. The priority “%(priority)s” gives %(allowance)s.")
        % {
            "when": moment(registered, now),
            "priority": _PRIORITY[story.priority.value],
            "allowance": duration(story.allowance),
        }
    ]
    if story.excluded:
        lines.append(
            _("While clarifications are sought, and until a specialist takes up the answer, time is not counted.")
        )
    for change in () if complaint else story.changes:
        lines.append(
            _(
                "%(when)s: the priority became “%(new)s” instead of “%(old)s”,"
                " the deadline %(new_due)s instead of %(old_due)s."
            )
            % {
                "when": moment(change.at, now),
                "new": _PRIORITY[change.new_priority.value],
                "old": _PRIORITY[change.old_priority.value],
                "new_due": moment(change.new_due, now),
                "old_due": moment(change.old_due, now),
            }
        )
    if story.standing in ("user", "us"):
        lines.append(_("If the clock went on now, the deadline would be %(due)s.") % {"due": moment(story.due_at, now)})
    return lines
