"""What the exchange hands over becomes payslips: in its transaction, each version once, none lost."""

from __future__ import annotations

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from provodnik.core.secrets import unseal
from provodnik.exchange.actions.takers import Arrived
from provodnik.exchange.models import KeptVersion
from provodnik.payslips.actions.base import record
from provodnik.payslips.content import Content, Unclear, month, read
from provodnik.payslips.models import PayBatch, Payslip, PayslipVersion
from provodnik.payslips.states import BatchState, Happened, VersionState
from provodnik.people.actions.taking import Verdict
from provodnik.people.actions.taking import known as by_guid
from provodnik.people.models import Employment, Organisation

KIND = "payslip"
Key = tuple[int, date, str]


@dataclass(slots=True)
class Told:
    """A version that is not known here yet."""

    guid: uuid.UUID
    kept: KeptVersion
    fields: Mapping[str, Any]
    deleted: bool
    content: Content = field(default_factory=Content)


def take(arrived: Sequence[Arrived]) -> list[Verdict]:
    """The taker of the exchange (Part.extra["exchange_takes"]). Besides what has arrived, earlier versions are taken
    that were kept before there was anybody to take them. A refusal is of the whole object, with a reason for who keeps
    the payroll base."""
    verdicts = {one.guid: Verdict(one.guid) for one in arrived}
    news = _news(arrived)
    known = {row.guid: row for row in Payslip.objects.filter(guid__in=verdicts).select_related("batch")}
    places, houses = (
        by_guid(Employment, _guids(news, "employment")),
        by_guid(Organisation, _guids(news, "organisation")),
    )
    of_now = {one.kept for one in arrived}
    # of an earlier version that cannot be taken nobody is told again: he was, when it came
    good = [
        one
        for one in news
        if _is_clear(one, verdicts[one.guid] if one.kept.pk in of_now else Verdict(one.guid), known, places, houses)
    ]
    wanted = {_key(one, houses) for one in good if not one.deleted}
    batches = _batches(wanted | {_of(known[one.guid].batch) for one in good if one.guid in known}, _latest(news))
    slips = _slips(good, known, places, houses, batches, verdicts)
    _write([one for one in good if one.guid in slips], slips, batches)
    for one in good:
        if one.guid in slips and one.kept.pk in of_now:
            verdicts[one.guid].what, verdicts[one.guid].pk = "changed", slips[one.guid].pk
    return [verdicts[one.guid] for one in arrived]


def _news(arrived: Sequence[Arrived]) -> list[Told]:
    """Versions that have no row yet, in their order."""
    of_now = {one.kept: one for one in arrived}
    rows = (
        KeptVersion.objects.filter(thing__kind=KIND, thing__guid__in=[one.guid for one in arrived])
        .filter(payslip__isnull=True)
        .select_related("thing")
        .order_by("thing__guid", "version")
    )
    newest = {one.guid: one.version for one in arrived}
    found = []
    for row in rows:
        if row.version > newest[row.thing.guid]:
            continue
        now = of_now.get(row.pk)
        if now is not None:
            found.append(Told(row.thing.guid, row, now.fields, now.deleted))
        else:
            told = json.loads(unseal(row.sealed))
            found.append(Told(row.thing.guid, row, told["fields"], bool(told.get("deleted"))))
    return found


def _guids(news: Sequence[Told], name: str) -> set[uuid.UUID]:
    return {uuid.UUID(str(one.fields[name])) for one in news if one.fields.get(name)}


def _latest(news: Sequence[Told]) -> datetime | None:
    return max((one.kept.at for one in news), default=None)


def _key(one: Told, houses: Mapping[uuid.UUID, int]) -> Key:
    fields = one.fields
    return houses[uuid.UUID(str(fields["organisation"]))], month(str(fields["period"])), str(fields["part"])


def _of(batch: PayBatch) -> Key:
    return batch.organisation_id, batch.period, batch.part


def _is_clear(
    one: Told,
    verdict: Verdict,
    known: Mapping[uuid.UUID, Payslip],
    places: Mapping[uuid.UUID, int],
    houses: Mapping[uuid.UUID, int],
) -> bool:
    """Whether the version can be taken; else its verdict says why not."""
    if one.deleted:
        return one.guid in known
    slip, place = known.get(one.guid), places.get(uuid.UUID(str(one.fields["employment"])))
    if place is None or uuid.UUID(str(one.fields["organisation"])) not in houses:
        verdict.refuse(_("Whose payslip it is is not known yet."), "employment")
        return False
    if slip is not None and (slip.employment_id != place or _of(slip.batch) != _key(one, houses)):
        verdict.refuse(
            _("A payslip stays its worker's, its month's and its organisation's: a correction changes sums alone."),
            "employment",
        )
        return False
    try:
        one.content = read(one.fields)
    except Unclear as unclear:
        verdict.refuse(unclear.reason, unclear.field)
        return False
    return True


