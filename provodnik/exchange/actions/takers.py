"""Objects of the contract → actions of people, and the tables of the exchange's own. A taker gets objects of one kind
that keep to their shapes and answers with a `Verdict` each, in their order."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from provodnik.core.decisions import Refused
from provodnik.core.parts import parts
from provodnik.exchange.actions.giving import take_answers
from provodnik.exchange.contract import Object
from provodnik.exchange.models import LeaveBalance
from provodnik.exchange.objects import Moment
from provodnik.people import cleaning
from provodnik.people.actions import employments, persons, structure
from provodnik.people.actions.taking import Incoming, Verdict, known
from provodnik.people.models import Employment, Organisation
from provodnik.people.states import Source

Taker = Callable[[Sequence[Object], Moment], list[Verdict]]
FRUITLESS = _("What the row refers to is not known yet.")


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the part that takes a kept kind is handed: `kept` is the id of its KeptVersion, `pdf` that of its Blob."""

    guid: uuid.UUID
    version: int
    deleted: bool
    fields: Mapping[str, Any]
    kept: int
    pdf: int | None


def outside_takers() -> dict[str, Callable[[Sequence[Arrived]], list[Verdict]]]:
    """Takers that higher parts bring: Part.extra["exchange_takes"] = {kind: taker}."""
    found: dict[str, Callable[[Sequence[Arrived]], list[Verdict]]] = {}
    for part in parts():
        found |= part.extra.get("exchange_takes", {})
    return found


def _incoming(objects: Sequence[Object]) -> list[Incoming]:
    return [Incoming(uuid.UUID(one.guid), one.fields) for one in objects]


def _of_people(take: Callable[..., list[Verdict]]) -> Taker:
    def taken(objects: Sequence[Object], moment: Moment) -> list[Verdict]:
        return take(_incoming(objects), source=Source.ONEC, at=moment.at)

    return taken


def _employments(objects: Sequence[Object], moment: Moment) -> list[Verdict]:
    return employments.take_employments(_incoming(objects), source=Source.ONEC, at=moment.at, on=moment.on)


def _among(objects: Sequence[Object], name: str = "") -> tuple[dict[uuid.UUID, int], list[Verdict]]:
    """Places of work by reference, and verdicts that refuse where there is none. `name`: the field with the reference,
    "" for the object's own."""
    wanted = [uuid.UUID(str(one.fields[name]) if name else one.guid) for one in objects]
    there = known(Employment, set(wanted))
    verdicts = [Verdict(uuid.UUID(one.guid)) for one in objects]
    for guid, verdict in zip(wanted, verdicts, strict=True):
        if guid not in there:
            verdict.missing = ("employment", guid)
            verdict.refuse(FRUITLESS, name or "guid")
    return there, verdicts


def _dismissals(objects: Sequence[Object], moment: Moment) -> list[Verdict]:
    _there, verdicts = _among(objects)
    rows = [
        Incoming(uuid.UUID(one.guid), {"ends_on": None if one.deleted else one.fields["last_day"]})
        for one, verdict in zip(objects, verdicts, strict=True)
        if verdict.what != "refused"
    ]
    found = employments.take_employments(rows, source=Source.ONEC, at=moment.at, on=moment.on)
    done = {verdict.guid: verdict for verdict in found}
    return [done.get(verdict.guid, verdict) for verdict in verdicts]


def _absences(objects: Sequence[Object], moment: Moment) -> list[Verdict]:
    gone = [uuid.UUID(one.guid) for one in objects if one.deleted]
    if gone:
        employments.drop_absences(gone)
    rest = [one for one in objects if not one.deleted]
    found = employments.take_absences(_incoming(rest), source=Source.ONEC, at=moment.at)
    done = {verdict.guid: verdict for verdict in found}
    return [done.get(uuid.UUID(one.guid)) or Verdict(uuid.UUID(one.guid), "changed") for one in objects]


def _balances(objects: Sequence[Object], moment: Moment) -> list[Verdict]:
    there, verdicts = _among(objects)
    rows: list[LeaveBalance] = []
    for one, verdict in zip(objects, verdicts, strict=True):
        if verdict.what == "refused":
            continue
        employment = there[uuid.UUID(one.guid)]
        verdict.pk, verdict.what = employment, "changed"
        if not one.deleted:
            rows += _balances_of(one, verdict, employment)
    settled = [verdict.pk for verdict in verdicts if verdict.what != "refused"]
    LeaveBalance.objects.filter(employment__in=settled).delete()
    LeaveBalance.objects.bulk_create(rows)
    return verdicts


def _balances_of(one: Object, verdict: Verdict, employment: int) -> list[LeaveBalance]:
    try:
        on = cleaning.day(needed=True)(one.fields["on"], "on")
        names = [cleaning.text(100, needed=True)(row["name"], "balances") for row in one.fields["balances"]]
    except Refused as error:
        verdict.refuse(error.reason, error.field)
        return []
    if len(set(names)) != len(names):
        verdict.refuse(_("A kind of leave stands twice."), "balances")
        return []
    return [
        LeaveBalance(employment_id=employment, name=name, days=Decimal(row["days"]), on=on)
        for name, row in zip(names, one.fields["balances"], strict=True)
    ]


def _payslips(objects: Sequence[Object], moment: Moment) -> list[Verdict]:
    """Whose they are must be known; all else is for the part that takes them."""
    living = [one for one in objects if not one.deleted]
    _there, verdicts = _among(living, "employment")
    payers = known(Organisation, {uuid.UUID(str(one.fields["organisation"])) for one in living})
    for one, verdict in zip(living, verdicts, strict=True):
        payer = uuid.UUID(str(one.fields["organisation"]))
        if not one.fields.get("pdf") and (one.fields.get("lines") is None or not one.fields.get("to_pay")):
            verdict.missing = None
            verdict.refuse(_("A payslip needs its lines and what is to be paid, or a PDF."), "lines")
            continue
        if verdict.what != "refused" and payer not in payers:
            verdict.missing = ("organisation", payer)
            verdict.refuse(FRUITLESS, "organisation")
    found = {verdict.guid: verdict for verdict in verdicts}
    return [found.get(uuid.UUID(one.guid)) or Verdict(uuid.UUID(one.guid), "changed") for one in objects]


TAKERS: Mapping[str, Taker] = {
    "organisation": _of_people(structure.take_organisations),
    "position": _of_people(structure.take_positions),
    "unit": _of_people(structure.take_units),
    "person": _of_people(persons.take_persons),
    "employment": _employments,
    "dismissal": _dismissals,
    "absence": _absences,
    "leave_balance": _balances,
    "payslip": _payslips,
    "answer": take_answers,
}
