"""Attachments: names, winmail.dat, invitations, uuencode, letters inside letters."""

import binascii
import struct
from datetime import UTC, datetime

import pytest
from compressed_rtf import compress
from hypothesis import given, settings
from hypothesis import strategies as st

from provodnik.channels.email import understand
from provodnik.channels.email.parse import limits, tnef
from provodnik.channels.email.parse.attachments import safe_name

from .letters import letter, multipart, part

ICS = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:1
SUMMARY:Планёрка
DTSTART;TZID=Europe/Moscow:20261005T100000
DTEND;TZID=Europe/Moscow:20261005T110000
LOCATION:Кабинет 5
ORGANIZER;CN=Иван:mailto:ivan@voda.example
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('Content-Disposition: attachment; filename="a.pdf"', "a.pdf"),
        ("Content-Disposition: attachment; filename=a b.pdf", "a b.pdf"),
        ("Content-Disposition: attachment; filename*=utf-8''%D0%B0.pdf", "а.pdf"),
        ("Content-Disposition: attachment; filename*0*=koi8-r''%C1; filename*1=b; filename*2*=%C1.pdf", "аbа.pdf"),
        ('Content-Disposition: attachment; filename="=?utf-8?B?0LA=?=.pdf"', "а.pdf"),
        ('Content-Disposition: attachment; filename="а.pdf"', "а.pdf"),
        ('Content-Disposition: attachment; filename="../../etc/passwd"', "passwd"),
        ('Content-Disposition: attachment; filename="C:\\\\x\\\\a.pdf"', "a.pdf"),
        ('Content-Disposition: attachment; filename="a\u202efdp.exe"', "afdp.exe"),
        ('Content-Disposition: attachment; filename="a\x01\x00.pdf"', "a.pdf"),
        ('Content-Disposition: attachment; filename="<b>.pdf"', "_b_.pdf"),
        ('Content-Disposition: attachment; filename="..."', "file-1.pdf"),
        ("Content-Disposition: attachment", "file-1.pdf"),
    ],
)
def test_names(header, name):
    one = understand(multipart([part("т"), part(b"%PDF", "application/pdf", header)]))
    assert [file.name for file in one.attachments] == [name]
    assert one.attachments[0].content == b"%PDF"


def test_long_name_keeps_its_extension():
    name = safe_name("я" * 400 + ".docx")
    assert len(name) == limits.FILE_NAME and name.endswith("….docx")


def test_two_of_one_name_are_both_kept():
    one = understand(multipart([part("a", "text/csv; name=a.csv"), part("b", "text/csv; name=a.csv")]))
    assert [(file.name, file.content) for file in one.attachments] == [("a.csv", b"a"), ("a.csv", b"b")]


def test_a_letter_that_is_only_a_file():
    one = understand(letter(b"PNG", "Content-Type: image/png"))
    assert one.text == "" and [(file.name, file.type) for file in one.attachments] == [("image-1.png", "image/png")]


def test_text_file_is_a_file_and_dangerous_ones_are_kept():
    parts = [
        part("т"),
        part("лог", "text/plain; charset=utf-8; name=log.txt"),
        part(b"MZ", "application/x-msdownload; name=a.exe"),
    ]
    one = understand(multipart(parts))
    assert one.text == "т" and [file.name for file in one.attachments] == ["log.txt", "a.exe"]


def test_letter_inside_a_letter_stays_whole():
    inside = letter("Внутри", subject="Старое письмо")
    one = understand(multipart([part("Смотрите"), part(inside, "message/rfc822")]))
    assert one.text == "Смотрите"
    assert [(file.name, file.content) for file in one.attachments] == [("Старое письмо.eml", inside)]


def test_invitation_is_a_card_and_a_file():
    one = understand(
        multipart([part("Зову"), part(ICS, "text/calendar; charset=utf-8; method=REQUEST")], "alternative")
    )
    (card,) = one.invitations
    assert (card.summary, card.location, card.method) == ("Планёрка", "Кабинет 5", "REQUEST")
    assert card.organizer == "Иван <ivan@voda.example>"
    assert (card.starts, card.ends) == (datetime(2026, 10, 5, 7, tzinfo=UTC), datetime(2026, 10, 5, 8, tzinfo=UTC))
    assert [file.name for file in one.attachments] == ["invitation.ics"] and one.text == "Зову"


def test_only_an_invitation_and_a_whole_day():
    day = ICS.replace("DTSTART;TZID=Europe/Moscow:20261005T100000", "DTSTART;VALUE=DATE:20261005")
    day = day.replace("DTEND;TZID=Europe/Moscow:20261005T110000\n", "")
    one = understand(letter(day, "Content-Type: text/calendar; charset=utf-8"))
    assert one.invitations[0].all_day and one.invitations[0].ends is None and len(one.attachments) == 1


