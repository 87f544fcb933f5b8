"""Watchers of a request: of the desk, and colleagues of the requester who may see it (I12)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.desk import policies
from provodnik.desk.actions.base import changing
from provodnik.desk.models import Contact, Ticket, Watcher

MOST_WATCHERS = 30


def watch(number: int, *, on: bool, by: User, at: datetime) -> Ticket:
    """Somebody of the desk watches a request, or no longer."""
    with changing(number) as ticket:
        require(policies.may_work(by))
        if on:
            _add(ticket, users=[by.pk], contacts=[], at=at)
        else:
            Watcher.objects.filter(ticket=ticket, user=by).delete()
        return ticket


def set_watchers(number: int, *, users: Collection[int], contacts: Collection[int], by: User, at: datetime) -> Ticket:
    """Exactly these people. Raises Refused for somebody who may not see the request."""
    with changing(number) as ticket:
        require(policies.may_work(by))
        Watcher.objects.filter(ticket=ticket, user__isnull=False).exclude(user__in=users).delete()
        Watcher.objects.filter(ticket=ticket, contact__isnull=False).exclude(contact__in=contacts).delete()
        _add(ticket, users=users, contacts=contacts, at=at)
        return ticket


def _add(ticket: Ticket, *, users: Collection[int], contacts: Collection[int], at: datetime) -> None:
    for user in User.objects.filter(pk__in=users):
        if not user.is_desk or not user.is_active:
            raise Refused(_("%(name)s does not work at the desk.") % {"name": user.full_name}, field="people")
    for contact in Contact.objects.select_related("customer").filter(pk__in=contacts):
        if not policies.may_watch(contact, ticket):
            raise Refused(_("%(name)s may not see this request.") % {"name": contact.name}, field="people")
    rows = [Watcher(ticket=ticket, user_id=pk, at=at) for pk in users]
    rows += [Watcher(ticket=ticket, contact_id=pk, at=at) for pk in contacts]
    Watcher.objects.bulk_create(rows, ignore_conflicts=True)
    if Watcher.objects.filter(ticket=ticket).count() > MOST_WATCHERS:
        raise Refused(_("At most %(n)d people watch one request.") % {"n": MOST_WATCHERS}, field="people")
