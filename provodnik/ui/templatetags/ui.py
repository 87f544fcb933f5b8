"""Filters and tags of the design system. The rules live in provodnik/ui/text.py; here they meet templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from html import escape as escaped
from typing import Any
from uuid import uuid4

from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signals import setting_changed
from django.template import Context, Node, NodeList
from django.template.base import Parser, Token
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from provodnik.ui import controls, text, track
from provodnik.ui.controls import undeclared
from provodnik.ui.words import script_words

register = template.Library()

_TAG = re.compile(r"(<[^>]*>)")
PRIORITY_ICONS = {
    "critical": "siren",
    "urgent": "siren",
    "high": "bars-3",
    "medium": "bars-2",
    "low": "bars-1",
}


def _now(context: Context) -> datetime:
    """The page's own `now` where the view gave one (tests, screenshots), else the clock."""
    now = context.get("now")
    return now if isinstance(now, datetime) else timezone.now()


# Text


@register.filter
def typograph(value: object) -> SafeString:
    """{{ subject|typograph }}: no-break spaces; escapes what is not safe yet, leaves tags of safe markup alone."""
    escaped = str(conditional_escape(value if isinstance(value, str) else str(value)))
    pieces = _TAG.split(escaped)
    pieces[::2] = [text.typograph(piece) for piece in pieces[::2]]
    return mark_safe("".join(pieces))  # noqa: S308 - escaped above


@register.filter
def moment(value: datetime | None, now: datetime | None = None) -> str:
    """{{ at|moment }} or {{ at|moment:now }}: «сегодня, 14:05»."""
    return text.moment(value, now or timezone.now()) if value else ""


@register.filter
def full_moment(value: datetime | None) -> str:
    """{{ at|full_moment }}: «23 ноября 2026, 14:05»."""
    return text.full_moment(value) if value else ""


@register.filter
def day(value: date | None, now: datetime | None = None) -> str:
    """{{ on|day }}: «сегодня», «24 ноября»."""
    return text.day(value, now or timezone.now()) if value else ""


@register.filter
def full_day(value: date | None) -> str:
    """{{ on|full_day }}: «23 ноября 2026»."""
    return text.full_day(value) if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """{{ at|clock }}: «14:05»."""
    return text.clock(value) if value else ""


@register.filter
def duration(value: timedelta | float | None) -> str:
    """{{ span|duration }}: «2 ч 15 мин»; a plain number is seconds."""
    if value is None or value == "":
        return ""
    return text.duration(value if isinstance(value, timedelta) else timedelta(seconds=float(value)))


@register.filter
def number(value: Decimal | float | None, places: int | None = None) -> str:
    """{{ sum|number:2 }}: «1 250,40»."""
    return "" if value is None or value == "" else text.number(value, places)


@register.filter
def filesize_ru(value: int | str | None) -> str:
    """{{ file.size|filesize_ru }}: «184 КБ»."""
    return "" if value is None or value == "" else text.filesize(int(value))


@register.filter
def initials_of(value: object) -> str:
    """{{ person.full_name|initials_of }}: «АК»."""
    return text.initials(str(value or ""))


@register.filter
def short_name(value: object) -> str:
    """{{ person.full_name|short_name }}: «Константинопольская-Рождественская А. В.»."""
    return text.short_name(str(value or ""))


@register.filter
def sentence(value: object) -> str:
    """{{ at|moment|sentence }}: the first letter in capital, the rest untouched."""
    words = str(value)
    return words[:1].upper() + words[1:]


# Attributes and assets


@register.filter
def html_attrs(attrs: Mapping[str, Any]) -> SafeString:
    """{{ attrs|html_attrs }}: a component's remaining attributes, each value escaped.

    Cotton's own {{ attrs }} trusts dynamic values: one with quotes at both ends leaves its attribute.
    """
    parts = []
    for name, value in undeclared(attrs).items():
        if value is None or value is False:
            continue
        parts.append(conditional_escape(name) if value is True else format_html('{}="{}"', name, value))
    return mark_safe(" ".join(parts))  # noqa: S308 - every part is escaped above


@register.simple_tag
def asset(path: str) -> str:
    """URL of a static file that works even where the manifest does not know it: an error page must not fail itself."""
    return _asset(path)


# A page names some hundred icons: the address of a file is the same for the life of a process.
@cache
def _asset(path: str) -> str:
    try:
        return static(path)
    except ValueError:
        return f"{settings.STATIC_URL or '/static/'}{path}"


@register.simple_tag
def icon(name: str, size: str = "", label: str = "", css: str = "") -> SafeString:
    """{% icon "mail" "sm" label="письмом" %}: an icon of the sprite; without a label hidden from screen readers."""
    return _icon(str(name), str(size), str(label), str(css))


