"""The mark of a device at which somebody has signed in before: a signed cookie, good for nothing but a counter."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from provodnik.accounts.models import User

COOKIE = "provodnik_device"
SALT = "accounts.known-device"
LASTS = 180 * 24 * 3600  # seconds
MOST = 5  # people who may share one device


def _marks(request: HttpRequest) -> dict[str, str]:
    """{user id: mark} of this browser; {} when the cookie is absent, old or not ours."""
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, "")[:2000], salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(key): str(mark) for key, mark in found.items()}


def mark_of(request: HttpRequest, user: User | None) -> str:
    """The mark that this browser carries for this user; empty when he has never signed in here."""
    return _marks(request).get(str(user.pk), "")[:32] if user is not None else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Mark this browser as the user's."""
    marks = _marks(request)
    mark = marks.pop(str(user.pk), "") or secrets.token_hex(16)
    kept = dict([*marks.items(), (str(user.pk), mark)][-MOST:])
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=LASTS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


_BROWSERS = (("YaBrowser", "Яндекс Браузер"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"),
             ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("Mac OS X", "macOS"), ("Linux", "Linux"))  # fmt: skip


def named(user_agent: str) -> str:
    """«Chrome, Windows» from a User-Agent; its beginning when nothing is known of it."""
    text = user_agent[:300]
    browser = next((name for token, name in _BROWSERS if f"{token}/" in text), "")
    system = next((name for token, name in _SYSTEMS if token in text), "")
    return ", ".join(filter(None, [browser, system])) or text[:60]


def is_phone(user_agent: str) -> bool:
    return any(token in user_agent for token in ("Android", "iPhone", "iPad", "Mobile"))


TRUSTED_COOKIE = "provodnik_trusted"
TRUSTED_SALT = "accounts.trusted-device"


def _trusted(request: HttpRequest) -> dict[str, str]:
    try:
        found = signing.loads(request.COOKIES.get(TRUSTED_COOKIE, "")[:2000], salt=TRUSTED_SALT, max_age=LASTS)
    except signing.BadSignature:
        return {}
    return {str(key): str(mark) for key, mark in found.items()} if isinstance(found, dict) else {}


def trusted_mark(request: HttpRequest, user: User) -> str:
    """The mark of a browser that is not asked for the second factor; "" when it carries none for this person."""
    return _trusted(request).get(str(user.pk), "")[:64]


def keep_trusted(request: HttpRequest, response: HttpResponse, user: User, mark: str, *, seconds: int) -> None:
    marks = _trusted(request)
    marks.pop(str(user.pk), None)
    response.set_cookie(
        TRUSTED_COOKIE,
        signing.dumps(dict([*marks.items(), (str(user.pk), mark)][-MOST:]), salt=TRUSTED_SALT),
        max_age=seconds,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
