"""HTML made safe, and turned into text that keeps its shape."""

import pytest

from provodnik.channels.email import understand
from provodnik.channels.email.parse import html, limits

from .letters import letter, multipart, part


def page(source: str):
    return understand(letter(source, "Content-Type: text/html; charset=utf-8"))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<ul><li>Раз <b>два</b> три</li><li>Четыре</li></ul>", "- Раз два три\n- Четыре"),
        ("<ol start=3><li>Раз</li><li>Два</li></ol>", "1. Раз\n2. Два"),
        ("<ul><li>А<ul><li>Б</li></ul></li></ul>", "- А\n\n  - Б"),
        ("Раз<br>Два<br><br>Три", "Раз\nДва\n\nТри"),
        ("<p>Раз</p><p>Два</p>", "Раз\n\nДва"),
        ('<p class="MsoNormal">Раз</p><p class="MsoNormal">Два</p>', "Раз\nДва"),
        ("<div>Раз</div>\n<div>Два</div>", "Раз\nДва"),
        ("<span>Раз</span> <span>два</span>", "Раз два"),
        ("<a href='https://x.example/a'>сюда</a>", "сюда <https://x.example/a>"),
        ("<a href='https://x.example/'>https://x.example</a>", "https://x.example"),
        ("<a href='mailto:a@x.example'>a@x.example</a>", "a@x.example"),
        ("<table><tr><td>А</td><td>1</td></tr><tr><td>Б</td><td>2</td></tr></table>", "А  1\nБ  2"),
        ("<pre>  а\n    б</pre>", "  а\n    б"),
        ("<p>До</p><blockquote>Старое<blockquote>Древнее</blockquote></blockquote>", "До\n\n> Старое\n>\n> > Древнее"),
        ('<blockquote style="margin:0;border:none">Отступ</blockquote>', "Отступ"),
        ("a&nbsp;&lt;b&gt; &amp;amp;", "a <b> &amp;"),
        ("<style>p{}</style><script>x()</script><title>t</title>Текст", "Текст"),
    ],
)
def test_text_of_html(source, text):
    assert page(source).text == text


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<style>@import 'https://evil.example'</style>",
        "<p style='background:url(https://evil.example)'>x</p>",
        "<form action='https://evil.example'><input name=a><button>b</button></form>",
        "<iframe src='https://evil.example'></iframe>",
        "<link rel=stylesheet href='https://evil.example'>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<base href='https://evil.example'>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<body background='https://evil.example/x.png'>",
        "<img src='cid:a\" onerror=\"alert(1)'>",
        "<div id=form name=form class=x>y</div>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<video poster='https://evil.example'></video>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<input type=image src='https://evil.example'>",
        "<img srcset='https://evil.example/1.png 1x'>",
        "<object data='https://evil.example'></object>",
    ],
)
def test_nothing_active_remains(source):
    cleaned = page(source).html.lower()
    traces = ["<script", "<style", "<form", "<input", "<iframe", "<meta", "<svg", "javascript:", "data:text"]
    traces += ["evil.example", "srcset"]
    traces += [" onerror=", " onload=", " style=", " class=", " id=", " src="]
    for trace in traces:
        assert trace not in cleaned


def test_remote_images_are_removed_and_counted():
    one = page(
        "<img src='https://t.example/p.gif'><img src='//t.example/q'>"
        "<img src='data:image/png;base64,AA'><img src='CID:x'>"
    )
    assert one.blocked_images == 3
    assert "t.example" not in one.html and one.html.count("data-cid") == 1


def test_links_open_apart_and_tell_nothing():
    assert page("<a href='https://x.example'>x</a>").html == (
        '<a href="https://x.example" target="_blank" rel="noopener noreferrer nofollow">x</a>'
    )


@pytest.mark.parametrize("opening", ["<div>", "<table><tr><td>", "<b id=1><p>", "<o:p>", "<blockquote>"])
def test_deep_nesting_is_not_given_to_the_sanitiser(opening):
    one = page(opening * 20_000 + "видно")
    assert "html_too_deep" in one.notes and "видно" in one.text and one.html.startswith("<pre>")


def test_ordinary_unclosed_paragraphs_are_not_deep():
    one = page("<p>x" * 5_000)
    assert "html_too_deep" not in one.notes and one.text.count("x") == 5_000


def test_html_is_bounded():
    found = html.safe("x" * (limits.HTML + 10))
    assert len(found.text) == limits.HTML and found.notes == ("html_cut",)


def test_html_of_many_parts_is_bounded(monkeypatch):
    monkeypatch.setattr(limits, "HTML", 1_000)
    one = understand(multipart([part("<p>" + "x" * 900 + "</p>", "text/html")] * 5))
    assert one.html.count("<p>") == 2 and "html_cut" in one.notes
