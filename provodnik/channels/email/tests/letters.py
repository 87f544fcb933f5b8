"""Small letters built in code, for the tests of this folder."""

from collections.abc import Iterable


def letter(body: str | bytes = "Текст.", *headers: str, charset: str = "utf-8", subject: str = "Вода") -> bytes:
    """A plain letter; `headers` are added as they stand, `body` is encoded in `charset`."""
    head = [
        "From: Иван Петров <ivan@voda.example>",
        "To: hd@desk.example",
        f"Subject: {subject}",
        "Date: Mon, 05 Oct 2026 10:00:00 +0300",
        "Message-ID: <one@voda.example>",
        *headers,
    ]
    if not any(line.lower().startswith("content-type:") for line in headers):
        head += [f"Content-Type: text/plain; charset={charset}", "Content-Transfer-Encoding: 8bit"]
    content = body if isinstance(body, bytes) else body.encode(charset)
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


def part(content: str | bytes, kind: str = "text/plain; charset=utf-8", *headers: str) -> bytes:
    """A part of a multipart, with its header."""
    data = content if isinstance(content, bytes) else content.encode()
    return "\r\n".join([f"Content-Type: {kind}", *headers]).encode() + b"\r\n\r\n" + data


def multipart(parts: Iterable[bytes], kind: str = "mixed", *headers: str, boundary: str = "bb") -> bytes:
    """A whole letter of several parts."""
    return letter(joined(parts, boundary), f'Content-Type: multipart/{kind}; boundary="{boundary}"', *headers)


def inner(parts: Iterable[bytes], kind: str, boundary: str) -> bytes:
    """A multipart as a part."""
    return part(joined(parts, boundary), f'multipart/{kind}; boundary="{boundary}"')


def joined(parts: Iterable[bytes], boundary: str) -> bytes:
    mark = b"--" + boundary.encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts) + mark + b"--\r\n"
