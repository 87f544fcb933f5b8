"""The second factor: set up, used, taken away. Every change leaves a line in the journal, a letter to the owner, and no
other session or remembered device alive (ASVS 7.4.3)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import announce, codes, journal, passkeys
from provodnik.accounts.actions.people import end_other_sessions
from provodnik.accounts.models import FactorRule, Passkey, PrintedCode, Session, Totp, TrustedDevice, User
from provodnik.accounts.policies import may_administer, may_reset_factors
from provodnik.accounts.queries import factor_due, has_second_factor, people_of, without_factor
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line

TRUSTED_FOR = timedelta(days=30)
MOST_PASSKEYS = 20
LONGEST_GRACE = 90  # days


def _locked(user: User) -> User:
    """His row, locked: of two uses of one code at once one wins."""
    return User.objects.select_for_update().get(pk=user.pk)


def renew_due(user: User) -> None:
    """Write down by when a second factor is wanted, where that differs from what is written."""
    due = factor_due(user)
    if due != user.second_factor_due:
        user.second_factor_due = due
        user.save(update_fields=["second_factor_due"])


def _changed(user: User, verb: str, *, by: User | None, at: datetime, session_key: str | None, **data: Any) -> None:
    """What every change of factors brings with it."""
    renew_due(user)
    journal.note(user, verb, by=by, at=at, **data)
    TrustedDevice.objects.filter(user_id=user.pk).delete()
    end_other_sessions(user, but=session_key)
    announce.factor_changed(user, verb, at=at, **data)


def add_totp(user: User, *, secret: str, code: object, session_key: str | None, at: datetime) -> Totp:
    """An app, proved by its first code. Raises Refused."""
    step = codes.matching_step(secret, code, at=at, after=-1)
    if step is None:
        raise Refused(_("The code does not fit. Look whether the clock of the phone is right."), field="code")
    with transaction.atomic():
        user = _locked(user)
        if Totp.objects.filter(user_id=user.pk).exists():
            raise Refused(_("An app is set up already. Remove it first."))
        totp = Totp(user=user, last_step=step, created_at=at, used_at=at)
        totp.secret = secret
        totp.save()
        _changed(user, "totp_added", by=user, at=at, session_key=session_key)
    return totp


def _may_lose(user: User) -> None:
    """Raises Refused when a role wants a second factor and this was the last one."""
    if not has_second_factor(user) and factor_due(user) is not None:
        raise Refused(_("Your role needs a second factor. Add another one first, then remove this one."))


def remove_totp(user: User, *, session_key: str | None, at: datetime) -> None:
    with transaction.atomic():
        user = _locked(user)
        if not Totp.objects.filter(user_id=user.pk).delete()[0]:
            return
        _may_lose(user)
        _changed(user, "totp_removed", by=user, at=at, session_key=session_key)


def use_code(user: User, typed: object, *, at: datetime) -> str:
    """What a code of the app ("totp") or of the paper ("printed") proves; "" when it is neither. Each is good once."""
    code = codes.plain(typed)
    if codes.is_app_code(code):
        return "totp" if _use_totp(user, code, at) else ""
    if codes.is_printed_code(code):
        return "printed" if _use_printed(user, code, at) else ""
    return ""


def _use_totp(user: User, code: str, at: datetime) -> bool:
    with transaction.atomic():
        totp = Totp.objects.select_for_update().filter(user_id=user.pk, user__is_active=True).first()
        if totp is None:
            return False
        step = codes.matching_step(totp.secret, code, at=at, after=totp.last_step)
        if step is None:
            return False
        totp.last_step, totp.used_at = step, at
        totp.save(update_fields=["last_step", "used_at"])
    return True


def _use_printed(user: User, code: str, at: datetime) -> bool:
    with transaction.atomic():
        used = PrintedCode.objects.filter(
            user_id=user.pk, digest=codes.digest(user.pk, code), used_at__isnull=True
        ).update(used_at=at)
        if not used:
            return False
        left = PrintedCode.objects.filter(user_id=user.pk, used_at__isnull=True).count()
        journal.note(user, "printed_used", by=user, at=at, left=left)
        announce.factor_changed(user, "printed_used", at=at, left=left)
    return True


def make_codes(user: User, *, session_key: str | None, at: datetime) -> list[str]:
    """A new sheet; the old one is worthless from now on. The only moment at which anybody sees the codes."""
    with transaction.atomic():
        user = _locked(user)
        if not has_second_factor(user):
            raise Refused(_("Set up an app or a passkey first: the codes stand in for it."))
        PrintedCode.objects.filter(user_id=user.pk).delete()
        sheet = codes.new_sheet()
        PrintedCode.objects.bulk_create(
            PrintedCode(user=user, digest=codes.digest(user.pk, code), made_at=at) for code in sheet
        )
        _changed(user, "printed_made", by=user, at=at, session_key=session_key)
    return sheet


def add_passkey(
    user: User, *, answer: object, challenge: str, name: str, session_key: str | None, at: datetime
) -> Passkey:
    """A new key, proved by its owner's finger or PIN. Raises Refused."""
    who, told = passkeys.party(), passkeys.read(answer)
    new = passkeys.made(told, challenge=challenge, who=who) if who and told and challenge else None
    if new is None:
        raise Refused(_("The key was not accepted. Try once more."))
    name = one_line(name, 60) or str(_("Passkey"))
    try:
        with transaction.atomic():
            user = _locked(user)
            if user.passkeys.count() >= MOST_PASSKEYS:
                raise Refused(_("There are too many keys. Remove one first."))
            key = Passkey.objects.create(
                user=user,
                name=name,
                credential_id=new.credential_id,
                public_key=new.public_key,
                sign_count=new.sign_count,
                transports=new.transports,
                created_at=at,
            )
            _changed(user, "passkey_added", by=user, at=at, session_key=session_key, name=name)
    except IntegrityError as error:
        raise Refused(_("This key is known already.")) from error
    return key


