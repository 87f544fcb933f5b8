"""An article on paper: what an author wrote is words there, never markup of typst."""

from __future__ import annotations

import json
import re
import shutil
import uuid
from html import unescape

import nh3
import pytest
import typst
from django.urls import reverse

from provodnik.articles import markup, papers
from provodnik.articles.actions import publishing, writing
from provodnik.articles.tests.factories import PIXEL, make_draft
from provodnik.core import paper
from provodnik.desk.actions.base import NewFile
from provodnik.desk.tests.factories import NOW, LeadFactory, SignedInContactFactory

KEY = uuid.UUID("11111111-1111-1111-1111-111111111111")
HOSTILE = [
    '#eval("1+1")', '#read("/etc/passwd")', '#import "@preview/x:1.0.0": *', '#include "/etc/hostname"', "@ref",
    "<label>", "$x^2$", "\\\\u{41}", '"; #panic()', "#{ }", "//comment", "/* c */", "= h", '#image("a.png")', "~",
    "--- ...", "#", '"\\#', "#set page(width: 1pt)", "\u202e", "😀", "a" * 3000,
]  # fmt: skip
TEXT = "\n\n".join(
    f"{one} **{one}** *{one}* `{one.replace('`', '')}` [{one.replace(']', '')}](https://e.example/?q=%23x)"
    for one in HOSTILE
)


def plain(html: str) -> str:
    """Words of a page without tags, spaces and signs that an eye does not see."""
    text = re.sub(r"<(style|title)\b.*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]*>", "", text)))


def shown_by_typst(body: list[papers.Node], folder: str) -> str:
    """What the template makes of it, as words: the same compiler, told to write HTML."""
    data = {"title": "", "author": "", "summary": "", "body": body, "files_title": "", "files": [], "footer": ""}
    sent = {"data": json.dumps(data, ensure_ascii=False)}
    shutil.copy(papers.BLOCKS, folder)
    made = typst.Compiler(papers.TEMPLATE.read_bytes(), root=folder, sys_inputs=sent).compile(format="html")
    assert isinstance(made, bytes)
    return made.decode()


def test_what_an_author_wrote_stays_words(tmp_path):
    body = papers.Setter({}, {}, "https://h.example").read(TEXT)
    page = markup.render(TEXT, links={}, shown={}).html
    assert plain(shown_by_typst(body, str(tmp_path))) == plain(nh3.clean(page))
    templates = papers.TEMPLATE.read_text(encoding="utf-8") + papers.BLOCKS.read_text(encoding="utf-8")
    assert "eval" not in re.sub(r"//.*", "", templates)
    data = dict.fromkeys(("title", "author", "summary", "footer", "files_title"), f"{TEXT}\0\ufffe")
    data |= {"body": body, "files": [{"name": TEXT, "url": "#"}]}
    assert paper.render(papers.TEMPLATE, data, at=NOW, shared=[papers.BLOCKS])[:5] == b"%PDF-"


def test_the_tree_is_what_the_page_shows():
    text = (
        "# Раз\n\n1. один\n2. два\n   - внутри\n\n5. пять\n\n> цитата\n\n```\nкод\n```\n\n|а|б|\n|-|-|\n|в|г|\n\n---\n"
        f"[вниз](#part-1) [внутрь](/a) [[12]] [[12|слово]] [[чужая]] ![снимок]({KEY}) ![нет]({uuid.uuid4()})"
    )
    links = {markup.Target(12, ""): ("/articles/12", "Двенадцатая")}
    shots = {KEY: papers.Shot("0.png", 321, 100)}
    nodes = papers.Setter(links, shots, "https://h.example").read(text)
    assert [one["t"] for one in nodes] == ["heading", "enum", "quote", "code", "table", "rule", "par"]
    assert nodes[0]["level"] == 2 and nodes[1]["start"] == 1 and len(nodes[1]["items"]) == 3
    assert nodes[1]["items"][1][1]["t"] == "list" and nodes[4]["rows"] == [[[{"t": "text", "v": "в"}], [{"t": "text", "v": "г"}]]]  # fmt: skip # noqa: E501
    last = [one for one in nodes[-1]["b"] if one != {"t": "text", "v": " "}]
    assert last == [
        {"t": "text", "v": "вниз"},
        {"t": "link", "url": "https://h.example/a", "b": [{"t": "text", "v": "внутрь"}]},
        {"t": "link", "url": "https://h.example/articles/12", "b": [{"t": "text", "v": "Двенадцатая"}]},
        {"t": "link", "url": "https://h.example/articles/12", "b": [{"t": "text", "v": "слово"}]},
        {"t": "text", "v": "чужая"},
        {"t": "picture", "file": "0.png", "v": "снимок", "width": 0.5},
        {"t": "text", "v": "нет"},
    ]
    tall = papers.Shot("1.png", 1080, 2400).share
    assert tall * 170 * 2400 / 1080 <= 226 and papers.Shot("2.png").share == 1


@pytest.mark.django_db
def test_the_button_gives_a_pdf_with_pictures(client):
    lead = LeadFactory.create()
    article = make_draft("Печать #eval(1) / и 😀", by=lead)
    broken = PIXEL[:40] + b"\xff" * 20
    files = [NewFile("a.png", "image/png", PIXEL), NewFile("b.png", "image/png", broken), NewFile("c.pdf", "", b"x")]
    good, bad, _other = writing.attach(article.pk, files, by=lead, at=NOW)
    address = reverse("articles:pdf", args=[article.pk])
    client.force_login(lead)
    sizes = []
    for text in ("Без снимка", f"![снимок]({good.pk})", f"![снимок]({good.pk}) ![не снимок]({bad.pk})"):
        writing.change(article.pk, writing.Copy("Печать #eval(1) / и", text), None, by=lead, at=NOW)
        told = client.get(address)
        assert told.status_code == 200 and told["Content-Type"] == "application/pdf" and told.content[:5] == b"%PDF-"
        assert told["Content-Disposition"].startswith("attachment;") and "sandbox" in told["Content-Security-Policy"]
        sizes.append(told.content.count(b"/Subtype /Image") + told.content.count(b"/Subtype/Image"))
    assert sizes == [0, 1, 0]  # one broken picture, and the paper is made of words alone
    assert client.get(address).content == told.content
    publishing.publish(article.pk, by=lead, at=NOW)
    client.force_login(SignedInContactFactory.create().user)
    assert client.get(address).status_code == 200
    assert f'href="{address}"' in client.get(reverse("articles:show", args=[article.pk])).content.decode()
