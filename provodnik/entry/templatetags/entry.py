"""Rows of the register: a list repeats them, so they are plain functions and no components."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from provodnik.entry.queries.register import Line
from provodnik.entry.words import sent, state_of
from provodnik.ui.templatetags.ui import icon
from provodnik.ui.text import typograph

register = template.Library()


@register.simple_tag
def slip_state(line: Line) -> SafeString:
    text, tone, name = state_of(line)
    return format_html('<span class="state state-sm tone-{}">{}{}</span>', tone, icon(name, "sm"), typograph(text))


@register.simple_tag
def slip_sent(line: Line) -> SafeString:
    """How an invitation went; nothing for paper."""
    told = sent(line)
    bad = line.fate in ("dead", "failed")
    tone = "text-error" if bad else "text-muted"
    return format_html('<span class="block text-small {}">{}</span>', tone, typograph(told)) if told else SafeString("")
