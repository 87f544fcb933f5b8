"""What can happen to accounts. Everything that an administrator does leaves a line in the journal."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import announce, journal, tokens
from provodnik.accounts.models import Session, TrustedDevice, User
from provodnik.accounts.policies import may_administer, may_lose_administration
from provodnik.accounts.queries import factor_due
from provodnik.accounts.roles import Role
from provodnik.accounts.tokens import Purpose
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _refuse_taken(login: str, email: str, *, besides: int | None = None) -> None:
    """A login and an e-mail both open the door, so neither may be anybody else's login or e-mail."""
    for field, value in (("login", login), ("email", email)):
        others = User.objects.filter(Q(login=value) | Q(email=value))
        if besides is not None:
            others = others.exclude(pk=besides)
        if value and others.exists():
            raise Refused(_("Somebody else signs in with this already."), field=field)


def add_user(
    *, login: str, email: str, full_name: str, roles: Collection[Role], by: User, at: datetime, invite: bool = True
) -> User:
    """A new account without a password; with `invite`, the link to set one goes out by e-mail."""
    require(may_administer(by))
    login, email = login.strip().lower(), email.strip().lower()
    if invite and not email:
        raise Refused(_("An invitation needs an e-mail address."), field="email")
    _refuse_taken(login, email)
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                login, email=email, full_name=one_line(full_name, 200), roles=sorted(role.value for role in roles)
            )
            user.second_factor_due = factor_due(user)
            user.save(update_fields=["second_factor_due"])
            journal.note(user, "added", by=by, at=at, login=login, roles=user.roles)
            if invite:
                _send_invitation(user, by=by, at=at)
    except IntegrityError as error:
        raise Refused(_("Somebody else signs in with this already."), field="login") from error
    return user


def _send_invitation(user: User, *, by: User, at: datetime) -> None:
    journal.note(user, "invited", by=by, at=at)
    announce.invite(user)


def invite(user: User, *, by: User, at: datetime) -> None:
    """Send the link to set the first password (again)."""
    require(may_administer(by))
    if not user.is_active:
        raise Refused(_("The account is switched off."))
    if user.is_external:
        raise Refused(_("This account signs in by the organisation's directory: there is no password of ours to set."))
    if not user.email:
        raise Refused(_("An invitation needs an e-mail address."), field="email")
    with transaction.atomic():
        _send_invitation(user, by=by, at=at)


def change_user(
    user: User, *, login: str, email: str, full_name: str, roles: Collection[Role], by: User, at: datetime
) -> User:
    """Name, addresses and roles. A changed e-mail makes all links sent before worthless."""
    require(may_administer(by))
    login, email = login.strip().lower(), email.strip().lower()
    with transaction.atomic():
        _lock_administrators()
        user = _locked(user)
        if user.is_administrator and Role.ADMINISTRATOR not in roles:
            _require_for(may_lose_administration(user), "roles")
        _refuse_taken(login, email, besides=user.pk)
        user.login, user.email, user.full_name = login, email, one_line(full_name, 200)
        user.roles = sorted(role.value for role in roles)
        kept = journal.keep(user, by=by, at=at, fields=["login", "email", "full_name", "roles"])
        kept.second_factor_due = factor_due(kept)
        kept.save(update_fields=["second_factor_due"])
        return kept


def _require_for(decision: object, field: str) -> None:
    if not decision:
        raise Refused(getattr(decision, "reason", ""), field=field)


def _lock_administrators() -> None:
    """Two administrators who remove each other at once must not both succeed."""
    list(User.objects.select_for_update().filter(roles__contains=[Role.ADMINISTRATOR]).order_by("pk"))


def switch_off(user: User, *, by: User, at: datetime) -> None:
    """The account and all its sessions end at once (safety A52)."""
    require(may_administer(by))
    with transaction.atomic():
        _lock_administrators()
        user = _locked(user)
        require(may_lose_administration(user))
        user.is_active = False
        journal.keep(user, by=by, at=at, fields=["is_active"], verb="switched_off")
        Session.objects.filter(user=user).delete()


def switch_on(user: User, *, by: User, at: datetime) -> None:
    require(may_administer(by))
    with transaction.atomic():
        user = _locked(user)
        user.is_active = True
        journal.keep(user, by=by, at=at, fields=["is_active"], verb="switched_on")


def end_sessions_of(user: User, *, by: User, at: datetime) -> int:
    """An administrator signs somebody out everywhere. Returns how many sessions there were."""
    require(may_administer(by))
    with transaction.atomic():
        count = Session.objects.filter(user=user).delete()[0]
        journal.note(user, "signed_out", by=by, at=at, sessions=count)
    return count


def end_session(session: Session, *, by: User) -> None:
    """End a session of one's own."""
    Session.objects.filter(pk=session.pk, user_id=by.pk).delete()


def end_other_sessions(user: User, *, but: str | None) -> int:
    """End all sessions of one's own except the one asked from. Returns how many."""
    return Session.objects.filter(user_id=user.pk).exclude(session_key=but).delete()[0]


def rename(user: User, *, full_name: str, at: datetime) -> None:
    """One's own name, as others see it."""
    user.full_name = one_line(full_name, 200)
    journal.keep(user, by=user, at=at, fields=["full_name"])


def _check(password: str, user: User, field: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field=field) from error


def change_password(user: User, *, old: str, new: str, session_key: str | None, at: datetime) -> User:
    """One's own password, asking for the old one (safety A57); every other session ends (A52)."""
    if user.is_external:
        raise Refused(_("Your password is kept by your organisation's directory: change it there."), field="old")
    if not user.check_password(old):
        raise Refused(_("The current password is not right."), field="old")
    _check(new, user, "new")
    with transaction.atomic():
        user = _locked(user)
        user.set_password(new)
        journal.keep(user, by=user, at=at, fields=["password"], verb="password_changed")
        TrustedDevice.objects.filter(user_id=user.pk).delete()
        end_other_sessions(user, but=session_key)
    return user


def set_password(token: str, purpose: Purpose, *, new: str, at: datetime) -> User | None:
    """By a link from a letter. None when the link is used up, old or not ours. Every session ends."""
    with transaction.atomic():
        user = tokens.read(token, purpose, lock=True)
        if user is None:
            return None
        _check(new, user, "new")
        user.set_password(new)
        journal.keep(user, by=user, at=at, fields=["password"], verb="password_set")
        TrustedDevice.objects.filter(user_id=user.pk).delete()
        Session.objects.filter(user=user).delete()
        return user


def ask_reset(typed: str) -> None:
    """Somebody has forgotten a password. The same work for a known and an unknown name (safety A51): whether there
    is anybody to write to is found out later, by a job."""
    announce.ask_reset(typed)
