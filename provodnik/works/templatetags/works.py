"""Small pieces of the pages of works."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from provodnik.ui.templatetags.ui import icon
from provodnik.works import words
from provodnik.works.models import Work
from provodnik.works.states import State

register = template.Library()


@register.simple_tag
def work_state(work: Work, *, badge: bool = True) -> SafeString:
    """«Идут» with its icon: colour never alone."""
    tone, name = words.LOOKS[work.state]
    css = f"state state-sm tone-{tone}" if badge else f"state state-sm state-plain tone-{tone}"
    return format_html('<span class="{}">{}{}</span>', css, icon(name, "sm"), words.state_word(work.state, work.kind))


@register.filter
def kind_icon(kind: str) -> str:
    return words.ICONS[kind]


@register.filter
def span(work: Work, now: datetime) -> str:
    """When it was, is or will be."""
    return words.span_of(work, now)


@register.filter
def planned(work: Work, now: datetime) -> str:
    """When it is, or was, planned to be."""
    return words.when(work.starts_at, work.ends_at, now)


@register.filter
def kind_word(kind: str) -> str:
    return words.kind_word(kind)


@register.simple_tag
def lack(work: Work, *, past: bool = False) -> str:
    """«портал недоступен», «затронутые разделы недоступны»; `past`: said of what is over; "" while all works."""
    if not work.unavailable:
        return ""
    partly = bool(work.subsystems.all())
    if past:
        return _("the sections concerned were unavailable") if partly else _("the portal was unavailable")
    if work.state != State.GOING.value:
        return _("the sections concerned will be unavailable") if partly else _("the portal will be unavailable")
    return _("the sections concerned are unavailable") if partly else _("the portal is unavailable")


@register.filter
def of(lines: Mapping[int, Any], pk: int) -> Any:
    """The value under a key."""
    return lines.get(pk, ())
