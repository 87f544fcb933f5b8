"""The exchange with 1C: a first load and a night without changes, each in a process of its own whose memory is told."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402 - they need Django ready

from bench.table import peak  # noqa: E402
from provodnik.exchange import manifest  # noqa: E402
from provodnik.exchange.actions import deciding, receiving, running  # noqa: E402
from provodnik.exchange.models import Base  # noqa: E402
from provodnik.exchange.objects import Moment  # noqa: E402

PLACES = 50_000
CODE = "bench"
_SPACE = uuid.UUID("1f1d1c52-52a5-4d4f-8d0c-6a2f1a9b7c99")


@dataclass(frozen=True)
class Load:
    """Seconds of the first load and of the night without changes, MB of the process at most, places of work."""

    places: int
    first: float
    night: float
    memory: float


def measure(places: int = PLACES) -> Load:
    """Raises RuntimeError when the exchange did not take what it should."""
    found = [_apart(places, version) for version in (1, 2)]
    if [one["taken"] for one in found] != [places, 0]:
        raise RuntimeError(f"the exchange took {found}")
    return Load(places, found[0]["seconds"], found[1]["seconds"], max(one["memory"] for one in found))


def _apart(places: int, version: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.zup", str(places), str(version)]
    done = subprocess.run(command, env=dict(os.environ), check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _key(*words: object) -> str:
    return str(uuid.uuid5(_SPACE, "/".join(map(str, words))))


def _snils(number: int) -> str:
    digits = f"{number + 100_000_000:09}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 0, -1), strict=True)) % 101 % 100
    return f"{digits}{total:02}"


def objects(places: int, version: int) -> Iterator[dict[str, Any]]:
    """An organisation with a unit for each fifty people, everybody with a balance of leave, every tenth away."""
    house, started = _key("house"), date(2020, 1, 9)
    yield {
        "type": "organisation",
        "guid": house,
        "version": version,
        "name": "Большой водоканал",
        "zone": "Europe/Moscow",
    }
    units = max(1, places // 50)
    for number in range(units):
        above = _key("unit", (number - 1) // 8) if number else None
        fields = {"organisation": house, "parent": above, "name": f"Участок № {number}"}
        yield {"type": "unit", "guid": _key("unit", number), "version": version, **fields}
    for number in range(200):
        yield {"type": "position", "guid": _key("position", number), "version": version, "name": f"Слесарь {number}-й"}
    for number in range(places):
        yield {
            "type": "person", "guid": _key("person", number), "version": version, "surname": f"Родников{number % 977}",
            "first_name": "Лев", "patronymic": f"Ильич{number % 31}", "birth_date": "1980-02-28",
            "snils": _snils(number), "work_phone": f"{number % 9000 + 1000}", "room": str(number % 400),
        }  # fmt: skip
        yield {
            "type": "employment", "guid": _key("place", number), "version": version, "person": _key("person", number),
            "organisation": house, "unit": _key("unit", number % units), "position": _key("position", number % 200),
            "personnel_number": f"{number:06}", "kind": "main", "ends_on": None,
            "starts_on": (started + timedelta(days=number % 2000)).isoformat(),
        }  # fmt: skip
        balances = [{"name": "Основной", "days": f"{number % 28}.33"}]
        yield {
            "type": "leave_balance", "guid": _key("place", number), "version": version, "on": "2026-11-22",
            "balances": balances,
        }  # fmt: skip
        if number % 10 == 0:
            yield {
                "type": "absence", "guid": _key("absence", number), "version": version, "kind": "Отпуск",
                "employment": _key("place", number), "starts_on": "2026-11-16", "ends_on": "2026-11-29",
            }  # fmt: skip


def _put(folder: Path, key: str, places: int, version: int) -> None:
    """As a sender writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    count, sums, size = 0, hashlib.sha256(), 0
    with (folder / "all.jsonl").open("wb") as file:
        for one in objects(places, version):
            line = json.dumps(one, ensure_ascii=False).encode() + b"\n"
            sums.update(line)
            size, count = size + len(line), count + 1
            file.write(line)
    listed = {"name": "all.jsonl", "size": size, "sha256": sums.hexdigest(), "objects": count}
    told = json.dumps(
        {"contract": 1, "base": CODE, "batch": str(uuid.uuid4()), "made_at": "2026-11-23T00:00:00+00:00", "full": True,
         "files": [listed]}
    ).encode()  # fmt: skip
    (folder / f"all{manifest.SUFFIX}").write_bytes(told)
    (folder / f"all{manifest.SIGNATURE}").write_text(manifest.signature(told, key))


def main() -> None:
    places, version = int(sys.argv[1]), int(sys.argv[2])
    now = timezone.now()
    base = Base.objects.filter(code=CODE).first() or deciding.make_base(code=CODE, name="Замер", by=None, at=now)[0]
    _put(receiving.folder_of(base), base.key, places, version)
    begun = time.monotonic()
    (batch,) = receiving.look(base, at=now)
    running.take(batch, Moment(now, timezone.localdate(now)))
    seconds = time.monotonic() - begun
    if batch.state != "done":
        raise RuntimeError(f"{batch.state}: {batch.words} {batch.stops}")
    taken = batch.counts.get("employment", {}).get("added", 0)
    print(json.dumps({"seconds": seconds, "memory": peak(), "taken": taken, "counts": batch.counts}))


if __name__ == "__main__":
    main()
