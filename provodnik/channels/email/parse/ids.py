"""Message-ID, In-Reply-To, References and Date, as far as they can be believed."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from . import clean, limits
from .headers import Headers

_ID = re.compile(r"<\s*([^<>\s]{1,990})\s*>")
_BARE = re.compile(r"[^\s<>,;]{1,990}@[^\s<>,;]{1,990}")
_YEARS = range(1990, 2041)


def message_id(headers: Headers) -> str:
    """The Message-ID with its brackets, or "" when none can be used."""
    return next(iter(_ids(headers, "message-id", 1)), "")


def references(headers: Headers) -> tuple[list[str], list[str]]:
    """In-Reply-To, and References ending with what In-Reply-To adds; the oldest beyond the cap go."""
    replied = _ids(headers, "in-reply-to", 20)
    known = _ids(headers, "references", 4 * limits.REFERENCES)
    known += [one for one in replied if one not in known]
    if len(known) > limits.REFERENCES:
        known = [known[0], *known[-(limits.REFERENCES - 1) :]]
    return replied, known


def _ids(headers: Headers, name: str, most: int) -> list[str]:
    found: dict[str, None] = {}
    for value in headers.all(name):
        if len(value) > limits.HEADER_VALUE:
            value = value[-limits.HEADER_VALUE :]
        ids = [match[1] for match in _ID.finditer(value)] or [match[0] for match in _BARE.finditer(value)]
        for one in ids[-most:]:
            one = clean.line(one, limits.MESSAGE_ID + 10)
            if one and len(one) <= limits.MESSAGE_ID - 2:
                found.setdefault(f"<{one}>")
    return list(found)


def claimed_date(headers: Headers) -> tuple[datetime | None, str]:
    """The Date as an aware moment, None where it is absurd (F44), and its text as it was written."""
    text = headers.decoded("date", 120)
    try:
        parsed = parsedate_tz(text)
        if parsed is None or parsed[0] not in _YEARS:
            return None, text
        offset = parsed[9] or 0
        if abs(offset) > 15 * 3600:
            return None, text
        zone = timezone(timedelta(seconds=offset)) if offset else UTC
        return datetime(*parsed[:6], tzinfo=zone), text
    except (ValueError, TypeError, IndexError, OverflowError):
        return None, text
