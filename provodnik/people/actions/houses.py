"""An organisation's own page: what it is called, where it is, by which days it lives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.people import cleaning
from provodnik.people.actions import listing
from provodnik.people.actions.structure import ORGANISATIONS
from provodnik.people.actions.taking import Said, Verdict, apply, record
from provodnik.people.models import Organisation, RegionalHoliday
from provodnik.people.policies import may_set_up
from provodnik.people.states import Happened, Source

LISTED = frozenset({"name", "short_name"})


def set_up(pk: int, values: Mapping[str, Any], *, by: User, at: datetime) -> Organisation:
    """Fields of ORGANISATIONS and `shares_directory`. They are a hand's from now on: what 1C says otherwise stands in
    the reconciliation. Raises Refused, Organisation.DoesNotExist."""
    require(may_set_up(by, pk))
    with transaction.atomic():
        house = Organisation.objects.select_for_update(of=("self",)).get(pk=pk)
        asked = {name: clean(values[name], name) for name, clean in ORGANISATIONS.cleaners.items() if name in values}
        wanted = {name: value for name, value in asked.items() if value != getattr(house, name)}
        said = Said(Source.HAND, at, by)
        told = apply(ORGANISATIONS, house, wanted, said, Verdict(house.guid))
        shares = values.get("shares_directory", house.shares_directory)
        if shares is not house.shares_directory:
            told["shares_directory"] = [house.shares_directory, shares]
            house.shares_directory = bool(shares)
        if told:
            house.save(update_fields=["sources", *told])
            record(Happened.CORRECTED, said, told, organisation=house.pk)
            journal.note(house, "changed", by=by, at=at, **told)
            if LISTED & set(told):
                listing.relist(organisation_id__in=[house.pk])
    return house


def add_holiday(organisation_id: int, *, day: Any, name: Any, by: User, at: datetime) -> RegionalHoliday:
    """A holiday of the organisation's region (art. 6 of the Labour Code): it holds for all organisations of the region.
    Raises Refused, Organisation.DoesNotExist."""
    require(may_set_up(by, organisation_id))
    house = Organisation.objects.get(pk=organisation_id)
    if not house.region:
        raise Refused(_("Say first in which region the organisation is."), "date")
    when: date = cleaning.day(needed=True)(day, "date")
    told = cleaning.text(200, needed=True)(name, "name")
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = RegionalHoliday.objects.create(region=house.region, date=when, name=told)
        except IntegrityError as error:
            raise Refused(_("This day is a holiday of the region already."), "date") from error
        journal.note(row, "added", by=by, at=at)
    return row


def remove_holiday(organisation_id: int, pk: int, *, by: User, at: datetime) -> None:
    """Raises Refused, *.DoesNotExist."""
    require(may_set_up(by, organisation_id))
    house = Organisation.objects.get(pk=organisation_id)
    journal.remove(RegionalHoliday.objects.get(pk=pk, region=house.region), by=by, at=at)
