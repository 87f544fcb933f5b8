"""A base of 1C for tests: objects as it would tell them, written into its folder as a sender would."""

from __future__ import annotations

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

from provodnik.desk.tests.factories import NOW
from provodnik.exchange import manifest
from provodnik.exchange.actions import deciding, receiving, running
from provodnik.exchange.models import Base, Batch
from provodnik.exchange.objects import Moment

TODAY = NOW.date()
MOMENT = Moment(NOW, TODAY)
_SPACE = uuid.UUID("9a1fd1a4-4c9e-4b57-9f0c-4f5d5a1f0a11")


def guid(*words: object) -> str:
    """The same for the same words, as references of 1C are."""
    return str(uuid.uuid5(_SPACE, "/".join(map(str, words))))


def told(kind: str, what: object, version: int = 1, /, **fields: Any) -> dict[str, Any]:
    """An object; `what` may be a reference already."""
    try:
        key = str(uuid.UUID(str(what)))
    except ValueError:
        key = guid(kind, what)
    return {"type": kind, "guid": key, "version": version, **fields}


def crowd(count: int, *, version: int = 1, house: str = "Чистая вода", **fields: Any) -> list[dict[str, Any]]:
    """An organisation with a unit, a position and so many people who work there."""
    found = [
        told("organisation", house, version, name=house, zone="Asia/Yekaterinburg"),
        told("unit", house, version, organisation=guid("organisation", house), parent=None, name="Цех"),
        told("position", house, version, name="Слесарь"),
    ]
    for number in range(count):
        found += person(number, version=version, house=house, **fields)
    return found


def person(number: int, *, version: int = 1, house: str = "Чистая вода", **fields: Any) -> list[dict[str, Any]]:
    name = f"{house}/{number}"
    return [
        told("person", name, version, surname="Родников", first_name="Лев", patronymic=f"Ильич{number}"),
        told(
            "employment", name, version, person=guid("person", name), organisation=guid("organisation", house),
            unit=guid("unit", house), position=guid("position", house), personnel_number=f"{number:04}",
            starts_on="2020-01-09", **fields,
        ),
    ]  # fmt: skip


class Sender:
    """Writes batches for a base, as the contract says."""

    def __init__(self, code: str = "zup") -> None:
        self.base, self.key = deciding.make_base(code=code, name="ЗУП", by=None, at=NOW)

    @property
    def folder(self) -> Path:
        folder = receiving.folder_of(self.base)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def write(
        self,
        objects: list[dict[str, Any]] | bytes,
        *,
        name: str = "a",
        key: str = "",
        pdfs: dict[str, bytes] | None = None,
        count: int | None = None,
        **more: Any,
    ) -> str:
        """Returns the batch's key."""
        content = objects if isinstance(objects, bytes) else _lines(objects)
        count = len(objects) if count is None and not isinstance(objects, bytes) else count or 0
        (self.folder / f"{name}.jsonl").write_bytes(content)
        files = [_listed(f"{name}.jsonl", content) | {"objects": count}]
        for pdf, body in (pdfs or {}).items():
            (self.folder / pdf).write_bytes(body)
            files.append(_listed(pdf, body))
        key = key or str(uuid.uuid4())
        told_all = {
            "contract": 1, "base": self.base.code, "batch": key, "made_at": "2026-02-02T03:00:00+03:00",
            "full": False, "files": files, **more,
        }  # fmt: skip
        self.sign(name, json.dumps(told_all, ensure_ascii=False).encode())
        return key

    def sign(self, name: str, content: bytes, key: str = "") -> None:
        (self.folder / f"{name}{manifest.SUFFIX}").write_bytes(content)
        signed = manifest.signature(content, key or self.key)
        (self.folder / f"{name}{manifest.SIGNATURE}").write_text(signed + "\n")

    def send(self, objects: list[dict[str, Any]] | bytes, **more: Any) -> Batch:
        """Write a batch, have it received and taken as far as it goes."""
        self.write(objects, **more)
        (batch,) = receiving.look(self.base, at=NOW)
        return take(batch)


def take(batch: Batch) -> Batch:
    batch.refresh_from_db()
    running.take(batch, MOMENT)
    batch.refresh_from_db()
    return batch


def _lines(objects: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in objects)


def _listed(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def base() -> Base:
    return Base.objects.get()
