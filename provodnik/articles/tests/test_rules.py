"""The pure rules: states, slips, comparing, markup, pictures."""

from __future__ import annotations

import re
import struct
import time
import uuid
import zlib
from html.parser import HTMLParser

import pytest

from provodnik.articles import markup, photos
from provodnik.articles.compare import compare
from provodnik.articles.states import MOVES, State, is_legal
from provodnik.articles.tests.factories import PIXEL
from provodnik.core.slips import distance, forgiven, nearest, other_layout
from tests import vectors

KEY = uuid.UUID("0b36fb3c-9d13-4a3e-9d55-1d0e2a7c4f11")


def html(text: str, **more):
    return markup.render(text, links=more.get("links", {}), shown=more.get("shown", {})).html


def test_moves():
    assert set(MOVES) == set(State)
    assert is_legal("draft", "published") and not is_legal("draft", "withdrawn") and not is_legal("published", "draft")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("ghbdtn", "привет"), ("GFHJKM", "пароль"), ("мзт", "vpn"), ("k.,jq", "любой"), ("1c привет", ""), ("123", "")],
)
def test_layouts(typed, meant):
    assert other_layout(typed) == meant


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("пароль", "пароль", 0), ("праоль", "пароль", 1), ("парол", "пароль", 1), ("расчотн", "расчетн", 1),
     ("росчотн", "расчетн", 2), ("", "аб", 2), ("отпуск", "отпукс", 1), ("насос", "листок", 3)],
)  # fmt: skip
def test_distance(one, other, slips):
    assert distance(one, other, 2) == distance(other, one, 2) == slips


def test_nearest_takes_the_closest_and_nothing_far():
    known = [("пропуск", "пропуск"), ("отпуск", "отпуска"), ("отпуст", "отпустить")]
    assert nearest("отпуск", known) == "отпуска"
    assert nearest("бульдозер", known) == "" and nearest("отп", known) == ""
    assert nearest("пропус", known) == "пропуск"
    assert [forgiven(length) for length in (2, 3, 4, 5, 6, 30)] == [0, 0, 1, 1, 2, 2]


def test_comparing_lines_and_words():
    lines = compare("раз\nдва три\nчетыре\n" + "то же\n" * 9, "раз\nдва пять\nчетыре\n" + "то же\n" * 9)
    assert [line.kind for line in lines][:4] == ["same", "gone", "new", "same"]
    assert [(piece.kind, piece.text) for piece in lines[2].pieces] == [("same", "два "), ("new", "пять")]
    assert lines[-1].kind == "skipped" and lines[-1].count == 8
    assert all(line.kind == "same" for line in compare("одно", "одно"))
    assert [line.kind for line in compare("", "новое")] == ["new"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>)",
        "[x](vbscript:x)",
        "![x](https://evil.example/x.png)",
        "![x](//evil.example/x.png)",
        "[x](//evil.example)",
        "[x](/\\evil.example)",
        "![x](javascript:alert(1))",
        '[[12|<img src=x onerror="alert(1)">]]',
        '[x](https://a.example/"onmouseover="alert(1))',
        "<https://a.example/<script>>",
        "[a]: javascript:alert(1)\n\n[a]",
        "| <script>x</script> |\n| --- |\n| <style>*{}</style> |",
        "```\n</code></pre><script>x</script>\n```",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "## <svg onload=alert(1)>",
    ],
)
def test_nothing_dangerous_comes_out(text):
    reader = Reader()
    reader.feed(html(text))
    reader.close()
    assert not reader.tags & {"script", "img", "svg", "style", "iframe"}, reader.tags
    for name, value in reader.attributes:
        assert not name.startswith("on")
        assert name != "href" or re.match(r"https://a\.example/|/(?![/\\])", value), value


@pytest.mark.parametrize(
    "wrap", ["{}", "## {}", "[[12|{}]]", "![{}](x)", "[{}](/x)", "- {}\n", "| {} |\n| --- |\n| {} |"]
)
def test_none_of_the_gathered_scripts_comes_out(wrap):
    reader = Reader()
    for vector in vectors.SCRIPTS:
        reader.feed(html(wrap.replace("{}", vector.replace("\n", " "))))
    reader.close()
    allowed = {
        "p",
        "h2",
        "a",
        "ul",
        "li",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "em",
        "strong",
        "code",
        "br",
    }
    assert reader.tags <= allowed | {"blockquote", "pre", "hr", "ol", "h3", "h4"}, reader.tags - allowed
    assert {name for name, _value in reader.attributes} <= {"href", "rel", "title", "id", "tabindex", "start"}
    hrefs = [value for name, value in reader.attributes if name == "href"]
    assert all(value.startswith(("/", "#", "http", "mailto:", "tel:")) for value in hrefs), hrefs


