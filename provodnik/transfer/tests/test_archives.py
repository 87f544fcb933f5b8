"""A ZIP beside the table: what is taken, what is refused by name, what is refused whole."""

from __future__ import annotations

import base64
import io
import json
import stat
import struct
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.articles.models import Article, Section
from provodnik.articles.tests.factories import PIXEL
from provodnik.core import files
from provodnik.core.decisions import Refused
from provodnik.desk.models import Attachment, Contact, MessageKind, Ticket
from provodnik.desk.queries.attachments import visible_attachments
from provodnik.desk.tests.factories import SignedInContactFactory
from provodnik.transfer.actions import running
from provodnik.transfer.models import Transfer
from provodnik.transfer.reading import archive
from provodnik.transfer.reading.archive import Folder
from provodnik.transfer.reading.values import Unreadable
from provodnik.transfer.states import Kind, State
from provodnik.transfer.tests.test_transfer import administrator, anna, brought, taken  # noqa: F401 - fixtures

TABLE = """номер;тема;зарегистрировано;почта;файлы
17;Нет листка;01.10.2026;anna@vk.example;снимок.png | нет такого.pdf
18;Чужая;02.10.2026;;снимок.png
19;Без файлов;02.10.2026;;
""".encode()
Put = list[tuple[str | zipfile.ZipInfo, bytes]]


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as whole:
        for name, content in members:
            whole.writestr(name, content)
    return made.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.create_system, made.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return made


def unpacked(content: bytes, *, largest: int = 1024 * 1024) -> tuple[bytes, Folder]:
    return archive.opened(io.BytesIO(content), size=len(content), endings=(".csv",), largest_file=largest)


def patched(content: bytes, signature: bytes, at: int, value: bytes) -> bytes:
    """Each header of this signature with other bytes at its place."""
    made, place = bytearray(content), content.find(signature)
    while place >= 0:
        made[place + at : place + at + len(value)] = value
        place = content.find(signature, place + 1)
    return bytes(made)


def test_what_is_no_plain_file_is_refused_by_name() -> None:
    deep = "/".join("a" * 12) + "/x"
    heavy = bytes(3 * 1024 * 1024)
    content = packed(
        ("выгрузка/t.csv", TABLE),
        ("выгрузка/ok.png", PIXEL),
        ("../../etc/cron.d/x", b"1"),
        ("/etc/passwd", b"1"),
        ("C:\\boot.ini", b"1"),
        (link("выгрузка/link"), b"/etc/passwd"),
        (deep, b"1"),
        ("выгрузка/bomb.bin", heavy),
        ("выгрузка/Two.txt", b"1"),
        ("выгрузка/two.TXT", b"2"),
        ("__MACOSX/._ok.png", b"1"),
        ("a\tb", b"1"),
        ("dir/", b""),
    )
    table, folder = unpacked(content, largest=4 * 1024 * 1024)
    assert table == TABLE and list(folder.members) == ["ok.png"]
    refused = dict(folder.refused)
    assert len(refused) == 9 and "выходит" in refused["../../etc/cron.d/x"] and "ссылка" in refused["выгрузка/link"]
    assert "бомба" in refused["выгрузка/bomb.bin"] and "дважды" in refused["выгрузка/Two.txt"]
    tight = dict(unpacked(content, largest=1024 * 1024)[1].refused)
    assert "больше 1 МБ" in tight["выгрузка/bomb.bin"]
    # a password: the flag stands in the local header and in the list of names
    closed = patched(packed(("t.csv", TABLE)), b"PK\x01\x02", 8, struct.pack("<H", 1))
    with pytest.raises(Unreadable):
        unpacked(closed)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + b"x" * 300, "повреждён"),
        (packed(("t.csv", TABLE))[:-30], "повреждён"),
        (packed(("readme.txt", b"1")), "нет файла *.csv"),
        (packed(("a.csv", TABLE), ("b.csv", TABLE)), "несколько таблиц"),
        # the list of names claims to be as long as it may be told
        (patched(packed(("t.csv", TABLE)), b"PK\x05\x06", 12, b"\xff\xff\xff\x7f"), "повреждён"),
        # two entries of the list lead to the same bytes, as often as one likes
        (patched(packed(("t.csv", TABLE)), b"PK\x01\x02", 20, struct.pack("<I", 10**6)), "друг на друге"),
        (patched(packed(("t.csv", TABLE)), b"PK\x01\x02", 24, struct.pack("<I", 2**31 + 1)), "занимает больше"),
        (patched(packed(("t.csv", TABLE)), b"PK\x01\x02", 16, b"\0\0\0\0"), "повреждён"),
    ],
)
def test_what_is_no_archive_is_refused_whole(content: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words.replace("*", r"\*").replace("|", r"\|")):
        unpacked(content)


