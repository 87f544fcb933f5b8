"""What a session knows of the second step: who is half-way in, how the sign-in was proved and when.

Half-way in means: the password was right, the second factor is still asked for. Such a session holds no user at all
(SESSION_KEY is absent): every page takes it for a stranger's, without having to know of second factors.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from provodnik.accounts.models import User

HALF, SECOND, SURE, CHALLENGE = "_half", "_second", "_sure_at", "_challenge"
HALF_LASTS = timedelta(minutes=10)
SURE_LASTS = timedelta(minutes=15)
CHALLENGE_LASTS = timedelta(minutes=5)
TRIES = 5  # wrong codes after which the password is asked for again


def _age(told: Any, now: datetime) -> timedelta | None:
    """How long ago an instant of the session was; None for what is none, or lies ahead."""
    try:
        age = now - datetime.fromisoformat(told)
    except (TypeError, ValueError):
        return None
    return age if age >= timedelta(0) else None


def _within(told: Any, now: datetime, lasts: timedelta) -> bool:
    age = _age(told, now)
    return age is not None and age <= lasts


def begin(request: HttpRequest, user: User, *, to: str, now: datetime) -> None:
    """The password was right: a new session that knows whose it was, and nothing else."""
    request.session.flush()
    request.session[HALF] = {
        "user": user.pk,
        "print": user.get_session_auth_hash(),
        "at": now.isoformat(),
        "to": to,
        "tries": 0,
    }
    request.session.set_expiry(int(HALF_LASTS.total_seconds()))


def who(request: HttpRequest, *, now: datetime) -> User | None:
    """Who is half-way in: living, with the same password still, and not for too long."""
    half = request.session.get(HALF)
    if not isinstance(half, dict) or SESSION_KEY in request.session or not _within(half.get("at"), now, HALF_LASTS):
        return None
    user = User.objects.filter(pk=int(half.get("user") or 0), is_active=True).first()
    if user is None or not constant_time_compare(str(half.get("print", "")), user.get_session_auth_hash()):
        return None
    return user


def where_to(request: HttpRequest) -> str:
    half = request.session.get(HALF)
    return str(half.get("to", "")) if isinstance(half, dict) else ""


def one_more_try(request: HttpRequest) -> bool:
    """Count a wrong code. False when there were enough of them: then the half-way session is over."""
    half = dict(request.session.get(HALF) or {})
    half["tries"] = int(half.get("tries", 0)) + 1
    if half["tries"] >= TRIES:
        request.session.flush()
        return False
    request.session[HALF] = half
    return True


def prove(request: HttpRequest, *, second: str, now: datetime) -> None:
    """Remember that the person has just proved who he is, and by which second factor."""
    request.session[SURE] = now.isoformat()
    if second:
        request.session[SECOND] = second


def is_sure(request: HttpRequest, *, now: datetime) -> bool:
    """Whether the proof is fresh enough for what matters (safety A57). A session's beginning is a sign-in."""
    if SURE in request.session:
        return _within(request.session[SURE], now, SURE_LASTS)
    row = getattr(request.session, "row", None)
    return row is not None and _within(row.created_at.isoformat(), now, SURE_LASTS)


def keep_challenge(request: HttpRequest, purpose: str, challenge: str, *, now: datetime) -> None:
    """Remember what a passkey was asked; one at a time."""
    request.session[CHALLENGE] = {"for": purpose, "value": challenge, "at": now.isoformat()}


def take_challenge(request: HttpRequest, purpose: str, *, now: datetime) -> str:
    """What a passkey was asked for this purpose; "" when nothing was, or long ago. Good once."""
    kept = request.session.pop(CHALLENGE, None)
    if not isinstance(kept, dict) or kept.get("for") != purpose or not _within(kept.get("at"), now, CHALLENGE_LASTS):
        return ""
    return str(kept.get("value", ""))
