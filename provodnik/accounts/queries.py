"""Reads about accounts for pages."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from provodnik.accounts import devices
from provodnik.accounts.models import Session, User
from provodnik.accounts.policies import visible_sessions
from provodnik.core.secrets import key_for


def find_by_typed(typed: str) -> User | None:
    """Whom a login or an e-mail names, in whatever case it was typed. A login goes before an e-mail."""
    typed = typed.strip().lower()
    if not typed:
        return None
    named = User.objects.filter(Q(login=typed) | (Q(email=typed) & ~Q(email="")))
    return min(named[:2], key=lambda user: user.login != typed, default=None)


def session_name(session_key: str) -> str:
    """What a page calls a session by: its key is a secret that opens the account."""
    return hmac.new(key_for("session-names"), session_key.encode(), hashlib.sha256).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A sign-in as its owner sees it."""

    name: str
    device: str
    is_phone: bool
    address: str
    since: datetime
    seen_at: datetime
    is_this: bool


def sessions_of(user: User, *, this: str | None, now: datetime) -> list[SessionLine]:
    """Living sessions, this one first, then by last use."""
    lines = [
        SessionLine(
            name=session_name(row.session_key),
            device=devices.named(row.device),
            is_phone=devices.is_phone(row.device),
            address=row.address or "",
            since=row.created_at,
            seen_at=row.seen_at,
            is_this=row.session_key == this,
        )
        for row in visible_sessions(user).filter(expire_date__gt=now).order_by("-seen_at")[:100]
    ]
    return sorted(lines, key=lambda line: not line.is_this)


def session_named(user: User, name: str) -> Session | None:
    rows = visible_sessions(user)[:1000]
    return next((row for row in rows if hmac.compare_digest(session_name(row.session_key), name)), None)


def found_users(users: QuerySet[User], words: str, kind: str) -> QuerySet[User]:
    """Users by a piece of name, login or e-mail, and by kind: a role, "off" (switched off) or "" (all)."""
    for word in words.split()[:5]:
        users = users.filter(Q(full_name__icontains=word) | Q(login__icontains=word) | Q(email__icontains=word))
    if kind == "off":
        users = users.filter(is_active=False)
    elif kind:
        users = users.filter(is_active=True, roles__contains=[kind])
    return users.order_by("-is_active", "full_name", "pk")
