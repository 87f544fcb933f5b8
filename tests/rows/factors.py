"""Who may reach the second factor: everybody his own; the rules and a reset are the administrator's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from provodnik.accounts.models import Passkey, TrustedDevice
from tests.rowwords import BOTH, EVERYBODY, POST, SIGNED_IN, Row, to

OWN = {"own": ("requester",), "foreign": ("other_requester",), "missing": ()}
ROWS: dict[str, Row] = {
    "accounts:sign_in_second": to(EVERYBODY, BOTH),
    "accounts:sign_in_passkey_options": to(EVERYBODY, POST),
    "accounts:sign_in_passkey": to(EVERYBODY, POST),
    "accounts:confirm": to(SIGNED_IN, BOTH),
    "accounts:factors": to(SIGNED_IN),
    "accounts:add_totp": to(SIGNED_IN, BOTH),
    "accounts:remove_totp": to(SIGNED_IN, POST),
    "accounts:add_passkey": to(SIGNED_IN, BOTH),
    "accounts:rename_passkey": Row(POST, OWN),
    "accounts:remove_passkey": Row(POST, OWN),
    "accounts:codes": to(SIGNED_IN, BOTH),
    "accounts:forget_device": Row(POST, OWN),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    now = timezone.now()
    keys: dict[str, dict[str, Any]] = {"missing": {"pk": 10**9}}
    devices: dict[str, dict[str, Any]] = {"missing": {"pk": 10**9}}
    for name, person in (("own", "requester"), ("foreign", "other_requester")):
        user = world.people[person]
        key = Passkey.objects.create(
            user=user, name=name, credential_id=name.encode(), public_key=b"-", created_at=now, doubted_at=now
        )
        device = TrustedDevice.objects.create(
            user=user, digest=name, created_at=now, used_at=now, until=now + timedelta(days=1)
        )
        keys[name], devices[name] = {"pk": key.pk}, {"pk": device.pk}
    return {
        "accounts:rename_passkey": keys,
        "accounts:remove_passkey": keys,
        "accounts:forget_device": devices,
    }
