"""Rows of the register: a list repeats them, so they are plain functions and no components."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from provodnik.entry.queries.register import Line
from provodnik.entry.words import state_of
from provodnik.ui.templatetags.ui import icon
from provodnik.ui.text import typograph

register = template.Library()


@register.simple_tag
def slip_state(line: Line) -> SafeString:
    text, tone, name = state_of(line)
    return format_html('<span class="state state-sm tone-{}">{}{}</span>', tone, icon(name, "sm"), typograph(text))