def test_too_many_names_are_not_even_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    many = packed(*((f"{number}.txt", b"") for number in range(300)), ("t.csv", TABLE))
    monkeypatch.setattr(archive, "MOST_MEMBERS", 200)
    with pytest.raises(Unreadable, match="200"):
        unpacked(many)
    monkeypatch.setattr(archive, "LARGEST_CONTENTS", 1000)
    with pytest.raises(Unreadable, match="200"):
        unpacked(many)


def test_names_of_russian_windows_and_of_a_bare_mac() -> None:
    for raw in ("снимок.png".encode("cp866"), "снимок.png".encode()):
        content = packed(("t.csv", TABLE), ("X" * len(raw), PIXEL)).replace(b"X" * len(raw), raw)
        folder = unpacked(content)[1]
        found = folder.find("СНИМОК.png")
        assert found is not None and found.is_whole() and b"".join(found.chunks()) == PIXEL


def test_requests_come_with_their_files(administrator: User, anna: Contact, client: Client) -> None:  # noqa: F811
    content = packed(
        ("t.csv", TABLE),
        ("файлы/17/снимок.png", PIXEL),
        ("17/act.pdf", b"%PDF-"),
        ("лишний.txt", b"1"),
        (link("зло"), b"/etc/passwd"),
    )
    looked = brought(content, Kind.REQUESTS, administrator)
    assert (looked.state, looked.new, looked.files, looked.missing) == (State.LOOKED.value, 3, 2, 2)
    assert not Attachment.objects.exists() and looked.blob is not None and files.read(looked.blob) == content
    words = dict(looked.lines.values_list("external", "words"))
    assert "нет такого.pdf" in words["17"] and "снимок.png" in words["18"] and not words["19"]
    client.force_login(administrator)
    page = client.get(reverse("transfer:show", args=[looked.pk])).content.decode()
    assert "Файлов в новых строках: 2" in page and "лишний.txt" in page and "зло" in page

    done = taken(looked, administrator)
    assert (done.state, done.files, done.missing, done.aside_count) == (State.DONE.value, 2, 2, 2)
    ticket = Ticket.objects.get(context__imported__number="17")
    kept = sorted(Attachment.objects.all(), key=lambda one: one.name)
    assert [(one.name, one.message.ticket_id) for one in kept] == [("act.pdf", ticket.pk), ("снимок.png", ticket.pk)]
    assert files.read(kept[1].blob) == PIXEL and kept[1].content_type == "image/png"
    report = b"".join(client.get(reverse("transfer:report", args=[done.pk])).streaming_content).decode()  # type: ignore[attr-defined]
    assert "лишний.txt" in report and "нет такого.pdf" in report

    again = taken(brought(content, Kind.REQUESTS, administrator), administrator)
    assert (again.new, again.known, again.files, Attachment.objects.count()) == (0, 3, 0, 2)
    stranger = SignedInContactFactory.create()
    assert stranger.user is not None and not visible_attachments(stranger.user).exists()
    assert visible_attachments(administrator).count() == 0  # an administrator is not of the desk

    Transfer.objects.filter(pk=looked.pk).update(state=State.LOOKED.value, blob=None)
    with pytest.raises(Refused, match="стёрт"):
        running.take(looked.pk, by=administrator, at=timezone.now())


def test_zammads_and_ostickets_own_ways(administrator: User, anna: Contact) -> None:  # noqa: F811
    def said(number: int, **more: Any) -> dict[str, Any]:
        return {"id": number, "sender": "Agent", "body": "ответ", "created_at": "2026-10-05T09:00:00Z", **more}

    def file(number: int, name: str, **more: Any) -> dict[str, Any]:
        return {"id": number, "filename": name, "size": "3", "preferences": {"Content-Type": "image/png"}, **more}

    inside = base64.b64encode(b"abc").decode()
    tickets = [
        {"id": 5, "number": "22005", "title": "Пароль", "state": "open", "created_at": "2026-10-05T08:00:00Z",
         "articles": [
             said(31, sender="Customer", attachments=[file(8, "../a.png"), file(9, "a.png"), file(10, "нет.png")]),
             said(32, internal=True, attachments=[file(11, "b.txt", data=inside), file(12, "c.txt", data="@@")]),
         ]},
        {"id": 6, "number": "22006", "title": "Чужая", "created_at": "2026-10-05T08:00:00Z",
         "articles": [said(33, attachments=[file(9, "a.png")])]},
    ]  # fmt: skip
    content = packed(
        ("export.json", json.dumps(tickets).encode()),
        ("ticket_attachment/5/31/8", b"8"), ("ticket_attachment/5/31/9", b"9"),
    )  # fmt: skip
    done = taken(brought(content, Kind.ZAMMAD, administrator), administrator)
    assert (done.state, done.new, done.files, done.missing) == (State.DONE.value, 2, 3, 3)
    found = Attachment.objects.values_list("name", "message__kind", "blob__content")
    assert sorted((name, kind, bytes(content)) for name, kind, content in found) == [
        ("a.png", MessageKind.REQUEST, b"8"), ("a.png", MessageKind.REQUEST, b"9"), ("b.txt", MessageKind.NOTE, b"abc"),
    ]  # fmt: skip

    table = b"Ticket Number,Subject,Date Created\n404,Printer,10/01/2026 09:00 AM\n"
    zipped = packed(("tickets.csv", table), ("404.pdf", b"%PDF-"), ("404/log.txt", b"x"), ("404/tasks/7.pdf", b"y"))
    done = taken(brought(zipped, Kind.OSTICKET, administrator), administrator)
    assert (done.new, done.files, done.aside_count) == (1, 3, 0)
    told = Attachment.objects.filter(message__ticket__context__imported__number="404")
    assert sorted((one.name, str(one.message.kind)) for one in told) == [
        ("404.pdf", MessageKind.NOTE), ("7.pdf", MessageKind.NOTE), ("log.txt", MessageKind.REQUEST),
    ]  # fmt: skip


