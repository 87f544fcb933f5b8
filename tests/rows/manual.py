"""Rows of the manuals: everybody who has signed in reads all of them, anybody the pages that say how to sign in."""

from __future__ import annotations

from typing import Any

from tests.rowwords import GET, PEOPLE, SIGNED_IN, Row, to

READ = {"there": SIGNED_IN, "missing": ()}
ROWS: dict[str, Row] = {
    "manual:shelf": to(SIGNED_IN),
    "manual:book": Row(GET, READ),
    "manual:page": Row(GET, {"there": SIGNED_IN, "open": PEOPLE, "missing": ()}),
    "manual:pdf": Row(GET, READ),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    books = {"there": {"slug": "employee"}, "missing": {"slug": "nothing"}}
    return {
        "manual:book": books,
        "manual:pdf": books,
        "manual:page": {
            "there": {"slug": "employee", "page": "payslip"},
            "open": {"slug": "employee", "page": "entry"},
            "missing": {"slug": "employee", "page": "nothing"},
        },
    }
