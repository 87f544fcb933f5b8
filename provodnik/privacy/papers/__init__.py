"""The act on paper: what core.paper sets it by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from provodnik.core import paper

_HERE = Path(__file__).resolve().parent


def render(data: Mapping[str, Any], *, at: datetime) -> bytes:
    """A PDF. `data`: see act.typ."""
    return paper.render(_HERE / "act.typ", data, at=at)
