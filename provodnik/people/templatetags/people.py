"""Rows of people's pages: a list repeats them, so they are plain functions and no components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from provodnik.people import words
from provodnik.people.names import digits
from provodnik.people.presence import Away
from provodnik.people.queries.directory import Row
from provodnik.people.queries.structure import Head
from provodnik.ui.templatetags.ui import icon
from provodnik.ui.text import initials, number, typograph

register = template.Library()
_DOT = mark_safe('<span aria-hidden="true"> · </span>')


@register.simple_tag
def state(away: Away | None, now: datetime, *, quiet: bool = False) -> SafeString:
    """«сейчас: на работе» as a mark; `quiet`: nothing for who is at work, as in long lists."""
    if away is None and quiet:
        return SafeString("")
    text, tone, name = words.state_of(away, now)
    return format_html('<span class="state state-sm tone-{}">{}{}</span>', tone, icon(name, "sm"), typograph(text))


def _facts(texts: Iterable[str]) -> SafeString:
    return format_html_join(_DOT, "{}", ((typograph(text),) for text in texts if text))


@register.simple_tag
def person_row(row: Row, now: datetime, *, place: bool = True) -> SafeString:
    """A line of the directory. `place`: with unit and organisation."""
    facts = [row.position, *([row.unit, row.organisation] if place else [])]
    phone = format_html('<span class="people-phone">{}{}</span>', icon("phone", "xs"), row.phone) if row.phone else ""
    return format_html(
        '<a class="row-link people-row" href="{}"><span class="initials" aria-hidden="true">{}</span>'
        '<span class="grow min-w-0"><span class="block font-medium break-words">{}</span>'
        '<span class="block mt-0.5 text-small text-muted break-words">{}</span>'
        '<span class="people-more">{}{}</span></span>{}</a>',
        reverse("people:person", args=[row.person]),
        initials(row.name),
        typograph(row.name),
        _facts(facts),
        phone,
        state(row.away, now, quiet=True),
        icon("chevron-right", "sm", css="text-muted"),
    )


@register.simple_tag
def head_line(head: Head, now: datetime, label: str = "") -> SafeString:
    """A person in a frame of another thing: the head of a unit, a manager, a deputy."""
    return format_html(
        '<a class="people-head" href="{}"><span class="initials" aria-hidden="true">{}</span>'
        '<span class="min-w-0 grow">{}<span class="block font-medium break-words">{}</span>'
        '<span class="block text-small text-muted break-words">{}</span>{}</span></a>',
        reverse("people:person", args=[head.person]),
        initials(head.name),
        format_html('<span class="block text-small text-muted">{}</span>', label) if label else "",
        typograph(head.name),
        typograph(head.position),
        format_html('<span class="block mt-1">{}</span>', state(head.away, now)) if head.away else "",
    )


@register.filter
def people_count(count: int) -> str:
    """«1 204 человека»."""
    return ngettext("%(count)s person", "%(count)s people", count) % {"count": number(count)}


@register.filter
def tel(phone: str) -> str:
    """What a phone dials; "" for an inside number, which a phone outside does not know."""
    found = digits(phone)
    return f"+{found}" if len(found) == 11 else found if len(found) >= 6 else ""


@register.filter
def role(value: str) -> str:
    return words.role_word(value)


@register.filter
def work_kind(value: str) -> str:
    return words.kind_of_work(value)


@register.filter
def field_word(name: str) -> str:
    return words.field_word(name)


@register.filter
def happened(kind: str) -> str:
    return words.happened_word(kind)


@register.filter
def source_word(source: str) -> str:
    return words.source_word(source)


@register.filter
def decisions(kinds: Iterable[str]) -> str:
    return ", ".join(words.decision_word(kind) for kind in kinds)


@register.filter
def under(mapping: Mapping[str, Any], name: str) -> Any:
    """The value under a key."""
    return mapping.get(name, "")
