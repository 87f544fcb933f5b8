"""The way back: what the parts want 1C to know becomes parcels, parcels are carried, answers are told to their parts.

A part names what is open now (Part.extra["exchange_gives"] = {kind: () → Given…}; of people queries/requests.py); what
was told and is open no longer is taken back. So nothing is lost when something dies between a part and a parcel, and
nothing is told twice: a parcel is one by its kind and name, and grows by versions."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.core.parts import parts
from provodnik.exchange import contract, manifest
from provodnik.exchange.contract import Object
from provodnik.exchange.manifest import SIGNATURE, SUFFIX
from provodnik.exchange.models import Base, Parcel, Thing
from provodnik.exchange.objects import Moment
from provodnik.exchange.policies import may_administer
from provodnik.exchange.queries.requests import Given, open_requests
from provodnik.exchange.states import Answer, Gives
from provodnik.people import cleaning
from provodnik.people.actions.proving import answered
from provodnik.people.actions.taking import Verdict
from provodnik.people.models import Organisation

log = logging.getLogger(__name__)
AT_ONCE = 1000  # parcels of one batch
ANSWERED_KEPT = timedelta(days=90)


Giver = Callable[[], Iterable[Given]]
# guid, whether 1C has taken it, its reason, when
Listener = Callable[[uuid.UUID, bool, str, datetime], None]


def _slots(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in parts():
        found |= part.extra.get(name, {})
    return found


def collect(*, at: datetime) -> int:
    """Make parcels of what is open now, take back what is open no longer. Returns how many have changed."""
    givers: dict[str, Giver] = {"data_request": open_requests, **_slots("exchange_gives")}
    return sum(_of_kind(kind, giver(), at) for kind, giver in sorted(givers.items()))


def _of_kind(kind: str, given: Iterable[Given], at: datetime) -> int:
    wanted = {one.guid: one for one in given}
    bases = _bases({one.organisation for one in wanted.values()})
    changed = 0
    with transaction.atomic():
        rows = Parcel.objects.select_for_update().filter(kind=kind)
        known = {row.guid: row for row in rows.filter(guid__in=wanted)}
        for guid, one in wanted.items():
            changed += _told(kind, one, known.get(guid), bases.get(one.organisation), at)
        for row in rows.filter(is_gone=False, answer=Answer.NONE.value).exclude(guid__in=wanted):
            changed += _taken_back(row, at)
    return changed


def _bases(organisations: set[int]) -> dict[int, int]:
    """Organisation → the base that tells of it, where that base hears us."""
    guids = dict(Organisation.objects.filter(pk__in=organisations).values_list("guid", "pk"))
    things = Thing.objects.filter(kind="organisation", guid__in=[guid for guid in guids if guid], base__is_active=True)
    return {guids[guid]: base for guid, base in things.exclude(base__gives="").values_list("guid", "base_id")}


def _text(kind: str, guid: uuid.UUID, version: int, fields: Mapping[str, Any], *, gone: bool = False) -> str:
    told: dict[str, Any] = {"type": kind, "guid": str(guid), "version": version}
    return json.dumps({**told, "deleted": True} if gone else {**told, **fields}, ensure_ascii=False)


def _told(kind: str, one: Given, row: Parcel | None, base: int | None, at: datetime) -> bool:
    if base is None or (row is not None and row.version >= one.version and not row.is_gone):
        return False
    wrong = contract.complaints(Object(kind, str(one.guid), one.version, one.gone, one.fields), contract.TOLD)
    if wrong:  # a part that breaks the contract is a fault of ours: better nothing than what nobody understands
        log.error("exchange: a %s to be told breaks the contract at %s", kind, wrong[0].field)
        return False
    row = row or Parcel(kind=kind, guid=one.guid, made_at=at)
    row.version = max(one.version, row.version + 1) if row.pk else one.version
    row.base_id, row.organisation_id, row.title, row.is_gone = base, one.organisation, one.title[:200], False
    row.told = _text(kind, one.guid, row.version, one.fields, gone=one.gone)
    row.given_at, row.answer, row.answered_at, row.words = None, Answer.NONE.value, None, ""
    row.save()
    return True


def _taken_back(row: Parcel, at: datetime) -> bool:
    """What 1C has never heard of simply goes."""
    if row.given_at is None:
        row.delete()
        return True
    row.version = max(row.version + 1, int(at.timestamp() * 1000))
    row.told, row.is_gone, row.given_at = _text(row.kind, row.guid, row.version, {}, gone=True), True, None
    row.save()
    return True


# --- carrying


def put_down(base: Base, *, at: datetime) -> int:
    """Write what the base has not heard into its folder «out», the signature last. Returns how many objects. Killed in
    between, it writes them once more under another name: a version that is known does nothing in 1C."""
    if base.gives != Gives.FOLDER.value or not base.is_active:
        return 0
    with transaction.atomic():
        rows = list(base.parcels.select_for_update().filter(answer="", given_at=None).order_by("pk")[:AT_ONCE])
        if not rows:
            return 0
        try:
            _write(base, rows, at)
        except OSError as error:
            log.warning("exchange: nothing can be written for base %s: %s", base.pk, type(error).__name__)
            return 0
        Parcel.objects.filter(pk__in=[row.pk for row in rows]).update(given_at=at)
    return len(rows)


def _write(base: Base, rows: Sequence[Parcel], at: datetime) -> None:
    folder = Path(settings.EXCHANGE_DIR) / base.code / "out"
    folder.mkdir(parents=True, exist_ok=True)
    key = uuid.uuid4()
    name = f"portal-{at:%Y%m%d-%H%M%S}-{key.hex[:8]}"
    content = "".join(f"{row.told}\n" for row in rows).encode()
    listed = {
        "name": f"{name}.jsonl", "size": len(content), "sha256": hashlib.sha256(content).hexdigest(),
        "objects": len(rows),
    }  # fmt: skip
    told = {
        "contract": contract.VERSION, "base": base.code, "batch": str(key), "made_at": at.isoformat(), "full": False,
        "files": [listed],
    }  # fmt: skip
    described = json.dumps(told, ensure_ascii=False).encode()
    signed = manifest.signature(described, base.key).encode() + b"\n"
    for suffix, what in ((".jsonl", content), (SUFFIX, described), (SIGNATURE, signed)):
        temporary = folder / f".{name}.part"
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "wb") as file:
            file.write(what)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, folder / f"{name}{suffix}")  # noqa: PTH105 - at once, over nothing


def asked(base: Base, after: int, limit: int, *, at: datetime) -> list[tuple[int, str]]:
    """(place, object as JSON) of what the base has not answered, from behind a place on: for a base that asks."""
    if base.gives != Gives.PULL.value or not base.is_active:
        return []
    with transaction.atomic():
        rows = list(base.parcels.filter(answer="", pk__gt=after).order_by("pk")[:limit])
        Parcel.objects.filter(pk__in=[row.pk for row in rows], given_at=None).update(given_at=at)
    return [(row.pk, row.told) for row in rows]


def choose_way(base_id: int, gives: str, *, by: User, at: datetime) -> Base:
    """Raises Refused, Base.DoesNotExist."""
    require(may_administer(by))
    with transaction.atomic():
        base = Base.objects.select_for_update().get(pk=base_id)
        if base.gives != gives:
            journal.note(base, "changed", by=by, at=at, gives=[base.gives, gives])
            base.gives = Gives(gives).value
            base.save(update_fields=["gives"])
    return base


def forget(*, now: datetime) -> int:
    """Answered parcels go after a quarter: what became of the matter is kept by its part."""
    return Parcel.objects.filter(answered_at__lt=now - ANSWERED_KEPT).delete()[0]


# --- answers


def take_answers(objects: Sequence[Object], moment: Moment) -> list[Verdict]:
    """What 1C says to parcels; each part hears of its own."""
    listeners: dict[str, Listener] = {"data_request": answered, **_slots("exchange_answers")}
    verdicts = []
    for one in objects:
        verdict = Verdict(uuid.UUID(one.guid), "changed")
        row = Parcel.objects.select_for_update().filter(guid=one.guid).first()
        if row is None:
            verdict.refuse(_("The portal has told nothing by this name."), "guid")
        elif one.version > row.version:
            verdict.refuse(_("The portal has not told this version."), "version")
        elif one.version == row.version:
            try:
                _answered(row, one, moment.at, listeners.get(row.kind))
            except Refused as error:
                verdict.refuse(error.reason, error.field)
        verdicts.append(verdict)
    return verdicts


def _answered(row: Parcel, one: Object, at: datetime, listener: Listener | None) -> None:
    """Raises Refused."""
    taken = one.fields["result"] == Answer.TAKEN.value
    row.answer, row.answered_at = str(one.fields["result"]), at
    row.words = str(cleaning.text(500)(one.fields.get("reason"), "reason") or "")
    row.number = str(cleaning.text(40)(one.fields.get("number"), "number") or "")
    row.day = cleaning.day()(one.fields.get("day"), "day")
    row.sealed = ""
    row.save()
    if listener is not None and not row.is_gone:
        listener(row.guid, taken, row.words, at)
