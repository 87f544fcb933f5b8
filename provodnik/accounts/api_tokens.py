"""Tokens of the API: made by their owner, shown once, ended by him or by an administrator.

`pvd_<prefix>_<secret>`: the prefix finds the row, the secret's sum is compared in constant time. A name before it lets
scanners of source code find a token that somebody published.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.models import ApiToken, User
from provodnik.accounts.policies import may_administer
from provodnik.accounts.scopes import Scope
from provodnik.core.decisions import Refused
from provodnik.core.text import one_line

LONGEST_LIFE = timedelta(days=366)
MOST_OF_ONE = 20  # living tokens of one person
_SHAPE = re.compile(r"pvd_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def make(
    *,
    owner: User,
    name: str,
    scopes: Collection[Scope],
    lasts: timedelta | None,
    at: datetime,
    form: uuid.UUID | None = None,
) -> tuple[ApiToken, str]:
    """A new token of one's own, and its key: nobody can read it a second time. `lasts` None: until it is revoked.
    The same `form` again gives the token that it made, and no key."""
    name = one_line(name, 100)
    if not name:
        raise Refused(_("Name the program that will use the token."), field="name")
    if not scopes:
        raise Refused(_("Choose what the token is good for."), field="scopes")
    if lasts is not None and not timedelta(0) < lasts <= LONGEST_LIFE:
        raise Refused(_("A token lasts a year at most."), field="lasts")
    prefix = form.hex[-12:] if form is not None else secrets.token_hex(6)
    key = f"pvd_{prefix}_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)  # two forms at once are counted one after another
        known = ApiToken.objects.filter(prefix=prefix).first()
        if known is not None:
            if known.owner_id != owner.pk:
                raise Refused(_("This form was already used. Open it anew."))
            return known, ""
        if living(owner, at).count() >= MOST_OF_ONE:
            raise Refused(_("You have as many tokens as one may have. Revoke those that nobody uses."))
        token = ApiToken.objects.create(
            owner=owner,
            name=name,
            prefix=prefix,
            digest=_digest(key),
            scopes=sorted(scope.value for scope in scopes),
            created_at=at,
            expires_at=at + lasts if lasts is not None else None,
        )
        journal.note(token, "added", by=owner, at=at, scopes=token.scopes)
    return token, key


def living(owner: User, now: datetime) -> QuerySet[ApiToken]:
    """Tokens of one person that still open something."""
    return ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), owner=owner, revoked_at=None)


def visible(user: User) -> QuerySet[ApiToken]:
    """His own; an administrator's: everybody's."""
    tokens = ApiToken.objects.select_related("owner", "revoked_by")
    return tokens if may_administer(user) else tokens.filter(owner_id=user.pk)


def revoke(token: ApiToken, *, by: User, at: datetime) -> None:
    """End it at once; ended twice, it is ended once. Raises ApiToken.DoesNotExist for what is not his to end."""
    with transaction.atomic():
        row = visible(by).select_for_update(of=("self",)).get(pk=token.pk)
        if row.revoked_at is not None:
            return
        row.revoked_at, row.revoked_by = at, by
        row.save(update_fields=["revoked_at", "revoked_by"])
        journal.note(row, "revoked", by=by, at=at, owner=str(row.owner))


def read(key: str, *, now: datetime) -> ApiToken | None:
    """The living token behind a key, with its owner as he is at this moment; None for anything else, an owner who was
    switched off among it."""
    shaped = _SHAPE.fullmatch(key)
    if shaped is None:
        return None
    token = ApiToken.objects.select_related("owner").filter(prefix=shaped[1]).first()
    if token is None or not hmac.compare_digest(token.digest, _digest(key)):
        return None
    return token if token.is_living(now) and token.owner.is_active else None
