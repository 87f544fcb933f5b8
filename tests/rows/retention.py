"""Who may reach the journal and the rules of retention: administrators; a lead what is about requests."""

from __future__ import annotations

from typing import Any

from tests.rowwords import ADMINISTRATORS, Row, to

ROWS: dict[str, Row] = {
    "settings:journal_export": to(ADMINISTRATORS),
    "desk:journal": to(("lead",)),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    return {}
