"""Who keeps subscriptions, and who may read what was sent."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import YES, Decision, no
from provodnik.hooks.models import Subscription


def may_keep(user: User) -> Decision:
    """The administrator connects systems, the lead answers for what leaves the desk."""
    if user.is_administrator or user.is_lead:
        return YES
    return no(_("Only an administrator or a lead may do this."))


def may_send_details(user: User) -> Decision:
    """Texts and names leave the house: only who may read them himself decides that."""
    return YES if user.is_lead else no(_("Only a lead may have texts and names sent."))


def may_read_body(user: User, *, with_details: bool) -> bool:
    """An administrator keeps the machinery and does not read requests."""
    return not with_details or user.is_desk


def visible_subscriptions(user: User) -> QuerySet[Subscription]:
    return Subscription.objects.all() if may_keep(user) else Subscription.objects.none()
