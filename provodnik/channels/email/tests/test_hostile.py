"""Letters made to hurt: limits are asserted by what comes out, not by the clock."""

from dataclasses import fields, is_dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provodnik.channels.email import Understood, understand
from provodnik.channels.email.identity import content_hash
from provodnik.channels.email.parse import limits, tree

from .letters import inner, letter, multipart, part

HEAD = b"From: a@b.example\r\nSubject: x\r\n"


def nested(depth: int) -> bytes:
    levels = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth))
    return HEAD + levels + b"Content-Type: text/plain\r\n\r\nhidden\r\n"


def strings(value: object) -> list[str]:
    """Every string anywhere in the answer."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple):
        return [found for one in value for found in strings(one)]
    if is_dataclass(value):
        return [found for one in fields(value) for found in strings(getattr(value, one.name))]
    return []


def check(one: Understood) -> None:
    """What is true of every letter, whatever the bytes."""
    for text in strings(one):
        assert "\0" not in text
        text.encode("utf-8")  # no lone surrogates
    assert "not_understood" not in one.notes
    assert len(one.subject) <= limits.SUBJECT and "\n" not in one.subject
    assert len(one.to) <= limits.ADDRESSES and len(one.references) <= limits.REFERENCES
    assert len(one.attachments) <= limits.PARTS + 50
    assert all(len(file.name) <= limits.FILE_NAME and file.name and "/" not in file.name for file in one.attachments)
    assert one.message_id.startswith("<") and one.message_id.endswith(">") and len(one.message_id) <= limits.MESSAGE_ID
    kept = sorted(filter(str.strip, one.text.split("\n")))
    assert kept == sorted(filter(str.strip, f"{one.reply}\n{one.quoted}".split("\n")))
    assert one.reply.strip() or not one.text.strip()
    assert not (one.may_answer and (one.is_automatic or one.is_list or not one.sender.email))


def test_depth():
    assert understand(nested(limits.DEPTH - 1)).text.strip() == "hidden"
    one = understand(nested(2_000))
    assert one.notes == ["depth_cut"] and one.sender.email == "a@b.example" and one.subject == "x"


def test_endless_letters_inside_letters():
    one = understand(b"Content-Type: message/rfc822\r\n\r\n" * 10_000)
    check(one)
    assert len(one.attachments) == 1


def test_parts():
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000
    assert len(tree.walk(raw).parts) == limits.PARTS - 1
    assert "parts_cut" in understand(raw).notes


def test_open_boundaries():
    kind = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    raw = HEAD + kind + (b"--b\r\n" + kind) * 50_000
    assert "parts_cut" in understand(raw).notes


def test_receivers():
    one = understand(HEAD + b"To: " + b", ".join(b"a%d@b.example" % n for n in range(20_000)) + b"\r\n\r\nx")
    assert len(one.to) == limits.ADDRESSES and {"addresses_cut", "headers_cut"} <= set(one.notes)
    assert len(understand(HEAD + b"To: a@b.example\r\n" * 20_000 + b"\r\nx").to) == limits.ADDRESSES


def test_headers():
    found = tree.walk(HEAD + b"X-A: b\r\n" * 100_000 + b"\r\nbody")
    assert len(found.headers.fields) == limits.HEADERS and found.parts[0].content() == b"body"
    folded = tree.walk(b"X: a\r\n" + b" b\r\n" * 200_000 + b"\r\nbody")
    assert len(folded.headers.fields[0][1]) <= limits.HEADER_VALUE and folded.parts[0].content() == b"body"


def test_long_subject():
    one = understand(b"Subject: " + b"a" * 5_000_000 + b"\r\n\r\nx")
    assert one.subject == "a" * limits.SUBJECT and one.text == "x"


def test_long_line_and_text():
    one = understand(HEAD + b"\r\n" + b"a" * 12_000_000)
    assert len(one.text) == limits.TEXT and "text_cut" in one.notes


HOSTILE = {
    "brackets": b"From: " + b"(" * 3_000 + b"\r\n\r\nx",
    "quotes": b"From: " + b'"\\' * 30_000 + b"\r\n\r\nx",
    "angles": b"From: " + b"<" * 60_000 + b"\r\n\r\nx",
    "encoded words": b"Subject: " + b" ".join(b"=?utf-8?q?a%d?=" % n for n in range(20_000)) + b"\r\n\r\nx",
    "encoded names": b"To: " + b" ".join(b"=?utf-8?q?a%d?=," % n for n in range(20_000)) + b"\r\n\r\nx",
    "parameters": b"Content-Type: text/plain" + b';a="\\"' * 20_000 + b"\r\n\r\nx",
    "numbered parameters": b"Content-Type: text/plain"
    + b"".join(b";n*%d*=x" % n for n in range(20_000))
    + b"\r\n\r\nx",
    "arrows": HEAD + b"\r\n" + b">" * 1_000_000,
    "arrow lines": HEAD + b"\r\n" + b">\n" * 500_000,
    "signatures": HEAD + b"\r\n" + b"-- \n" * 300_000,
    "dates": HEAD + b"\r\n" + b"12.12.2012 12:12 wrote\n" * 50_000,
    "addresses": HEAD + b"\r\n" + b"a@" * 500_000,
    "headers in the text": HEAD + b"\r\n" + b"From: x\nDate: y\n" * 50_000,
    "begin": HEAD + b"\r\n" + b"begin 644 x\n" * 50_000,
    "nbsp": HEAD + b"Content-Type: text/html\r\n\r\n" + b"&nbsp;" * 200_000,
    "less": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<" * 300_000,
    "comments": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<!--" * 200_000,
    "attributes": HEAD + b"Content-Type: text/html\r\n\r\n" + b'<a x="' * 200_000,
    "links": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<a href=x>" * 100_000,
    "surrogates": HEAD + b"Content-Type: text/html; charset=utf-7\r\n\r\n<p>+2AA-&#xD800;&#0;</p>",
    "verdict": b"Authentication-Results: x; " + b"(" * 60_000 + b"spf=pass smtp.mailfrom=a " * 100 + b"\r\n\r\nx",
    "report": b"From: mailer-daemon@x\r\nContent-Type: message/delivery-status\r\n\r\n" + b"final-recipient: " * 20_000,
    "calendar": HEAD + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 15_000,
    "winmail": HEAD
    + b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\0\0"
    + b"\x01\x02\x90\x06\0\0\0\0\0\0\0" * 100_000,
    "base64": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"YQ==" * 100_000,
    "references": HEAD + b"References: " + b"<a@b>" * 10_000 + b"<" * 1_000 + b"\r\n\r\nx",
    "date": HEAD + b"Date: " + b"1" * 60_000 + b"\r\n\r\nx",
    "nothing but NUL": b"\0" * 100_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile(name):
    check(understand(HOSTILE[name], authserv_ids=["x"]))
    assert len(content_hash(HOSTILE[name])) == 64


QUOTED = "Нет воды.\n\nср, 30 апр. 2025 г. в 15:19, Имя <a@b.example>:\n> Старое\n\n-- \nИван"
CALENDAR = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261005T100000Z\nSUMMARY:А\nEND:VEVENT\nEND:VCALENDAR"
REPORT = "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1"
WINMAIL = bytes.fromhex("789f3e2201000107900800080000 00e3040000 00000000e700".replace(" ", ""))
ALTERNATIVE = inner([part("Т"), part("<b>Т</b>", "text/html")], "alternative", "cc")
SAMPLES = [
    letter(QUOTED, "References: <a@b> <c@d>"),
    letter("<p>Раз <img src='cid:x'><blockquote>Два</blockquote>", "Content-Type: text/html; charset=utf-8"),
    letter("Добрый день".encode("cp1251"), "Content-Type: text/plain; charset=koi8-r"),
    multipart([ALTERNATIVE, part(b"x" * 50, "image/png; name*=utf-8''%D0%B0.png")]),
    multipart([part("Отчёт"), part(REPORT, "message/delivery-status")], "report"),
    multipart([part(CALENDAR, "text/calendar"), part(WINMAIL, "application/ms-tnef")]),
]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=4_000))
def test_any_bytes(raw):
    check(understand(raw))


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """A sample with a few pieces cut out, doubled, swapped or overwritten."""
    raw = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(raw)))
        stop = min(len(raw), start + draw(st.integers(0, 40)))
        piece = draw(
            st.one_of(
                st.binary(max_size=12),
                st.sampled_from([b"\r\n\r\n", b"--bb", b"=?", b"\0", b"<", b'"', raw[start:stop] * 3]),
            )
        )
        raw = raw[:start] + piece + raw[stop:]
    return raw


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spoiled())
def test_spoiled_letters(raw):
    check(understand(raw, authserv_ids=["x"]))
    assert len(content_hash(raw)) == 64


def test_the_last_resort_keeps_the_text(monkeypatch):
    """A mistake of ours in any room must not lose the letter."""
    monkeypatch.setattr("provodnik.channels.email.parse.whole.quotes.split", lambda text: 1 / 0)
    one = understand(letter("Нет воды"))
    assert one.notes == ["not_understood"] and "Нет воды" in one.text and one.reply == one.text
