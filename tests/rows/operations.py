"""Rows of what an administrator operates by: monitoring's questions."""

from __future__ import annotations

from typing import Any

from tests.rowwords import EVERYBODY, Row, to

ROWS: dict[str, Row] = {"watch:live": to(EVERYBODY)}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    return {}