@lru_cache(maxsize=2048)
def _icon(name: str, size: str, label: str, css: str) -> SafeString:
    classes = " ".join(filter(None, ["icon", f"icon-{size}" if size else "", css]))
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="{}" {}><use href="{}#{}"/></svg>', classes, voice, asset("icons.svg"), name)


def _forget(**_details: Any) -> None:
    """Other settings (of a test) may mean other addresses."""
    _asset.cache_clear()
    _icon.cache_clear()
    _line.cache_clear()


setting_changed.connect(_forget)


class _Once(Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self.made: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language = get_language()
        if language not in self.made:
            self.made[language] = self.nodelist.render(context)
        return self.made[language]


@register.tag
def once(parser: Parser, token: Token) -> _Once:
    """{% once %}…{% endonce %}: markup that depends on nothing but the language, made once for all pages."""
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return _Once(nodelist)


@register.simple_tag
def nav_lines(nav: Iterable[Any], small: object = False) -> SafeString:
    """Lines of a menu: objects with url, icon, label, current, counter, counter_label, tone and group (a heading
    before the first of its kind). No component: they stand on every page some fifty times."""
    parts: list[str] = []
    group: object = ""
    size = "sm" if small else ""
    for item in nav:
        if item.group != group and item.group:
            parts.append(f'<p class="rail-group">{escaped(str(item.group))}</p>')
        group = item.group
        words = (str(item.label), str(item.url), str(item.counter), str(item.counter_label), str(item.tone))
        parts.append(_line(item.icon, size, bool(item.current), *words))
    return mark_safe("".join(parts))  # noqa: S308 - every value is escaped in _line


@lru_cache(maxsize=4096)
def _line(drawn: str, size: str, current: bool, label: str, url: str, counter: str, spoken: str, tone: str) -> str:
    count = ""
    if counter and counter != "0":
        colour = f" tone-{escaped(tone)}" if tone else ""
        said = f'<span class="sr-only"> {escaped(spoken)}</span>' if spoken else ""
        count = f'<span class="rail-count{colour}">{escaped(counter)}{said}</span>'
    here = ' aria-current="page"' if current else ""
    return (
        f'<a class="rail-link" href="{escaped(url)}"{here}>{icon(drawn, size) if drawn else ""}'
        f'<span class="grow min-w-0">{escaped(label)}</span>{count}</a>'
    )


@register.filter
def priority_icon(value: object) -> str:
    """Icon's name for a priority: critical, high, medium, low."""
    return PRIORITY_ICONS.get(str(value), "circle-dashed")


@register.simple_tag
def unique_id(prefix: str = "u") -> str:
    """An id that no other element of this page has, also after a fragment was swapped in."""
    return f"{prefix}-{uuid4().hex[:8]}"


@register.simple_tag(name="script_words")
def script_words_tag() -> dict[str, str]:
    """Words of the script; put them into the page with data_script."""
    return script_words()


class _Letters(DjangoJSONEncoder):
    """Letters stay letters: «\\u0444» is three times as long as «ф», and what scripts know comes with every page."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False})


@register.filter
def data_script(value: object, element_id: str) -> SafeString:
    """Django's json_script, shorter; as safe, for «<», «>» and «&» are escaped there."""
    return json_script(value, element_id, _Letters)


# Time that moves


@register.simple_tag(takes_context=True)
def tick(context: Context, at: datetime | None, mode: str = "moment", css: str = "") -> SafeString:
    """{% tick ticket.due_at "left" %}: a <time> whose words the script refreshes every 30 s.

    Modes: moment «сегодня, 14:05», ago «6 мин назад», left «осталось 3 ч 20 мин», bare «3 ч 20 мин».
    The exact moment is in the tooltip.
    """
    if at is None:
        return mark_safe("")
    now, zone = _now(context), timezone.get_current_timezone()
    if mode == "left":
        shown = text.left(at, now)
    elif mode == "bare":
        shown = text.duration(at - now)
    else:
        shown = {"moment": text.moment, "ago": text.ago}[mode](at, now, zone)
    moving = f' data-tick="{escaped(mode)}"' if mode != "moment" else ""
    style = f' class="{escaped(css)}"' if css else ""
    iso = at.astimezone(zone).isoformat(timespec="seconds")
    title = escaped(text.full_moment(at, zone))
    return mark_safe(f'<time datetime="{iso}" title="{title}"{moving}{style}>{escaped(shown)}</time>')  # noqa: S308


@register.simple_tag(takes_context=True)
def page_now(context: Context) -> str:
    """The moment this page tells the time of: the script counts on from it, whatever the reader's clock says."""
    return timezone.localtime(_now(context)).isoformat(timespec="seconds")


# Forms and the deadline's track: plain functions of controls.py and track.py, under their names

for _tag in (controls.control, controls.choices, controls.mistakes, controls.options, track.track_bars):
    register.simple_tag(_tag)
for _filter in (controls.is_checkbox, controls.is_choices):
    register.filter(_filter)
