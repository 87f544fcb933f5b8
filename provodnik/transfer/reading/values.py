"""What a file gives: a contact, a request, an article, or a line that cannot be understood and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from django.utils.translation import gettext as _

from provodnik.desk.actions.base import NewFile
from provodnik.desk.actions.past import PastMessage
from provodnik.desk.states import Priority

MOST_LINES = 100_000
LONGEST_FIELD = 200_000  # characters
OLDEST = 1990  # a year before which nobody kept a desk by computer


@dataclass(frozen=True, slots=True)
class PastContact:
    """A person of a customer."""

    name: str
    email: str
    phone: str = ""
    position: str = ""
    customer: str = ""


@dataclass(frozen=True, slots=True)
class PastRequest:
    """A request with its conversation; `number`: its name at the other desk."""

    number: str
    subject: str
    text: str
    opened_at: datetime
    closed_at: datetime | None
    priority: Priority
    requester_name: str
    requester_email: str
    customer: str = ""
    messages: list[PastMessage] = field(default_factory=list)
    files: list[NewFile] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Files of the request and of everything that was said in it."""
        return len(self.files) + sum(len(one.files) for one in self.messages)


@dataclass(frozen=True, slots=True)
class PastArticle:
    """An instruction; taken over as a draft for a person to look at. `pictures`: what the text calls a picture → its
    place among `files`."""

    title: str
    text: str
    section: str = ""
    files: list[NewFile] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    pictures: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a line is not taken over."""

    words: str


Found = PastContact | PastRequest | PastArticle | Mistake
# Place in the file (from 1), what it is called there, what it is.
Line = tuple[int, str, Found]
Lines = Iterator[Line]


class Unreadable(Exception):
    """The file as a whole cannot be understood; the words say why."""


def words_of(value: object) -> str:
    """A value of a JSON as words: a string or a whole number, no longer than a field may be; "" for anything else."""
    return value[:LONGEST_FIELD].strip() if isinstance(value, str) else str(value) if isinstance(value, int) else ""


_FORMS = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y",
)


def moment(text: str, zone: tzinfo) -> datetime | None:
    """An instant: ISO 8601, or as people and osTicket write it; without a zone, in the installation's. None: no
    instant, or none that can be."""
    text = " ".join(text.split())[:40]
    found: datetime | None = None
    try:
        found = datetime.fromisoformat(re.sub(r"Z$", "+00:00", text))
    except ValueError:
        for form in _FORMS:
            try:
                found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
            except ValueError:
                continue
            break
    if found is None or not OLDEST <= found.year <= 9000:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


_PRIORITIES = {
    Priority.URGENT: ("экстренн", "emergency", "critical", "критич"),
    Priority.HIGH: ("высок", "high", "urgent", "срочн"),
    Priority.MEDIUM: ("средн", "medium", "normal", "обычн", "нормальн"),
}


def priority(text: str) -> Priority:
    """A desk's word for it («2 normal», «High», «Срочный»); without one, low."""
    words = text.casefold()
    return next((one for one, known in _PRIORITIES.items() if any(word in words for word in known)), Priority.LOW)


def span_of(opened: str, closed: str, zone: tzinfo, now: datetime) -> tuple[datetime, datetime | None] | Mistake:
    """When it was registered and closed, in an order that can be."""
    begins = moment(opened, zone)
    if begins is None:
        return Mistake(_("It is not said when it was registered: “%(typed)s” is no moment.") % {"typed": opened[:40]})
    if begins > now:
        return Mistake(_("It was registered later than now."))
    if not closed.strip():
        return begins, None
    ends = moment(closed, zone)
    if ends is None:
        return Mistake(_("“%(typed)s” is no moment of closing.") % {"typed": closed[:40]})
    if ends < begins or ends > now:
        return Mistake(_("It was closed before it was registered, or later than now."))
    return begins, ends
