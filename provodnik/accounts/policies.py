"""Who may look after accounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import Session, User
from provodnik.accounts.roles import Role
from provodnik.accounts.scopes import Scope
from provodnik.core.decisions import YES, Decision, no
from provodnik.core.parts import parts


def may_administer(user: User) -> Decision:
    return YES if user.is_administrator else no(_("Only an administrator may do this."))


def visible_users(user: User) -> QuerySet[User]:
    return User.objects.all() if may_administer(user) else User.objects.none()


def visible_sessions(user: User) -> QuerySet[Session]:
    """His own, whatever his role."""
    return Session.objects.filter(user_id=user.pk)


def is_last_administrator(user: User) -> bool:
    """Whether nobody else could let people in again."""
    if not user.is_administrator:
        return False
    return not User.objects.filter(is_active=True, roles__contains=[Role.ADMINISTRATOR]).exclude(pk=user.pk).exists()


def may_lose_administration(user: User) -> Decision:
    if is_last_administrator(user):
        return no(_("This is the only administrator. Make somebody else an administrator first."))
    return YES


REQUESTER = "requester"  # what a rule of the second factor calls those who have no role


def roles_of(user: User) -> list[str]:
    """By which names the rules of the second factor know somebody."""
    return list(user.roles) or [REQUESTER]


@dataclass(frozen=True, slots=True)
class OtherRole:
    """Something that somebody is besides the roles of his account and that opens to him what is other people's: a part
    above names it in Part.extra["factor_roles"] (() → these), so that a second factor can be asked of it.
    `people`: their accounts. Who gives or takes it calls `actions.factors.renew_due`."""

    code: str
    label: str
    people: Callable[[], QuerySet[User]]


def other_roles() -> dict[str, OtherRole]:
    asked = [part.extra["factor_roles"] for part in parts() if "factor_roles" in part.extra]
    return {one.code: one for ask in asked for one in ask()}


def must_set_up(user: User, *, now: datetime) -> bool:
    """His role wants a second factor, he has none and the days of grace are over: he may do nothing else first.
    Read from his own row, which every request has at hand."""
    return user.second_factor_due is not None and user.second_factor_due <= now


def may_reset_factors(user: User, *, by: User) -> Decision:
    if not may_administer(by):
        return may_administer(by)
    if user.pk == by.pk:
        return no(_("Your own second factor is changed in your profile."))
    return YES


def is_of_use(user: User, scope: Scope) -> bool:
    """Whether a token of this person could do anything by the scope at all."""
    if scope in (Scope.DESK_READ, Scope.DESK_WRITE):
        return user.is_desk
    if scope is Scope.DESK_MANAGE:
        return user.is_lead or user.is_administrator
    if scope is Scope.EXCHANGE:
        return user.is_administrator
    inside = (Scope.DIRECTORY_READ, Scope.KNOWLEDGE_WRITE)
    return scope not in inside or user.is_desk or user.is_administrator
