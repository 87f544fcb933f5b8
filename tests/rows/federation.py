"""Rows of federation: ways in are everybody's, settings the administrator's, one's own identities one's own."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from provodnik.federation.models import Directory, Identity, Provider
from tests.rowwords import ADMINISTRATORS, BOTH, EVERYBODY, GET, POST, SIGNED_IN, Row, to

THERE = {"there": ADMINISTRATORS, "missing": ()}
ROWS: dict[str, Row] = {
    "federation:start": Row(GET, {"there": EVERYBODY}),
    "federation:back": Row(GET, {"there": EVERYBODY}),
    "federation:left": Row(GET, {"there": EVERYBODY}),
    "federation:out": Row(POST, {"there": (), "missing": ()}, gone=400),  # a program's: it brings a signed token
    "federation:mine": to(SIGNED_IN),
    "federation:link": Row(POST, {"there": SIGNED_IN, "missing": ()}),
    "federation:unlink_own": Row(POST, {"own": ("requester",), "foreign": ("other_requester",), "missing": ()}),
    "federation:index": to(ADMINISTRATORS),
    "federation:add_directory": to(ADMINISTRATORS, BOTH),
    "federation:directory": Row(BOTH, THERE),
    "federation:check_directory": Row(POST, THERE),
    "federation:remove_directory": Row(POST, THERE),
    "federation:add_provider": to(ADMINISTRATORS, BOTH),
    "federation:provider": Row(BOTH, THERE),
    "federation:check_provider": Row(POST, THERE),
    "federation:remove_provider": Row(POST, THERE),
    "federation:linked": Row(BOTH, THERE),
    "federation:unlink": Row(POST, THERE),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """A directory and a provider where nobody listens: an address without a host, so that nothing is waited for."""
    now = timezone.now()
    directory = Directory.objects.create(
        name="Каталог", servers="127.0.0.1:1", security="none", base="dc=x", logins=["uid"], is_active=False
    )
    provider = Provider.objects.create(name="Вход", issuer="https://127.0.0.1:1", client_id="p", is_active=True)
    rows = {}
    for which, person in (("own", "requester"), ("foreign", "other_requester")):
        user = world.people[person]
        rows[which] = Identity.objects.create(
            user=user,
            provider=provider,
            issuer=provider.issuer,
            subject=f"{user.full_name} {which}",
            name=user.login,
            how="own",
            linked_at=now,
        )
    missing = {"pk": 10**9}
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name in ("start", "back", "left", "out", "link", "provider", "check_provider", "remove_provider"):
        found[f"federation:{name}"] = {"there": {"pk": provider.pk}, "missing": missing}
    for name in ("directory", "check_directory", "remove_directory"):
        found[f"federation:{name}"] = {"there": {"pk": directory.pk}, "missing": missing}
    found["federation:unlink_own"] = {
        "own": {"pk": rows["own"].pk},
        "foreign": {"pk": rows["foreign"].pk},
        "missing": missing,
    }
    found["federation:linked"] = {"there": {"pk": world.people["colleague"].pk}, "missing": missing}
    found["federation:unlink"] = {"there": {"pk": rows["own"].pk}, "missing": missing}
    return found