def test_instructions_come_with_their_pictures(administrator: User) -> None:  # noqa: F811
    text = "Нажмите ![сюда](img/a%20b.png) и ![тут](нет.png), см. ![](https://x.example/y.png)"
    content = packed(
        ("i.csv", f"заголовок;текст;файлы\nКак войти;{text};бланк.docx\n".encode()),
        ("img/a b.png", PIXEL), ("бланк.docx", b"PK"),
    )  # fmt: skip
    done = taken(brought(content, Kind.ARTICLES, administrator), administrator)
    assert (done.new, done.files, done.missing) == (1, 2, 1)
    article = Article.objects.get()
    picture = article.files.get(name="a b.png")
    assert picture.picture == "image/png" and f"![сюда]({picture.pk})" in article.text
    assert "![тут](нет.png)" in article.text and "https://x.example/y.png" in article.text


def test_instructions_of_other_desks(administrator: User) -> None:  # noqa: F811
    Section.objects.create(name="Вход")

    def reply(number: int, title: str, body: str, **more: Any) -> dict[str, Any]:
        """What Zammad says of an answer; its words in another language come first."""
        words = {"answer_id": number, "kb_locale_id": 1, "title": title, "content_id": number}
        other = {"answer_id": number, "kb_locale_id": 2, "title": "How to", "content_id": 99}
        return {
            "id": number,
            "assets": {
                "KnowledgeBaseLocale": {"1": {"id": 1, "primary": True}, "2": {"id": 2, "primary": False}},
                "KnowledgeBaseAnswer": {str(number): {"id": number, "category_id": 3, "archived_at": None, **more}},
                "KnowledgeBaseCategoryTranslation": {"7": {"category_id": 3, "kb_locale_id": 1, "title": "вход"}},
                "KnowledgeBaseAnswerTranslation": {f"{number}2": other, f"{number}1": words},
                "KnowledgeBaseAnswerTranslationContent": {str(number): {"body": body}, "99": {"body": "x"}},
            },
        }

    body = (
        "<h2>Если забыли</h2><ol><li>Нажмите <b>сюда</b></li></ol>"
        '<img src="/api/v1/attachments/41?view=inline" alt="вот">'
        '<img src="/api/v1/attachments/42" alt="нет"><script>x()</script><a href="javascript:x()">тут</a>'
    )
    hung = [{"id": 43, "filename": "бланк.docx", "size": "2"}]
    replies = [
        reply(5, "Пароль", body, attachments=hung),
        reply(6, "Старая", "<p>x</p>", archived_at="2026-01-01T00:00:00Z"),
        reply(7, "Глубокая", "<div>" * 3000 + "x"),
        reply(8, "Пустая", ""),
    ]
    content = packed(
        ("base.json", json.dumps(replies).encode()), ("attachments/41", PIXEL), ("attachments/43", b"PK"),
    )  # fmt: skip
    done = taken(brought(content, Kind.ARTICLES, administrator), administrator)
    assert (done.state, done.new, done.refused, done.files, done.missing) == (State.DONE.value, 1, 3, 2, 1)
    words = dict(done.lines.values_list("external", "words"))
    assert "архив" in words["6"] and "глубже" in words["7"] and "attachments/42" in words["5"]
    article = Article.objects.get()
    picture = article.files.exclude(name="бланк.docx").get()
    assert article.title == "Пароль" and article.section is not None and article.section.name == "Вход"
    assert article.text.startswith("## Если забыли\n\n1. Нажмите **сюда**") and f"![вот]({picture.pk})" in article.text
    assert "x()" not in article.text

    faq = b'question,answer,category\nHow?,"<p>So:</p><ul><li>one</li></ul>",\nWhat?,*plain* words,\n'
    done = taken(brought(faq, Kind.ARTICLES, administrator), administrator)
    texts = dict(Article.objects.values_list("title", "text"))
    assert done.new == 2 and texts["How?"] == "So:\n\n- one" and texts["What?"] == "*plain* words"
    for broken in (b"[]", b"{}", b'[1,{"assets":[]}]', b"[" * 5000, b'{"KnowledgeBaseAnswer": {"1": 2}}'):
        assert brought(broken, Kind.ARTICLES, administrator).state == State.FAILED.value
