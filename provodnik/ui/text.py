"""Russian text for people: no-break spaces, moments, durations, figures, names. Pure: `now` is always an argument."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django.utils import timezone
from django.utils.dates import MONTHS_ALT
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NBSP = "\u00a0"

# Units that never part from their figure. Longer ones first, so that «мин» is not read as «м».
UNITS = (
    "мин|час[аово]*|ч|сек|дн(?:я|ей)|день|недел[ьяи]|месяц(?:а|ев)?|мес|год(?:а)?|лет|руб|коп|₽|%|п\\. п\\.|"
    "байт(?:а)?|КБ|МБ|ГБ|кг|г|км|м|мм|раз(?:а)?|шт|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|"
    "октября|ноября|декабря"
)
_AFTER_FIGURE = re.compile(rf"(\d) (?=(?:{UNITS})(?!\w))")
_BETWEEN_UNITS = re.compile(r"(\d[ \u00a0](?:ч|дн(?:я|ей)|день)) (?=\d)")
_THOUSANDS = re.compile(r"(?<!\d)(\d{1,3}) (?=\d{3}(?!\d))")
_SIGN = re.compile(r"([№§]) ?(?=\d|[A-Za-zА-Яа-яЁё])")
_DASH = re.compile(r" (?=[—–](?: |$))")
_SHORT_WORD = re.compile(r"(?<![\w\u00a0.-])([А-Яа-яЁёA-Za-z]{1,2}) (?=\S)")
_INITIALS = re.compile(r"(?<!\w)([А-ЯЁ]\.) ?(?=[А-ЯЁ]\.)")
_INITIAL_NAME = re.compile(r"(?<!\w)([А-ЯЁ]\.) (?=[А-ЯЁ][а-яё])")
_NAME_INITIAL = re.compile(r"([а-яё]) (?=[А-ЯЁ]\.(?:[\u00a0 ]?[А-ЯЁ]\.)?)")


def typograph(text: str) -> str:
    """Put no-break spaces where a line must not break: after №, between figure and unit, before a dash,
    after words of one or two letters, inside «И. О. Фамилия». The visible letters stay as they are."""
    text = _SIGN.sub(rf"\1{NBSP}", text)
    text = _BETWEEN_UNITS.sub(rf"\1{NBSP}", text)
    text = _AFTER_FIGURE.sub(rf"\1{NBSP}", text)
    text = _THOUSANDS.sub(rf"\1{NBSP}", text)
    text = _INITIALS.sub(rf"\1{NBSP}", text)
    text = _INITIAL_NAME.sub(rf"\1{NBSP}", text)
    text = _NAME_INITIAL.sub(rf"\1{NBSP}", text)
    text = _DASH.sub(NBSP, text)
    # Twice: in «и с рабочего» the second short word begins where the first match ended.
    return _SHORT_WORD.sub(rf"\1{NBSP}", _SHORT_WORD.sub(rf"\1{NBSP}", text))


def _wall(local: datetime) -> str:
    return f"{local.hour:02}:{local.minute:02}"


def clock(value: datetime) -> str:
    """«14:05» in the active time zone."""
    return _wall(timezone.localtime(value))


def day(value: date | datetime, now: datetime) -> str:
    """«сегодня», «вчера», «завтра», «24 ноября», in another year «24 ноября 2025»."""
    on = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return _day(on, timezone.localtime(now).date())


@lru_cache(4096)  # a list tells the same few days again and again; there is one language
def _day(on: date, today: date) -> str:
    distance = (on - today).days
    if distance == 0:
        return _("today")
    if distance == -1:
        return _("yesterday")
    if distance == 1:
        return _("tomorrow")
    return _full_day(on) if on.year != today.year else f"{on.day}{NBSP}{MONTHS_ALT[on.month]}"


def full_day(value: date | datetime) -> str:
    """«23 ноября 2026»: the day with its year whatever today is."""
    return _full_day(timezone.localtime(value).date() if isinstance(value, datetime) else value)


@lru_cache(4096)
def _full_day(on: date) -> str:
    return f"{on.day}{NBSP}{MONTHS_ALT[on.month]}{NBSP}{on.year}"


def moment(value: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """«сегодня, 14:05», «вчера, 17:52», «24 ноября, 11:42», «24 ноября 2025, 11:42». Who tells many moments asks for
    the active `zone` once: to ask costs more than to tell."""
    local = timezone.localtime(value, zone)
    return f"{_day(local.date(), timezone.localtime(now, zone).date())}, {_wall(local)}"


def full_moment(value: datetime, zone: tzinfo | None = None) -> str:
    """«23 ноября 2026, 14:05»: for a tooltip, where the page's «сегодня» needs its date."""
    local = timezone.localtime(value, zone)
    return f"{_full_day(local.date())}, {_wall(local)}"


