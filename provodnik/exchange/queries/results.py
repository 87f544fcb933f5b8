"""What became of the objects of a pushed batch, in their order, from what is remembered of them now."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from provodnik.core import files
from provodnik.exchange.models import Batch, Thing
from provodnik.exchange.states import State

UNDECIDED = (State.HELD.value, State.APPLYING.value, State.DROPPED.value)


@dataclass(frozen=True, slots=True)
class Result:
    kind: str
    guid: uuid.UUID
    result: str
    about: str = ""
    reason: str = ""


def results(batch: Batch) -> list[Result]:
    """None for a batch whose bytes were forgotten: it ended a month ago."""
    if batch.raw is None:
        return []
    objects = [(one["type"], uuid.UUID(one["guid"]), one["version"]) for one in json.loads(files.read(batch.raw))]
    things = _things(objects)
    return [_result(batch, kind, guid, version, things.get((kind, guid))) for kind, guid, version in objects]


def _things(objects: Sequence[tuple[str, uuid.UUID, int]]) -> dict[tuple[str, uuid.UUID], Thing]:
    asked: dict[str, list[uuid.UUID]] = defaultdict(list)
    for kind, guid, _version in objects:
        asked[kind].append(guid)
    return {
        (kind, thing.guid): thing
        for kind, guids in asked.items()
        for thing in Thing.objects.filter(kind=kind, guid__in=guids)
    }


def _result(batch: Batch, kind: str, guid: uuid.UUID, version: int, thing: Thing | None) -> Result:
    if batch.state in UNDECIDED:
        return Result(kind, guid, batch.state)
    if thing is None or thing.base_id != batch.base_id:
        return Result(kind, guid, "foreign")
    if version < thing.version:
        return Result(kind, guid, "older")
    return Result(kind, guid, thing.standing, thing.about, thing.reason)
