"""`make release`: from a clean commit to the files that are handed over."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from provodnik import __version__
from provodnik.lifecycle.notes import NotNotes, read_notes
from release import deb, pack
from release.assemble import Order, assembled
from release.keys import load_key
from release.source import ROOT, Source, Unfit, clean_source

KEY = "PROVODNIK_RELEASE_KEY"


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for."""

    key: Path | None
    postgres: bool
    pythons: Sequence[str]
    out: Path


def build(wishes: Wishes) -> tuple[list[Path], list[str]]:
    """Write the distributive and the Debian package; (files, what their maker should know). Raises Unfit."""
    source = clean_source(ROOT)
    released, warnings = day_of(source)
    path = wishes.key or (Path(os.environ[KEY]) if os.environ.get(KEY) else None)
    if path is None:
        warnings.append(f"НЕ ПОДПИСАНО: нет ключа ({KEY}). Такой дистрибутив не примет ни одно обновление.")
    key = load_key(path) if path else None
    order = Order(source, released, key, wishes.postgres, wishes.pythons, ROOT / "build" / "wheels")
    about, members = assembled(order)
    whole = pack.parcel(about, members, key=key, mtime=source.mtime)
    package = deb.package(
        __version__,
        about.python,
        whole,
        members["CHANGELOG.md"].content,
        members["LICENSE"].content,
        source.mtime,
    )
    added = "-with-postgres" if wishes.postgres else ""
    wishes.out.mkdir(parents=True, exist_ok=True)
    made = {
        wishes.out / f"provodnik-{__version__}{added}.tar.gz": whole,
        wishes.out / f"provodnik{added}_{__version__}_amd64.deb": package,
    }
    for place, content in made.items():
        partial = place.with_name(f".{place.name}")
        partial.write_bytes(content)
        partial.rename(place)
    return list(made), warnings


def day_of(source: Source) -> tuple[date, list[str]]:
    """When it is released, by CHANGELOG.md. Raises Unfit when that tells of another version or not as it must."""
    try:
        notes = read_notes((source.root / "CHANGELOG.md").read_text(encoding="utf-8"))
    except NotNotes as error:
        raise Unfit(str(error)) from error
    told = {str(one.version): one for one in notes}.get(__version__)
    if told is None:
        raise Unfit(f"CHANGELOG.md ничего не говорит о выпуске {__version__}.")
    if told.released is None:
        day = f"в CHANGELOG.md {__version__} ещё «готовится»: день выпуска взят у коммита"
        return date.fromisoformat(source.day), [f"ЧЕРНОВИК: {day}."]
    return told.released, []
