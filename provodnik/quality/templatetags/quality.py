"""Figures of the report in templates."""

from __future__ import annotations

from django import template

from provodnik.quality import words

register = template.Library()


@register.filter
def percent(value: float | None) -> str:
    """{{ share|percent }}: «98,2 %»."""
    return words.percent(value)


@register.filter
def span(value: float | None) -> str:
    """{{ seconds|span }}: «8 ч 35 мин», «—» where there is none."""
    return words.span(value)
