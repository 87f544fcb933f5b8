"""Whose work is in the product and under which licence, as its authors say in the installed packages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from email.message import Message
from functools import cache
from importlib.metadata import distributions
from typing import Any

# Inside the built styles and scripts; a test compares it with what npm's packages say.
IN_ASSETS: Mapping[str, str] = {"daisyui": "MIT", "htmx.org": "0BSD", "lucide-static": "ISC", "tailwindcss": "MIT"}
OURS = "provodnik"
# Of SPDX's list those that are met here; what an author wrote otherwise is a name, not an expression.
_IDS = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "LGPL-2.1-only",
    "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT-0", "MPL-2.0", "OFL-1.1", "PostgreSQL",
    "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
_BETWEEN = re.compile(r" (?:AND|OR) ")
_CLASSIFIERS = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "The Unlicense (Unlicense)": "Unlicense",
}
# How authors write what SPDX has an identifier for.
_SPELT = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "LGPL v3": "LGPL-3.0-only",
    "LGPLv3+": "LGPL-3.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
}
UNKNOWN = "?"


def licence_of(told: Message | Any) -> str:
    """An SPDX expression by PEP 639 where the author follows it, else what he wrote in its place; "?" for nothing."""
    expression: str = told["License-Expression"] or ""
    written = (told["License"] or "").strip()
    written = _SPELT.get(written, written)
    if expression or is_spdx(written):
        return expression or written
    classified = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or [] if one.startswith("License ::")]
    known = next((_CLASSIFIERS[one] for one in classified if one in _CLASSIFIERS), "")
    return known or (written.splitlines()[0][:100] if written else (classified or [UNKNOWN])[0])


def is_spdx(licence: str) -> bool:
    return all(one in _IDS for one in _BETWEEN.split(licence))


@cache
def licences() -> list[tuple[str, list[str]]]:
    """(licence, names of packages) in alphabetical order. No versions: whoever reads this need not know them."""
    installed = ((str(one.metadata["Name"]), licence_of(one.metadata)) for one in distributions())
    return grouped([*installed, *IN_ASSETS.items()])


def grouped(packages: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    found: dict[str, set[str]] = {}
    for name, licence in packages:
        if name != OURS:
            found.setdefault(licence, set()).add(name)
    return [(licence, sorted(names, key=str.casefold)) for licence, names in sorted(found.items())]
