"""Charsets that are missing, unknown or wrong."""

import pytest

from provodnik.channels.email import understand
from provodnik.channels.email.parse.charsets import decode

from .letters import letter

TEXT = "Добрый день! Не могу внести показания счётчика в личном кабинете, помогите, пожалуйста."
BARE = "From: a@b.example\r\nSubject: {}\r\n{}\r\n"


@pytest.mark.parametrize("real", ["cp1251", "koi8-r", "cp866", "iso8859-5", "utf-8"])
@pytest.mark.parametrize("declared", ["", "x-unknown", "us-ascii", "utf-8", "windows-1251", "koi8-r", "iso-8859-1"])
def test_russian_whatever_is_declared(real, declared):
    """KOI8-R called cp1251, 8-bit letters called ASCII: only the letters tell (A11)."""
    kind = f"Content-Type: text/plain; charset={declared}\r\n" if declared else ""
    raw = BARE.format("x", kind).encode() + TEXT.encode(real)
    assert understand(raw).text == TEXT


@pytest.mark.parametrize("real", ["cp1251", "koi8-r", "utf-8"])
def test_raw_eight_bit_headers(real):
    raw = "From: Иван Петров <i@a.example>\r\nSubject: Нет воды во втором подъезде\r\n\r\n".encode(real) + TEXT.encode(
        real
    )
    one = understand(raw)
    assert one.subject == "Нет воды во втором подъезде" and one.sender.name == "Иван Петров"


def test_short_subject_follows_the_charset_of_the_body():
    kind = "Content-Type: text/plain; charset=koi8-r\r\n"
    raw = BARE.format("Вода", kind).encode("koi8-r") + "Да".encode("koi8-r")
    one = understand(raw)
    assert (one.subject, one.text) == ("Вода", "Да")


@pytest.mark.parametrize(
    ("data", "declared", "expected"),
    [
        (b"caf\xe9", "iso-8859-1", "café"),
        (b"caf\xe9", "", "café"),
        ("Grüße aus Köln".encode("cp1252"), "us-ascii", "Grüße aus Köln"),
        ("ελληνικά".encode("iso8859-7"), "iso-8859-7", "ελληνικά"),
        ("你好".encode("gb2312"), "iso-gb2312", "你好"),
        ("こんにちは".encode("iso2022_jp"), "iso-2022-jp", "こんにちは"),
        ("привет".encode("utf-16"), "utf-16", "привет"),
        ("привет".encode("utf-16-le"), "utf-16le", "привет"),
        (b"\xef\xbb\xbf\xd0\x94\xd0\xb0", "", "Да"),
        (b"Hi +BDQEMA-", "utf-7", "Hi да"),
        ("ПРИВЕТ ВСЕМ ОТ КОТЕЛЬНОЙ".encode("koi8-r"), "", "ПРИВЕТ ВСЕМ ОТ КОТЕЛЬНОЙ"),
        ("Да".encode("cp1251"), "windows-1251", "Да"),
        ("Да".encode("cp1251"), "Windows 1251", "Да"),
        (b"plain", "base64", "plain"),
        (b"plain", "punycode", "plain"),
        (b"C:\\new \\u0430", "utf-8", "C:\\new \\u0430"),
    ],
)
def test_decoding(data, declared, expected):
    assert decode(data, declared)[0] == expected


def test_a_cut_utf8_letter_stays_utf8():
    data = TEXT.encode()[:-1]
    assert decode(data, "utf-8")[0].startswith(TEXT[:-2])


def test_guessing_is_noted():
    raw = BARE.format("x", "Content-Type: text/plain\r\n").encode() + TEXT.encode("cp1251")
    assert "charset_guessed" in understand(raw).notes
    assert "charset_guessed" not in understand(letter(TEXT)).notes


def test_nul_and_surrogates_never_come_out():
    one = understand(letter(b"a\x00b +2AA- \xed\xa0\x80", "Content-Type: text/plain; charset=utf-7"))
    assert "\0" not in one.text
    one.text.encode()
    assert understand(letter("до\0после")).text == "допосле"
