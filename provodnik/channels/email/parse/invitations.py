"""Invitations (RFC 5545) as cards. The .ics stays a file beside them."""

from datetime import UTC, date, datetime, time

from icalendar import Calendar

from . import clean, limits
from .charsets import decode
from .values import Invitation


def read(data: bytes, charset: str, method: str) -> list[Invitation]:
    """The events of a calendar part; an unreadable one gives none."""
    if len(data) > limits.CALENDAR or b"BEGIN:V" not in data[:4096].upper():
        return []
    text, _ = decode(data, charset)
    try:
        calendars = Calendar.from_ical(clean.text(text, limits.CALENDAR), multiple=True)
        found = [
            _invitation(event, str(calendar.get("METHOD") or method or ""))
            for calendar in calendars
            for event in calendar.walk("VEVENT")[: limits.INVITATIONS]
        ]
    except Exception:  # icalendar raises ValueError, KeyError, IndexError… on broken calendars
        return []
    return found[: limits.INVITATIONS]


def _invitation(event: object, method: str) -> Invitation:
    get = event.get  # type: ignore[attr-defined]
    starts, all_day = _moment(get("DTSTART"))
    ends, _ = _moment(get("DTEND"))
    duration = getattr(get("DURATION"), "dt", None)
    if ends is None and starts is not None and duration is not None:
        ends = starts + duration
    organizer = get("ORGANIZER")
    name = getattr(organizer, "params", {}).get("CN", "") if organizer is not None else ""
    address = str(organizer or "").removeprefix("mailto:").removeprefix("MAILTO:")
    shown = f"{name} <{address}>" if name and name != address else address
    return Invitation(
        summary=clean.line(str(get("SUMMARY") or ""), limits.SUBJECT),
        starts=starts,
        ends=ends,
        all_day=all_day,
        location=clean.line(str(get("LOCATION") or ""), 500),
        organizer=clean.line(shown, limits.NAME + limits.EMAIL),
        method=clean.line(method, 20).upper(),
    )


def _moment(value: object) -> tuple[datetime | None, bool]:
    """An aware moment in UTC where a zone is known (a floating one counts as UTC), and whether it is a day."""
    moment = getattr(value, "dt", None)
    if isinstance(moment, datetime):
        return (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)), False
    if isinstance(moment, date):
        return datetime.combine(moment, time(0), UTC), True
    return None, False
