"""The report on paper: what core.paper sets it by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from provodnik.core import paper

_HERE = Path(__file__).resolve().parent


def render(template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """A PDF of a template of this folder. `data`: JSON values; `at`: written into the file as its date."""
    return paper.render(_HERE / f"{template}.typ", data, at=at)
