"""An administrator writes down directories and providers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.accounts.policies import may_administer
from provodnik.core.decisions import Refused, require
from provodnik.federation import health
from provodnik.federation.models import Directory, GroupRole, Provider
from provodnik.federation.oidc import provider as oidc

FIELDS = [
    "name", "is_active", "position", "kind", "servers", "security", "ca", "bind_dn", "base", "narrow", "logins",
    "number_attribute", "name_attribute", "email_attribute", "phone_attribute", "room_attribute", "admits",
    "organisation",
]  # fmt: skip
OF_PROVIDER = [
    "name", "is_active", "position", "issuer", "client_id", "scopes", "number_claim", "admits", "organisation",
]  # fmt: skip


def save_directory(
    row: Directory, *, password: str, groups: Collection[tuple[str, str]], by: User, at: datetime
) -> Directory:
    """`password`: "" keeps the one that is there; `groups`: (DN, role) pairs, all of them. Raises Refused."""
    require(may_administer(by))
    with transaction.atomic():
        is_new = row.pk is None
        if password:
            row.bind_password = password
        if not row.bind_dn:
            row.bind_secret = ""
        if is_new:
            row.save()
            journal.note(row, "added", by=by, at=at)
        else:
            journal.keep(row, by=by, at=at, fields=[*FIELDS, "bind_secret"])
        before = set(row.group_roles.values_list("group", "role"))
        if before != set(groups):
            row.group_roles.all().delete()
            GroupRole.objects.bulk_create(
                GroupRole(directory=row, group=group, role=role) for group, role in sorted(set(groups))
            )
            said = ["; ".join(f"{group} → {role}" for group, role in sorted(some)) for some in (before, groups)]
            journal.note(row, "changed", by=by, at=at, groups=said)
    health.rested()
    return row


def save_provider(row: Provider, *, secret: str, by: User, at: datetime) -> Provider:
    """`secret`: "" keeps the one that is there. Raises Refused."""
    require(may_administer(by))
    try:
        with transaction.atomic():
            is_new = row.pk is None
            if secret:
                row.client_secret = secret
            if is_new:
                row.save()
                journal.note(row, "added", by=by, at=at)
            else:
                journal.keep(row, by=by, at=at, fields=[*OF_PROVIDER, "client_secret_sealed"])
    except IntegrityError as error:
        raise Refused(_("There is such a provider already."), "issuer") from error
    oidc.known.forget()
    return row


def remove(row: Directory | Provider, *, by: User, at: datetime) -> None:
    """With its identities: whoever has no other way in needs an invitation or a slip. Raises Refused."""
    require(may_administer(by))
    with transaction.atomic():
        users = User.objects.filter(identities__in=row.identities.all())
        alone = [user.pk for user in users if not user.identities.exclude(issuer=row.issuer).exists()]
        if any(identity.roles for identity in row.identities.all()):
            raise Refused(_("Groups of this directory still give roles: unlink who has them first."))
        User.objects.filter(pk__in=alone).update(is_external=False)
        journal.note(row, "removed", by=by, at=at, identities=row.identities.count())
        row.delete()
