"""The frames between the intake and its reading process: JSON for values, raw bytes for files."""

import json
import struct
from collections.abc import Collection, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO

from .parse import limits
from .parse.values import Address, Attachment, Bounce, Invitation, Understood, Verdict

LENGTH = struct.Struct("!I")
LONGEST_HEADER = 64 * 1024 * 1024
LONGEST_FILES = 2 * limits.ATTACHMENTS_TOTAL


def pack_request(raw: bytes, authserv_ids: Collection[str]) -> bytes:
    """The head of a request; the letter itself follows it."""
    header = json.dumps({"size": len(raw), "authserv_ids": sorted(authserv_ids)}).encode()
    return LENGTH.pack(len(header)) + header


def read_request(source: BinaryIO) -> tuple[list[str], bytes] | None:
    """The next request, None at the end of the pipe."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    header = json.loads(source.read(LENGTH.unpack(head)[0]))
    raw = source.read(int(header["size"]))
    return [str(name) for name in header["authserv_ids"]], raw


def pack(letter: Understood) -> Iterator[bytes]:
    """The answer: a JSON header, then the bytes of the files one after another."""
    values: dict[str, Any] = {name: getattr(letter, name) for name in Understood.__dataclass_fields__}
    for name in ("sender", "bounce", "verdict"):
        values[name] = asdict(values[name]) if values[name] is not None else None
    for name in ("reply_to", "to", "cc", "invitations"):
        values[name] = [asdict(one) for one in values[name]]
    values["attachments"] = [
        [one.name, one.type, len(one.content), one.content_id, one.inline, one.note] for one in letter.attachments
    ]
    header = json.dumps(values, default=_moment, ensure_ascii=False).encode()
    yield LENGTH.pack(len(header))
    yield header
    for one in letter.attachments:
        yield one.content


def pack_failure(reason: str) -> Iterator[bytes]:
    """The answer of a child that could not read the letter and is well itself."""
    header = json.dumps({"failed": reason}).encode()
    yield LENGTH.pack(len(header)) + header


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not travel")


def sizes(header: dict[str, Any]) -> list[int]:
    """How many bytes of each file follow the header. Raises ValueError when they cannot be meant."""
    found = [int(one[2]) for one in header["attachments"]]
    if any(size < 0 for size in found) or sum(found) > LONGEST_FILES:
        raise ValueError("sizes out of range")
    return found


def unpack(header: dict[str, Any], files: list[bytes]) -> Understood:
    """The letter of an answer. Raises KeyError, TypeError or ValueError on anything else."""
    values = dict(header)
    values["sender"] = Address(**values["sender"])
    values["verdict"] = Verdict(**values["verdict"])
    for name in ("reply_to", "to", "cc"):
        values[name] = [Address(**one) for one in values[name]]
    values["invitations"] = [_invitation(one) for one in values["invitations"]]
    values["attachments"] = [
        Attachment(str(name), str(kind), content, str(content_id), bool(inline), str(note))
        for (name, kind, _, content_id, inline, note), content in zip(values["attachments"], files, strict=True)
    ]
    values["date"] = datetime.fromisoformat(values["date"]) if values["date"] else None
    if values["bounce"] is not None:
        report = dict(values["bounce"])
        report["recipients"] = tuple(report["recipients"])
        report["original_ids"] = tuple(report["original_ids"])
        values["bounce"] = Bounce(**report)
    return Understood(**values)


def _invitation(values: dict[str, Any]) -> Invitation:
    moments = {name: datetime.fromisoformat(values[name]) if values[name] else None for name in ("starts", "ends")}
    return Invitation(**{**values, **moments})
