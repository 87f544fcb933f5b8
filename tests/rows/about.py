"""Rows of «О программе»: whoever has signed in reads it, administrators choose whether they are reminded."""

from __future__ import annotations

from typing import Any

from tests.rowwords import ADMINISTRATORS, POST, SIGNED_IN, Row, to

ROWS: dict[str, Row] = {
    "about:about": to(SIGNED_IN),
    "about:licences": to(SIGNED_IN),
    "about:reminder": to(ADMINISTRATORS, POST),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    return {}