def _batches(keys: set[Key], at: datetime | None) -> dict[Key, PayBatch]:
    """The batches of these months, locked, always in the same order."""
    if not keys or at is None:
        return {}
    PayBatch.objects.bulk_create(
        [PayBatch(organisation_id=house, period=period, part=part, loaded_at=at) for house, period, part in keys],
        ignore_conflicts=True,
    )
    rows = PayBatch.objects.select_for_update(of=("self",)).filter(
        organisation_id__in={key[0] for key in keys}, period__in={key[1] for key in keys}
    )
    return {_of(row): row for row in rows.order_by("pk") if _of(row) in keys}


def _slips(
    good: Sequence[Told],
    known: Mapping[uuid.UUID, Payslip],
    places: Mapping[uuid.UUID, int],
    houses: Mapping[uuid.UUID, int],
    batches: Mapping[Key, PayBatch],
    verdicts: Mapping[uuid.UUID, Verdict],
) -> dict[uuid.UUID, Payslip]:
    """Those that are there, and new ones. A second payslip of the same place and month is another one's double."""
    found = {one.guid: known[one.guid] for one in good if one.guid in known}
    fresh: dict[uuid.UUID, Payslip] = {}
    for one in good:
        if one.guid in known or one.deleted:
            continue
        house, period, part = key = _key(one, houses)
        place = places[uuid.UUID(str(one.fields["employment"]))]
        fresh[one.guid] = Payslip(
            guid=one.guid, batch=batches[key], organisation_id=house, employment_id=place, period=period, part=part
        )
    taken = {
        (batch, place): guid
        for batch, place, guid in Payslip.objects.filter(batch__in={row.batch_id for row in fresh.values()})
        .exclude(part="between")
        .filter(employment__in={row.employment_id for row in fresh.values()})
        .values_list("batch_id", "employment_id", "guid")
    }
    made = []
    for guid, row in fresh.items():
        place_in = (row.batch_id, row.employment_id)
        if row.part != "between" and taken.setdefault(place_in, guid) != guid:
            verdicts[guid].refuse(
                _("There is a payslip of this place of work for this month already, under another reference."), "guid"
            )
            continue
        made.append(row)
    found |= {row.guid: row for row in Payslip.objects.bulk_create(made)}
    return found


def _write(good: Sequence[Told], slips: Mapping[uuid.UUID, Payslip], batches: Mapping[Key, PayBatch]) -> None:
    numbers = Counter(PayslipVersion.objects.filter(payslip__in=slips.values()).values_list("payslip_id", flat=True))
    rows, gone, come = [], [], defaultdict[int, list[Told]](list)
    for one in good:
        slip = slips[one.guid]
        numbers[slip.pk] += 1
        row = _version(one, slip, numbers[slip.pk])
        rows.append(row)
        come[slip.batch_id].append(one)
        if one.deleted:
            gone.append((slip.pk, one.kept.at))
    last = {row.payslip_id: row for row in rows}
    for row in rows:
        if row is not last[row.payslip_id] and row.state == VersionState.LOADED:
            row.state = VersionState.REPLACED.value
    # what waited to be published is replaced by its correction, or is gone with its payslip
    PayslipVersion.objects.filter(payslip__in=last, state=VersionState.LOADED.value).update(
        state=VersionState.REPLACED.value
    )
    for pk, at in gone:
        PayslipVersion.objects.filter(payslip=pk, state=VersionState.PUBLISHED.value).update(
            state=VersionState.WITHDRAWN.value, withdrawn_at=at, reason=_("Taken back in 1C.")
        )
    PayslipVersion.objects.bulk_create(rows)
    for batch in batches.values():
        if of_batch := come.get(batch.pk):
            _loaded(batch, of_batch)


def _version(one: Told, slip: Payslip, number: int) -> PayslipVersion:
    content = one.content
    sums = {"accrued": content.accrued, "withheld": content.withheld, "paid": content.paid} if content.lines else {}
    return PayslipVersion(
        payslip=slip,
        number=number,
        version=one.kept.version,
        kept=one.kept,
        # a word of 1C that there is none any more is kept as a version, and never shown
        state=VersionState.REPLACED.value if one.deleted else VersionState.LOADED.value,
        has_lines=bool(content.lines),
        has_pdf=one.kept.pdf_id is not None,
        to_pay=content.to_pay,
        adds_up=content.adds_up,
        loaded_at=one.kept.at,
        **sums,
    )


def _loaded(batch: PayBatch, told: Sequence[Told]) -> None:
    """What has come was not checked. A publishing that runs goes on with what was, and looks again at its end."""
    at = max(one.kept.at for one in told)
    batch.loaded_at, batch.revision = at, batch.revision + 1
    if batch.state != BatchState.PUBLISHING.value and any(not one.deleted for one in told):
        batch.state = BatchState.LOADED.value
        batch.checked_at = batch.checked_by = batch.publish_at = None
    batch.save(update_fields=["loaded_at", "revision", "state", "checked_at", "checked_by", "publish_at"])
    record(batch, Happened.LOADED, at=at, count=len(told))
