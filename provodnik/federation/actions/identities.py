"""Somebody has proved elsewhere who he is: whose account is that here? And linking, unlinking, shutting out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.actions import factors
from provodnik.accounts.models import ApiToken, JournalEntry, Session, TrustedDevice, User
from provodnik.accounts.policies import is_last_administrator, may_administer
from provodnik.accounts.queries import find_by_typed
from provodnik.accounts.roles import Role
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line
from provodnik.entry.names import fold_number, spellings
from provodnik.federation.models import Directory, Identity, Provider
from provodnik.federation.policies import may_link_by_number
from provodnik.federation.states import Admits, How
from provodnik.people.actions import persons
from provodnik.people.models import Employment, Person
from provodnik.people.policies import current

_LETTER = re.compile(r"[^\W\d_]")
_LOGIN = re.compile(r"[^\w.@-]+")


@dataclass(frozen=True, slots=True)
class Proved:
    """Who somebody is with a directory or a provider. `name`: how he signs in there; `email`: only where the other side
    answers for it; `roles`: what his groups give, None where groups were not asked."""

    subject: str
    name: str
    full_name: str = ""
    number: str = ""
    email: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    roles: frozenset[str] | None = None


def issuer_of(source: Directory | Provider) -> str:
    return source.issuer


def enter(source: Directory | Provider, told: Proved, *, at: datetime, on: date) -> User:
    """The account of who has proved this; linked or made on the way where the settings allow that. Raises Refused."""
    try:
        with transaction.atomic():
            row = _identity(source, told.subject)
            if row is None:
                row = _linked(source, told, at=at, on=on)
            user = User.objects.select_for_update().get(pk=row.user_id)
            _reopen(row, user, at=at)
            if not user.is_active:
                raise Refused(_("An administrator has switched your account off."))
            row.used_at, row.name = at, one_line(told.name, 300) or row.name
            row.save(update_fields=["used_at", "name"])
            if told.roles is not None:
                _give(row, user, told.roles, at=at)
            _tell_people(user, told, at=at)
            return user
    except IntegrityError as error:  # two first sign-ins at once: the second comes again and finds the identity
        raise Refused(_("Try once more, please.")) from error


def _identity(source: Directory | Provider, subject: str) -> Identity | None:
    rows = Identity.objects.select_for_update(of=("self",))
    return rows.filter(issuer=issuer_of(source), subject=subject).first()


def _linked(source: Directory | Provider, told: Proved, *, at: datetime, on: date) -> Identity:
    """A first sign-in. Whose account it is, the personnel number says, and nothing that two people could share."""
    person = person_of(told.number, source, on=on)
    if person is not None and person.user is not None:
        require(may_link_by_number(person.user))
        return link(source, person.user, told, how=How.NUMBER, by=None, at=at)
    if person is not None:
        user = _made(source, told, login=f"employee-{person.pk}", full_name=person.full_name)
        persons.link_user(person.pk, user, by=None, at=at, on=on)
        return link(source, user, told, how=How.NUMBER, by=None, at=at)
    if source.admits != Admits.EVERYBODY:
        raise Refused(
            _("You are known there, but the portal has no account for you. Your administrator links it or adds one.")
        )
    user = _made(source, told, login=_free_login(told.name), full_name=told.full_name or told.name)
    return link(source, user, told, how=How.NEW, by=None, at=at)


def person_of(number: str, source: Directory | Provider, *, on: date) -> Person | None:
    """The one person who works here now under this number."""
    folded = fold_number(number[:30])
    if not folded:
        return None
    rows = Employment.objects.filter(current(on), personnel_number__in=spellings(folded))
    if source.organisation_id is not None:
        rows = rows.filter(organisation_id=source.organisation_id)
    found = set(rows.values_list("person_id", flat=True)[:100])
    if len(found) != 1:
        return None
    return Person.objects.select_related("user").get(pk=found.pop())


def _free_login(name: str) -> str:
    """The name of there, where nobody here is called so. Never digits alone: those are personnel numbers and phones."""
    base = _LOGIN.sub("-", name.lower())[:100].strip("-.@") or "account"
    base = base if _LETTER.search(base) else f"account-{base}"
    for number in range(1, 1000):
        login = base if number == 1 else f"{base}-{number}"
        if find_by_typed(login) is None:
            return login
    raise Refused(_("Try once more, please."))


def _made(source: Directory | Provider, told: Proved, *, login: str, full_name: str) -> User:
    email = told.email.strip().lower()
    if email and (len(email) > 254 or "@" not in email or find_by_typed(email) is not None):
        email = ""
    if find_by_typed(login) is not None:
        raise Refused(_("Somebody else has the account that would be yours. Tell your administrator."))
    user: User = User.objects.create_user(login, email=email, full_name=one_line(full_name, 200) or login)
    factors.renew_due(user)
    return user


def link(
    source: Directory | Provider, user: User, told: Proved, *, how: How, by: User | None, at: datetime
) -> Identity:
    """From now on this identity is this account. A directory's password then is the only one: a local one would still
    open the door after the directory has shut it. Raises Refused."""
    if Identity.objects.filter(issuer=issuer_of(source), subject=told.subject).exclude(user=user).exists():
        raise Refused(_("This identity belongs to another account already."))
    if Identity.objects.filter(issuer=issuer_of(source), user=user).exists():
        raise Refused(_("The account is linked to somebody else there already."))
    row = Identity.objects.create(
        user=user,
        directory=source if isinstance(source, Directory) else None,
        provider=source if isinstance(source, Provider) else None,
        issuer=issuer_of(source),
        subject=told.subject,
        name=one_line(told.name, 300),
        how=how.value,
        linked_at=at,
        linked_by=by,
        looked_at=at,
    )
    if _password_is_theirs(source, user, how):
        user.set_unusable_password()
        user.is_external = True
        user.save(update_fields=["password", "is_external"])
        Session.objects.filter(user=user).delete()
        TrustedDevice.objects.filter(user=user).delete()
    journal.note(user, "linked", by=by, at=at, source=str(source), how=how.value)
    return row


def _password_is_theirs(source: Directory | Provider, user: User, how: How) -> bool:
    """An administrator keeps his own: he gets in when the directory does not answer. Whoever linked a provider himself
    keeps what he had."""
    if user.has_role(Role.ADMINISTRATOR):
        return False
    return isinstance(source, Directory) or how is How.NEW or not user.has_usable_password()


def unlink(row: Identity, *, by: User, at: datetime) -> None:
    """By an administrator, or by the owner where he has another way in. Raises Refused."""
    with transaction.atomic():
        row = Identity.objects.select_for_update(of=("self",)).select_related("user").get(pk=row.pk)
        user = User.objects.select_for_update().get(pk=row.user_id)
        if by.pk != user.pk:
            require(may_administer(by))
        elif user.is_external:
            raise Refused(_("There is no other way into your account: ask an administrator."))
        _give(row, user, frozenset(), at=at)
        source = str(row.directory or row.provider)
        row.delete()
        if not user.identities.exists():
            user.is_external = False
            user.save(update_fields=["is_external"])
        Session.objects.filter(user=user).exclude(user_id=by.pk).delete()
        journal.note(user, "unlinked", by=by, at=at, source=source)


def _give(row: Identity, user: User, wanted: frozenset[str], *, at: datetime) -> None:
    """Roles by groups: those that groups gave before are taken where they give them no more; those that a person gave
    stay. The only administrator stays one."""
    by_hand = set(user.roles) - set(row.roles)
    roles = sorted(by_hand | wanted)
    if user.is_administrator and Role.ADMINISTRATOR not in roles and is_last_administrator(user):
        return
    given = sorted(wanted - by_hand)
    if given != sorted(row.roles):
        row.roles = given
        row.save(update_fields=["roles"])
    if roles != sorted(user.roles):
        before, user.roles = user.roles, roles
        user.save(update_fields=["roles"])
        factors.renew_due(user)
        journal.note(user, "changed", by=None, at=at, roles=[before, roles])


def _tell_people(user: User, told: Proved, *, at: datetime) -> None:
    if not told.fields:
        return
    person = Person.objects.filter(user=user).values_list("pk", flat=True).first()
    if person is not None:
        persons.hear_directory(person, told.fields, at=at)


def _reopen(row: Identity, user: User, *, at: datetime) -> None:
    if row.closed_at is None:
        return
    row.closed_at = None
    row.save(update_fields=["closed_at"])
    if not user.is_active and not _was_switched_by_somebody(user):
        user.is_active = True
        user.save(update_fields=["is_active"])
        journal.note(user, "switched_on", by=None, at=at)


def _was_switched_by_somebody(user: User) -> bool:
    """Whether an administrator had the last word, and not the directory: then it stays with him."""
    lines = JournalEntry.objects.filter(kind=User._meta.label_lower, thing=str(user.pk))
    last = lines.filter(verb__in=("switched_off", "switched_on")).order_by("-pk").values_list("by_id", flat=True)[:1]
    return any(by is not None for by in last)


def shut_out(identity_id: int, *, at: datetime) -> bool:
    """The directory has disabled somebody, or does not know him any more: out within a minute. Returns whether he was
    in. The only administrator stays: nobody could let anybody in again."""
    with transaction.atomic():
        row = Identity.objects.select_for_update(of=("self",)).get(pk=identity_id)
        user = User.objects.select_for_update().get(pk=row.user_id)
        if not user.is_external or not user.is_active or is_last_administrator(user):
            return False
        user.is_active = False
        user.save(update_fields=["is_active"])
        Session.objects.filter(user=user).delete()
        TrustedDevice.objects.filter(user=user).delete()
        ApiToken.objects.filter(owner=user, revoked_at__isnull=True).update(revoked_at=at)
        row.closed_at = at
        row.save(update_fields=["closed_at"])
        journal.note(user, "switched_off", by=None, at=at, source=str(row.directory))
        return True


def come_back(identity_id: int, *, at: datetime) -> None:
    with transaction.atomic():
        row = Identity.objects.select_for_update(of=("self",)).get(pk=identity_id)
        _reopen(row, User.objects.select_for_update().get(pk=row.user_id), at=at)


def sign_out_everywhere(source: Provider, subject: str, *, at: datetime) -> int:
    """The provider says that his session there is over. Returns how many of ours ended."""
    row = Identity.objects.filter(issuer=source.issuer, subject=subject).first()
    if row is None:
        return 0
    with transaction.atomic():
        count: int = Session.objects.filter(user_id=row.user_id).delete()[0]
        if count:
            journal.note(row.user, "signed_out", by=None, at=at, sessions=count, source=str(source))
    return count


def looked(identities: Sequence[int], *, at: datetime) -> None:
    Identity.objects.filter(pk__in=identities).update(looked_at=at)
