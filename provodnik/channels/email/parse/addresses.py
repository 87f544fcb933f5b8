"""Mailboxes of From, To and the rest, read by a flat scanner: brackets nested 3,000 deep cost nothing."""

import re

from . import clean, limits
from .headers import Headers
from .values import Address
from .words import decode_words

_EMAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"'|]{1,64}@[^\s@<>()\[\]\\,;:\"'|]{1,253}")
_STRICT = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}@(?:[\w-]{1,63}\.){0,20}[\w-]{1,63}")


def read(headers: Headers, name: str) -> tuple[list[Address], list[str]]:
    """Addresses of all fields of that name, and notes."""
    found: list[Address] = []
    notes: list[str] = []
    for value in headers.all(name):
        for piece in _pieces(value):
            if len(found) >= limits.ADDRESSES:
                notes.append("addresses_cut")
                return found, notes
            address = _address(piece)
            if address.email:
                found.append(address)
            elif address.name:
                notes.append("address_broken")
                if name == "from":
                    found.append(address)
    return found, notes


def _pieces(value: str) -> list[str]:
    """Cuts at commas and semicolons outside quotes, comments and <…>; a group's name and colon are dropped."""
    pieces: list[str] = []
    piece: list[str] = []
    quoted = angled = False
    comment = 0
    skip = False
    for char in value:
        if skip:
            skip = False
        elif char == "\\" and (quoted or comment):
            skip = True
        elif char == '"' and not comment:
            quoted = not quoted
        elif not quoted and char == "(":
            comment += 1
        elif not quoted and char == ")" and comment:
            comment -= 1
        elif not quoted and not comment and char in "<>":
            angled = char == "<"
        elif not quoted and not comment and char in ",;" and (not angled or char == ";"):
            pieces.append("".join(piece))
            piece, angled = [], False
            if len(pieces) > limits.ADDRESSES + 20:
                return pieces
            continue
        elif not quoted and not comment and not angled and char == ":":
            piece = []  # group syntax, RFC 5322 §3.4
            continue
        piece.append(char)
    rest = "".join(piece)
    if (quoted or comment) and not pieces and rest.count("@") > 1:
        # An unclosed quote swallowed the list: cut it plainly.
        return rest.replace('"', "").split(",")[: limits.ADDRESSES + 20]
    return [*pieces, rest]


def _address(piece: str) -> Address:
    head, bracket, tail = piece.rpartition("<")
    if bracket:
        email = _email(tail.partition(">")[0])
        if email:
            return Address(_name(head), email)
    found = _EMAIL.search(piece)
    if found is None and "=?" in piece:
        piece = decode_words(piece)
        found = _EMAIL.search(piece)
    if found is None:
        return Address(_name(piece), "")
    email = _email(found[0])
    if not email:
        return Address(_name(piece), "")
    rest = piece[: found.start()] + " " + piece[found.end() :]
    return Address(_name(rest), email)


def _email(text: str) -> str:
    text = clean.line(text, limits.EMAIL + 50).strip("\"' .").removeprefix("mailto:").lower()
    text = text.replace(" ", "") if text.count("@") == 1 else text
    return text if len(text) <= limits.EMAIL and _STRICT.fullmatch(text) else ""


def _name(text: str) -> str:
    text = decode_words(text[:4000]).replace('\\"', '"').strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    text = clean.line(text, limits.NAME + 20).strip("<>")
    return clean.line(text.strip("\"' ,;"), limits.NAME)


def domain_of(email: str) -> str:
    return email.rpartition("@")[2]
