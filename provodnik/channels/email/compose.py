"""A letter of ours as bytes: the same inputs always give the same bytes, and no input can add a header.

RFC 5322, 2045–2047, 2231 and 3834. Header texts are folded and encoded here, because a second attempt of
the same letter must be the same letter.
"""

import base64
import hashlib
import html as entities
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from .parse import clean, limits
from .parse.attachments import safe_name
from .parse.values import Address, Attachment

_LINE = 76
_WORD_BYTES = 45  # 60 letters of base64 and 12 of frame: an encoded word stays under 75 (RFC 2047 §2)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}@[^\s@<>()\[\]\\,;:\"]{1,253}")
_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,500}>")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
_LINK = re.compile(r"https?://[^\s<>\"«»]{1,2000}[^\s<>\"«».,;:!?)\]]")
_REFERENCES = 20


class NotComposable(ValueError):
    """An address that cannot stand in a letter."""


@dataclass(frozen=True, slots=True)
class _Body:
    headers: tuple[tuple[str, str], ...]
    content: bytes


def compose(
    *,
    sender: Address,
    to: Address | Sequence[Address],
    subject: str,
    text: str,
    message_id: str,
    loop_id: str,
    date: datetime,
    html: str | None = None,
    in_reply_to: str = "",
    references: Sequence[str] = (),
    reply_to: str | Address = "",
    auto_submitted: str | None = "auto-generated",
    attachments: Iterable[Attachment] = (),
) -> bytes:
    """The whole letter with CRLF line ends. `date` is aware; `html` is made from `text` when absent.

    `auto_submitted`: "auto-generated", "auto-replied" or None for what a person wrote.
    Raises NotComposable for a wrong address, ValueError for a wrong Message-ID or a naive date.
    """
    if date.tzinfo is None:
        raise ValueError("the date has no zone")
    if not _ID.fullmatch(message_id):
        raise ValueError("a Message-ID is <…@…> in ASCII")
    receivers = [to] if isinstance(to, Address) else list(to)
    headers = [
        ("From", _mailbox(sender)),
        ("To", ", ".join(map(_mailbox, receivers))),
        ("Subject", _encoded(clean.line(subject, limits.SUBJECT), len("Subject: "))),
        ("Date", format_datetime(date)),
        ("Message-ID", message_id),
    ]
    if reply_to:
        headers.append(("Reply-To", _mailbox(Address("", reply_to) if isinstance(reply_to, str) else reply_to)))
    headers += _threading(in_reply_to, references)
    if auto_submitted:
        # RFC 3834 §5, and Exchange's own word for the same.
        headers.append(("Auto-Submitted", _token(auto_submitted)))
        headers.append(("X-Auto-Response-Suppress", "All"))
    headers.append(("X-Provodnik-Loop", _token(loop_id)))
    headers.append(("MIME-Version", "1.0"))
    body = _alternative(clean.text(text, limits.TEXT), html, message_id)
    files = list(attachments)
    if files:
        body = _multipart("mixed", [body, *map(_file, files)], message_id)
    return _fields([*headers, *body.headers]) + b"\r\n" + body.content


def html_of(text: str) -> str:
    """Plain text as a small HTML document: escaped, lines kept, addresses of pages as links."""
    out: list[str] = []
    position = 0
    for link in _LINK.finditer(text):
        shown = entities.escape(link[0])
        out.append(f'{entities.escape(text[position : link.start()])}<a href="{shown}">{shown}</a>')
        position = link.end()
    out.append(entities.escape(text[position:]))
    body = "".join(out).replace("\n", "<br>\n")
    return (
        '<!DOCTYPE html>\n<html lang="ru"><head><meta charset="utf-8"></head>\n'
        f'<body style="font-family:sans-serif;font-size:15px;line-height:1.5">\n{body}\n</body></html>\n'
    )


def _threading(in_reply_to: str, references: Sequence[str]) -> list[tuple[str, str]]:
    """In-Reply-To and References (RFC 5322 §3.6.4): the first and the last ones when there are too many."""
    known = [one for one in dict.fromkeys(references) if _ID.fullmatch(one)]
    replied = in_reply_to if _ID.fullmatch(in_reply_to) else ""
    if replied and replied not in known:
        known.append(replied)
    if len(known) > _REFERENCES:
        known = [known[0], *known[-(_REFERENCES - 1) :]]
    headers = [("In-Reply-To", replied)] if replied else []
    return [*headers, ("References", " ".join(known))] if known else headers


