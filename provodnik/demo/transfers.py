"""Imports of the demo: the desk before this one, taken over when the two years began, and another one's export that
somebody has only looked through today."""

from __future__ import annotations

import csv
import io
import json
import random
import uuid
import zipfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from provodnik.demo import data
from provodnik.demo.cases import HISTORY
from provodnik.demo.people import Cast
from provodnik.demo.pictures import protocol, screenshot
from provodnik.transfer.actions import running
from provodnik.transfer.models import Transfer
from provodnik.transfer.states import Kind

KEYS = uuid.UUID("5c0de1a7-3d0b-4e0c-8f5e-2a1f6f0f9d11")
_HEAD = "номер;тема;текст;зарегистрировано;закрыто;почта;заказчик;приоритет;решение;файлы\n"


def before(cast: Cast, now: datetime) -> None:
    """Requests of the desk before this one: their numbers here come first, as they came first."""
    at = now - HISTORY - timedelta(days=10)
    made = _brought("прежняя служба.zip", _table(at), Kind.REQUESTS, "Прежняя служба", cast, at)
    running.take(made.pk, by=made.by, at=at)
    _run(made.pk, at + timedelta(minutes=3))


def today(cast: Cast, now: datetime) -> None:
    """Looked through, nothing written yet."""
    at = now - timedelta(hours=2)
    _brought("zammad.zip", _export(at), Kind.ZAMMAD, "Служба Озёрного края", cast, at)


def _brought(name: str, content: bytes, kind: Kind, source: str, cast: Cast, at: datetime) -> Transfer:
    made = running.bring(
        SimpleUploadedFile(name, content),
        name=name,
        kind=kind,
        source=source,
        key=uuid.uuid5(KEYS, name),
        by=cast.desk["admin"],
        at=at,
    )
    _run(made.pk, at + timedelta(minutes=1))
    return made


def _run(pk: int, ended: datetime) -> None:
    running.run(pk)
    Transfer.objects.filter(pk=pk).update(finished_at=ended)


def _table(now: datetime) -> bytes:
    lines, files = io.StringIO(), dict[str, bytes]()
    rows = csv.writer(lines, delimiter=";")
    lines.write(_HEAD)
    for one in data.toml("old_desk")["request"]:
        opened = (now - timedelta(days=one["days"])).replace(minute=20)
        closed = opened + timedelta(hours=one["hours"])
        cells = [one["number"], one["subject"], one["text"], opened.isoformat(), closed.isoformat(), one["email"]]
        rows.writerow([*cells, one.get("customer", ""), one["priority"], one["solution"], one.get("file", "")])
        files |= _file(one, f"{one['number']}/")
    return _zip({"обращения.csv": lines.getvalue().encode(), **files, "1100/лишнее.png": _picture()})


def _export(now: datetime) -> bytes:
    tickets, files = [], dict[str, bytes]()
    for number, one in enumerate(data.toml("old_desk")["ticket"], start=41):
        at = (now - timedelta(days=one["days"])).replace(minute=5)
        articles: list[dict[str, Any]] = [
            {
                "id": number * 10 + place,
                "from": one["email"] if place == 0 else "Служба поддержки",
                "sender": "Agent" if place else "Customer",
                "content_type": "text/plain",
                "body": words,
                "created_at": (at + timedelta(hours=3 * place)).isoformat(),
                "attachments": [],
            }
            for place, words in enumerate(one["said"])
        ]
        if "file" in one:
            articles[0]["attachments"] = [{"id": number, "filename": one["file"], "size": "1", "preferences": {}}]
        closed = {"state": "closed", "close_at": (at + timedelta(hours=9)).isoformat()}
        about = {"title": one["title"], "customer": one["email"], "organization": one["organization"]}
        tickets.append(
            {"id": number, "number": one["number"], "created_at": at.isoformat(), "priority": "2 normal", **about}
            | closed
            | {"articles": articles}
        )
        files |= _file(one, f"ticket_attachment/{number}/{number * 10}/")
    return _zip({"tickets.json": json.dumps(tickets, ensure_ascii=False).encode(), **files})


def _file(one: Mapping[str, Any], folder: str) -> dict[str, bytes]:
    """The file that a line names, unless it was lost on the way."""
    name = one.get("file", "")
    if not name or one.get("lost"):
        return {}
    return {folder + name: _picture() if name.endswith(".png") else protocol(_chance())}


def _picture() -> bytes:
    return screenshot(_chance())


def _chance() -> random.Random:
    return random.Random(5)  # noqa: S311 - the same picture each time


def _zip(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, content in files.items():
            whole.writestr(zipfile.ZipInfo(name), content)  # without the moment of today: the same bytes each time
    return made.getvalue()
