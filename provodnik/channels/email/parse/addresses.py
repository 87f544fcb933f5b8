"""Mailboxes of From, To and the rest, read by a flat scanner: brackets nested 3,000 deep cost nothing."""

import re

from . import clean, limits
from .headers import Headers
from .values import Address
from .words import decode_words

_EMAIL = re.compile(r"(?<![^\s@<>()\[\]\\,;:\"'|])[^\s@<>()\[\]\\,;:\"'|]{1,64}@[^\s@<>()\[\]\\,;:\"'|]{1,253}")
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
    scanner = _Scanner()
    for char in value:
        place = scanner.step(char)
        if place == "end":
            pieces.append("".join(piece))
            piece = []
            if len(pieces) > limits.ADDRESSES + 20:
                return pieces
        elif place == "group":
            piece = []  # RFC 5322 §3.4: «name: a@b, c@d;»
        else:
            piece.append(char)
    rest = "".join(piece)
    if scanner.unclosed and not pieces and rest.count("@") > 1:
        # An unclosed quote swallowed the list: cut it plainly.
        return rest.replace('"', "").split(",")[: limits.ADDRESSES + 20]
    return [*pieces, rest]


class _Scanner:
    """Where in an address list a character stands; a counter of brackets instead of recursion."""

    def __init__(self) -> None:
        self.quoted = self.angled = self.skip = False
        self.comment = 0

    @property
    def unclosed(self) -> bool:
        return self.quoted or self.comment > 0

    def step(self, char: str) -> str:
        """`end` of an address, end of a `group` name, or "" for a character of the address."""
        if self.skip:
            self.skip = False
        elif self.unclosed:
            self._inside(char)
        elif char in '"(':
            self.quoted, self.comment = char == '"', int(char == "(")
        elif char in "<>":
            self.angled = char == "<"
        elif char == ";" or (char == "," and not self.angled):
            self.angled = False
            return "end"
        elif char == ":" and not self.angled:
            return "group"
        return ""

    def _inside(self, char: str) -> None:
        if char == "\\":
            self.skip = True
        elif self.quoted:
            self.quoted = char != '"'
        elif char in "()":
            self.comment += 1 if char == "(" else -1


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
