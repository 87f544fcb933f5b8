"""RFC 2047 encoded words and raw 8-bit header values, as clients really write them."""

import base64
import binascii
import re

from . import limits
from .charsets import decode

# Spaces inside a word, a missing padding or a language suffix (RFC 2231 §5) are common and readable.
_WORD = re.compile(r"=\?([A-Za-z0-9_.:+-]{1,40})(?:\*[A-Za-z-]{0,20})?\?([bBqQ])\?([^?\r\n]{0,8000})\?=")
_GAP = re.compile(r"[ \t\r\n]*")


def header_text(value: bytes, hint: str = "") -> str:
    """A header value as text: raw 8-bit is guessed (`hint` = charset of the body), encoded words decoded."""
    text, _ = decode(value, hint=hint)
    return decode_words(text)


def decode_words(text: str) -> str:
    """Replaces encoded words; neighbours of one charset are joined before decoding (split characters)."""
    if "=?" not in text:
        return text
    out: list[str] = []
    charset, pending, position = "", b"", 0
    for count, word in enumerate(_WORD.finditer(text)):
        if count >= limits.ENCODED_WORDS:
            break
        gap = text[position : word.start()]
        neighbours = bool(charset) and _GAP.fullmatch(gap) is not None
        if not neighbours or word[1].lower() != charset:
            out.append(decode(pending, charset)[0] if charset else "")
            out.append("" if neighbours else gap)
            charset, pending = word[1].lower(), b""
        pending += _payload(word[2], word[3])
        position = word.end()
    if charset:
        out.append(decode(pending, charset)[0])
    out.append(text[position:])
    return "".join(out)


def _payload(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b"_", b" "), header=False)
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))
