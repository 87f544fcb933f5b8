"""The demo's base of 1C: what it tells goes through the folder as a customer's does, taken by the same steps."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from provodnik.exchange import manifest
from provodnik.exchange.actions import deciding, receiving, running
from provodnik.exchange.models import Base, Batch
from provodnik.exchange.objects import Moment
from provodnik.exchange.states import Gives

CODE = "zup"
Object = Mapping[str, Any]


def base(now: datetime) -> Base:
    """The one base of all organisations of the demo."""
    found = Base.objects.filter(code=CODE).first()
    if found is None:
        found, _key = deciding.make_base(code=CODE, name="1С:ЗУП «Чистая вода»", by=None, at=now)
        found.gives = Gives.FOLDER.value
        found.save(update_fields=["gives"])
    return found


def told(kind: str, key: uuid.UUID, fields: Mapping[str, Any], at: datetime) -> Object:
    """An object of the contract; its version is the moment, as a sender's is."""
    plain = {name: _plain(value) for name, value in fields.items()}
    return {"type": kind, "guid": str(key), "version": int(at.timestamp() * 1000), **plain}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def send(objects: Iterable[Object], *, name: str, at: datetime, full: bool = False) -> Batch:
    """Put a signed batch into the folder and have it taken at once, without a worker."""
    found = base(at)
    folder = receiving.folder_of(found)
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():  # of a loading that was interrupted, signed by a key that nobody has any more
        left.unlink()
    lines = [json.dumps(one, ensure_ascii=False) for one in objects]
    content = ("\n".join(lines) + "\n").encode()
    (folder / f"{name}.jsonl").write_bytes(content)
    sums = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "objects": len(lines)}
    listed = json.dumps(
        {
            "contract": 1,
            "base": CODE,
            "batch": str(uuid.uuid4()),
            "made_at": at.isoformat(),
            "full": full,
            "files": [{"name": f"{name}.jsonl", **sums}],
        }
    ).encode()
    (folder / f"{name}{manifest.SUFFIX}").write_bytes(listed)
    (folder / f"{name}{manifest.SIGNATURE}").write_text(manifest.signature(listed, found.key), encoding="ascii")
    (batch,) = receiving.look(found, at=at)
    return running.take(batch, Moment(at, timezone.localdate(at)))
