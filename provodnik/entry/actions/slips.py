"""Slips are made and made void, by the personnel of their organisation."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core.decisions import ChangedMeanwhile, Refused, require
from provodnik.entry import codes, rules
from provodnik.entry.models import Sheet, Slip
from provodnik.entry.queries.candidates import MOST, judged, places
from provodnik.entry.queries.managed import managed_by
from provodnik.entry.states import LASTS, Why
from provodnik.people.models import Employment, Organisation, Person, Unit
from provodnik.people.policies import NOT_YOURS, may_keep


@dataclass(frozen=True, slots=True)
class Printed:
    """What goes on one slip; the code is here for the last time."""

    employment: Employment
    code: str
    fact: str


def make(
    organisation: Organisation,
    employment_ids: Collection[int],
    *,
    key: uuid.UUID,
    by: User,
    at: datetime,
    on: date,
    unit: Unit | None = None,
) -> tuple[Sheet, list[Printed]]:
    """New slips for people who work in an organisation; the slips that they had are void. Whoever may have none is left
    out. Raises Refused; ChangedMeanwhile where the form with this key has been printed already."""
    if not may_keep(by, organisation.pk):
        _require_his_own(by, employment_ids, organisation.pk, on=on)
    if not employment_ids:
        raise Refused(_("Choose for whom to print."), "people")
    if len(employment_ids) > MOST:
        raise Refused(_("Too many at once: choose a smaller unit."), "people")
    fact = rules.second_fact(organisation.pk, on=on)
    try:
        with transaction.atomic():
            able = chosen_of(organisation, employment_ids, on=on)
            sheet = sheet_for(able, organisation, key=key, by=by, at=at, unit=unit)
            printed = [Printed(row, codes.new(), fact.value) for row in able]
            Slip.objects.bulk_create(
                Slip(
                    sheet=sheet,
                    organisation=organisation,
                    person_id=one.employment.person_id,
                    employment=one.employment,
                    digest=codes.digest(one.code),
                    fact=one.fact,
                    expires_at=at + LASTS,
                )
                for one in printed
            )
            journal.note(sheet, "slips_printed", by=by, at=at, organisation=str(organisation), slips=len(printed))
    except IntegrityError as error:
        raise ChangedMeanwhile(_("These slips are printed already."), "people") from error
    return sheet, printed


def _require_his_own(by: User, employment_ids: Collection[int], organisation_id: int, *, on: date) -> None:
    """A manager, where the organisation lets managers print: for his direct reports and for nobody else."""
    own = {row.pk for row in managed_by(by, on=on) if row.organisation_id == organisation_id}
    if not own or not set(employment_ids) <= own:
        raise Refused(NOT_YOURS)


def chosen_of(organisation: Organisation, employment_ids: Collection[int], *, on: date) -> list[Employment]:
    """Of the chosen, one place of work of each who may have a slip. Raises Refused where nobody may."""
    rows = list(places(organisation, on=on).filter(pk__in=employment_ids))
    able = [one.employment for one in judged(organisation, rows, on=on) if not one.why_not]
    if not able:
        raise Refused(_("None of the chosen people can have a slip."), "people")
    return able


def sheet_for(
    able: Collection[Employment],
    organisation: Organisation,
    *,
    key: uuid.UUID,
    by: User,
    at: datetime,
    unit: Unit | None,
) -> Sheet:
    """A printing or a sending; what these people had is void. Raises IntegrityError where the key is there already."""
    sheet = Sheet.objects.create(key=key, organisation=organisation, unit=unit, made_by=by, made_at=at)
    people = sorted(row.person_id for row in able)
    list(Person.objects.select_for_update(of=("self",)).filter(pk__in=people).order_by("pk").values_list("pk"))
    _outdate(people, by=by, at=at)
    return sheet


def _outdate(people: Collection[int], *, by: User, at: datetime) -> None:
    living = Slip.objects.filter(person_id__in=people, used_at__isnull=True, voided_at__isnull=True)
    living.update(voided_at=at, void_why=Why.NEWER.value, voided_by=by, sealed="")


def void(slip_id: int, *, by: User, at: datetime) -> Slip:
    """A slip is lost or in wrong hands. Raises Refused, Slip.DoesNotExist."""
    with transaction.atomic():
        slip = Slip.objects.select_for_update(of=("self",)).select_related("person").get(pk=slip_id)
        require(may_keep(by, slip.organisation_id))
        if slip.used_at is not None or slip.voided_at is not None:
            raise Refused(_("The slip is no longer good anyway."))
        slip.voided_at, slip.void_why, slip.voided_by, slip.sealed = at, Why.HAND.value, by, ""
        slip.save(update_fields=["voided_at", "void_why", "voided_by", "sealed"])
        journal.note(slip, "slip_voided", by=by, at=at, why=slip.void_why)
    return slip
