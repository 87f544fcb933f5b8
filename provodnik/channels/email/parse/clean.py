"""Characters that must not come out: NUL and lone surrogates (PostgreSQL refuses them), controls, bidi tricks."""

import re

# C0 and C1 controls but tab and line feed; surrogates; non-characters.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("\r\n?|\x85|\u2028|\u2029")
# Marks that turn the direction of what follows: «gpj.exe» shown as «exe.jpg» (A11).
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
_UNFIT = re.compile("[\"'<>&\\s]")
_SPACES = re.compile(r"\s+")


def text(value: str, limit: int) -> str:
    """Running text of at most `limit` characters: line breaks are LF, tabs stay."""
    value = _BREAKS.sub("\n", value[: limit + 1])
    return _UNWANTED.sub("", value)[:limit]


def content_id(value: str, limit: int) -> str:
    """A Content-ID without its brackets, of characters that are harmless inside an attribute."""
    return _UNFIT.sub("", line(value, limit))


def line(value: str, limit: int) -> str:
    """One line of at most `limit` characters, white space collapsed, no direction marks."""
    value = _BREAKS.sub(" ", value[: limit * 4])
    value = _BIDI.sub("", _UNWANTED.sub("", value))
    return _SPACES.sub(" ", value).strip()[:limit].rstrip()
