"""Small pieces of the workbench that a list repeats many times: made once, kept ready."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from provodnik.desk.labels import PRIORITIES, RESOLUTIONS, STATUSES
from provodnik.desk.models import Attachment
from provodnik.desk.pictures import LARGEST_PICTURE, PICTURE_NAME
from provodnik.desk.queries.queue import Row
from provodnik.desk.states import Status
from provodnik.ui.templatetags.ui import icon, priority_icon
from provodnik.ui.text import clock, duration, full_moment, moment, typograph

register = template.Library()

_STATUS_LOOKS = {
    Status.CREATED.value: ("neutral", "circle-dot"),
    Status.IN_PROGRESS.value: ("info", "play"),
    Status.CLARIFICATION.value: ("warning", "circle-pause"),
    Status.DONE.value: ("success", "circle-check"),
}
# Addresses in a text that somebody wrote; each piece is bounded, so no text makes the search slow.
_ADDRESS = re.compile(r"https?://[^\s<>\"«»„“”]{1,1500}|(?<![\w/])№[ \u00a0]?(\d{1,12})(?!\d)")
_TRAILING = ".,;:!?)]}'…"
LONG_TEXT = 4000


@register.simple_tag
def priority_mark(value: str) -> SafeString:
    """The icon of a priority; its word is spoken and stands in the tooltip."""
    return _priority_mark(value)


@cache
def _priority_mark(value: str) -> SafeString:
    word = str(next((label for known, label in PRIORITIES if known == value), ""))
    css = "priority priority-urgent pt-0.5" if value == "urgent" else "priority pt-0.5"
    return format_html('<span class="{}" title="{}">{}</span>', css, word, icon(priority_icon(value), "sm", word))


@register.simple_tag
def status_word(status: str, resolution: str = "", *, badge: bool = False) -> SafeString:
    """«В работе» with its icon; a closed request says how it ended."""
    return _status_word(status, resolution, badge)


@cache
def _status_word(status: str, resolution: str, badge: bool) -> SafeString:
    tone, name = _STATUS_LOOKS.get(status, ("neutral", "circle-dot"))
    word = next((str(label) for known, label in (*RESOLUTIONS, *STATUSES) if known == (resolution or status)), status)
    css = f"state state-sm tone-{tone}" if badge else f"state state-sm state-plain tone-{tone}"
    return format_html('<span class="{}">{}{}</span>', css, icon(name, "sm" if badge else "xs"), word)


@register.simple_tag
def time_left(row: Row) -> SafeString:
    """What is left of a row's time, in words and in the colour of its urgency; the exact moment is in the tooltip."""
    if row.closed_at is not None:
        return mark_safe("")
    if row.left is None:
        return format_html('<span class="whitespace-nowrap text-muted">{}</span>', _("the clock stands"))
    late = row.left.total_seconds() < 0
    words = _("overdue by %(span)s") % {"span": duration(row.left)} if late else duration(row.left)
    css = f"whitespace-nowrap font-semibold tinted tone-{row.tone}" if row.tone else "whitespace-nowrap text-muted"
    # Hours of a working calendar do not pass with those of the clock on the wall: only the server tells them.
    moving = format_html(' data-tick="{}"', "left" if late else "bare") if row.round_the_clock else ""
    return format_html(
        '<time class="{}" datetime="{}" title="{}"{}>{}</time>',
        css,
        row.due_at.isoformat(timespec="seconds"),
        _("Due %(moment)s") % {"moment": full_moment(row.due_at)},
        moving,
        words,
    )


@register.filter
def stamp(at: datetime, now: datetime) -> str:
    """«14:11» of today, the whole moment of any other day."""
    today = timezone.localtime(at).date() == timezone.localtime(now).date()
    return clock(at) if today else moment(at, now)


@register.filter
def linked(text: str) -> SafeString:
    """A person's text: escaped, web addresses and numbers of requests made links, no-break spaces put in."""
    pieces: list[str] = []
    place = 0
    for found in _ADDRESS.finditer(text):
        whole = found[0]
        address = whole.rstrip(_TRAILING)
        pieces.append(_plain(text[place : found.start()]))
        if found[1]:
            pieces.append(format_html('<a class="link-plain inline" href="/desk/{}">{}</a>', found[1], whole))
            address = whole
        else:
            pieces.append(
                format_html(
                    '<a class="link-plain inline" href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>',
                    address,
                    address,
                )
            )
        place = found.start() + len(address)
    pieces.append(_plain(text[place:]))
    return mark_safe("".join(pieces))  # noqa: S308 - every piece is escaped


def _plain(text: str) -> str:
    return typograph(escape(text))


@register.filter
def is_long(text: str) -> bool:
    return len(text) > LONG_TEXT


@register.filter
def is_picture(file: Attachment) -> bool:
    """Whether the page tries to show the file as a picture (views.files judges its bytes)."""
    return bool(PICTURE_NAME.search(file.name)) and file.blob.size <= LARGEST_PICTURE
