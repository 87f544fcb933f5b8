"""People: brought by an exchange, joined, corrected by hand, given an account."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.core.secrets import key_for
from provodnik.people import cleaning
from provodnik.people.actions import listing
from provodnik.people.actions.proving import prove
from provodnik.people.actions.taking import (
    Incoming,
    Kind,
    Said,
    Verdict,
    Work,
    apply,
    clean,
    once,
    record,
    save,
)
from provodnik.people.models import Person, PersonKey
from provodnik.people.policies import belonging, may_correct
from provodnik.people.sources import DIRECTORY_FIELDS
from provodnik.people.states import Happened, Source

NAMES = ("surname", "first_name", "patronymic")
LISTED = frozenset({*NAMES, "work_phone", "room"})
CORRECTED = (*NAMES, "work_phone", "work_email", "room")  # by HR; the rest is asked for with proof (cabinet B9)


def snils_digest(snils: str) -> str:
    """By which a SNILS is found without being readable; "" for none."""
    return hmac.new(key_for("snils"), snils.encode(), hashlib.sha256).hexdigest() if snils else ""


def _put_snils(person: Person, value: str) -> None:
    person.snils, person.snils_digest = value, snils_digest(value)


def _put_contact(name: str) -> Any:
    def put(person: Person, value: str) -> None:
        setattr(person, name, value)
        setattr(person, f"{name}_confirmed_at", None)  # another address has yet to be proved

    return put


PERSONS: Kind[Person] = Kind(
    model=Person,
    cleaners={
        "surname": cleaning.text(100),
        "first_name": cleaning.text(100),
        "patronymic": cleaning.text(100),
        "birth_date": cleaning.day(),
        "snils": cleaning.snils,
        "work_phone": cleaning.text(60),
        "work_email": cleaning.email,
        "room": cleaning.text(60),
        "phone": cleaning.phone,
        "email": cleaning.email,
    },
    event=lambda row: {"person": row.pk},
    # sealed differently each time: told apart by its digest, read where that fits
    read={"snils": lambda row: row.snils_digest},
    write={"snils": lambda row, value: None, "phone": _put_contact("phone"), "email": _put_contact("email")},
    columns={
        "snils": ("snils_sealed", "snils_digest"),
        "phone": ("phone", "phone_confirmed_at"),
        "email": ("email", "email_confirmed_at"),
    },
)


def take_persons(rows: Sequence[Incoming], *, source: Source, at: datetime, by: User | None = None) -> list[Verdict]:
    """Fields: surname, first_name, patronymic, birth_date, snils, work_phone, work_email, room (seen in the directory),
    phone, email (his own, never seen there). A new reference with the SNILS of somebody known by another one is
    refused with `twin`: HR says by `join` whether it is the same person."""
    said = Said(source, at, by)
    with transaction.atomic():
        pairs = [clean(PERSONS, one) for one in rows]
        verdicts = [verdict for _values, verdict in pairs]
        once(verdicts)
        there = _known([verdict.guid for verdict in verdicts if verdict.what != "refused" and verdict.guid])
        digests = {snils_digest(values["snils"]) for values, _verdict in pairs if values.get("snils")}
        twins = dict(Person.objects.filter(snils_digest__in=digests).values_list("snils_digest", "pk"))
        works: list[Work[Person]] = []
        fresh: list[tuple[Work[Person], uuid.UUID]] = []
        first: dict[str, Work[Person]] = {}  # of this very batch, by SNILS
        second: list[tuple[Verdict, Work[Person]]] = []
        for values, verdict in pairs:
            if verdict.what == "refused" or verdict.guid is None:
                continue
            person = there.get(verdict.guid)
            digest = snils_digest(values.get("snils") or "")
            if digest and digest in first:
                verdict.refuse(_("Somebody else has the same SNILS. If it is the same person, say so."), "snils")
                second.append((verdict, first[digest]))
                continue
            work = _taken(person, values, said, verdict, twins)
            if work is not None:
                first[digest] = work
                works.append(work)
                if work.is_new:
                    fresh.append((work, verdict.guid))
        save(PERSONS, works, said)
        for verdict, work in second:
            verdict.twin = work.row.pk
        PersonKey.objects.bulk_create(
            PersonKey(guid=guid, person=work.row) for work, guid in fresh if work.verdict.what == "added"
        )
        renamed(verdicts)
        if source is Source.ONEC:
            prove([verdict.pk for verdict in verdicts if verdict.pk is not None], at=at)
    return verdicts


def _known(guids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Person]:
    """The people of these references, locked in the order of their ids."""
    keys = dict(PersonKey.objects.filter(guid__in=guids).values_list("guid", "person_id"))
    rows = Person.objects.select_for_update(of=("self",)).filter(pk__in=set(keys.values())).order_by("pk")
    people = {row.pk: row for row in rows}
    return {guid: people[pk] for guid, pk in keys.items()}


def _taken(
    person: Person | None, values: dict[str, Any], said: Said, verdict: Verdict, twins: Mapping[str, int]
) -> Work[Person] | None:
    is_new, snils = person is None, values.get("snils")
    digest = snils_digest(snils) if snils else ""
    twin = twins.get(digest) if digest else None
    if twin is not None and (person is None or person.pk != twin):
        verdict.twin = twin
        verdict.refuse(_("Somebody else has the same SNILS. If it is the same person, say so."), "snils")
        return None
    if person is None:
        if not values.get("surname") and not values.get("first_name"):
            verdict.refuse(_("A person needs a name."), "surname")
            return None
        person = Person()
    verdict.pk = person.pk
    told = apply(PERSONS, person, values | ({"snils": digest} if "snils" in values else {}), said, verdict)
    if "snils" in verdict.changed:
        _put_snils(person, snils or "")
    return Work(person, verdict, told, is_new)


def renamed(verdicts: Sequence[Verdict]) -> None:
    """What the directory shows of these people is written anew; their accounts have their names."""
    changed = [
        (verdict.pk, set(verdict.changed))
        for verdict in verdicts
        if verdict.what == "changed" and verdict.pk is not None and LISTED & set(verdict.changed)
    ]
    listing.relist(person_id__in=[pk for pk, _fields in changed])
    named = [pk for pk, fields in changed if fields & set(NAMES)]
    users = []
    for person in Person.objects.filter(pk__in=named, user__isnull=False).select_related("user"):
        assert person.user is not None
        person.user.full_name = person.full_name
        users.append(person.user)
    User.objects.bulk_update(users, ["full_name"])


def join(guid: uuid.UUID, person_id: int, *, by: User, at: datetime) -> None:
    """HR says that a reference of another base is this person. The exchange that was refused with `twin` is taken when
    it comes again. Raises Refused, Person.DoesNotExist."""
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
        require(may_correct(by, person, on=at.date()))
        _key, made = PersonKey.objects.get_or_create(guid=guid, defaults={"person": person})
        if not made and _key.person_id != person.pk:
            raise Refused(_("This reference belongs to somebody else already."))
        if made:
            record(Happened.LINKED, Said(Source.HAND, at, by), {"guid": [None, str(guid)]}, person=person.pk)


def correct(person_id: int, values: Mapping[str, Any], *, by: User, at: datetime, on: date) -> Verdict:
    """HR corrects what the directory shows (CORRECTED). The fields are a hand's from now on: an exchange that says
    otherwise is shown as a difference. Raises Refused, Person.DoesNotExist."""
    said = Said(Source.HAND, at, by)
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
        require(may_correct(by, person, on=on))
        cleaned = {name: PERSONS.cleaners[name](value, name) for name, value in values.items() if name in CORRECTED}
        if not cleaned.get("surname", person.surname) and not cleaned.get("first_name", person.first_name):
            raise Refused(_("A person needs a name."), "surname")
        verdict = Verdict(None, pk=person.pk)
        # what was not touched in a form is no correction
        told_of = {name: value for name, value in cleaned.items() if value != getattr(person, name)}
        told = apply(PERSONS, person, told_of, said, verdict)
        if told:
            person.save(update_fields=["sources", "differs", *verdict.changed])
            record(Happened.CORRECTED, said, told, person=person.pk)
            renamed([verdict])
    return verdict


def hear_directory(person_id: int, values: Mapping[str, Any], *, at: datetime) -> Verdict:
    """What the directory of accounts (LDAP) says of somebody who signs in by it: DIRECTORY_FIELDS alone; a value that
    is none is left out. Raises Person.DoesNotExist."""
    said, cleaned = Said(Source.LDAP, at, None), {}
    for name in DIRECTORY_FIELDS & set(values):
        with suppress(Refused):
            cleaned[name] = PERSONS.cleaners[name](values[name], name)
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
        verdict = Verdict(None, pk=person.pk)
        told = apply(PERSONS, person, cleaned, said, verdict)
        if verdict.what == "changed":
            person.save(update_fields=["sources", "differs", *verdict.changed])
        if told:
            record(Happened.CHANGED, said, told, person=person.pk)
            renamed([verdict])
    return verdict


def follow_exchange(person_id: int, field: str, *, by: User, at: datetime, on: date) -> Verdict:
    """HR gives a corrected field back: what the exchange says is taken. Raises Refused, Person.DoesNotExist."""
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
        require(may_correct(by, person, on=on))
        told = person.differs.get(field)
        if told is None or field not in CORRECTED:
            raise Refused(_("There is no difference in this field any more."))
        person.sources = {name: value for name, value in person.sources.items() if name != field}
        said, verdict = Said(Source(told["source"]), at, by), Verdict(None, pk=person.pk)
        offered = PERSONS.cleaners[field](told["offered"], field)
        changed = apply(PERSONS, person, {field: offered}, said, verdict)
        person.save(update_fields=["sources", "differs", field])
        record(Happened.CHANGED, said, changed, person=person.pk)
        renamed([verdict])
    return verdict


def link_user(person_id: int, user: User | None, *, by: User | None, at: datetime, on: date) -> Person:
    """Give a person an account, or take it (None). An account is of one person. `by` None: the entry itself, after the
    person has proved who he is. Raises Refused."""
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
        if by is not None:
            require(may_correct(by, person, on=on))
        if user is not None and Person.objects.filter(user_id=user.pk).exclude(pk=person.pk).exists():
            raise Refused(_("The account is somebody else's already."), "user")
        before, person.user = person.user_id, user
        if before != person.user_id:
            person.save(update_fields=["user"])
            said = Said(Source.HAND, at, by)
            data = {"user": [before, person.user_id]}
            record(Happened.LINKED if user else Happened.UNLINKED, said, data, person=person.pk)
            if before is not None:
                User.objects.filter(pk=before).update(is_employee=False)
            mark_employees([person.pk], on=on)
    return person


def mark_employees(person_ids: Sequence[int] | None, *, on: date) -> None:
    """Let the accounts of these people (None: of all) say whether they work here on this day, or are personnel. Called
    wherever that may change, and each hour for those whose first or last day has come."""
    users = User.objects.all() if person_ids is None else User.objects.filter(employee__in=person_ids)
    belongs = belonging(on)
    users.filter(belongs, is_employee=False).update(is_employee=True)
    users.filter(~belongs, is_employee=True).update(is_employee=False)
