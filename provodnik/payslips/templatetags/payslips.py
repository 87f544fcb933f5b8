"""How payslips say sums, months and states."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from provodnik.payslips import words
from provodnik.payslips.content import Change, Line
from provodnik.payslips.models import PayBatch
from provodnik.payslips.plain import is_sensitive
from provodnik.ui.templatetags.ui import icon
from provodnik.ui.text import number, typograph

register = template.Library()


@register.filter
def roubles(amount: Decimal | None) -> str:
    """«42 011,02 ₽»."""
    return words.roubles(amount) if amount is not None else ""


@register.filter
def money(amount: Decimal | None) -> str:
    return number(amount, 2) if amount is not None else ""


@register.filter
def signed(amount: Decimal) -> str:
    """«+1 240,00», «−185,00»."""
    return f"+{number(amount, 2)}" if amount > 0 else number(amount, 2)


@register.filter
def month_name(period: date) -> str:
    return words.month_name(period)


@register.filter
def month_alone(period: date) -> str:
    return words.month_alone(period)


@register.filter
def pay_part(part: str) -> str:
    return str(words.PARTS[part])


@register.filter
def looked_how(how: str) -> str:
    return str(words.LOOKS[how])


@register.filter
def event_words(kind: str) -> str:
    return str(words.EVENTS[kind][0])


@register.filter
def event_icon(kind: str) -> str:
    return words.EVENTS[kind][1]


@register.simple_tag
def batch_state(batch: PayBatch) -> SafeString:
    """For rows of a list: a component there costs many times as much."""
    told, tone, sign = words.STATES[batch.state]
    return format_html(
        '<span class="tinted tone-{} inline-flex items-center gap-1.5 text-small font-medium whitespace-nowrap">'
        "{}{}</span>",
        *(tone, icon(sign, "sm"), told),
    )


@register.filter
def details(line: Line) -> str:
    """Under the name of a line: «22 дня, 176 ч · за август 2026 · 13 % от 89 838,00»."""
    return typograph(" · ".join(words.details(line)))


@register.filter
def why_changed(change: Change) -> str:
    """«20 дней вместо 22», where days tell it."""
    now, before = change.now, change.before
    if now is None or before is None or now.days is None or before.days is None or now.days == before.days:
        return words.came_or_went(change)
    return words.days_instead(now.days, before.days)


@register.filter
def waits_for_a_tap(name: str) -> bool:
    return is_sensitive(name)
