"""How each picture of the manuals is taken: whose page, which, what it points at. The world is the small demo.

`make pictures` takes them (tests/manual/taking.py); without a browser `faults` asks that each page still answers, that
what is pointed at still stands on it, and that the labels which the manual quotes beside the picture are still there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser

MOMENT = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)  # Monday, 11:05 in Moscow
PHONE, DESKTOP = (390, 844), (1440, 900)
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Recipe:
    """`who`: login of a demo account, "" for nobody. `way`: an address, then patterns of links to follow from it, and
    `query` behind the last. `at`: what is framed (a compound of tag, #id, .class and [name=value]), "" for nothing.
    `of`: the part of the page that is taken, "" for what the screen shows; `height`: at most so many dots of it.
    `says`: labels that stand there."""

    name: str
    who: str
    way: tuple[str, ...]
    at: str = ""
    of: str = ""
    says: tuple[str, ...] = ()
    phone: bool = False
    height: int = 760
    query: str = ""

    def address(self, get: Callable[[str], str]) -> str:
        """Of the page that is pictured. Raises LookupError where the way to it ends."""
        found = self.way[0]
        for pattern in self.way[1:]:
            link = re.search(pattern, get(found))
            if link is None:
                raise LookupError(f"{found} has no {pattern}")
            found = unescape(link[1])
        return found + self.query


def phone(name: str, who: str, *way: str, at: str = "", says: tuple[str, ...] = (), height: int = 680) -> Recipe:
    return Recipe(name, who, way, at, "", says, True, height)


def desk(
    name: str,
    who: str,
    *way: str,
    at: str = "",
    of: str = "",
    says: tuple[str, ...] = (),
    height: int = 760,
    query: str = "",
) -> Recipe:
    return Recipe(name, who, way, at, of, says, False, height, query)


OPEN = r'href="(/desk/\d+)'
BATCH = r'href="(/payslips/batches/\d+/)"'
MINE = ("/desk/?view=mine", OPEN)

RECIPES: tuple[Recipe, ...] = (
    # employee
    phone("slip", "", "/start/", at="[name=code]", says=("Вход по талону", "Дальше", "Чужое устройство")),
    phone("sign-in", "", "/sign-in/", says=("Забыли пароль?", "Сотрудникам: табельный номер")),
    phone("pay", "anna", "/payslips/", says=("Зарплата", "Расчётные листки")),
    phone("payslip", "anna", "/payslips/", r'href="(/payslips/\d+/)"', at="details.pay-more", says=("К выплате", "PDF", "Скрыть суммы")),  # noqa: E501
    phone("card", "anna", "/people/me", r'href="(/people/\d+/card)"', says=("Что обо мне известно",)),
    phone("change", "anna", "/people/me/data", says=("Личный телефон", "Паспорт")),
    phone("feedback", "anna", "/requests/new/", says=("Как это мешает работе",)),
    phone("ticket", "anna", "/requests/", r'href="(/requests/\d+/)"', says=("Как считается срок",)),
    phone("directory", "anna", "/people/", at="[name=q]", says=("Структура",)),
    # specialist
    desk("workbench", "innokenty", *MINE, at="#say", says=("Ответ", "Уточнить", "Закрыть", "Заметка"), height=900),
    desk("close", "innokenty", *MINE, query="?mode=close", at="[name=resolution]", of="#say", says=("Закрыть и уведомить",)),  # noqa: E501
    desk("clock", "innokenty", *MINE, of="aside.desk-facts", says=("Шло", "Ждали пользователя"), height=335),
    desk("macros", "innokenty", "/desk/macros", of="#main", says=("Для всей поддержки",), height=620),
    desk("runs", "innokenty", "/desk/runs", of="#main", says=("Массовые действия",), height=240),
    desk("works", "innokenty", "/works/", of="#main", says=("Предстоят", "Прошедшие"), height=640),
    desk("quality", "galina", "/quality/", of="#main", says=("Скачать таблицу",), query="?period=2026"),
    # personnel and accountants
    desk("hr-people", "evgenia", "/people/", of="#main", says=("Обмен с 1С", "Талоны на вход", "Заявления", "Организации"), height=520),  # noqa: E501
    desk("slips", "evgenia", "/slips/new/", of="#main", says=("Напечатать талоны",), height=640),
    desk("hr-requests", "evgenia", "/people/requests", of="#main", says=("Заявления",), height=520),
    desk("exchange", "evgenia", "/exchange/", of="#main", says=("Не принято", "Сверка", "Пороги"), height=560),
    desk("differences", "evgenia", "/exchange/differences", of="#main", says=("Сверка",), height=520),
    desk("batches", "zoya", "/payslips/batches/", of="#main", says=("Публикация листков",), height=520),
    desk("batch", "zoya", "/payslips/batches/", BATCH, of="#main", says=("Сверьте итоги",)),
    desk("questions", "zoya", "/payslips/questions/", of="#main", says=("Ждут ответа",), height=420),
    # administrator
    desk("overview", "admin", "/settings/", of="#main", says=("Требует внимания",), height=520),
    desk("users", "admin", "/settings/users/", of="#main", says=("Добавить учётную запись",), height=560),
    desk("journal", "admin", "/settings/journal/", of="#main", says=("Скачать таблицей",), height=620),
    desk("mailbox", "admin", "/settings/mailboxes/", r'href="(/settings/mailboxes/\d+/)"', of="#main", says=("Проверить",), height=700),  # noqa: E501
    desk("letters", "admin", "/settings/letters/", of="#main", says=("Задержанные письма", "В карантине"), height=440),
    desk("bases", "admin", "/exchange/bases", of="#main", says=("Новый ключ", "Завести базу"), height=560),
    desk("retention", "admin", "/settings/retention/", of="#main", says=("Запреты на удаление",), height=560),
)  # fmt: skip


def by_name() -> dict[str, Recipe]:
    return {one.name: one for one in RECIPES}


class _Elements(HTMLParser):
    """Names and attributes of all elements, and the words of the page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.found.append((tag, given))
        self.words += [given[one] for one in ("placeholder", "aria-label", "value") if given.get(one)]

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


_COMPOUND = re.compile(r"([a-z][a-z0-9-]*)|#([\w-]+)|\.([\w-]+)|\[([\w-]+)(?:=([^\]]*))?\]")


def stands(html: str, selector: str) -> bool:
    """Whether a page has an element of this compound."""
    return any(_fits(tag, given, selector) for tag, given in _read(html).found)


def _fits(tag: str, given: dict[str, str], selector: str) -> bool:
    for name, key, css, attribute, value in _COMPOUND.findall(selector):
        if (name and name != tag) or (key and given.get("id") != key):
            return False
        if css and css not in given.get("class", "").split():
            return False
        if attribute and (attribute not in given or (value and given[attribute] != value.strip('"'))):
            return False
    return True


def _read(html: str) -> _Elements:
    reader = _Elements()
    reader.feed(html)
    reader.close()
    return reader


def says(html: str, words: str) -> bool:
    flat = " ".join(" ".join(_read(html).words).replace("\u00a0", " ").split())
    return words in flat


def faults(client_of: Callable[[str], Callable[[str], tuple[int, str]]]) -> list[str]:
    """What is wrong with the recipes, asked by plain clients: `client_of(login)(address)` gives status and HTML."""
    wrong: list[str] = []
    for one in RECIPES:
        ask = client_of(one.who)
        try:
            last = one.address(lambda address, ask=ask: ask(address)[1])  # type: ignore[misc]
        except LookupError as error:
            wrong.append(f"{one.name}: {error}")
            continue
        status, html = ask(last)
        if status != 200:
            wrong.append(f"{one.name}: {last} answers {status}")
            continue
        wrong += [f"{one.name}: {last} has no {part}" for part in (one.at, one.of) if part and not stands(html, part)]
        wrong += [f"{one.name}: {last} does not say «{words}»" for words in one.says if not says(html, words)]
    return wrong
