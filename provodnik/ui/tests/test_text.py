"""Words and figures the Russian way, by tables."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from provodnik.ui import text

NOW = datetime(2026, 11, 23, 11, 5, tzinfo=UTC)  # 14:05 in Moscow


@pytest.fixture(autouse=True)
def moscow():
    with timezone.override("Europe/Moscow"), translation.override("ru"):
        yield


@pytest.mark.parametrize(
    ("plain", "bound"),
    [
        ("№ 1847", "№~1847"),
        ("№1847", "№~1847"),
        ("§ 3.5", "§~3.5"),
        ("через 2 ч 15 мин", "через 2~ч~15~мин"),
        ("осталось 3 дня 4 ч", "осталось 3~дня~4~ч"),
        ("24 ноября, 11:42", "24~ноября, 11:42"),
        ("1 250,40 ₽", "1~250,40~₽"),
        ("12 345 678 руб", "12~345~678~руб"),
        ("98,5 % вовремя", "98,5~% вовремя"),
        ("Чистая вода — Верхнереченск", "Чистая вода~— Верхнереченск"),
        ("с телефона и с рабочего компьютера", "с~телефона и~с~рабочего компьютера"),
        ("У Добролюбской то же самое", "У~Добролюбской то~же~самое"),
        ("взял Верхоглядов-Заозёрский И. М. в работу", "взял Верхоглядов-Заозёрский~И.~М. в~работу"),
        ("И. М. Верхоглядов", "И.~М.~Верхоглядов"),
        ("Н.П. сказал", "Н.~П. сказал"),
        ("24 метра", "24 метра"),
        ("уже готово", "уже готово"),
        ("", ""),
    ],
)
def test_typograph_binds_what_must_not_part(plain, bound):
    assert text.typograph(plain) == bound.replace("~", text.NBSP)


def test_typograph_changes_nothing_but_spaces():
    source = "Записали под № 1847 в 14:05 — срок 24 ноября 2026, на 1 250,40 ₽ и с И. М. Верхоглядовым"
    assert text.typograph(source).replace(text.NBSP, " ") == source
    assert text.typograph(text.typograph(source)) == text.typograph(source)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW, "сегодня, 14:05"),
        (NOW - timedelta(hours=20, minutes=13), "вчера, 17:52"),
        (NOW + timedelta(hours=21, minutes=37), "завтра, 11:42"),
        (NOW + timedelta(days=2), "25~ноября, 14:05"),
        (NOW - timedelta(days=365), "23~ноября~2025, 14:05"),
        # 23:30 of yesterday in London is already today in Moscow
        (datetime(2026, 11, 22, 21, 30, tzinfo=UTC), "сегодня, 00:30"),
        (datetime(2026, 11, 22, 20, 59, tzinfo=UTC), "вчера, 23:59"),
    ],
)
def test_moment_is_told_from_the_readers_day(at, words):
    assert text.moment(at, NOW) == words.replace("~", text.NBSP)


def test_full_moment_always_has_its_year():
    assert text.full_moment(NOW) == "23~ноября~2026, 14:05".replace("~", text.NBSP)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "меньше~минуты"),
        (59.9, "меньше~минуты"),
        (60, "1~мин"),
        (6 * 60 + 59, "6~мин"),
        (3600, "1~ч"),
        (3600 + 5 * 60, "1~ч~05~мин"),
        (24 * 3600, "24~ч"),
        (61 * 3600 + 12 * 60, "61~ч~12~мин"),
        (-(2 * 3600 + 15 * 60), "2~ч~15~мин"),
    ],
)
def test_duration_stays_in_hours(seconds, words):
    assert text.duration(timedelta(seconds=seconds)) == words.replace("~", text.NBSP)


def test_ago_turns_into_a_moment_after_an_hour():
    assert text.ago(NOW - timedelta(seconds=20), NOW) == "только~что".replace("~", text.NBSP)
    assert text.ago(NOW - timedelta(minutes=6), NOW) == "6~мин~назад".replace("~", text.NBSP)
    assert text.ago(NOW - timedelta(hours=1), NOW) == "сегодня, 13:05"


def test_left_says_overdue_only_after_the_moment():
    assert text.left(NOW + timedelta(hours=3, minutes=20), NOW) == "осталось~3~ч~20~мин".replace("~", text.NBSP)
    assert text.left(NOW, NOW).startswith("осталось")
    assert text.left(NOW - timedelta(minutes=20), NOW) == "просрочено~на~20~мин".replace("~", text.NBSP)


@pytest.mark.parametrize(
    ("value", "places", "words"),
    [
        (Decimal("1250.4"), 2, "1~250,40"),
        (Decimal("18.67"), None, "18,67"),
        (42011.02, 2, "42~011,02"),
        (1234567, None, "1~234~567"),
        (Decimal("-3.15"), 1, "−3,2"),
        (0, 2, "0,00"),
        (Decimal("0.005"), 2, "0,01"),
        (Decimal("-0.001"), 2, "0,00"),
    ],
)
def test_number(value, places, words):
    assert text.number(value, places) == words.replace("~", text.NBSP)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0~байт"),
        (1, "1~байт"),
        (2, "2~байта"),
        (1023, "1023~байта"),
        (1024, "1~КБ"),
        (188416, "184~КБ"),
        (1258291, "1,2~МБ"),
        (25 * 1024 * 1024, "25~МБ"),
        (3 * 1024**3, "3~ГБ"),
    ],
)
def test_filesize(size, words):
    assert text.filesize(size) == words.replace("~", text.NBSP)


@pytest.mark.parametrize(
    ("name", "letters", "short"),
    [
        (
            "Константинопольская-Рождественская Александра Вячеславовна",
            "АК",
            "Константинопольская-Рождественская~А.~В.",
        ),
        ("Верхоглядов Иннокентий", "ИВ", "Верхоглядов~И."),
        ("Система", "С", "Система"),
        ("  Ким   Ен   Хи ", "ЕК", "Ким~Е.~Х."),
        ("", "?", ""),
    ],
)
def test_names(name, letters, short):
    assert text.initials(name) == letters
    assert text.short_name(name) == short.replace("~", text.NBSP)
