"""What an ordinary and a slightly broken letter says."""

import base64
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest

from provodnik.channels.email import Address, understand

from .letters import inner, letter, multipart, part


def test_reads_without_django():
    code = "import provodnik.channels.email as e, sys; e.understand(b''); sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_plain_letter():
    one = understand(
        letter("Нет воды.\r\nС утра.", "Cc: Пётр <P@Voda.example>, x@y.example", "Reply-To: r@voda.example")
    )
    assert one.sender == Address("Иван Петров", "ivan@voda.example")
    assert one.to == [Address("", "hd@desk.example")]
    assert one.cc == [Address("Пётр", "p@voda.example"), Address("", "x@y.example")]
    assert one.reply_to == [Address("", "r@voda.example")]
    assert (one.subject, one.text, one.reply, one.quoted) == ("Вода", "Нет воды.\nС утра.", "Нет воды.\nС утра.", "")
    assert one.message_id == "<one@voda.example>" and one.message_id_given
    assert one.date == datetime(2026, 10, 5, 10, tzinfo=timezone(timedelta(hours=3)))
    assert one.may_answer and not (one.is_automatic or one.is_bounce or one.is_list)
    assert one.notes == [] and one.verdict.authenticated is False


def test_empty_bytes():
    one = understand(b"")
    assert one.text == one.subject == one.sender.email == ""
    assert not one.may_answer and one.message_id.endswith("@no-message-id.invalid>") and not one.message_id_given


@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
def test_line_ends(ends):
    raw = multipart([part("Раз\r\nДва"), part(b"\x01\x02", "application/x-y; name=a.bin")])
    one = understand(raw.replace(b"\r\n", ends.encode()))
    assert one.text == "Раз\nДва"
    assert [(file.name, file.content) for file in one.attachments] == [("a.bin", b"\x01\x02")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=?utf-8?B?0JLQvtC00LA=?=", "Вода"),
        ("=?UTF-8?Q?=D0=92=D0=BE?= =?UTF-8?Q?=D0=B4=D0=B0?=", "Вода"),
        # A character cut between two words.
        ("=?utf-8?Q?=D0=92=D0?= =?utf-8?Q?=BE=D0=B4=D0=B0?=", "Вода"),
        ("=?koi8-r?B?98/EwQ==?= нет", "Вода нет"),
        ("=?windows-1251?Q?=C2=EE=E4=E0?=", "Вода"),
        ("=?utf-8?B?0JLQvtC00LA?=", "Вода"),
        ("=?x-unknown?Q?abc?=", "abc"),
        ("Re: =?utf-8?q?a_b?= c", "Re: a b c"),
        ("=?utf-8?q?=0D=0ABcc:_x@evil.example?=", "Bcc: x@evil.example"),
        ("a\x00b\u202ec", "abc"),
        ("=?broken", "=?broken"),
    ],
)
def test_subjects(value, expected):
    assert understand(letter("x", subject=value)).subject == expected


def test_folded_subject_and_mbox_line_and_junk():
    raw = b"From x@y Mon Oct  5 10:00:00 2026\r\n" + letter("Т", "junk without colon", "X-A: b", subject="Раз\r\n Два")
    one = understand(raw)
    assert one.subject == "Раз Два" and one.text == "Т" and one.message_id_given


@pytest.mark.parametrize(
    ("value", "name", "email"),
    [
        ('"Петров, Иван" <I@A.example>', "Петров, Иван", "i@a.example"),
        ("<i@a.example>", "", "i@a.example"),
        ("i@a.example (Иван)", "Иван", "i@a.example"),
        ("Иван i@a.example", "Иван", "i@a.example"),
        ("=?utf-8?B?0JjQstCw0L0=?= <i@a.example>", "Иван", "i@a.example"),
        ('"=?utf-8?B?0JjQstCw0L0=?=" <i@a.example>', "Иван", "i@a.example"),
        ('"x@y.example" <i@a.example>', "x@y.example", "i@a.example"),
        ("Иван <<i@a.example>>", "Иван", "i@a.example"),
        ("Иван", "Иван", ""),
        ("Иван <нет адреса>", "Иван <нет адреса", ""),
        ('"<script>"@x', '"@x', ""),
        ("undisclosed-recipients:;", "", ""),
        ("a" * 70 + "@a.example", "", ""),
        ("i@пример.рф", "", "i@пример.рф"),
    ],
)
def test_senders(value, name, email):
    raw = letter("x").replace("From: Иван Петров <ivan@voda.example>".encode(), b"From: " + value.encode())
    one = understand(raw)
    assert one.sender.email == email
    if email:
        assert one.sender.name == name
    else:
        assert not one.may_answer and "sender_missing" in one.notes


def test_group_of_receivers():
    one = understand(letter("x", "Cc: Отдел: a@x.example, Б <b@x.example>;, c@x.example"))
    assert [each.email for each in one.cc] == ["a@x.example", "b@x.example", "c@x.example"]


