"""The documents that are made from the code: docs/states.md, docs/settings.md, docs/capabilities.md,
docs/api-operations.md, those of the exchange, and the pages of the manuals that the code knows better (made_pages.py).

python scripts/docs.py write     make them anew
python scripts/docs.py check     exit status 1 when one of them differs (the tests call this)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import django
import made_pages
from django.utils import translation

from provodnik.config.env import Environment
from provodnik.desk.states import diagram
from provodnik.exchange import published

ROOT = Path(__file__).resolve().parent.parent

STATES = """# Statuses of a request

Made from `provodnik/desk/states.py` by `python scripts/docs.py write`; a test compares it. The same table stands in the
database (a trigger refuses every other move), and a test compares that, too.

Words: created Создана, in_progress В работе, clarification Уточнение, done Выполнено (R10); moves: I11.

```mermaid
{diagram}```
"""

SETTINGS = """# Settings

Made from `provodnik/config/env.py` by `python scripts/docs.py write`; a test compares it. Each is an environment
variable, or a line of the file that `PROVODNIK_ENV_FILE` names. All mistakes are told at once when the program starts;
`provodnik doctor` names variables that mean nothing.

| variable | default | meaning |
| --- | --- | --- |
{rows}
| `PROVODNIK_ENV_FILE` | | File with lines `PROVODNIK_NAME=value`. |
| `PROVODNIK_PG_BIN` | | Folder of PostgreSQL's programs for the private server; else the newest here. |
"""


def states() -> str:
    return STATES.format(diagram=diagram())


def settings() -> str:
    rows = []
    for name, field in Environment.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default in ("", None, []) else f"`{default}`"
        rows.append(f"| `PROVODNIK_{name.upper()}` | {shown} | {field.description} |")
    return SETTINGS.format(rows="\n".join(rows))


def in_russian(make: Callable[[], str]) -> Callable[[], str]:
    """Field by field from the contract, with the words of the catalogue."""

    def made() -> str:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "provodnik.config.settings")
        django.setup()
        with translation.override("ru"):
            return make()

    return made


def reference(name: str) -> Callable[[], str]:
    """A function of made_reference.py, whose imports want Django to be ready."""
    return in_russian(lambda: str(getattr(import_module("made_reference"), name)()))


MADE = {
    "docs/states.md": states,
    "docs/settings.md": settings,
    "docs/capabilities.md": reference("capabilities"),
    "docs/api-operations.md": reference("operations"),
    "docs/exchange/fields.md": in_russian(published.fields),
    "docs/exchange/schema.json": in_russian(published.schema),
    "docs/exchange/told.json": in_russian(published.schema_told),
    **{name: in_russian(make) for name, make in made_pages.MADE.items()},
}


def main(arguments: list[str]) -> int:
    if arguments not in (["write"], ["check"]):
        print(__doc__)
        return 2
    stale = 0
    for name, make in MADE.items():
        path, text = ROOT / name, make()
        path.parent.mkdir(parents=True, exist_ok=True)
        if arguments == ["write"]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{name} is stale: python scripts/docs.py write")
            stale += 1
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
