"""Who keeps directories and providers, and whose account may be linked without a person deciding it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.accounts.policies import may_administer
from provodnik.core.decisions import YES, Decision, no
from provodnik.entry.policies import staff_among
from provodnik.federation.models import Directory, Identity, Provider


def visible_directories(user: User) -> QuerySet[Directory]:
    return Directory.objects.all() if may_administer(user) else Directory.objects.none()


def visible_providers(user: User) -> QuerySet[Provider]:
    return Provider.objects.all() if may_administer(user) else Provider.objects.none()


def may_link_by_number(user: User) -> Decision:
    """Whether a personnel number that a directory or a provider tells is enough. Who has rights over others is linked
    by himself or by an administrator: else whoever writes numbers into a directory takes over an administrator."""
    if user.roles or staff_among({user.pk}):
        return no(
            _("Your account has rights over others. Sign in as before, then link it yourself or ask an administrator.")
        )
    return YES


def own_identities(user: User) -> QuerySet[Identity]:
    return Identity.objects.filter(user_id=user.pk)
