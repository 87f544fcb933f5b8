"""Who saw whose data in a time: lines of looks from the journal, and each look at a payslip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from provodnik.accounts.models import JournalEntry
from provodnik.core.parts import parts
from provodnik.desk import journal_words
from provodnik.desk.models import Contact, Ticket
from provodnik.payslips.models import PayLook
from provodnik.people.models import Person
from provodnik.privacy.queries.subjects import Subject

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """`since` and `until` bound it (until: not any more); `by`: ids of who looked, empty: anybody; `subject`: whose."""

    since: datetime
    until: datetime
    by: tuple[int, ...] = ()
    subject: Subject | None = None


def _kinds_of_people() -> set[str]:
    found: set[str] = set()
    for part in parts():
        tell = part.extra.get("looks_at_people")
        found |= set(tell()) if tell is not None else set()
    return found


def _about(subject: Subject) -> Q:
    """Lines about him: his cards by their ids, his requests by their numbers."""
    found = Q(pk__in=[])
    if subject.persons:
        was = [
            pk for some in Person.objects.filter(pk__in=subject.persons).values_list("was", flat=True) for pk in some
        ]
        found |= Q(kind__in=_kinds_of_people(), thing__in=[str(pk) for pk in (*subject.persons, *was)])
    if subject.contacts:
        found |= Q(kind="desk.contact", thing__in=[str(pk) for pk in subject.contacts])
        found |= Q(ticket__in=Ticket.objects.filter(contact__in=subject.contacts).values("pk"))
    if subject.users:
        found |= Q(kind="accounts.user", thing__in=[str(pk) for pk in subject.users])
    return found


def journal(asked: Asked) -> QuerySet[JournalEntry]:
    rows = JournalEntry.objects.filter(slot__isnull=False, at__gte=asked.since, at__lt=asked.until)
    if asked.by:
        rows = rows.filter(by__in=asked.by)
    if asked.subject is not None:
        rows = rows.filter(_about(asked.subject))
    return rows.select_related("by").order_by("at", "pk")


def payslips(asked: Asked) -> QuerySet[PayLook]:
    rows = PayLook.objects.filter(at__gte=asked.since, at__lt=asked.until)
    if asked.by:
        rows = rows.filter(by__in=asked.by)
    if asked.subject is not None:
        rows = rows.filter(version__payslip__employment__person__in=asked.subject.persons)
    return rows.select_related("by", "version__payslip__employment__person").order_by("at", "pk")


def count(asked: Asked) -> int:
    return journal(asked).count() + payslips(asked).count()


def lines(asked: Asked) -> Iterator[list[list[Any]]]:
    """Batches of [at, who, login, what, whose, number]: the journal's first, then payslips; each by time."""
    people = _kinds_of_people()
    for batch in _batches(journal(asked)):
        whose = _names(batch, people)
        yield [
            [
                row.at,
                *_who(row.by),
                journal_words.told(row).text,
                whose.get((row.kind, row.thing, row.ticket), ""),
                row.ticket,
            ]
            for row in batch
        ]
    for seen in _batches(payslips(asked)):
        yield [
            [one.at, *_who(one.by), _("Payslip"), one.version.payslip.employment.person.full_name, None] for one in seen
        ]


def _who(user: Any) -> tuple[str, str]:
    return (user.full_name or user.login, user.login) if user is not None else (_("The system"), "")


def _batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """By (at, pk): memory stays flat."""
    last: tuple[datetime, int] | None = None
    while True:
        after = rows if last is None else rows.filter(Q(at__gt=last[0]) | Q(at=last[0], pk__gt=last[1]))
        found = list(after[:BATCH])
        if found:
            yield found
        if len(found) < BATCH:
            return
        last = (found[-1].at, found[-1].pk)


def _names(batch: list[JournalEntry], people: set[str]) -> dict[tuple[str, str, int | None], str]:
    """Whose data each line is about, as he is called now."""
    cards = {row.thing for row in batch if row.kind in people and row.thing.isdecimal()}
    contacts = {row.thing for row in batch if row.kind == "desk.contact" and row.thing.isdecimal()}
    numbers = {row.ticket for row in batch if row.ticket is not None}
    persons = {str(one.pk): one.full_name for one in Person.objects.filter(pk__in=cards)}
    customers = {str(pk): name for pk, name in Contact.objects.filter(pk__in=contacts).values_list("pk", "name")}
    requesters = dict(Ticket.objects.filter(pk__in=numbers).values_list("pk", "requester_name"))
    found = {}
    for row in batch:
        name = persons.get(row.thing, "") if row.kind in people else customers.get(row.thing, "")
        found[row.kind, row.thing, row.ticket] = name or requesters.get(row.ticket or 0, "")
    return found
