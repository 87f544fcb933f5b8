"""Installations as small as can be, for backing up, killing and restoring: a database from the run's template with a
few rows, a data folder with two kept files. They share the run's server; each has a database of its own."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from provodnik.lifecycle.backup.making import Asked as Backup
from provodnik.lifecycle.restore.restoring import Asked as Restore
from provodnik.lifecycle.upgrade.aside import KEPT, LEFT
from tests import template

SECRET = "the-secret-of-a-small-installation-" + "x" * 20
VERSION = "1.1"
_numbers = itertools.count()


@dataclass(frozen=True)
class Copy:
    url: str
    data_dir: Path
    backups: Path

    def asked(self, **more: object) -> Backup:
        about = {
            "url": self.url,
            "data_dir": self.data_dir,
            "folder": self.backups,
            "secret": SECRET,
            "version": VERSION,
        }
        return Backup(**{**about, "base_url": "https://old.example.ru", **more})  # type: ignore[arg-type]

    def restoring(self, file: Path, **more: object) -> Restore:
        about = {
            "file": file,
            "key": None,
            "url": self.url,
            "data_dir": self.data_dir,
            "version": VERSION,
            "secret": SECRET,
        }
        return Restore(**{**about, **more})  # type: ignore[arg-type]

    def value(self, question: str) -> object:
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(question).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None


def server() -> str:
    return os.environ["PROVODNIK_DATABASE_URL"]


def _url(database: str) -> str:
    return re.sub(r"^(\w+://[^/?]*)[^?]*", rf"\1/{database}", server())


@contextlib.contextmanager
def empty(folder: Path) -> Iterator[Copy]:
    """An installation without anything: where a backup is restored to."""
    name = f"copy_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')  # type: ignore[arg-type]
    try:
        yield Copy(_url(name), folder / name, folder / f"{name}.backups")
    finally:
        for ending in ("", KEPT, LEFT):
            template.drop(server(), name + ending)


@contextlib.contextmanager
def small(folder: Path) -> Iterator[Copy]:
    """An installation with a customer, three requests and two kept files."""
    name = f"copy_{os.getpid()}_{next(_numbers)}"
    template.wait()
    template.clone(server(), name)
    one = Copy(_url(name), folder / name, folder / f"{name}.backups")
    (one.data_dir / "files").mkdir(parents=True)
    with psycopg.connect(one.url) as connection:
        for content in (b"one" * 30_000, b"two" * 40_000):
            kept = uuid.uuid4().hex
            place = one.data_dir / "files" / kept[:2] / kept
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content)
            connection.execute(
                "INSERT INTO core_blob (sha256, size, name, created_at) VALUES (%s, %s, %s, now())",
                (hashlib.sha256(content).hexdigest(), len(content), kept),
            )
        connection.execute("SELECT setval('desk_ticket_number_seq', 1847)")
        connection.execute(
            "INSERT INTO channels_outgoing (channel, key, about, recipient, subject, text, html, message_id,"
            ' in_reply_to, "references", reply_to, automatic, state, attempts, error, created_at) VALUES'
            " ('email', 'one', '', 'a@example.ru', 'Привет', 'Текст', '', '<1@x>', '', '', '', true, 'pending', 0, '',"
            " now())"
        )
    try:
        yield one
    finally:
        template.drop(server(), name)