def use_passkey(answer: object, *, challenge: str, at: datetime, user: User | None = None) -> User | None:
    """Whose key answers rightly: `user`'s, or without one whoever the key belongs to. None otherwise.

    A counter that went back is told to the owner, and the key is not taken any more."""
    who, told = passkeys.party(), passkeys.read(answer)
    credential = passkeys.credential_id(told) if told else None
    if who is None or told is None or credential is None or not challenge:
        return None
    with transaction.atomic():
        keys = Passkey.objects.select_for_update(of=("self",)).select_related("user")
        key = keys.filter(credential_id=credential, doubted_at__isnull=True, user__is_active=True).first()
        if key is None or (user is not None and key.user_id != user.pk):
            return None
        if not passkeys.owner_agrees(told, key.user_id):
            return None
        count = passkeys.right(told, challenge=challenge, who=who, public_key=bytes(key.public_key))
        if count is None:
            return None
        if passkeys.went_back(key.sign_count, count):
            key.doubted_at = at
            key.save(update_fields=["doubted_at"])
            _changed(key.user, "passkey_doubted", by=None, at=at, session_key=None, name=key.name)
            return None
        key.sign_count, key.used_at = count, at
        key.save(update_fields=["sign_count", "used_at"])
    return key.user


def rename_passkey(key: Passkey, *, name: str) -> None:
    key.name = one_line(name, 60) or str(_("Passkey"))
    key.save(update_fields=["name"])


def remove_passkey(key: Passkey, *, by: User, session_key: str | None, at: datetime) -> None:
    with transaction.atomic():
        user = _locked(by)
        if not Passkey.objects.filter(pk=key.pk, user_id=user.pk).delete()[0]:
            return
        _may_lose(user)
        _changed(user, "passkey_removed", by=user, at=at, session_key=session_key, name=key.name)


def _mark_digest(mark: str) -> str:
    return hashlib.sha256(mark.encode()).hexdigest()


def trust_device(user: User, *, device: str, at: datetime) -> str:
    """The mark by which a browser is known for thirty days; kept in its cookie alone."""
    mark = secrets.token_urlsafe(32)
    TrustedDevice.objects.create(
        user=user, digest=_mark_digest(mark), device=device[:300], created_at=at, used_at=at, until=at + TRUSTED_FOR
    )
    return mark


def is_trusted(user: User, mark: str, *, at: datetime) -> bool:
    """Whether this browser was remembered by this very person, and the days are not over."""
    if not mark:
        return False
    # one remembered for longer was remembered by a clock that has been set right since (safety F40)
    living = TrustedDevice.objects.filter(until__gt=at, until__lte=at + TRUSTED_FOR + timedelta(days=1))
    return bool(living.filter(user_id=user.pk, digest=_mark_digest(mark)).update(used_at=at))


def forget_device(device: TrustedDevice, *, by: User) -> None:
    TrustedDevice.objects.filter(pk=device.pk, user_id=by.pk).delete()


def _take_all(user: User) -> int:
    count: int = Totp.objects.filter(user_id=user.pk).delete()[0] + Passkey.objects.filter(user_id=user.pk).delete()[0]
    PrintedCode.objects.filter(user_id=user.pk).delete()
    return count


def reset_factors(user: User, *, by: User | None, at: datetime) -> None:
    """Somebody lost his phone: an administrator (`by`; None: a command on the server) takes all factors away. The owner
    gets a letter, all his sessions end."""
    if by is not None:
        require(may_reset_factors(user, by=by))
    with transaction.atomic():
        user = _locked(user)
        taken = _take_all(user)
        _changed(user, "factors_reset", by=by, at=at, session_key=None, factors=taken)
        Session.objects.filter(user_id=user.pk).delete()


def set_rules(wanted: Mapping[str, int], *, by: User, at: datetime) -> None:
    """Which roles must have a second factor: {role: days of grace}. A rule that stays keeps its day."""
    require(may_administer(by))
    with transaction.atomic():
        known = {rule.role: rule for rule in FactorRule.objects.select_for_update()}
        before = {role: rule.grace_days for role, rule in known.items()}
        for role, days in wanted.items():
            rule = known.get(role) or FactorRule(role=role, since=at)
            rule.grace_days = min(max(days, 0), LONGEST_GRACE)
            rule.save()
        FactorRule.objects.exclude(role__in=wanted).delete()
        if before != dict(wanted):
            told = [", ".join(f"{role}: {days}" for role, days in sorted(rules.items())) for rules in (before, wanted)]
            journal.note(FactorRule(), "changed", by=by, at=at, roles=told)
        renew_everybody()


def renew_everybody() -> None:
    """The same as `renew_due`, for all accounts by a statement a rule."""
    User.objects.filter(second_factor_due__isnull=False).update(second_factor_due=None)
    rules = [(rule.since + timedelta(days=rule.grace_days), rule.role) for rule in FactorRule.objects.all()]
    for due, role in sorted(rules, reverse=True):  # the earliest last: it holds for who has several roles
        without_factor(people_of(role)).update(second_factor_due=due)
