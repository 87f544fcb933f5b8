"""Works as an iCalendar (RFC 5545): a UID for ever, a SEQUENCE that grows with every told change, CANCELLED kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from provodnik.accounts.models import User
from provodnik.works import words
from provodnik.works.models import Work
from provodnik.works.policies import public_works, visible_works
from provodnik.works.states import Kind, State

BACK = timedelta(days=90)
MOST = 500  # works of a calendar


def public(now: datetime) -> bytes:
    """What the status page shows, without a word of who is concerned."""
    works = public_works().filter(starts_at__gt=now - BACK).prefetch_related("subsystems")
    return _calendar(works.order_by("-starts_at")[:MOST], name=_("Works and incidents"), inside=False)


def personal(user: User, now: datetime) -> bytes:
    """What concerns this person; drafts are no events yet."""
    works = visible_works(user).filter(announced_at__isnull=False, starts_at__gt=now - BACK)
    works = works.prefetch_related("subsystems").order_by("-starts_at")
    return _calendar(works[:MOST], name=_("Works and incidents"), inside=True)


def _calendar(works: Iterable[Work], *, name: str, inside: bool) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//PROvodnik//Works//RU")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"})  # RFC 7986, 5.7
    calendar.add("x-published-ttl", "PT15M")
    for work in works:
        calendar.add_component(_event(work, inside=inside))
    return bytes(calendar.to_ical())


def uid(work: Work) -> str:
    """RFC 5545, 3.8.4.7: globally unique and the same in every version of the event."""
    return f"{work.key}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}"


def _event(work: Work, *, inside: bool) -> Event:
    event = Event()
    event.add("uid", uid(work))
    # 3.8.7.2: without METHOD REQUEST it is when this version of the event was made
    event.add("dtstamp", _utc(work.changed_at))
    event.add("last-modified", _utc(work.changed_at))
    if work.announced_at is not None:
        event.add("created", _utc(work.announced_at))
    event.add("sequence", work.sequence)
    event.add("status", "CANCELLED" if work.state == State.CANCELLED.value else "CONFIRMED")
    event.add("summary", f"{words.kind_word(work.kind)}: {work.title}")
    begin, end = _span(work)
    event.add("dtstart", begin)
    if end is not None and end > begin:
        event.add("dtend", end)
    event.add("description", _description(work))
    event.add("categories", [words.kind_word(work.kind)])
    event.add("transp", "TRANSPARENT")  # nobody's own time is taken
    address = reverse("works:show", args=[work.pk]) if inside else reverse("status:page")
    event.add("url", f"{settings.BASE_URL}{address}")
    return event


def _span(work: Work) -> tuple[datetime, datetime | None]:
    if work.state == State.CANCELLED.value:
        return _utc(work.starts_at), _utc(work.ends_at) if work.ends_at else None
    end = work.finished_at or work.ends_at
    return _utc(work.began_at or work.starts_at), _utc(end) if end is not None else None


def _description(work: Work) -> str:
    lines = [work.text]
    if work.state != State.CANCELLED.value and not work.is_past:
        partly = bool(work.subsystems.all())
        lines.append(words.consequence(kind=work.kind, state=work.state, unavailable=work.unavailable, partly=partly))
    if work.subsystems.all():
        lines.append(_("Sections: %(names)s") % {"names": words.names(work.subsystems.all())})
    if work.release:
        what = _("Release %(number)s") if work.kind == Kind.PLANNED.value else _("Update %(number)s")
        lines.append(what % {"number": work.release})
    return "\n".join(filter(None, lines))


def _utc(moment: datetime) -> datetime:
    """A moment of the calendar has whole seconds, and «Z» needs no VTIMEZONE."""
    return moment.astimezone(UTC).replace(microsecond=0)
