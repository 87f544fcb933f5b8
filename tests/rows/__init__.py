"""Rows of the authorization matrix that parts bring along: a module each, with `ROWS` and `things(world)`.

`things(world)` makes the part's objects and gives route → name of an object → arguments (see tests/world.py).
A part's rows import the words of tests/rowwords.py.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def modules() -> list[Any]:
    """The modules of this folder."""
    return [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