def duration(value: timedelta) -> str:
    """«меньше минуты», «6 мин», «21 ч 22 мин», «24 ч». Hours are not folded into days: norms are in hours.

    A negative span is told by its size; who calls says «просрочено на». Seconds are dropped, not rounded: a deadline
    must never look farther than it is.
    """
    minutes = int(abs(value).total_seconds() // 60)
    if minutes == 0:
        return _("less than a minute").replace(" ", NBSP)
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return _("%(minutes)s min").replace(" ", NBSP) % {"minutes": minutes}
    if minutes == 0:
        return _("%(hours)s h").replace(" ", NBSP) % {"hours": hours}
    return _("%(hours)s h %(minutes)s min").replace(" ", NBSP) % {"hours": hours, "minutes": f"{minutes:02}"}


def ago(value: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """«только что», «6 мин назад»; from an hour on the moment itself: a person reads it faster than «17 ч назад»."""
    passed = now - value
    if passed < timedelta(minutes=1):
        return _("just now").replace(" ", NBSP)
    if passed < timedelta(hours=1):
        return _("%(duration)s ago").replace(" ", NBSP) % {"duration": duration(passed)}
    return moment(value, now, zone)


def left(value: datetime, now: datetime) -> str:
    """«осталось 3 ч 20 мин», past the moment «просрочено на 20 мин»."""
    if value >= now:
        return _("%(duration)s left").replace(" ", NBSP) % {"duration": duration(value - now)}
    return _("overdue by %(duration)s").replace(" ", NBSP) % {"duration": duration(now - value)}


def number(value: Decimal | int | float, places: int | None = None) -> str:
    """«1 250,40»: comma, thousands by no-break spaces, a true minus. `places` fixes the digits after the comma."""
    exact = Decimal(str(value))
    if places is not None:
        exact = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    digits = f"{abs(exact):,f}".replace(",", NBSP).replace(".", ",")
    return f"−{digits}" if exact < 0 else digits


def filesize(size: int) -> str:
    """«300 байт», «184 КБ», «1,2 МБ»: steps of 1024, one digit after the comma from a megabyte up."""
    if size < 1024:
        return ngettext("%(count)s byte", "%(count)s bytes", size).replace(" ", NBSP) % {"count": size}
    if size < 1024 * 1024:
        return _("%(size)s KB").replace(" ", NBSP) % {"size": max(1, round(size / 1024))}
    in_gigabytes = size >= 1024**3
    exact = number(round(size / (1024**3 if in_gigabytes else 1024**2), 1), 1).removesuffix(",0")
    return (_("%(size)s GB") if in_gigabytes else _("%(size)s MB")).replace(" ", NBSP) % {"size": exact}


def initials(full_name: str) -> str:
    """«АК» of «Константинопольская-Рождественская Александра Вячеславовна»: given name, then surname."""
    words = full_name.split()
    if not words:
        return "?"
    return "".join(word[0] for word in (words[1:2] + words[:1])).upper()


def short_name(full_name: str) -> str:
    """«Константинопольская-Рождественская А. В.» of the full name; a single word stays as it is."""
    surname, *given = full_name.split() or [""]
    letters = [f"{word[0].upper()}." for word in given if word[0].isalpha()]
    return NBSP.join([surname, *letters])
