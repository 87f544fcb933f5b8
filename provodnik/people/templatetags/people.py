"""Rows of people's pages: a list repeats them, so they are plain functions and no components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from provodnik.people import words
from provodnik.people.models import DataRequest, PeopleEvent
from provodnik.people.names import digits
from provodnik.people.presence import Away
from provodnik.people.queries.directory import Row
from provodnik.people.queries.houses import Kept
from provodnik.people.queries.structure import Head
from provodnik.people.rules import Rule
from provodnik.people.states import ChangeState
from provodnik.ui.templatetags.ui import icon
from provodnik.ui.text import initials, moment, number, typograph

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
        '<span class="grow min-w-0"><span class="block font-medium wrap-anywhere">{}</span>'
        '<span class="block mt-0.5 text-small text-muted wrap-anywhere">{}</span>'
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
        '<span class="min-w-0 grow">{}<span class="block font-medium wrap-anywhere">{}</span>'
        '<span class="block text-small text-muted wrap-anywhere">{}</span>{}</span></a>',
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


@register.filter
def initials_mark(name: str) -> SafeString:
    """The round mark with initials, in rows."""
    return format_html('<span class="initials" aria-hidden="true">{}</span>', initials(name))


@register.filter
def rule_value(value: Any, rule: Rule) -> str:
    """«15 дней», «да»."""
    held = rule.held(value)
    if rule.days is None:
        return _("yes") if held else _("no")
    return ngettext("%(count)s day", "%(count)s days", held) % {"count": number(held)}


@register.simple_tag
def unit_line(row: Kept, may_keep: bool) -> SafeString:
    """A unit in the tree of who keeps it: how deep it stands, who heads it, how many work there."""
    if row.unit.is_active:
        told = row.head or _("nobody heads it")
        facts = _facts([told, people_count(row.people)])
    else:
        facts = _facts([_("disbanded")])
    body = format_html(
        '<span class="unit-depth unit-depth-{}">{}</span><span class="grow min-w-0">'
        '<span class="block font-medium wrap-anywhere">{}</span>'
        '<span class="block text-small text-muted wrap-anywhere">{}</span></span>',
        min(row.depth, 6),
        icon("archive" if not row.unit.is_active else "building-2" if not row.depth else "chevron-right", "sm"),
        typograph(row.unit.name),
        facts,
    )
    if not may_keep:
        return format_html('<div class="row-link">{}</div>', body)
    address = reverse("people:keep_unit", args=[row.unit.pk])
    return format_html('<a class="row-link" href="{}">{}{}</a>', address, body, icon("pencil", "sm", css="text-muted"))


@register.filter
def what_changed(event: PeopleEvent) -> str:
    """«Название: Цех → Участок»: what a line of the history of an organisation tells besides its kind."""
    told = []
    for name, value in event.data.items():
        if isinstance(value, list) and len(value) == 2 and name in words.SHOWN_CHANGES:
            old, new = (str(one) if one not in (None, "") else "—" for one in value)
            told.append(f"{words.field_word(name)}: {old} → {new}")
    return "; ".join(told)


@register.filter
def change_word(kind: str) -> str:
    return words.change_word(kind)


@register.filter
def step_word(state: str) -> str:
    return words.step_word(state)


@register.simple_tag
def request_state(row: DataRequest, now: datetime) -> SafeString:
    text, tone, name = words.change_state(row, now)
    return format_html(
        '<span class="state state-sm{}">{}{}</span>', f" tone-{tone}" if tone else "", icon(name, "sm"), typograph(text)
    )


@register.simple_tag
def request_row(row: DataRequest, now: datetime, for_personnel: bool = False) -> SafeString:
    """A request to change data in a list: of what, since when, how far."""
    what = words.change_word(row.kind)
    heading = row.person.full_name if for_personnel else what[:1].upper() + what[1:]
    facts = _facts([what if for_personnel else "", moment(row.made_at, now), str(row.organisation)])
    return format_html(
        '<a class="row-link items-start" href="{}">{}<span class="grow min-w-0">'
        '<span class="block font-medium wrap-anywhere">{}</span>'
        '<span class="block text-small text-muted wrap-anywhere">{}</span>'
        '<span class="block mt-1">{}</span></span>{}</a>',
        reverse("people:request" if for_personnel else "people:my_request", args=[row.pk]),
        icon(words.change_icon(row.kind), "sm", css="text-muted mt-1"),
        typograph(heading),
        facts,
        "" if for_personnel and row.state == ChangeState.SENT.value else request_state(row, now),
        icon("chevron-right", "sm", css="text-muted mt-1"),
    )