def _mailbox(address: Address) -> str:
    email = clean.line(address.email, limits.EMAIL + 1)
    local, _, domain = email.rpartition("@")
    if not _ADDRESS.fullmatch(email) or not local.isascii():
        raise NotComposable("this e-mail address cannot be written to")
    if not domain.isascii():
        try:
            email = f"{local}@{domain.encode('idna').decode('ascii')}"
        except UnicodeError:
            raise NotComposable("this domain name cannot be written to") from None
    name = clean.line(address.name, limits.NAME)
    if not name:
        return email
    if not name.isascii():
        return f"{_encoded(name, 12)} <{email}>"
    if _PLAIN_NAME.fullmatch(name) and "=?" not in name:
        return f"{name} <{email}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{email}>' if "=?" not in name else f"{_encoded(name, 12, force=True)} <{email}>"


def _token(value: str) -> str:
    return re.sub(r"[^\x21-\x7e]", "", value)[:200]


def _encoded(text: str, used: int, *, force: bool = False) -> str:
    """Encoded words of whole characters; plain ASCII stays as it is."""
    if text.isascii() and "=?" not in text and not force and max(map(len, text.split(" ")), default=0) < 200:
        return text
    words: list[str] = []
    piece = b""
    room = max(15, _WORD_BYTES - used)
    for char in text:
        data = char.encode()
        if len(piece) + len(data) > room:
            words.append(_word(piece))
            piece, room = b"", _WORD_BYTES
        piece += data
    return " ".join([*words, _word(piece)])


def _word(data: bytes) -> str:
    return f"=?utf-8?B?{base64.b64encode(data).decode('ascii')}?="


def _fields(headers: Iterable[tuple[str, str]]) -> bytes:
    return b"".join(map(_folded, headers))


def _folded(header: tuple[str, str]) -> bytes:
    """One logical header: whatever its value holds, the only line breaks are those of folding."""
    name, value = header
    lines, line = [], f"{name}:"
    for word in clean.line(value, limits.HEADER_VALUE).split(" "):
        if len(line) + 1 + len(word) > _LINE and line.strip() and not line.endswith(":"):
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line]).encode("ascii", "replace") + b"\r\n"


def _alternative(text: str, html: str | None, seed: str) -> _Body:
    markup = html_of(text) if html is None else clean.text(html, 2 * limits.HTML)
    return _multipart("alternative", [_text_part("plain", text), _text_part("html", markup)], seed)


def _text_part(kind: str, text: str) -> _Body:
    return _Body(
        (("Content-Type", f'text/{kind}; charset="utf-8"'), ("Content-Transfer-Encoding", "base64")),
        _wrapped(text.replace("\n", "\r\n").encode()),
    )


def _wrapped(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _file(file: Attachment) -> _Body:
    name = safe_name(file.name, file.type, 1)
    kind = file.type if _TYPE.fullmatch(file.type) and not file.type.startswith(("multipart/", "message/")) else ""
    headers = [
        ("Content-Type", kind or "application/octet-stream"),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", f"attachment; {_file_name(name)}"),
    ]
    return _Body(tuple(headers), _wrapped(file.content))


def _file_name(name: str) -> str:
    """RFC 2231 §4, in pieces when it is long."""
    if name.isascii() and len(name) < 60 and '"' not in name and "\\" not in name:
        return f'filename="{name}"'
    encoded = [f"%{byte:02X}" if byte > 126 or not chr(byte).isalnum() else chr(byte) for byte in name.encode()]
    pieces = [encoded[start : start + 18] for start in range(0, len(encoded), 18)]
    charset = "utf-8''"
    if len(pieces) == 1:
        return f"filename*={charset}{''.join(pieces[0])}"
    return "; ".join(
        f"filename*{index}*={'' if index else charset}{''.join(piece)}" for index, piece in enumerate(pieces)
    )


def _multipart(kind: str, parts: Sequence[_Body], seed: str) -> _Body:
    """Parts behind a boundary made from the Message-ID; base64 bodies cannot contain its «=_»."""
    digest = hashlib.sha256(f"{kind}\0{seed}".encode()).hexdigest()[:32]
    boundary = f"=_{digest}"
    out: list[bytes] = []
    for part in parts:
        out += [f"--{boundary}\r\n".encode(), _fields(part.headers), b"\r\n", part.content, b"\r\n"]
    out.append(f"--{boundary}--\r\n".encode())
    return _Body((("Content-Type", f'multipart/{kind}; boundary="{boundary}"'),), b"".join(out))
