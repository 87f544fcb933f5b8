"""Reads about accounts for pages."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from provodnik.accounts import devices
from provodnik.accounts.models import FactorRule, Passkey, Session, Totp, User
from provodnik.accounts.policies import REQUESTER, other_roles, roles_of, visible_sessions
from provodnik.core.parts import parts
from provodnik.core.secrets import key_for


def find_by_typed(typed: str) -> User | None:
    """Whom a login or an e-mail names, in whatever case it was typed. A login goes before an e-mail."""
    typed = typed.strip().lower()
    if not typed:
        return None
    named = User.objects.filter(Q(login=typed) | (Q(email=typed) & ~Q(email="")))
    return min(named[:2], key=lambda user: user.login != typed, default=None)


def signs_in_as(typed: str) -> User | None:
    """Whose password is asked for: an account's own name goes before what parts above know people by
    (Part.extra["sign_in_names"]: what was typed → the id of an account, or None). They are asked in any case, so that a
    name that is there costs as much as one that is not (safety A51); where they differ, nobody is meant."""
    own = find_by_typed(typed)
    asked = [part.extra["sign_in_names"] for part in parts() if "sign_in_names" in part.extra]
    found = {pk for ask in asked if (pk := ask(typed)) is not None}
    known = User.objects.filter(pk=next(iter(found), 0)).first()
    return own or (known if len(found) == 1 else None)


_PHONE_SIGNS = re.compile(r"[\s()+\-–—.]")


def folded(typed: str) -> str:
    """By which tries at a name that nobody has are counted: the spellings that would name the same person are one."""
    typed = typed.strip().lower()
    bare = _PHONE_SIGNS.sub("", typed)
    if not bare.isdecimal():
        return typed
    bare = bare[1:] if len(bare) == 11 and bare[0] in "78" else bare
    return bare.lstrip("0")


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


def has_second_factor(user: User) -> bool:
    """An app or a living passkey. Printed codes stand in for one of them, they are none."""
    return (
        Totp.objects.filter(user_id=user.pk).exists()
        or Passkey.objects.filter(user_id=user.pk, doubted_at__isnull=True).exists()
    )


def factor_due(user: User) -> datetime | None:
    """By when his roles want a second factor that is not there; None: they do not, or it is."""
    own, others = roles_of(user), other_roles()
    rules = FactorRule.objects.filter(role__in=[*own, *others])
    his = [rule for rule in rules if rule.role in own or others[rule.role].people().filter(pk=user.pk).exists()]
    due = min((rule.since + timedelta(days=rule.grace_days) for rule in his), default=None)
    return None if due is None or has_second_factor(user) else due


@dataclass(frozen=True, slots=True)
class TrustedLine:
    """A device that is not asked for the second factor."""

    pk: int
    named: str
    until: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person's own page shows. `codes_left` of `codes` printed ones."""

    totp: Totp | None
    passkeys: list[Passkey]
    codes: int
    codes_left: int
    trusted: list[TrustedLine]

    @property
    def is_there(self) -> bool:
        return self.totp is not None or any(key.doubted_at is None for key in self.passkeys)


def factors_of(user: User, *, now: datetime) -> Factors:
    codes = list(user.printed_codes.values_list("used_at", flat=True))
    return Factors(
        totp=Totp.objects.filter(user_id=user.pk).first(),
        passkeys=list(user.passkeys.all()[:50]),
        codes=len(codes),
        codes_left=sum(used is None for used in codes),
        trusted=[
            TrustedLine(one.pk, devices.named(one.device), one.until, one.used_at)
            for one in user.trusted_devices.filter(until__gt=now).order_by("-used_at")[:50]
        ],
    )


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role and its rule: how many living accounts it has, how many of them are without a second factor."""

    role: str
    rule: FactorRule | None
    people: int
    without: int


def role_lines(roles: Sequence[str]) -> list[RoleLine]:
    """One line for each of `roles`; REQUESTER is everybody without a role."""
    rules = {rule.role: rule for rule in FactorRule.objects.all()}
    lines = []
    for role in roles:
        found = people_of(role).filter(is_active=True)
        bare = without_factor(found)
        lines.append(RoleLine(role, rules.get(role), found.count(), bare.count()))
    return lines


def people_of(role: str) -> QuerySet[User]:
    if (other := other_roles().get(role)) is not None:
        return other.people()
    return User.objects.filter(roles=[]) if role == REQUESTER else User.objects.filter(roles__contains=[role])


def without_factor(users: QuerySet[User]) -> QuerySet[User]:
    living = Passkey.objects.filter(user=OuterRef("pk"), doubted_at__isnull=True)
    return users.filter(~Exists(living), ~Exists(Totp.objects.filter(user=OuterRef("pk"))))
