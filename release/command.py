"""What `python -m release` does; Django stands already."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from provodnik import __version__
from release import history, schema
from release.assemble import PYTHONS
from release.build import Wishes, build, day_of
from release.check import Different, check
from release.keys import make_key
from release.source import ROOT, Unfit, clean_source


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="release", description="Сборка и подпись выпусков")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (("build", "собрать дистрибутив и пакет Debian"), ("check", "собрать дважды и сравнить")):
        one = commands.add_parser(name, help=words)
        one.add_argument("--key", type=Path, help="закрытый ключ выпусков (иначе PROVODNIK_RELEASE_KEY)")
        one.add_argument("--with-postgres", action="store_true", help="нести с собой PostgreSQL")
        one.add_argument("--python", nargs="+", default=list(PYTHONS), metavar="3.X", help="для каких Python")
        one.add_argument("--out", type=Path, default=ROOT / "dist")
    commands.add_parser("key", help="сделать ключ выпусков").add_argument("file", type=Path)
    commands.add_parser("declare", help="записать этот коммит как вышедший выпуск")
    return parser.parse_args(given)


def run(given: Sequence[str]) -> int:
    asked = arguments(given)
    if asked.command == "key":
        say(f"Закрытый ключ: {asked.file} — храните его отдельно. Открытый: {make_key(asked.file)}")
        return 0
    if asked.command == "declare":
        say(f"Записано: {declared()}. Зафиксируйте и поднимите номер в provodnik/__init__.py.")
        return 0
    wishes = Wishes(asked.key, asked.with_postgres, tuple(asked.python), asked.out)
    made, warnings = build(wishes) if asked.command == "build" else check(wishes)
    for place in made:
        say(f"{place.stat().st_size / 1024 / 1024:8.1f} МБ  {place}")
    for warning in warnings:
        say(f"!!! {warning}")
    return 0


def declared() -> Path:
    source = clean_source(ROOT)
    released, warnings = day_of(source)
    if warnings:
        raise Unfit(warnings[0])
    migrations = schema.migrations_of(schema.loaded())
    return history.declare(history.Declared(__version__, released.isoformat(), source.commit, migrations))


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def main(given: Sequence[str]) -> int:
    """The exit status."""
    try:
        return run(given)
    except (Unfit, Different) as error:
        sys.stderr.write(f"{error}\n")
        return 1
