"""Pictures of pay, as SVG with attributes alone (the policy refuses styles): a year in bars, a whole in its parts. Each
stands beside its table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from provodnik.payslips.content import Share
from provodnik.payslips.words import month_alone, roubles
from provodnik.ui.text import number

_FAINT, _MUTED, _INK = "var(--color-base-300)", "var(--muted)", "var(--color-base-content)"
_HERE = "var(--color-primary)"
_OTHER = "color-mix(in oklab, var(--color-primary) 35%, var(--color-base-100))"
# From dark to light, so that neighbours differ without colour too; the last is the rest.
_TONES = (100, 72, 50, 34, 22)
_WIDTH, _HEIGHT, _LEFT, _TOP, _BASE = 336, 176, 34, 24, 152


def year(sums: Sequence[tuple[date, Decimal | None]], here: date) -> SafeString:
    """Twelve bars of what each month has brought; that of `here` is dark. "" where there is nothing to draw."""
    by_month = {on.month: amount for on, amount in sums if amount is not None}
    highest = max([*by_month.values(), Decimal(0)])
    if not by_month or highest <= 0:
        return SafeString("")
    top, unit, word = _scale(highest)
    rules = [
        format_html(
            '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}"/><text x="{}" y="{}" text-anchor="end" font-size="12" '
            'fill="{}">{}</text>',
            *(_LEFT, _WIDTH, y, y, _FAINT, _LEFT - 8, y + 4, _MUTED, number(top * part / 2 / unit)),
        )
        for part, y in ((2, _TOP), (1, (_TOP + _BASE) // 2), (0, _BASE))
    ]
    bars = []
    for place in range(1, 13):
        left = _LEFT + 4 + (place - 1) * 25
        amount = by_month.get(place)
        is_here = place == here.month
        if amount is None or amount <= 0:
            bars.append(format_html('<rect x="{}" y="148" width="18" height="4" rx="2" fill="{}"/>', left, _FAINT))
        else:
            tall = max(float(amount / top) * (_BASE - _TOP), 3)
            bars.append(
                format_html(
                    '<rect x="{}" y="{}" width="18" height="{}" rx="3" fill="{}"/>',
                    *(left, f"{_BASE - tall:.1f}", f"{tall:.1f}", _HERE if is_here else _OTHER),
                )
            )
        bars.append(
            format_html(
                '<text x="{}" y="170" text-anchor="middle" font-size="12" fill="{}"{}>{}</text>',
                *(left + 9, _INK if is_here else _MUTED, SafeString(' font-weight="600"') if is_here else ""),
                month_alone(date(here.year, place, 1))[0],
            )
        )
    least, most = min(by_month, key=lambda m: by_month[m]), max(by_month, key=lambda m: by_month[m])
    told = _("Bars by month: least in %(least)s, %(low)s; most in %(most)s, %(high)s.") % {
        "least": month_alone(date(here.year, least, 1)),
        "low": roubles(by_month[least]),
        "most": month_alone(date(here.year, most, 1)),
        "high": roubles(by_month[most]),
    }
    return format_html(
        '<svg viewBox="0 0 {} {}" class="w-full mt-4" role="img" aria-label="{}">'
        '<text x="0" y="10" font-size="12" fill="{}">{}</text>{}{}</svg>',
        *(_WIDTH, _HEIGHT, told, _MUTED, word),
        format_html_join("", "{}", ((one,) for one in rules)),
        format_html_join("", "{}", ((one,) for one in bars)),
    )


def _scale(highest: Decimal) -> tuple[Decimal, Decimal, str]:
    """The top of the scale, what its figures are counted in, and the word for that."""
    step = Decimal(1)
    while step * 10 < highest:
        step *= 10
    top = next(step * many for many in (1, 2, 4, 5, 6, 8, 10) if step * many >= highest)
    if top >= 10_000:
        return top, Decimal(1000), _("thousand ₽")
    return top, Decimal(1), "₽"


def whole(shares: Sequence[Share], *, title: str, rest: str) -> SafeString:
    """A bar of a whole in its parts, and the list that names them with their sums and per cent."""
    if not shares:
        return SafeString("")
    x, pieces = 0.0, []
    for place, share in enumerate(shares):
        wide = share.part * 336
        pieces.append(
            format_html(
                '<rect x="{}" y="0" width="{}" height="20" rx="3" fill="{}"/>',
                *(f"{x:.1f}", f"{max(wide - 2, 1):.1f}", _tone(place)),
            )
        )
        x += wide
    rows = format_html_join(
        "",
        '<li class="flex items-start gap-2">'
        '<svg viewBox="0 0 12 12" class="w-3 h-3 mt-1.5 shrink-0" aria-hidden="true">'
        '<rect width="12" height="12" rx="3" fill="{}"/></svg><span class="grow min-w-0 wrap-anywhere">{}</span>'
        '<span class="sum whitespace-nowrap">{}</span>'
        '<span class="text-muted whitespace-nowrap w-10 text-right">{}</span></li>',
        (
            (_tone(place), share.name or rest, number(share.sum, 2), f"{round(share.part * 100)}\u00a0%")
            for place, share in enumerate(shares)
        ),
    )
    return format_html(
        '<svg viewBox="0 0 336 20" class="w-full mt-3" role="img" aria-label="{}">{}</svg>'
        '<ul class="mt-3 grid gap-1.5 text-small">{}</ul>',
        *(title, format_html_join("", "{}", ((one,) for one in pieces)), rows),
    )


def _tone(place: int) -> str:
    part = _TONES[min(place, len(_TONES) - 1)]
    return f"color-mix(in oklab, var(--color-primary) {part}%, var(--color-base-100))"
