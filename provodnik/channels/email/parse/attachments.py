"""Files of a letter: safe names, sensible ones for the nameless, a total size."""

import mimetypes
import re

from provodnik.core.text import without_unseen

from . import clean, limits
from .headers import read_headers
from .tree import Part
from .values import Attachment

_PATH = re.compile(r"[/\\]")
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]')
_EXTENSION = re.compile(r"\.[^\W_]{1,10}$")
_NAMES = {
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "message/feedback-report": "feedback-report.txt",
    "text/rfc822-headers": "headers.txt",
    "text/calendar": "invitation.ics",
    "application/ics": "invitation.ics",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/ms-tnef": "winmail.dat",
    "text/html": "letter.html",
    "text/plain": "text.txt",
}
_EXTENSIONS = {"image/jpeg": ".jpg", "text/plain": ".txt", "image/tiff": ".tif", "audio/mpeg": ".mp3"}


def safe_name(name: str, type_: str = "", number: int = 0, content: bytes = b"") -> str:
    """A name without path, controls and direction marks, ≤ 150 characters with its real extension kept."""
    name = without_unseen(clean.line(name, 2000))
    name = _PATH.split(name.rstrip("/\\"))[-1]
    name = _FORBIDDEN.sub("_", name).strip(" .")
    if not name:
        return _made_up(type_, number, content)
    if len(name) > limits.FILE_NAME:
        extension = _EXTENSION.search(name)
        tail = extension[0] if extension else ""
        name = name[: limits.FILE_NAME - len(tail) - 1].rstrip(" .") + "…" + tail
    return name


def _made_up(type_: str, number: int, content: bytes) -> str:
    if type_ == "message/rfc822":
        headers, _ = read_headers(content[:65_536], 0, min(len(content), 65_536))
        subject = headers.decoded("subject", 100)
        return safe_name(f"{subject}.eml") if subject else f"letter-{number}.eml"
    if type_ in _NAMES:
        return _NAMES[type_]
    extension = _EXTENSIONS.get(type_) or mimetypes.guess_extension(type_, strict=False) or ".bin"
    stem = "image" if type_.startswith("image/") else "file"
    return f"{stem}-{number}{extension}"


def from_part(part: Part, number: int) -> Attachment:
    """A leaf as a file. `inline` = shown inside the text by its Content-ID."""
    content = part.encoded if part.type == "message/rfc822" else part.content()
    if part.type == "message/rfc822":
        encoding = part.headers.one("content-transfer-encoding").strip().lower()
        content = part.content() if encoding == "base64" else content
    content_id = clean.content_id(part.headers.one("content-id"), limits.MESSAGE_ID)
    kind = part.type
    if kind == "application/octet-stream" and part.file_name:
        kind = mimetypes.guess_type(part.file_name[-100:], strict=False)[0] or kind
    name = safe_name(part.file_name, part.type, number, content)
    if part.type == "message/rfc822" and not name.lower().endswith(".eml"):
        name = safe_name(name + ".eml")
    inline = (bool(content_id) and not part.disposition.startswith("attachment")) or (
        bool(content_id) and part.parent == "multipart/related"
    )
    note = "renamed" if part.file_name and name != part.file_name else ""
    return Attachment(name, kind, content, content_id, inline, note)


def finished(found: list[Attachment], html: str) -> tuple[list[Attachment], list[str]]:
    """Types and names completed, inline only what the HTML really shows, the total bounded."""
    kept: list[Attachment] = []
    notes: list[str] = []
    total = 0
    for number, one in enumerate(found, 1):
        total += len(one.content)
        if total > limits.ATTACHMENTS_TOTAL:
            notes.append("attachments_cut")
            break
        name = safe_name(one.name, one.type, number, one.content)
        kind = one.type or mimetypes.guess_type(name, strict=False)[0] or "application/octet-stream"
        shown = bool(one.content_id) and f'data-cid="{one.content_id}"' in html
        kept.append(Attachment(name, kind, one.content, one.content_id, one.inline and shown, one.note))
    return kept, notes
