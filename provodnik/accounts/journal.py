"""The journal: who set up what, and who looked at what. A line of a change is written in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import JournalEntry, User
from provodnik.core.decisions import Refused
from provodnik.core.text import one_line

T = TypeVar("T", bound=models.Model)
LONGEST_VALUE = 300
SECRETS = frozenset({"password", "imap_secret", "smtp_secret", "bind_secret", "client_secret_sealed", "secret_sealed"})
# Columns that the machine keeps for itself: no decision of a person.
UNTOLD = frozenset(
    {
        "last_login",
        "reset_sent_at",
        "created_at",
        "revision",
        "second_factor_due",
        "is_employee",
        "is_former",
        "is_external",
    }
)


def note(
    thing: models.Model,
    verb: str,
    *,
    by: User | None,
    at: datetime,
    of_ticket: int | None = None,
    of_customer: int | None = None,
    **data: Any,
) -> JournalEntry:
    """Write a line. `data`: {field: [old, new]} or facts of the verb; secrets never. `of_ticket`, `of_customer`:
    about which request and whose, so that the line is found by them."""
    return JournalEntry.objects.create(
        at=at,
        by=by,
        verb=verb,
        kind=thing._meta.label_lower,
        thing=str(thing.pk or ""),
        title=one_line(str(thing), 300),
        data=data,
        ticket=of_ticket,
        customer=of_customer if of_customer is not None else _customer_of(thing),
    )


def _customer_of(thing: models.Model) -> int | None:
    """Of which customer a thing is: it says so by a column of that name."""
    found = getattr(thing, "customer_id", None)
    return found if isinstance(found, int) else None


_LOOKED = """
INSERT INTO accounts_journalentry (at, by_id, verb, kind, thing, title, data, ticket, customer, slot)
VALUES (%s, %s, %s, %s, %s, '', '{}', %s, %s, %s) ON CONFLICT DO NOTHING
"""
SLOT = 6 * 3600  # seconds: a quarter of a day


def looked(
    by: User,
    kind: str,
    thing: object,
    *,
    at: datetime,
    ticket: int | None = None,
    customer: int | None = None,
    verb: str = "looked",
) -> None:
    """Note that somebody looked at a thing (verb "looked") or took it along ("downloaded", "exported"): a line for a
    person, a thing and a quarter of a day. One statement, which changes nothing from the second time on."""
    slot = int(at.timestamp()) // SLOT
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED, [at, by.pk, verb[:32], kind[:64], str(thing)[:64], ticket, customer, slot])


_LOOKED_AT_EACH = """
INSERT INTO accounts_journalentry (at, by_id, verb, kind, thing, title, data, slot)
SELECT %s, %s, 'looked', %s, one, '', '{}', %s FROM unnest(%s::text[]) AS one ON CONFLICT DO NOTHING
"""


def looked_at_each(by: User, kind: str, things: Iterable[object], *, at: datetime) -> None:
    """The same for the things of one page, by one statement."""
    names = sorted({str(thing)[:64] for thing in things})
    if names:
        with connection.cursor() as cursor:
            cursor.execute(_LOOKED_AT_EACH, [at, by.pk, kind[:64], int(at.timestamp()) // SLOT, names])


def _told(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    return one_line(str(value), LONGEST_VALUE)


def _value(thing: models.Model, field: models.Field[Any, Any]) -> Any:
    if isinstance(field, models.ForeignKey):
        found = getattr(thing, field.name)
        return str(found) if found is not None else None
    return getattr(thing, field.attname)


def changes(old: models.Model | None, new: models.Model) -> Mapping[str, list[Any]]:
    """{field: [old, new]} of what differs; of a secret only that it does."""
    found: dict[str, list[Any]] = {}
    for field in new._meta.concrete_fields:
        if field.primary_key or field.name in UNTOLD:
            continue
        before = _value(old, field) if old is not None else None
        after = _value(new, field)
        if before == after or (old is None and after in ("", None, [], {})):
            continue
        found[field.name] = ["•", "•"] if field.name in SECRETS else [_told(before), _told(after)]
    return found


def keep(
    thing: T, *, by: User, at: datetime, fields: Iterable[str] | None = None, verb: str = "", data: Any = None
) -> T:
    """Save a thing that a person has edited, with its line in the journal; unchanged, it leaves no line.

    `fields`: only these columns are written. Raises Refused when the database will not have it."""
    try:
        with transaction.atomic():
            model = thing._meta.model._default_manager  # not type(): the signed-in user is wrapped
            old = model.select_for_update(of=("self",)).filter(pk=thing.pk).first() if thing.pk else None
            differs = changes(old, thing)
            thing.save(update_fields=list(fields) if fields is not None and old is not None else None)
            if differs or old is None or data:
                told: dict[str, Any] = {**differs, **(data or {})}
                note(thing, verb or ("changed" if old is not None else "added"), by=by, at=at, **told)
    except IntegrityError as error:
        raise Refused(_("The database does not accept this: the same exists already.")) from error
    return thing


def remove(thing: models.Model, *, by: User, at: datetime) -> None:
    """Delete a thing that nothing refers to, with its line in the journal. Raises Refused."""
    try:
        with transaction.atomic():
            note(thing, "removed", by=by, at=at)
            thing.delete()
    except models.ProtectedError as error:
        raise Refused(_("It is in use and cannot be removed.")) from error
