"""Filters of searches (RFC 4515), with whatever was typed in them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_TYPED = 254
LONGEST_FILTER = 2000
DEEPEST = 20
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")


def escaped(value: str | bytes) -> str:
    """A value that stays one, whatever is in it: every byte but letters and digits of ASCII as \\xx. RFC 4515 (3) asks
    for less; escaping more is allowed and leaves nothing to think of (safety A56)."""
    raw = value.encode("utf-8", "replace") if isinstance(value, str) else value
    return "".join(chr(byte) if byte in _PLAIN else f"\\{byte:02x}" for byte in raw)


def attribute_is_one(name: str) -> bool:
    """Whether a name can be an attribute's (RFC 4512, 1.4): letters, digits and hyphens, or an object identifier."""
    return 0 < len(name) <= 64 and name.isascii() and all(sign.isalnum() or sign in "-." for sign in name)


def of_typed(narrow: str, attributes: Sequence[str], typed: str) -> str:
    """Who has what was typed in one of the attributes, among those that the administrator's filter lets through."""
    value = escaped(typed)
    return f"(&{narrow}(|{''.join(f'({name}={value})' for name in attributes)}))"


def of_any(attribute: str, values: Sequence[bytes]) -> str:
    return f"(|{''.join(f'({attribute}={escaped(value)})' for value in values)})"


def why_no_filter(text: str) -> str:
    """What is wrong with an administrator's filter: "" or a code: long, brackets, deep, sign."""
    if len(text) > LONGEST_FILTER:
        return "long"
    if any(ord(sign) < 32 for sign in text):
        return "sign"
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth < 0 or (depth == 0 and at < len(text) - 1):
            return "brackets"
        if depth > DEEPEST:
            return "deep"
    return "" if text.startswith("(") and text.endswith(")") and depth == 0 else "brackets"
