"""Who may look after accounts."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import Session, User
from provodnik.accounts.roles import Role
from provodnik.core.decisions import YES, Decision, no


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