def test_text_is_taken_from_the_plain_alternative_and_html_kept():
    one = understand(multipart([part("Текст"), part("<p>Разметка</p>", "text/html; charset=utf-8")], "alternative"))
    assert one.text == "Текст" and one.html == "<p>Разметка</p>" and one.attachments == []


def test_empty_plain_alternative_gives_way_to_html():
    one = understand(
        multipart([part(" \r\n"), part("<p>Раз</p><p>Два</p>", "text/html; charset=utf-8")], "alternative")
    )
    assert one.text == "Раз\n\nДва"


def test_text_around_a_picture():
    pieces = [part("До"), part(b"\x89PNG", "image/png", "Content-Disposition: inline"), part("После")]
    one = understand(multipart(pieces))
    assert one.text == "До\nПосле"
    assert [(file.name, file.inline) for file in one.attachments] == [("image-1.png", False)]


def test_inline_image_by_content_id():
    page = part('<p>Вот <img src="cid:pic@1" alt="снимок"></p>', "text/html; charset=utf-8")
    picture = part(b"PNG", "image/png; name=a.png", "Content-ID: <pic@1>", "Content-Disposition: inline")
    one = understand(multipart([inner([page, picture], "related", "rr")]))
    assert one.html == '<p>Вот <img data-cid="pic@1" alt="снимок"></p>'
    assert [(file.content_id, file.inline) for file in one.attachments] == [("pic@1", True)]
    assert one.text == "Вот [снимок]" and one.blocked_images == 0


def test_unused_content_id_is_an_ordinary_file():
    one = understand(multipart([part("Т"), part(b"x", "application/pdf; name=a.pdf", "Content-ID: <z@1>")]))
    assert not one.attachments[0].inline


def test_format_flowed():
    raw = letter(
        "Длинная \r\nстрока.\r\n> цитата \r\n> дальше\r\n-- \r\nИван",
        "Content-Type: text/plain; charset=utf-8; format=flowed",
    )
    assert understand(raw).text == "Длинная строка.\n> цитата дальше\n-- \nИван"


def test_transfer_encodings():
    data = "Нет воды".encode()
    for encoding, body in (
        ("base64", base64.b64encode(data)),
        ("quoted-printable", b"=D0=9D=D0=B5=D1=82 =\r\n\xd0\xb2\xd0\xbe\xd0\xb4\xd1\x8b"),
    ):
        raw = letter(body, f"Content-Transfer-Encoding: {encoding}", "Content-Type: text/plain; charset=utf-8")
        assert understand(raw).text == "Нет воды"
    broken = base64.b64encode(data)[:-3] + b"!"
    raw = letter(broken, "Content-Transfer-Encoding: base64", "Content-Type: text/plain; charset=utf-8")
    assert understand(raw).text.startswith("Нет во")


@pytest.mark.parametrize(
    "value",
    [
        "Fri, 01 Jan 2050 00:00:00 +0000",
        "Wed, 01 Jan 1969 00:00:00 +0000",
        "Mon, 05 Oct 2026 10:00:00 +9999",
        "вчера",
        "",
    ],
)
def test_absurd_dates_stay_text(value):
    one = understand(letter("x").replace(b"Mon, 05 Oct 2026 10:00:00 +0300", value.encode()))
    assert one.date is None and one.date_text == value


def test_date_without_zone_is_utc():
    one = understand(letter("x").replace(b"10:00:00 +0300", b"10:00:00"))
    assert one.date == datetime(2026, 10, 5, 10, tzinfo=UTC)


def test_references():
    one = understand(letter("x", "In-Reply-To: <c@x>", "References: <a@x>\r\n <b@x> <a@x>"))
    assert one.in_reply_to == ["<c@x>"] and one.references == ["<a@x>", "<b@x>", "<c@x>"]
    many = understand(letter("x", "References: " + " ".join(f"<{n}@x>" for n in range(300))))
    assert len(many.references) == 100 and many.references[0] == "<0@x>" and many.references[-1] == "<299@x>"


def test_missing_message_id_is_made_from_the_bytes():
    raw = letter("x").replace(b"Message-ID: <one@voda.example>\r\n", b"")
    again = understand(b"Received: by mx; now\r\n" + raw)
    assert understand(raw).message_id == again.message_id and not again.message_id_given
    assert understand(raw + b"y").message_id != again.message_id


def test_broken_boundary_still_shows_the_text():
    raw = multipart([part("Видно")]).replace(b'boundary="bb"', b'boundary="other"')
    one = understand(raw)
    assert one.text == "Видно" and "boundary_broken" in one.notes
    lost = understand(letter("Просто текст", 'Content-Type: multipart/mixed; boundary="none"'))
    assert lost.text == "Просто текст"


def test_missing_last_boundary():
    one = understand(multipart([part("Раз"), part("Два")]).replace(b"--bb--\r\n", b""))
    assert one.text.split() == ["Раз", "Два"]


def test_loop_header():
    one = understand(letter("x", "X-Provodnik-Loop: abc"))
    assert one.loop_ids == ["abc"] and not one.may_answer
