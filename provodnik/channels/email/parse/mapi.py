"""Whether a list of MAPI properties (MS-OXTNEF §2.1.3.4) is what it says, before tnefparse believes its counts.

The library reads past the end as if there were empty values, so that one wrong count means four thousand million
turns. Here every count and every length is checked against the bytes that are there.
"""

import struct

_MOST = 2_000
_WIDTHS = {0x02: 2, 0x0B: 2, 0x03: 4, 0x04: 4, 0x0A: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_LENGTHY = {0x00, 0x0D, 0x1E, 0x1F, 0x102}
_MULTIPLE, _NAMED = 0x1000, 0x8000


def is_sane(data: bytes) -> bool:
    """True when the whole list can be read within its bytes and has no more than 2,000 values."""
    try:
        return _walk(data)
    except struct.error:
        return False


def _walk(data: bytes) -> bool:
    count = _number(data, 0)
    offset, values = 4, 0
    if count > _MOST:
        return False
    for _ in range(count):
        if offset >= len(data):
            break  # the library skips what is announced and not there
        kind, name = struct.unpack_from("<HH", data, offset)
        offset = _after_name(data, offset + 4, name)
        multiple = bool(kind & _MULTIPLE)
        kind &= ~_MULTIPLE
        if kind in _LENGTHY or multiple:
            number = _number(data, offset)
            offset += 4
        else:
            number = 1
        values += number
        if values > _MOST or offset > len(data):
            return False
        if kind in _LENGTHY:
            offset = _after_lengthy(data, offset, number)
        elif kind in _WIDTHS:
            offset += _WIDTHS[kind] * number
            offset += 2 if _WIDTHS[kind] == 2 and number % 2 else 0
        else:
            return True  # an unknown type: the library stops here as well
    return offset <= len(data) + 4


def _after_name(data: bytes, offset: int, name: int) -> int:
    if name < _NAMED:
        return offset
    offset += 16
    if _number(data, offset) == 0:
        return offset + 8
    length = _number(data, offset + 4)
    return offset + 8 + length + -length % 4


def _after_lengthy(data: bytes, offset: int, number: int) -> int:
    for _ in range(number):
        length = _number(data, offset)
        offset += 4 + length + -length % 4
    return offset


def _number(data: bytes, offset: int) -> int:
    return int(struct.unpack_from("<I", data, offset)[0])
