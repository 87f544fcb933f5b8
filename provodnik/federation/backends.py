"""Sign-in by the name and the password of a directory, after the local accounts were asked."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.core.secrets import Unreadable
from provodnik.federation import health
from provodnik.federation.actions import identities
from provodnik.federation.actions.identities import Proved
from provodnik.federation.ldap import client
from provodnik.federation.ldap.client import Setup, Trouble
from provodnik.federation.ldap.entries import Found
from provodnik.federation.models import Directory
from provodnik.federation.setups import said_of, setup_of

log = logging.getLogger(__name__)


class DirectoryBackend(BaseBackend):
    """Asked for every name and password that no local account fits, known or not, with the same questions (A51). What
    could not be judged, and why somebody with a right password stays out, is told by `request.sign_in_trouble`."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if not username or not password:  # an empty password is "success" for nobody at all (RFC 4513, 5.1.2)
            return None
        trouble = ""
        for directory in Directory.objects.filter(is_active=True):
            try:
                return _user_of(directory, username, password)
            except _NotHere:
                continue
            except Trouble:
                trouble = _(
                    "The directory of your organisation does not answer, so its passwords cannot be checked now. Try"
                    " again in some minutes. Who has a password of the portal itself signs in as always."
                )
            except Refused as refused:
                trouble = str(refused)
                break
        if trouble and request is not None:
            request.sign_in_trouble = trouble  # type: ignore[attr-defined]
        return None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


class _NotHere(Exception):
    """This directory knows no such name and password."""


def _user_of(directory: Directory, username: str, password: str) -> User:
    """Raises _NotHere, Trouble, Refused."""
    now = timezone.now()
    setup, found = _proved(directory, username, password)
    if found.is_shut:
        raise Refused(_("Your account in the organisation's directory is switched off."))
    if not found.subject:
        log.error("directory %d tells neither objectGUID nor entryUUID", directory.pk)
        health.failed(directory, "subject", at=now)
        raise Refused(_("The directory does not say who you are. Tell your administrator."))
    roles = _roles(directory, setup, found)
    return identities.enter(directory, told(directory, username, found, roles), at=now, on=timezone.localdate(now))


def told(directory: Directory, username: str, found: Found, roles: frozenset[str] | None) -> Proved:
    return Proved(
        subject=found.subject,
        name=username.strip()[:150],
        full_name=found.values.get(directory.name_attribute, ""),
        number=found.values.get(directory.number_attribute, "") if directory.number_attribute else "",
        email=found.values.get(directory.email_attribute, "") if directory.email_attribute else "",
        fields=said_of(directory, dict(found.values)),
        roles=roles,
    )


def _proved(directory: Directory, username: str, password: str) -> tuple[Setup, Found]:
    now = timezone.now()
    try:
        setup = setup_of(directory)
        with health.turn(directory):
            found = client.prove(setup, username, password, now=now)
    except Unreadable as error:
        health.failed(directory, "secret", at=now)
        raise Trouble("secret") from error
    except Trouble as trouble:
        health.failed(directory, trouble.code, at=now)
        raise
    health.answered(directory, at=now)
    if found is None:
        raise _NotHere
    return setup, found


def _roles(directory: Directory, setup: Setup, found: Found) -> frozenset[str] | None:
    """What his groups give; None where no group gives anything, and then nothing is asked."""
    rows = list(directory.group_roles.all())
    if not rows:
        return frozenset()
    with health.turn(directory):
        member = set(client.in_groups(setup, found.dn, sorted({row.group for row in rows})))
    return frozenset(row.role for row in rows if row.group in member)


def is_password_of(user: User, password: str) -> bool:
    """Whether a directory takes this as the password of somebody who is signed in: «confirm that it is you»."""
    if not password:
        return False
    for row in user.identities.filter(directory__is_active=True).select_related("directory"):
        assert row.directory is not None
        try:
            _setup, found = _proved(row.directory, row.name, password)
        except (_NotHere, Trouble):
            continue
        if found.subject == row.subject and not found.is_shut:
            return True
    return False
