"""Charts as SVG, drawn by plain functions: attributes only (the policy refuses styles), colours from the theme's own
variables, a title and a description for who does not see them. Every chart stands beside its table. Colour is never
alone: lines differ by their strokes and carry their names, bars carry their figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_MUTED, _FAINT, _RULE = "var(--muted)", "var(--color-base-300)", "var(--line-strong)"
_GROUND = "var(--color-base-100)"


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line looks: a colour of the theme and its dashes ("" is solid)."""

    colour: str
    dashes: str = ""


# In the order of use; the first two differ by colour and weight of tone, the others by their dashes too.
STROKES = (
    Stroke("var(--color-base-content)"),
    Stroke("var(--color-primary)"),
    Stroke("var(--color-accent)", "7 4"),
    Stroke("var(--muted)", "2 4"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart: None leaves a gap. `value`: its last figure in words, for the legend."""

    label: str
    values: Sequence[float | None]
    stroke: Stroke
    value: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: `value` stands over it, `label` under it, `note` under the label. `room`: for a long label, in bars."""

    label: str
    value: int
    tone: str = ""  # "", "error", "muted"
    note: str = ""
    room: float = 1


@dataclass(frozen=True, slots=True)
class Frame:
    """The measures of a drawing, in its own units."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    font: int

    @property
    def plot(self) -> tuple[float, float]:
        """Width and height of the part with the lines."""
        return self.width - self.left - self.right, self.height - self.top - self.bottom


WIDE = Frame(1080, 264, 48, 122, 20, 44, 14)
NARROW = Frame(316, 196, 32, 14, 14, 30, 12)
WIDE_BARS = Frame(1080, 220, 12, 12, 26, 46, 14)
NARROW_BARS = Frame(316, 170, 4, 4, 20, 36, 12)


def line_chart(
    *,
    id: str,
    title: str,
    description: str,
    labels: Sequence[str],
    lines: Sequence[Line],
    target: float | None = None,
    small: bool = False,
) -> SafeString:
    """Shares in per cent over months. `target`: a dashed rule at the promised share. `small`: for a phone, where the
    legend stands below (see `legend`)."""
    frame = NARROW if small else WIDE
    low, ticks = _scale([value for line in lines for value in line.values if value is not None], target)
    width, height = frame.plot
    inset = 16 if small else 20

    def x(place: int) -> float:
        room = width - 2 * inset
        return frame.left + inset + (room * place / (len(labels) - 1) if len(labels) > 1 else room / 2)

    def y(value: float) -> float:
        return frame.top + height * (100 - value) / (100 - low)

    end = frame.left + width
    rules = format_html_join(
        "",
        '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}"/>'
        '<text x="{}" y="{}" text-anchor="end" font-size="{}" fill="{}">{}</text>',
        (
            (
                *(frame.left, end, _n(y(tick)), _n(y(tick)), _FAINT),
                *(frame.left - 10, _n(y(tick) + frame.font * 0.35), frame.font, _MUTED, tick),
            )
            for tick in ticks
        ),
    )
    goal = (
        format_html(
            '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}" stroke-dasharray="4 4"/>',
            *(frame.left, end, _n(y(target)), _n(y(target)), _RULE),
        )
        if target is not None
        else ""
    )
    months = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle" font-size="{}" fill="{}">{}</text>',
        ((_n(x(place)), frame.height - 8, frame.font, _MUTED, label) for place, label in enumerate(labels)),
    )
    drawn = format_html_join("", "{}", ((_drawn(line, x, y),) for line in lines))
    names = "" if small else _end_names(frame, lines, y)
    return _svg(frame, id, title, description, [rules, goal, months, drawn, names])


def _drawn(line: Line, x: object, y: object) -> SafeString:
    assert callable(x) and callable(y)
    pieces = format_html_join(
        "",
        '<polyline fill="none" stroke="{}" stroke-width="2.5" stroke-linejoin="round" stroke-linecap="round"{} '
        'points="{}"/>',
        (
            (
                line.stroke.colour,
                format_html(' stroke-dasharray="{}"', line.stroke.dashes) if line.stroke.dashes else "",
                " ".join(f"{_n(x(place))},{_n(y(value))}" for place, value in piece),
            )
            for piece in _pieces(line.values)
            if len(piece) > 1
        ),
    )
    # a point where the line ends, and for each piece of one month, which has no line to be seen by
    points = format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="4" fill="{}" stroke="{}" stroke-width="2"/>',
        ((_n(x(place)), _n(y(value)), line.stroke.colour, _GROUND) for place, value in _ends(line.values)),
    )
    return format_html("{}{}", pieces, points)


def _pieces(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Runs without a gap, as (place, value)."""
    piece: list[tuple[int, float]] = []
    for place, value in enumerate(values):
        if value is not None:
            piece.append((place, value))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _ends(values: Sequence[float | None]) -> Iterator[tuple[int, float]]:
    pieces = list(_pieces(values))
    for piece in pieces:
        if len(piece) == 1 or piece is pieces[-1]:
            yield piece[-1]


def _scale(values: Sequence[float], target: float | None) -> tuple[int, list[int]]:
    """The lowest per cent shown and the ticks, 100 the last: so that what differs can be told apart."""
    least = min([*values, target if target is not None else 100.0], default=100.0)
    for step in (1, 2, 5, 10, 20, 25):
        low = int(least // step) * step
        if low == 100:
            low -= step
        if (100 - low) // step <= 4 and (100 - low) % step == 0:
            return low, list(range(low, 101, step))
    return 0, [0, 25, 50, 75, 100]


def _end_names(frame: Frame, lines: Sequence[Line], y: object) -> SafeString:
    """Names at the ends of their lines, moved apart where lines meet."""
    assert callable(y)
    known = [([value for value in line.values if value is not None], line) for line in lines]
    ends = [(float(y(values[-1])), line) for values, line in known if values]
    ends.sort(key=lambda pair: pair[0])
    places: list[float] = []
    for at, _line in ends:
        places.append(max(at, places[-1] + frame.font + 4) if places else at)
    excess = (places[-1] - (frame.height - frame.bottom + 6)) if places else 0
    if excess > 0:
        places = [place - excess for place in places]
    left = frame.width - frame.right + 4
    return format_html_join(
        "",
        '<text x="{}" y="{}" font-size="{}" font-weight="500" fill="{}">{}</text>',
        (
            (left, _n(place + frame.font * 0.35), frame.font, line.stroke.colour, line.label)
            for place, (_at, line) in zip(places, ends, strict=True)
        ),
    )


def legend(lines: Sequence[Line]) -> SafeString:
    """Strokes with their names and last figures, for the narrow chart."""
    rows = format_html_join(
        "",
        '<li class="flex items-center gap-2"><svg viewBox="0 0 24 4" class="w-6 h-1" aria-hidden="true">'
        '<line x1="0" x2="24" y1="2" y2="2" stroke="{}" stroke-width="3"{}/></svg>'
        '<span class="grow">{}</span><span>{}</span></li>',
        (
            (
                line.stroke.colour,
                format_html(' stroke-dasharray="{}"', line.stroke.dashes) if line.stroke.dashes else "",
                line.label,
                line.value,
            )
            for line in lines
        ),
    )
    return format_html('<ul class="mt-2 grid gap-1.5">{}</ul>', rows)


def bar_chart(*, id: str, title: str, description: str, bars: Sequence[Bar], small: bool = False) -> SafeString:
    """Counts side by side, each with its figure over it."""
    frame = NARROW_BARS if small else WIDE_BARS
    width, height = frame.plot
    highest = max([bar.value for bar in bars], default=0) or 1
    step = width / (sum(bar.room for bar in bars) or 1)
    thick = min(step * 0.62, 46)
    fills = {"": "var(--color-primary)", "error": "var(--color-error)", "muted": _RULE}
    base = frame.top + height
    parts = [
        format_html(
            '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}"/>', frame.left, frame.left + width, base, base, _FAINT
        )
    ]
    before = 0.0
    for bar in bars:
        middle = frame.left + step * (before + bar.room / 2)
        before += bar.room
        tall = max(height * bar.value / highest, 2) if bar.value else 0
        if tall:
            parts.append(
                format_html(
                    '<rect x="{}" y="{}" width="{}" height="{}" rx="3" fill="{}"/>',
                    *(_n(middle - thick / 2), _n(base - tall), _n(thick), _n(tall), fills[bar.tone]),
                )
            )
            parts.append(
                format_html(
                    '<text x="{}" y="{}" text-anchor="middle" font-size="{}" font-weight="500" fill="{}">{}</text>',
                    *(_n(middle), _n(base - tall - 6), frame.font, "var(--color-base-content)", bar.value),
                )
            )
        for line, words in enumerate((bar.label, bar.note)):
            if words:
                parts.append(
                    format_html(
                        '<text x="{}" y="{}" text-anchor="middle" font-size="{}" fill="{}">{}</text>',
                        *(_n(middle), _n(base + frame.font + 5 + line * (frame.font + 3)), frame.font, _MUTED, words),
                    )
                )
    return _svg(frame, id, title, description, parts)


def _svg(frame: Frame, id: str, title: str, description: str, parts: Sequence[str]) -> SafeString:
    return format_html(
        '<svg viewBox="0 0 {} {}" class="w-full" role="img" aria-labelledby="{}-t {}-d"><title id="{}-t">{}</title>'
        '<desc id="{}-d">{}</desc>{}</svg>',
        *(_n(frame.width), _n(frame.height), id, id, id, title, id, description),
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def _n(value: float) -> str:
    """A coordinate: at most one digit after the point."""
    return f"{value:.1f}".removesuffix(".0")
