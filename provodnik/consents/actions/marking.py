"""Personnel marks that people have signed on paper: one with his scan, or a page of people with one day."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.consents import words
from provodnik.consents.actions.base import day_of_paper, to_be_told
from provodnik.consents.actions.scans import keep_scans
from provodnik.consents.models import Consent, ConsentStep, Edition, MarkedPerson, Marking
from provodnik.consents.policies import may_keep
from provodnik.consents.states import Did, Standing, Verdict
from provodnik.core.decisions import ChangedMeanwhile, Refused, require
from provodnik.core.uploads import NewFile
from provodnik.notify.actions import Told, tell_each
from provodnik.people.models import Employment, Person

MOST = 100  # people of one form
DONE = (Verdict.MARKED, Verdict.REPLACED)


def mark(
    person_id: int,
    edition_id: int,
    given_on: date,
    scans: Sequence[NewFile] = (),
    *,
    key: uuid.UUID,
    by: User,
    at: datetime,
    on: date,
) -> Consent:
    """One person. The same `key` again gives what the first has made. Raises Refused, Edition.DoesNotExist."""
    with transaction.atomic():
        marking, is_new = _mark(edition_id, given_on, [person_id], key=key, by=by, at=at, on=on)
        (one,) = marking.people.all()
        if one.person_id != person_id:
            raise Refused(_("This form was sent already."))
        if Verdict(one.verdict) not in DONE:
            text, _tone = words.verdict(one.verdict)
            raise Refused(text[:1].upper() + text[1:] + ".", "given_on")
        rows = Consent.objects.filter(person_id=person_id, edition_id=edition_id, given_on=given_on)
        row = rows.select_related("person", "organisation").order_by("-pk")[0]
        if is_new:
            keep_scans(row, scans, by=by, at=at)
    return row


def mark_many(
    edition_id: int, given_on: date, person_ids: Collection[int], *, key: uuid.UUID, by: User, at: datetime, on: date
) -> Marking:
    """Each with his own verdict (`Marking.people`). The same `key` again changes nothing and gives the same verdicts.
    Raises Refused, Edition.DoesNotExist."""
    if not person_ids:
        raise Refused(_("Tick who has signed."), "people")
    if len(person_ids) > MOST:
        raise Refused(_("Too many at once: a hundred at most."), "people")
    with transaction.atomic():
        return _mark(edition_id, given_on, person_ids, key=key, by=by, at=at, on=on)[0]


def _mark(
    edition_id: int, given_on: date, person_ids: Collection[int], *, key: uuid.UUID, by: User, at: datetime, on: date
) -> tuple[Marking, bool]:
    """Whether it is new."""
    edition = Edition.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=edition_id)
    require(may_keep(by, edition.organisation_id))
    known = Marking.objects.filter(key=key).first()
    if known is not None:
        if known.edition_id != edition_id or known.by_id != by.pk:
            raise Refused(_("This form was sent already."))
        return known, False
    day_of_paper(given_on, on=on, since=edition.since, field="given_on")
    try:
        with transaction.atomic():
            marking = Marking.objects.create(
                key=key, organisation=edition.organisation, edition=edition, given_on=given_on, by=by, at=at
            )
            verdicts = _verdicts(edition, given_on, sorted(set(person_ids)), by=by, at=at)
            MarkedPerson.objects.bulk_create(
                MarkedPerson(marking=marking, person_id=pk, verdict=verdict.value) for pk, verdict in verdicts.items()
            )
            journal.note(marking, "added", by=by, at=at, people=sum(verdict in DONE for verdict in verdicts.values()))
    except IntegrityError as error:
        raise ChangedMeanwhile(_("Somebody has marked the same people at this moment: look again.")) from error
    return marking, True


def _verdicts(
    edition: Edition, given_on: date, person_ids: Sequence[int], *, by: User, at: datetime
) -> Mapping[int, Verdict]:
    ours = Employment.objects.filter(organisation=edition.organisation_id, person_id__in=person_ids)
    people = Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ours.values("person_id"))
    found = {person.pk: person for person in people.order_by("pk")}
    known = set(Person.objects.filter(pk__in=person_ids).values_list("pk", flat=True))
    rows = Consent.objects.select_for_update(of=("self",)).filter(
        organisation=edition.organisation_id, about=edition.about, standing=Standing.GIVEN.value, person_id__in=found
    )
    standing = {row.person_id: row for row in rows.order_by("pk")}
    verdicts = {
        pk: _verdict(found.get(pk), standing.get(pk), edition, given_on, by) for pk in person_ids if pk in known
    }
    over = [standing[pk] for pk, verdict in verdicts.items() if verdict is Verdict.REPLACED]
    _replace(over, given_on, by=by, at=at)
    _write([found[pk] for pk, verdict in verdicts.items() if verdict in DONE], edition, given_on, by=by, at=at)
    return verdicts


def _verdict(person: Person | None, held: Consent | None, edition: Edition, given_on: date, by: User) -> Verdict:
    if person is None:
        return Verdict.STRANGER
    if person.user_id == by.pk:
        return Verdict.OWN
    if held is None:
        return Verdict.MARKED
    if held.edition_id == edition.pk:
        return Verdict.ALREADY
    return Verdict.REPLACED if given_on >= held.given_on else Verdict.EARLIER


def _replace(rows: Sequence[Consent], on: date, *, by: User, at: datetime) -> None:
    for row in rows:
        row.standing, row.ended_on, row.ended_at, row.ended_by = Standing.REPLACED.value, on, at, by
        to_be_told(row, at=at)
    Consent.objects.bulk_update(
        rows,
        ["standing", "ended_on", "ended_at", "ended_by", "changed_at", "untold_since", "heard", "heard_words"],
    )
    _steps(rows, Did.REPLACED, by=by, at=at)


def _steps(rows: Sequence[Consent], did: Did, *, by: User, at: datetime) -> None:
    ConsentStep.objects.bulk_create(ConsentStep(consent=row, at=at, by=by, did=did.value) for row in rows)


def _write(people: Sequence[Person], edition: Edition, given_on: date, *, by: User, at: datetime) -> None:
    made = Consent.objects.bulk_create(
        Consent(
            person=person, organisation=edition.organisation, about=edition.about, edition=edition, given_on=given_on,
            marked_at=at, marked_by=by, changed_at=at, untold_since=at,
        )
        for person in people
    )  # fmt: skip
    _steps(made, Did.MARKED, by=by, at=at)
    active = set(
        User.objects.filter(pk__in=[row.person.user_id for row in made if row.person.user_id], is_active=True)
        .values_list("pk", flat=True)
    )  # fmt: skip
    tell_each(
        [
            Told(row.person.user_id, f"consents:{row.pk}:marked", words.marked(row),
                 reverse("consents:mine_one", args=[row.pk]))
            for row in made
            if row.person.user_id in active and row.person.user_id is not None
        ],
        at=at,
    )  # fmt: skip
