"""Files that unfold to more than they are, and files that do harm where they are opened (safety A20, A21, A27).

The desk opens none: what came is kept byte for byte, leaves as a file of no type, and is shown in a page only when its
first bytes say that it is a picture of a bearable size.
"""

from __future__ import annotations

import ast
import gzip
import io
import struct
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from provodnik.api.tests.speaking import Program
from provodnik.channels.models import InboundState
from provodnik.core import files
from provodnik.desk.models import Attachment, Message
from provodnik.desk.pictures import HEAD, LARGEST_SIDE, may_be_shown, picture_kind, size_of
from tests.lessons.around import feedback, person, take_in
from tests.lessons.conftest import As
from tests.mail import letter
from tests.world import World

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2] / "provodnik"
# The string by which scanners are tried (EICAR), written apart so that none of them takes this file away.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD" + r"-ANTIVIRUS-TEST-FILE!$H+H*").encode()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><g id="a"><use href="#a"/><use href="#a"/></g><script>1</script></svg>'
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>/Pages 2 0 R>>endobj\n" * 500


def packed(**inside: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in inside.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def png(width: int, height: int) -> bytes:
    """A PNG that says it is this large; a browser would make room for it before it reads a line."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = b"IDAT" + zlib.compress(b"\0" * 10_000, 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in (head, rows, b"IEND")
    )


def jpeg(width: int, height: int, before: int = 0) -> bytes:
    filler = b"".join(b"\xff\xe2\xff\xff" + b"\0" * 65_533 for _ in range(before // 65_537))
    return (
        b"\xff\xd8" + filler + b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00\xff\xda"
    )


def webp(kind: bytes, body: bytes) -> bytes:
    return b"RIFF\x1e\0\0\0WEBP" + kind + b"\x0a\0\0\0" + body


@cache
def bombs() -> dict[str, bytes]:
    """Name → bytes; each small here, and large or busy where somebody opens it."""
    flat = packed(zeros=b"\0" * 5_000_000)
    nested = flat
    for _turn in range(3):
        nested = packed(**{f"{number}.zip": nested for number in range(16)})
    word = packed(
        **{
            "[Content_Types].xml": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
            "word__document.xml": b"<w>" * 100_000,
            "word__vbaProject.bin": b"\xd0\xcf\x11\xe0",
        }
    )
    return {
        "flat.zip": flat,
        "nested.zip": nested,
        "many.zip": packed(**{f"n{number}": b"" for number in range(5_000)}),
        "slip.zip": packed(**{"..__..__etc__cron.d__x": b"* * * * * root true"}),
        "log.gz": gzip.compress(b"\0" * 5_000_000),
        "letter.docm": word,
        "table.xlsx": word,
        "act.pdf": PDF,
        "drawing.svg": SVG,
        "drawing.png": SVG,
        "huge.png": png(50_000, 50_000),
        "long.gif": b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\0" * 40,
        "wide.jpg": jpeg(65_500, 65_500),
        "hidden.jpg": jpeg(100, 100, before=2 * HEAD),
        "eicar.com": EICAR,
        "eicar.zip": packed(**{"eicar.com": EICAR}),
        "program.exe": b"MZ" + b"\0" * 100,
        "link.lnk": b"L\0\0\0\x01\x14\x02\0",
        "page.hta": b"<script>new ActiveXObject('WScript.Shell')</script>",
    }


def judge(world: World, as_: As, file: Attachment, content: bytes) -> None:
    assert files.read(file.blob) == content
    got = as_("specialist").get(reverse("files:download", args=[file.pk]))
    body = b"".join(got.streaming_content) if got.streaming else got.content
    assert body == content and "Content-Encoding" not in got.headers
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert as_("specialist").get(reverse("files:preview", args=[file.pk])).status_code == 404
    assert as_("specialist").get(reverse("desk:ticket", args=[file.message.ticket_id])).status_code == 200


def test_nothing_that_came_is_unpacked_or_opened(world: World, as_: As) -> None:
    """By the form, by a letter and by the API: kept and given back as it came, and never shown as a page of ours."""
    for name, content in bombs().items():
        upload = SimpleUploadedFile(name, content, "image/png")
        sent = as_("requester").post(reverse("requests:new"), feedback(files=upload))
        assert sent.status_code == 302, name
        judge(world, as_, Attachment.objects.filter(name=name).latest("message_id"), content)
    sender = world.own.contact_email
    for group in (("nested.zip", "log.gz", "huge.png"), ("eicar.com", "eicar.zip", "letter.docm", "drawing.svg")):
        known = {name: content for name, content in bombs().items() if name in group}
        row = take_in(letter(sender=sender, files=tuple(known.items())), sender)
        assert row.state == InboundState.STORED
        attached = Message.objects.get(inbound=row).attachments.all()
        assert {file.name for file in attached} == set(group)
        for file in attached:
            judge(world, as_, file, known[file.name])
    program = Program(person(world, "requester"))
    assert program.upload("eicar.com", EICAR).status_code == 201


def test_a_packed_body_is_no_body(world: World, as_: As) -> None:
    """Content-Encoding of a request is not undone: a few kilobytes never become gigabytes in the server."""
    bomb = gzip.compress(b'{"text": "' + b"a" * 5_000_000 + b'"}')
    program = Program(person(world, "requester"))
    assert program.ask("POST", "/requests", bomb, **{"Content-Encoding": "gzip"}).status_code in (400, 413, 415, 422)
    sent = as_("requester").post(
        reverse("requests:new"),
        bomb,
        content_type="application/x-www-form-urlencoded",
        headers={"content-encoding": "gzip"},
    )
    assert sent.status_code in (400, 413, 422)


def test_the_product_has_nothing_to_unpack_with() -> None:
    """A part that comes to read archives brings its limits of size, count, depth and ratio, and leaves this list."""
    unpackers = {
        "zipfile",
        "tarfile",
        "gzip",
        "bz2",
        "lzma",
        "zlib",
        "rarfile",
        "py7zr",
        "openpyxl",
        "PIL",
        "pypdf",
        "docx",
    }
    allowed = {
        "demo/pictures.py",  # draws pictures of its own
        "demo/transfers.py",  # packs archives of its own
        "lifecycle/backup/archive.py",  # writes; reading is by core/ustar.py
        "lifecycle/bundle/packing.py",  # packs
        "lifecycle/parcel/reading.py",  # a signed distributive: limits in lifecycle/parcel/tests/test_parcel.py
        "privacy/actions/extracts.py",  # packs
        "transfer/reading/archive.py",  # an administrator's import: limits in transfer/tests/test_archives.py
    }
    found = set()
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "/tests/" in str(path) or not any(name in text for name in (*unpackers, "unpack_archive")):
            continue
        for node in ast.walk(ast.parse(text)):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import | ast.ImportFrom) else set()
            names |= {node.module or ""} if isinstance(node, ast.ImportFrom) else set()
            if unpackers & {name.partition(".")[0] for name in names}:
                found.add(str(path.relative_to(ROOT)))
            if isinstance(node, ast.Attribute) and node.attr in ("unpack_archive", "extractall"):
                found.add(str(path.relative_to(ROOT)))
    assert found <= allowed, found - allowed


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (png(640, 480), (640, 480)),
        (png(50_000, 3), (50_000, 3)),
        (b"GIF87a" + struct.pack("<HH", 12, 34), (12, 34)),
        (jpeg(800, 600), (800, 600)),
        (jpeg(800, 600, before=70_000), (800, 600)),
        (webp(b"VP8X", b"\0\0\0\0" + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")), (640, 480)),
        (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640, 480)), (640, 480)),
        (webp(b"VP8L", b"\x2f" + (639 | 479 << 14).to_bytes(4, "little") + b"\0" * 5), (640, 480)),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"\xff\xd8\xff\xe1\xff\xff", None),
        (webp(b"VP8Q", b"\0" * 10), None),
    ],
)
def test_the_size_of_a_picture_stands_in_its_head(content: bytes, size: Any) -> None:
    kind = picture_kind(content)
    assert kind is not None
    assert size_of(content, kind) == size
    assert may_be_shown(content, kind) is (size is None or max(size) <= LARGEST_SIDE)


@pytest.mark.parametrize(
    "start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", jpeg(9, 9, before=2 * HEAD)[:HEAD]]
)
def test_of_a_long_file_without_a_size_nobody_knows(start: bytes) -> None:
    kind = picture_kind(start)
    assert kind is not None and not may_be_shown((start + b"\0" * HEAD)[:HEAD], kind)
