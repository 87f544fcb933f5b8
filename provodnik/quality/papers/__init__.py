"""The report on paper: a PDF set by typst from plain data, the same bytes from the same data.

Texts travel as JSON and are set as text: nothing in them is markup. Fonts come with the product, those of the machine
stay out, so that a report looks the same wherever it is made. typst is given no packages and no network to look for
them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_pt_sans
import typst

_HERE = Path(__file__).resolve().parent


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[fontpkg_pt_sans.ROOT / "files"]
    )


def render(template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """A PDF (PDF/A-2a: kept for years, read aloud). `data`: JSON values; `at`: written into the file as its date."""
    made = typst.Compiler(_HERE / f"{template}.typ", root=_HERE, font_paths=_fonts(), ignore_system_fonts=True).compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["a-2a"],
        timestamp=int(at.timestamp()),
    )
    assert isinstance(made, bytes)
    return made
