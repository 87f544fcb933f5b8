"""The manuals are whole: every link leads to a page, every route that is named exists, every page fits the renderer."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polib
import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import get_resolver, resolve, reverse

from provodnik.accounts.models import User
from provodnik.articles import markup
from provodnik.manual import pages, paper, sources
from provodnik.manual.finding import Index, index, stem
from provodnik.manual.sources import Book, Page, books, chapter
from tests.manual.recipes import by_name

ROOT = Path(__file__).resolve().parents[3]
TEST = re.compile(r"`((?:provodnik|tests)/[\w/.]+\.py)(?:::(\w+))?(?:::(\w+))?`")
PAGES = [(book, page) for book in books() for page in book.pages]


def routes() -> set[str]:
    """Names of all routes, with their spaces."""
    found: set[str] = set()

    def walk(resolver, space: str) -> None:
        for one in resolver.url_patterns:
            if hasattr(one, "url_patterns"):
                walk(one, f"{one.namespace}:" if one.namespace else space)
            elif one.name:
                found.add(f"{space}{one.name}")

    walk(get_resolver(), "")
    return found


def test_the_home_of_the_manuals_is_where_the_site_is():
    assert reverse("manual:shelf") == sources.HOME
    book, page = PAGES[0]
    assert reverse("manual:book", args=[book.slug]) == book.address
    assert reverse("manual:page", args=[book.slug, page.slug]) == page.address


def test_every_page_is_whole():
    known = {page.address for _book, page in PAGES}
    files = {f"{path.parent.name}/{path.stem}" for path in sources.BOOKS.glob("*/*.md")}
    assert files == {f"{book.slug}/{page.slug}" for book, page in PAGES}, (
        "a page that no book.toml names, or without a file"
    )
    wrong = []
    for book, page in PAGES:
        made = pages.shown(book.slug, page.slug)
        assert made is not None
        name, html = f"{book.slug}/{page.slug}", made.body.html
        if len(page.text) > markup.LONGEST:
            wrong.append(f"{name} is longer than is rendered")
        if "](" in re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL) or ".md" in re.findall(
            r'href="([^"]*)"', html
        ):
            wrong.append(f"{name} has a link that is none")
        for target in re.findall(r'href="(/[^"]*)"', html):
            address, _mark, anchor = target.partition("#")
            if address not in known:
                wrong.append(f"{name} leads to {target}")
            elif anchor:
                slugs = address.removeprefix(sources.HOME).split("/")
                there = pages.shown(slugs[0], slugs[1])
                if there is None or f'id="{anchor}"' not in there.body.html:
                    wrong.append(f"{name}: {target} has no such heading")
    assert not wrong, "\n".join(wrong)


def test_every_test_that_a_page_names_exists():
    """«Безопасность» and «Соответствие регламенту» say what shows it: a file, a class or a function of it."""
    wrong = []
    for book, page in PAGES:
        for file, first, second in TEST.findall(page.text):
            path = ROOT / file
            source = path.read_text(encoding="utf-8") if path.exists() else ""
            if not source or any(
                f"class {one}" not in source and f"def {one}" not in source for one in (first, second) if one
            ):
                wrong.append(f"{book.slug}/{page.slug}: {file} {first} {second}")
    assert not wrong, "\n".join(wrong)


def test_every_clause_of_the_regulation_has_its_heading():
    [regulation] = [book for book in books() if book.slug == "regulation"]
    told = " ".join(
        re.findall(r"^## ([RI]\d+)\.", "\n".join(page.text for page in regulation.pages), re.MULTILINE)
    ).split()
    clauses = [f"R{n}" for n in range(1, 17)] + [f"I{n}" for n in range(1, 13)]
    assert sorted(told) == sorted(clauses * 2)  # in words for people, and again with what shows it


# What stands in quotes and is no label of the product.
PROSE = {
    "@логин", "О программе", "Перед обновлением", "кто видел чьи данные", "не про нас", "частью", "кто видел что",
    "Процессов для поддержания жизненного цикла ПО",
}  # fmt: skip


def test_labels_that_the_manuals_quote_are_the_products_own():
    """«Сохранить» in a manual is a word of some catalogue: a label that was renamed is found here."""
    said: set[str] = set()
    for path in ROOT.glob("provodnik/*/locale/ru/LC_MESSAGES/django.po"):
        for entry in polib.pofile(path):
            said |= {entry.msgstr, *entry.msgstr_plural.values()}
    known = "\n".join(said).lower().replace("ё", "е").replace("\u00a0", " ")
    wrong = [
        f"{book.slug}/{page.slug}: «{label}»"
        for book, page in PAGES
        if not page.slug.startswith("made-")
        for label in re.findall(r"«([^»]+)»", page.text)
        if label not in PROSE and label.lower().replace("ё", "е").rstrip("…. ") not in known
    ]
    assert not wrong, "\n".join(wrong)


def test_every_picture_has_a_recipe_and_is_there_and_is_shown():
    shown, taken = sources.pictures_of(), {path.stem for path in sources.PICTURES.glob("*.webp")}
    assert set(shown) == set(by_name()) == taken
    assert sum(path.stat().st_size for path in sources.PICTURES.glob("*")) <= 3_000_000
    assert {pages.size(name)[0] for name, recipe in by_name().items() if recipe.phone} == {pages.PHONE}


def test_every_route_of_a_chapter_exists_and_has_one_chapter():
    known = routes()
    told = [route for _book, page in PAGES for route in page.routes]
    spaces = {f"{route.partition(':')[0]}:" for route in known}
    assert [one for one in told if one not in known | spaces] == []
    assert len(told) == len(set(told))
    payslip, entry = chapter("payslips:show"), chapter("accounts:profile")
    assert payslip is not None and payslip.slug == "payslip" and entry is not None and entry.slug == "sign-in"
    assert chapter("web:health") is None


@pytest.mark.parametrize(
    ("typed", "slug", "instead"),
    [
        ("талон", "entry", ""),
        ("расчётного листка", "payslip", ""),
        ("забыл парль", "sign-in", "забыл пароль"),  # a slip of the finger
        ("hfcxtnysq kbcnjr", "payslip", "расчетный листок"),  # the other layout
        ("сменить счет зарплаты", "data", ""),  # Е for Ё
        ("НДФЛ непонятноеслово", "payslip", "ндфл"),  # what is known of it
    ],
)
def test_search(typed, slug, instead):
    found = index().search(typed, frozenset({"employee"}))
    assert found.hits and found.hits[0].section.page.slug == slug
    assert found.instead == instead
    assert "<mark>" in found.hits[0].title + found.hits[0].excerpt


def test_search_is_bounded_and_marks_are_the_only_markup():
    assert index().search("и на в", frozenset()).hits == []
    assert index().search("ъ" * 100_000).hits == []
    assert index().search(" ".join(f"слово{n}" for n in range(5000))).typed.count(" ") < 30
    page = Page("b", "p", "Знак <b> & листок", "Коротко.", 'Текст <script>alert("x")</script> про листок.')
    made = Index([Book("b", "Книга", "", "", "all", (page,))])
    [hit] = made.search("листок").hits
    assert hit.title == "Знак &lt;b&gt; &amp; <mark>листок</mark>"
    assert "<script" not in hit.excerpt and "<mark>листок</mark>" in hit.excerpt
    assert stem("листками") == stem("листков") == stem("листок") == "листк"


def test_a_manual_on_paper_is_the_same_bytes_for_the_same_day():
    book = books()[0]
    first = paper.made_of(book, date(2026, 11, 23))
    assert first == paper.made_of(book, date(2026, 11, 23))
    assert first[:5] == b"%PDF-" and b"pdfaid" in first
    assert first != paper.made_of(book, date(2026, 11, 24))


def test_help_leads_from_a_page_to_its_chapter(rf):
    def led(address: str, user: object) -> str:
        request = rf.get(address)
        request.user, request.resolver_match = user, resolve(address)
        return pages.help_address(request)

    somebody = User(full_name="Кто-то")
    assert led("/payslips/", somebody) == "/help/employee/payslip"
    assert led("/payslips/batches/", somebody) == "/help/hr/payslips"
    assert led("/notices/", somebody) == "/help/employee/request"
    assert led("/healthz", somebody) == "/help/"
    assert led("/start/", AnonymousUser()) == "/help/employee/entry"
    assert led("/payslips/", AnonymousUser()) == "", "what he may not read is not offered"


def test_on_a_phone_a_row_of_a_table_is_a_card_that_names_its_columns() -> None:
    table = '<table><thead><tr><th>a</th><th><code>b</code></th><th>"c"</th></tr></thead><tbody>{}</tbody></table>'
    rows = "<tr><td>1</td><td>2</td><td>3</td></tr>"
    made = pages.labelled(f"<p>x</p>{table.format(rows * 2)}")
    assert made.count('<td>1</td><td data-label="b">2</td><td data-label="&quot;c&quot;">3</td>') == 2
    assert "<th>a</th>" in made and pages.labelled("<p>x</p>") == "<p>x</p>"
