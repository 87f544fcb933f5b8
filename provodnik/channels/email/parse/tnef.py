"""winmail.dat: Outlook's own wrapping (MS-OXTNEF), opened with tnefparse.

The library copies the rest of the stream for every object and believes every count in it, so the stream is
first rewritten with only the objects that are needed, and refused when there are too many.
"""

import logging
import re
import struct
from dataclasses import dataclass, field

from compressed_rtf import decompress
from striprtf.striprtf import rtf_to_text
from tnefparse import TNEF

from . import clean, html, limits, mapi
from .charsets import decode
from .values import Attachment

logging.getLogger("tnefparse").setLevel(logging.CRITICAL)

_SIGNATURE = b"\x78\x9f\x3e\x22"
_MAPI_PROPS = 0x9003
_ATTACHMENT_PROPS = 0x9005
_WANTED = {0x8010, 0x800F, 0x9002, 0x800C, 0x9007, _MAPI_PROPS, _ATTACHMENT_PROPS}
# striprtf looks for links with a cubic expression; under another word the instruction is skipped, its text stays.
_FIELD = re.compile(rb"\\fldinst", re.IGNORECASE)
_MIME_TAG, _CONTENT_ID = 0x370E, 0x3712


@dataclass(slots=True)
class Opened:
    text: str = ""
    html: str = ""
    blocked_images: int = 0
    files: list[Attachment] = field(default_factory=list)


def is_tnef(data: bytes) -> bool:
    return data.startswith(_SIGNATURE)


def unpack(data: bytes) -> Opened | None:
    """The files and the body of a winmail.dat; None when it cannot be read (it stays a file then)."""
    stream = _needed(data)
    if stream is None:
        return None
    try:
        tnef = TNEF(stream, do_checksum=False)
    except Exception:  # the library raises whatever a broken stream makes it raise
        return None
    opened = Opened()
    for file in tnef.attachments:
        attached = _file(file)
        if attached is not None:
            opened.files.append(attached)
    _body(tnef, opened)
    return opened


def _needed(data: bytes) -> bytes | None:
    """The stream reduced to bodies and attachments; None when it is too large or too fragmented."""
    if len(data) > limits.TNEF or not is_tnef(data):
        return None
    kept = [data[:6]]
    position = 6
    count = 0
    attached = False
    while position + 9 <= len(data):
        name, _kind, length = struct.unpack_from("<HHI", data, position + 1)
        after = position + 9 + length + 2
        if after > len(data) + 2:
            break
        if name in _WANTED and not _suspicious(name, data[position + 9 : position + 9 + length]):
            attached |= name == 0x9002
            if data[position] != 2 or attached:
                kept.append(data[position:after])
                count += 1
        if count > limits.TNEF_OBJECTS:
            return None
        position = after
    return b"".join(kept) + b"\0" * 3


def _suspicious(name: int, value: bytes) -> bool:
    """A list of properties whose counts and lengths are not true."""
    return name in (_MAPI_PROPS, _ATTACHMENT_PROPS) and not mapi.is_sane(value)


def _file(file: object) -> Attachment | None:
    try:
        content = _bytes(getattr(file, "data", b""))
        name = str(file.long_filename() or "")  # type: ignore[attr-defined]
        properties = {one.name: one.data for one in getattr(file, "mapi_attrs", [])}
    except Exception:  # names in an unknown code page and the like: the library decodes when asked
        content, name, properties = _bytes(getattr(file, "data", b"")), "", {}
    if not content:
        return None
    kind = clean.line(str(properties.get(_MIME_TAG) or ""), 100).strip("\0 ").lower()
    content_id = clean.content_id(str(properties.get(_CONTENT_ID) or ""), limits.MESSAGE_ID)
    return Attachment(name, kind if "/" in kind else "", content, content_id, bool(content_id), "winmail")


def _body(tnef: TNEF, opened: Opened) -> None:
    if tnef.htmlbody:
        piece = html.safe(_string(tnef.htmlbody))
        opened.html, opened.text, opened.blocked_images = piece.html, piece.text, piece.blocked_images
    if tnef.body:
        text = clean.text(_string(tnef.body).rstrip("\0"), limits.TEXT).strip()
        opened.text = text or opened.text
    if not opened.text.strip():
        opened.text = _from_rtf(getattr(tnef, "_rtfbody", None))


def _string(value: object) -> str:
    """A property as text. A broken stream gives it any type: a number must not become that many zero bytes."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return value[: limits.TEXT] if isinstance(value, str) else decode(_bytes(value)[: 2 * limits.TEXT])[0]


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | bytearray) else b""


def _long_font_table(rtf: bytes) -> bool:
    start = rtf.find(b"\\fonttbl")
    if start < 0:
        return False
    depth = 1
    for char in rtf[start : start + limits.FONT_TABLE]:
        depth += (char == 0x7B) - (char == 0x7D)
        if not depth:
            return False
    return True


def _from_rtf(value: object) -> str:
    packed = _bytes(value)
    if not packed or len(packed) > limits.RTF:
        return ""
    try:
        rtf = decompress(packed + b"\0")[: 4 * limits.RTF]
        if _long_font_table(rtf):
            return ""
        rtf = _FIELD.sub(rb"\\fldinsx", rtf)
        text = rtf_to_text(rtf.decode("cp1252", "replace"), errors="replace")  # type: ignore[no-untyped-call]
    except Exception:  # a broken RTF is not worth losing the letter
        return ""
    return clean.text(str(text), limits.TEXT).strip()