class Reader(HTMLParser):
    """What a browser would make of it."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs


def test_what_authors_may_write():
    text = (
        f"# Вход\n\n1. **Раз**\n2. [портал](/requests/new) и [сайт](https://a.example)\n\n> Важно\n\n![Снимок]({KEY})"
    )
    made = html(text, shown={KEY: markup.Picture("/articles/files/x/view", 10, 20)})
    assert '<h2 id="part-1">Вход</h2>' in made and "<strong>Раз</strong>" in made
    assert 'href="/requests/new"' in made and 'href="https://a.example"' in made and "<blockquote>" in made
    assert '<img src="/articles/files/x/view" alt="Снимок" width="10" height="20" loading="lazy">' in made
    assert f"{KEY}" not in html(text)  # a picture of another article is its words alone


def test_links_to_articles_tell_no_title_that_the_reader_may_not_see():
    text = "[[12]], [[12|вот]], [[Как войти]], [[как войти|так]], [[13|тут]]"
    links = {
        markup.Target(12, ""): ("/articles/12", "Двенадцать"),
        markup.Target.of("Как войти"): ("/articles/9", "Как войти"),
    }
    made = html(text, links=links)
    assert made.count("<a ") == 4 and ">Двенадцать</a>" in made and ">вот</a>" in made and ", тут" in made
    assert html(text).count("<a ") == 0 and "Двенадцать" not in html(text)
    assert markup.plain(text, links=links).startswith("Двенадцать, вот, Как войти, так, тут")
    assert "Двенадцать" not in markup.plain(text)


def test_contents_and_plain_text():
    text = "## Раз\n\nтекст\n\n### Два\n\n#### Четвёртый\n\n3. шаг\n4. ещё\n   - под\n\n`код`"
    rendered = markup.render(text, links={}, shown={})
    assert [(part.level, part.text) for part in rendered.contents] == [(2, "Раз"), (3, "Два")]
    assert markup.plain(text) == "Раз\n\nтекст\n\nДва\n\nЧетвёртый\n\n3. шаг\n4. ещё\n  — под\n\nкод"


@pytest.mark.parametrize("piece", ["[[", "![", "[a](", "**a", "> ", "1. "])
def test_hostile_markup_ends(piece):
    started = time.process_time()
    made = html(piece * (markup.LONGEST // len(piece)))
    assert len(made) < 20 * markup.LONGEST
    assert time.process_time() - started < 10  # a guard against quadratic growth gone wild, far above what it takes


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def test_pictures_lose_what_they_tell_and_keep_what_they_show():
    told = PIXEL[:33] + chunk(b"tEXt", b"Author\0secret") + chunk(b"eXIf", b"GPS secret") + PIXEL[33:]
    assert photos.clean(told, "image/png") == PIXEL
    jpeg = (
        b"\xff\xd8" + b"\xff\xe0\x00\x04JF" + b"\xff\xe1\x00\x0cExif secre" + b"\xff\xfe\x00\x08secret"
        + b"\xff\xc0\x00\x0b\x08\x00\x20\x00\x30\x01\x00\x00\x00" + b"\xff\xda\x00\x02" + b"\xff\xe1 data of the scan"
    )  # fmt: skip
    clean = photos.clean(jpeg, "image/jpeg")
    assert b"secre" not in clean and clean.endswith(b"\xff\xe1 data of the scan") and b"JF" in clean
    assert photos.size_of(clean, "image/jpeg") == (48, 32)
    assert photos.size_of(PIXEL, "image/png") == (1, 1) and photos.size_of(b"GIF89a\x05\0\x07\0", "image/gif") == (5, 7)


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "image/gif", "image/webp"])
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\xff\xff", PIXEL[:20], b"\x89PNG\r\n\x1a\n" + b"\xff" * 30]
)
def test_broken_pictures_stay_as_they_are(kind, content):
    assert photos.clean(content, kind) == content
    photos.size_of(content, kind)
