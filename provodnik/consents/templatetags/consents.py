"""How consents look in rows."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from provodnik.consents import words
from provodnik.consents.models import Consent
from provodnik.consents.queries.listing import OF_CONSENTS, Line
from provodnik.ui.templatetags.ui import icon
from provodnik.ui.text import full_day, typograph

register = template.Library()


@register.filter
def about_short(about: str) -> str:
    return str(words.SHORT[about])


@register.filter
def about_hint(about: str) -> str:
    return str(words.HINTS[about])


@register.filter
def about_norm(about: str) -> str:
    return str(words.NORMS[about])


@register.filter
def about_icon(about: str) -> str:
    return words.ICONS[about]


@register.filter
def did_word(name: str) -> str:
    return words.did(name)


def _state(told: tuple[str, str, str] | None) -> SafeString | str:
    if told is None:
        return ""
    text, tone, name = told
    return format_html(
        '<span class="state state-sm{}">{}{}</span>', f" tone-{tone}" if tone else "", icon(name, "sm"), typograph(text)
    )


@register.simple_tag
def consent_state(row: Consent | None) -> SafeString | str:
    return _state(words.standing(row))


@register.simple_tag
def consent_heard(row: Consent) -> SafeString | str:
    return _state(words.heard(row))


@register.simple_tag
def verdict_state(name: str) -> SafeString | str:
    text, tone = words.verdict(name)
    return _state((text, tone, {"success": "check", "warning": "triangle-alert"}.get(tone, "circle-minus")))


def _days(row: Consent) -> str:
    told = _("“%(edition)s”, signed on %(day)s") % {"edition": row.edition.name, "day": full_day(row.given_on)}
    if row.ended_on is None:
        return told
    return told + "; " + _("until %(day)s") % {"day": full_day(row.ended_on)}


@register.filter
def consent_days(row: Consent) -> str:
    return _days(row)


def _facts(line: Line) -> SafeString:
    number = format_html("{} {}", _("No."), line.number) if line.number else ""
    return format_html_join(" · ", "{}", ((one,) for one in (number, typograph(line.unit)) if one))


@register.simple_tag
def consent_line(line: Line, now: datetime, which: str, ticks: bool, ticked: bool) -> SafeString:
    """A person in the list: with a tick where he may be marked, else the way to what he gave. A plain function: the
    list has fifty of them."""
    body = format_html(
        '<span class="grow min-w-0"><span class="block wrap-anywhere">{}</span>'
        '<span class="block text-small text-muted wrap-anywhere">{}</span>{}{}</span>',
        typograph(line.name),
        _facts(line),
        format_html('<span class="block text-small text-muted wrap-anywhere">{}</span>', typograph(_days(line.consent)))
        if line.consent is not None
        else "",
        format_html('<span class="block text-small wrap-anywhere">{}</span>', line.consent.heard_words)
        if line.consent is not None and which == "refused"
        else "",
    )
    address = reverse("consents:person", args=[line.person])
    way = format_html(
        '<a class="icon-button" href="{}" aria-label="{}: {}">{}</a>',
        address, _("What this person gave"), line.name, icon("chevron-right", "sm"),
    )  # fmt: skip
    if not ticks:
        if line.consent is not None and which in OF_CONSENTS:
            address = reverse("consents:show", args=[line.consent.pk])
        arrow = icon("chevron-right", "sm", css="text-muted")
        return format_html('<a class="row-link" href="{}">{}{}</a>', address, body, arrow)
    if line.is_own:
        told = format_html('<span class="text-small text-muted">{}</span>', _("nobody marks his own"))
        return format_html('<div class="row-link"><span class="w-6"></span>{}{}</div>', body, told)
    return format_html(
        '<div class="row-link"><label class="flex grow min-w-0 items-center gap-3 min-h-11 cursor-pointer">'
        '<input class="checkbox" type="checkbox" name="people" value="{}"{}>{}</label>{}</div>',
        line.person,
        SafeString(" checked") if ticked else "",
        body,
        way,
    )