@pytest.mark.parametrize(
    "broken", ["BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "BEGIN:VCALENDAR\nDTSTART:x\n", "BEGIN:VEVENT\n" * 5000]
)
def test_broken_invitation_is_only_a_file(broken):
    one = understand(letter(broken, "Content-Type: text/calendar"))
    assert one.invitations == [] and len(one.attachments) == 1 and "not_understood" not in one.notes


def test_uuencoded_file_is_taken_out_of_the_text():
    lines = "".join(binascii.b2a_uu(b"x" * 45).decode() for _ in range(3))
    one = understand(letter(f"До\nbegin 644 a.bin\n{lines}`\nend\nПосле"))
    assert one.text == "До\nПосле"
    assert [(file.name, file.content, file.note) for file in one.attachments] == [("a.bin", b"x" * 135, "uuencoded")]


def test_the_word_begin_is_not_a_file():
    body = "begin 644 reasons\nто есть много причин\nend"
    one = understand(letter(body))
    assert one.text == body and one.attachments == []


def attribute(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def winmail(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x9007, 8, struct.pack("<II", 1251, 0)) + b"".join(attributes)


def rtf_property(text: str) -> bytes:
    body = "".join(f"\\'{byte:02x}" for byte in text.encode("cp1251"))
    packed = compress(b"{\\rtf1\\ansi\\ansicpg1251 " + body.encode() + b"}")
    packed += b"\0" * (-len(packed) % 4)
    return attribute(1, 0x9003, 6, struct.pack("<IHHII", 1, 0x0102, 0x1009, 1, len(packed)) + packed)


FILE = b"".join(
    [
        attribute(2, 0x9002, 6, b"\0" * 14),
        attribute(2, 0x8010, 1, b"plan.txt\0"),
        attribute(2, 0x800F, 6, b"data"),
        attribute(2, 0x9005, 6, struct.pack("<IHHII", 1, 0x1E, 0x3707, 1, 9) + b"plan.txt\0\0\0\0"),
    ]
)


def test_winmail_is_opened():
    file = part(winmail(rtf_property("Привет"), FILE), "application/ms-tnef; name=winmail.dat")
    raw = multipart([part(b"", "text/plain"), file])
    one = understand(raw)
    assert one.text == "Привет" and "winmail_opened" in one.notes
    assert [(each.name, each.type, each.content) for each in one.attachments] == [("plan.txt", "text/plain", b"data")]


@pytest.mark.parametrize(
    "bait",
    [
        b'{\\field{\\*\\fldinst{HYPERLINK "',
        b"{\\fonttbl{\\f0 a;",
        b"{\\pict\\bin",
        b"{",
        b"\\u1?",
    ],
)
def test_rtf_that_was_made_to_be_slow(bait):
    packed = compress(b"{\\rtf1 " + bait * (200_000 // len(bait)), compressed=False)
    packed += b"\0" * (-len(packed) % 4)
    body = attribute(1, 0x9003, 6, struct.pack("<IHHII", 1, 0x0102, 0x1009, 1, len(packed)) + packed)
    opened = tnef.unpack(winmail(body))
    assert opened is not None and opened.files == [] and bait.decode() not in opened.text


def test_the_text_of_a_link_in_rtf_stays():
    rtf = b'{\\rtf1 See {\\field{\\*\\fldinst{HYPERLINK "https://x.example"}}{\\fldrslt here}} now}'
    packed = compress(rtf)
    packed += b"\0" * (-len(packed) % 4)
    body = attribute(1, 0x9003, 6, struct.pack("<IHHII", 1, 0x0102, 0x1009, 1, len(packed)) + packed)
    opened = tnef.unpack(winmail(body))
    assert opened is not None and opened.text == "See here now"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_byte_of_a_winmail_may_be_wrong(data):
    """tnefparse believes counts: one wrong byte once meant four thousand million turns."""
    raw = bytearray(winmail(rtf_property("Привет"), FILE))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(17, len(raw) - 1))] = data.draw(st.integers(0, 255))
    opened = tnef.unpack(bytes(raw))
    assert opened is None or len(opened.files) <= 1


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense",
        b"\x78\x9f\x3e\x22",
        winmail(attribute(2, 0x800F, 6, b"data before its file")),
        winmail(attribute(1, 0x9003, 6, b"\xff\xff\xff\xff" + b"\0" * 40)),
        winmail(attribute(1, 0x9004, 6, b"\xff\xff\xff\xff")),
        winmail(*[attribute(2, 0x9002, 6, b"")] * (limits.TNEF_OBJECTS + 5)),
        winmail()[:-9] + b"\xff" * 30,
        # Four thousand million values, announced in the three places where a list can.
        winmail(attribute(1, 0x9003, 6, struct.pack("<IHHI", 1, 0x001E, 0x1000, 0xFFFFFFFF))),
        winmail(attribute(1, 0x9003, 6, struct.pack("<IHHI", 1, 0x1003, 0x1000, 0xFFFFFFFF))),
        winmail(attribute(1, 0x9003, 6, struct.pack("<IHHII", 1, 0x001E, 0x1000, 1, 0xFFFFFFF0))),
        # The body is a number (0x0003), then a float (0x0005): not so many zero bytes, and no mistake.
        winmail(attribute(1, 0x9003, 6, struct.pack("<IHHI", 1, 0x0003, 0x1000, 2_000_000_000))),
        winmail(attribute(1, 0x9003, 6, struct.pack("<IHHd", 1, 0x0005, 0x1000, 1.5))),
    ],
)
def test_broken_winmail_loses_nothing_and_stops_nothing(data):
    one = understand(multipart([part("Текст"), part(data, "application/ms-tnef; name=winmail.dat")]))
    assert one.text == "Текст" and "not_understood" not in one.notes
    assert "winmail_opened" in one.notes or [file.content for file in one.attachments] == [data]


def test_all_attachments_together_are_bounded(monkeypatch):
    monkeypatch.setattr(limits, "ATTACHMENTS_TOTAL", 100)
    one = understand(multipart([part(b"x" * 60, "image/png"), part(b"y" * 60, "image/png")]))
    assert len(one.attachments) == 1 and "attachments_cut" in one.notes
