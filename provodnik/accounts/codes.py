"""Codes of the second factor: plain arithmetic. Six digits of an app (RFC 6238), ten digits on paper."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime

import pyotp
import segno
from django.utils.safestring import SafeString, mark_safe

from provodnik.core.secrets import key_for

STEP = 30  # seconds
SLACK = 1  # steps before and after: a phone's clock, and somebody who types slowly
ISSUER = "PROводник"
PRINTED = 10  # codes on one sheet
_SIX = re.compile("[0-9]{6}")
_TEN = re.compile("[0-9]{10}")
_GAPS = re.compile(r"[\s\u00a0\u2010-\u2014-]+")


def plain(typed: object) -> str:
    """What was typed, without gaps and hyphens; "" for anything that is no text: nothing ever equals nothing
    (CVE-2026-24038 of Horilla, where an absent code was equal to an absent code)."""
    return _GAPS.sub("", typed[:40]) if isinstance(typed, str) else ""


def is_app_code(typed: str) -> bool:
    return _SIX.fullmatch(typed) is not None


def is_printed_code(typed: str) -> bool:
    return _TEN.fullmatch(typed) is not None


def new_secret() -> str:
    """160 bits in base32, as RFC 4226 (4, R6) recommends."""
    return pyotp.random_base32(32)


def matching_step(secret: str, typed: object, *, at: datetime, after: int) -> int | None:
    """The step whose code was typed, of those near `at` and later than `after`; None when it is none of them.

    Every near step is compared, in constant time each: how long it takes says nothing."""
    code = plain(typed)
    if not secret or not is_app_code(code):
        return None
    totp = pyotp.TOTP(secret, interval=STEP)
    now = int(at.timestamp()) // STEP
    found = None
    for step in range(now - SLACK, now + SLACK + 1):
        right = hmac.compare_digest(totp.generate_otp(step), code)
        if right and step > after:
            found = step
    return found


def address(secret: str, login: str) -> str:
    """otpauth://…, what an app reads from the picture."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=login, issuer_name=ISSUER)


def picture(text: str) -> SafeString:
    """The QR code as inline SVG: attributes only, no style (our Content-Security-Policy refuses it)."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        border=3, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308 - figures that segno drew, no text of anybody


def grouped(text: str, size: int = 4) -> str:
    """«ABCD EFGH»: for who types it by hand."""
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


def new_sheet() -> list[str]:
    """Ten different codes for paper: 33 bits each, and the throttle before them."""
    sheet: set[str] = set()
    while len(sheet) < PRINTED:
        sheet.add(f"{secrets.randbelow(10**10):010}")
    return sorted(sheet)


def digest(user_id: int, code: str) -> str:
    """What is kept of a printed code: without SECRET_KEY nobody can try ten digits against it."""
    return hmac.new(key_for("printed-codes"), f"{user_id}:{code}".encode(), hashlib.sha256).hexdigest()
