"""Attachments made in code: a screenshot of a form, drawn as blocks, and a one-page PDF with a table."""

from __future__ import annotations

import random
import struct
import zlib

WIDTH, HEIGHT = 720, 450
Colour = tuple[int, int, int]
GROUND, CARD, INK, PALE, BLUE, RED, LINE = (
    (242, 245, 248),
    (255, 255, 255),
    (52, 64, 76),
    (190, 199, 208),
    (8, 88, 140),
    (186, 38, 34),
    (212, 219, 226),
)


class _Sheet:
    def __init__(self) -> None:
        self.rows = [bytearray(bytes(GROUND) * WIDTH) for _row in range(HEIGHT)]

    def box(self, left: int, top: int, width: int, height: int, colour: Colour) -> None:
        right = min(left + width, WIDTH)
        for row in self.rows[top : top + height]:
            row[left * 3 : right * 3] = bytes(colour) * (right - left)

    def words(self, left: int, top: int, lengths: list[int], colour: Colour = INK, height: int = 7) -> None:
        """A line of text as it looks from afar."""
        for length in lengths:
            self.box(left, top, length, height, colour)
            left += length + 8

    def png(self) -> bytes:
        def chunk(kind: bytes, content: bytes) -> bytes:
            body = kind + content
            return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

        header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
        pixels = b"".join(b"\0" + bytes(row) for row in self.rows)
        return (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(pixels, 9))
            + chunk(b"IEND", b"")
        )


def screenshot(chance: random.Random) -> bytes:
    """A page of the portal with a form whose third field is in error."""
    sheet = _Sheet()
    sheet.box(0, 0, WIDTH, 34, (226, 231, 236))
    for place, colour in enumerate([(224, 108, 98), (230, 184, 92), (120, 184, 116)]):
        sheet.box(14 + place * 20, 12, 10, 10, colour)
    sheet.box(90, 8, 420, 18, CARD)
    sheet.words(100, 14, [60, 90, 40], PALE, 6)
    sheet.box(0, 34, 150, HEIGHT - 34, CARD)
    for line in range(7):
        sheet.words(36, 70 + line * 34, [chance.randint(40, 90)], BLUE if line == 2 else PALE)
        sheet.box(16, 68 + line * 34, 11, 11, PALE)
    sheet.words(180, 62, [chance.randint(90, 150), 80, 60], INK, 12)
    sheet.box(180, 96, 510, 320, CARD)
    for field in range(4):
        top = 118 + field * 62
        sheet.words(204, top, [chance.randint(40, 110), chance.randint(20, 60)], PALE)
        wrong = field == 2
        sheet.box(204, top + 14, 340, 30, RED if wrong else LINE)
        sheet.box(206, top + 16, 336, 26, CARD)
        if not wrong:
            sheet.words(216, top + 26, [chance.randint(20, 70), chance.randint(20, 90)])
        else:
            sheet.words(204, top + 50, [90, 60, 110], RED, 5)
    sheet.box(204, 370, 130, 30, BLUE)
    sheet.words(228, 382, [80], CARD)
    return sheet.png()


def protocol(chance: random.Random) -> bytes:
    """A laboratory's table on one page. Only Latin signs: the fonts that every reader has know no others."""
    title = f"No. {chance.randint(100, 900)}: pH, NTU"
    lines = ["q 0.6 w 60 740 475 40 re S Q", f"BT /F1 16 Tf 72 754 Td ({title}) Tj ET"]
    for row in range(14):
        top = 700 - row * 26
        lines.append(f"60 {top} 475 26 re S 200 {top} m 200 {top + 26} l S 360 {top} m 360 {top + 26} l S")
        values = (row + 1, f"{chance.uniform(6.8, 7.6):.2f}", f"{chance.uniform(0.2, 1.4):.2f}")
        for left, value in zip((72, 212, 372), values, strict=True):
            lines.append(f"BT /F1 11 Tf {left} {top + 9} Td ({value}) Tj ET")
    content = "\n".join(lines).encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
