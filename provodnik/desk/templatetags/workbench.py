"""Small pieces of the workbench that a list repeats many times: made once, kept ready."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from html import escape as escaped

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from provodnik.core.parts import NavItem
from provodnik.desk.labels import PRIORITIES, RESOLUTIONS, STATUSES, TYPES
from provodnik.desk.models import Attachment, Ticket
from provodnik.desk.pictures import LARGEST_PICTURE, PICTURE_NAME
from provodnik.desk.queries.extras import Extra
from provodnik.desk.queries.found import Hit
from provodnik.desk.queries.queue import MERGED, Row
from provodnik.desk.states import Status
from provodnik.ui.templatetags.ui import icon, priority_icon, tick
from provodnik.ui.text import clock, duration, full_moment, moment, short_name, typograph

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
ON_ITS_WAY = timedelta(minutes=1)  # a notice of closing that is younger has simply not been sent yet


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
    """«В работе» with its icon; a closed request says how it ended, a badge with the status (R10) before it."""
    return _status_word(status, resolution, badge)


@cache
def _status_word(status: str, resolution: str, badge: bool) -> SafeString:
    tone, name = _STATUS_LOOKS.get(status, ("neutral", "circle-dot"))
    how = next((str(label) for known, label in RESOLUTIONS if known == resolution), "")
    how = _("merged") if resolution == MERGED else how
    word = next((str(label) for known, label in STATUSES if known == status), status)
    word = (f"{word} · {how}" if badge else how) if how else word
    css = f"state state-sm tone-{tone}" if badge else f"state state-sm state-plain tone-{tone}"
    return format_html('<span class="{}">{}{}</span>', css, icon(name, "sm" if badge else "xs"), word)


@cache
def status_badge(status: str) -> SafeString:
    """«В работе» on its ground, as c-state draws it."""
    tone, name = _STATUS_LOOKS.get(status, ("neutral", "circle-dot"))
    word = next((str(label) for known, label in STATUSES if known == status), status)
    return format_html('<span class="state tone-{} state-sm">{}{}</span>', tone, icon(name, "sm"), word)


@register.simple_tag
def view_chips(nav: Iterable[NavItem]) -> SafeString:
    """Views with something in them, and the one that is open, as chips above the list on a phone."""
    chips = []
    for item in nav:
        if not item.current and not (item.group and item.counter):
            continue
        current, muted = (' aria-current="page"', "") if item.current else ("", ' class="text-muted"')
        count = f"<span{muted}>{escaped(str(item.counter))}</span>" if item.counter else ""
        chips.append(f'<a href="{escaped(item.url)}" class="chip"{current}>{escaped(item.label)}{count}</a>')
    return mark_safe("".join(chips))  # noqa: S308 - every value is escaped


@register.simple_tag(takes_context=True)
def queue_row(context: Context, row: Row) -> SafeString:
    """A line of the list: one link. It stands on every page of the workbench 25 times, so it is written out here.

    Reads `query` (the view's address), `number` (the open request), `user` and `now` of the page.
    """
    current = ' aria-current="true"' if row.number == context.get("number") else ""
    subject = escaped(row.subject)
    about = " · ".join(filter(None, _about(context, row)))
    return mark_safe(  # noqa: S308 - every value is escaped
        f'<a id="row-{row.number}" class="ticket-row" href="/desk/{row.number}?{escaped(context.get("query") or "")}"'
        f' data-ticket="{row.number}"{current}>'
        f'<span class="flex items-start gap-2">{_priority_mark(row.priority)}'
        '<span class="grow min-w-0 font-medium max-lg:line-clamp-2 lg:truncate lg:block"'
        f' title="{subject}">{subject}</span></span>'
        '<span class="mt-1 flex pl-6 text-fine text-muted">'
        f'<span class="truncate">{row.number}{" · " if about else ""}{escaped(about)}</span></span>'
        '<span class="mt-1 flex flex-wrap items-center gap-x-3 pl-6 text-fine">'
        f"{_status_word(row.status, row.resolution, False)}{_news(context, row)}"
        f'<span class="grow"></span>{_time(context, row)}</span></a>'
    )


def _about(context: Context, row: Row) -> Iterable[str]:
    """Under the subject: the customer and the requester, or what the person has chosen."""
    requester = short_name(row.requester) if row.requester else ""
    columns = context.get("columns")
    if not columns:
        return (row.customer, requester)
    extra: Extra | None = context["extras"].get(row.number)
    now = context["now"]
    values = {
        "customer": row.customer,
        "requester": requester,
        "assignee": short_name(row.assignee) if row.assignee else "",
        "due": _("due %(moment)s") % {"moment": moment(row.due_at, now)} if row.closed_at is None else "",
    }
    if extra is not None:
        values |= {"type": str(dict(TYPES)[extra.type]), "subsystem": extra.subsystem, "team": extra.team}
        values |= {"tags": extra.tags, "registered": moment(extra.registered_at, now)}
    return [values.get(name, "") for name in columns]


@register.simple_tag
def found_row(hit: Hit) -> SafeString:
    """A found request: one link, with the words where they stand. As many stand on a page as in the queue."""
    row = hit.row
    view = "closed" if row.closed_at else "open"
    about = " · ".join(filter(None, (row.customer, short_name(row.requester) if row.requester else "")))
    text = f'<span class="block mt-1 pl-6 text-small search-snippet">{hit.snippet}</span>' if hit.snippet else ""
    return mark_safe(  # noqa: S308 - every value is escaped
        f'<a class="ticket-row" href="/desk/{row.number}?view={view}" data-row="{row.number}">'
        f'<span class="flex items-start gap-2">{_priority_mark(row.priority)}'
        f'<span class="grow min-w-0 font-medium">{hit.subject}</span></span>{text}'
        '<span class="mt-1 flex flex-wrap items-center gap-x-3 pl-6 text-fine text-muted">'
        f'<span>{row.number}{" · " if about else ""}{escaped(about)}</span><span class="grow"></span>'
        f"{_status_word(row.status, row.resolution, False)}{time_left(row)}</span></a>"
    )


def _news(context: Context, row: Row) -> str:
    """What matters most of a row besides its status: a notice that has not arrived, an answer, who has it."""
    if late_notice(row, context["now"]):
        words = escaped(_("notice not delivered"))
        return f'<span class="state state-sm state-plain tone-error">{icon("circle-x", "xs")}{words}</span>'
    if row.answered_at is not None:
        answer = escaped(_("answer"))  # a message inside an f-string is not extracted
        return (
            '<span class="inline-flex items-center gap-1 whitespace-nowrap font-medium">'
            f'<span class="text-primary">{icon("corner-up-left", "xs")}</span>'
            f"{answer} {tick(context, row.answered_at, 'ago')}</span>"
        )
    if row.assignee_id is not None and row.assignee_id != context["user"].pk and not context.get("columns"):
        name = escaped(short_name(row.assignee))
        return f'<span class="text-muted truncate min-w-24 w-0 grow-[99]" title="{name}">{name}</span>'
    return ""


def _time(context: Context, row: Row) -> str:
    if row.closed_at is not None:
        return f'<span class="text-muted">{tick(context, row.closed_at, "moment")}</span>'
    return "" if row.answered_at is not None else time_left(row)


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
    moving = f' data-tick="{"left" if late else "bare"}"' if row.round_the_clock else ""
    title = _("Due %(moment)s") % {"moment": full_moment(row.due_at)}
    return mark_safe(  # noqa: S308 - every value is escaped, or a word of ours
        f'<time class="{css}" datetime="{row.due_at.isoformat(timespec="seconds")}" title="{escaped(title)}"{moving}>'
        f"{escaped(words)}</time>"
    )


@register.filter
def late_notice(closed: Row | Ticket, now: datetime) -> bool:
    """Whether the notice of closing has not reached anybody, and not because the request was closed just now."""
    return closed.undelivered and (closed.closed_at is None or now - closed.closed_at > ON_ITS_WAY)


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
