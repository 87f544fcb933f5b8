"""What a person opens of the API, and the tokens; its operations are asked in tests/test_api_matrix.py."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from provodnik.accounts import api_tokens
from provodnik.accounts.scopes import Scope
from tests.rowwords import ADMINISTRATORS, BOTH, EVERYBODY, GET, POST, SIGNED_IN, Row, to

ROWS = {
    "api:docs": to(SIGNED_IN),
    "api:docs_of": Row(GET, {"there": SIGNED_IN, "missing": ()}),
    "api:openapi": to(EVERYBODY),
    "accounts:tokens": to(SIGNED_IN),
    "accounts:add_token": to(SIGNED_IN, BOTH),
    "accounts:revoke_token": Row(
        POST, {"own": ("requester", "administrator"), "foreign": ("other_requester", "administrator"), "missing": ()}
    ),
    "accounts:all_tokens": to(ADMINISTRATORS),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    def token(person: str) -> int:
        made, _key = api_tokens.make(
            owner=world.people[person], name="Программа", scopes=list(Scope), lasts=None, at=timezone.now()
        )
        return made.pk

    return {
        "api:docs_of": {"there": {"group": "work"}, "missing": {"group": "nothing"}},
        "accounts:revoke_token": {
            "own": {"pk": token("requester")},
            "foreign": {"pk": token("other_requester")},
            "missing": {"pk": 10**9},
        },
    }
