"""How the portal reads a base: its settings, and a look whether 1C lets it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core.decisions import require
from provodnik.exchange.actions.fetching import door_of, start
from provodnik.exchange.models import Base, Batch, ODataAccess
from provodnik.exchange.odata.client import Client, Trouble
from provodnik.exchange.odata.hours import is_due
from provodnik.exchange.odata.sets import CHOICES, SETS, sets_of
from provodnik.exchange.policies import may_administer
from provodnik.exchange.states import State

A_CHECK = 25.0  # seconds for all of it: somebody waits for the page
A_LOOK = 8.0
_TOLD = ("is_on", "address", "hour")  # what the journal of administrators says of a change


def save(
    base_id: int, values: dict[str, Any], *, password: str, reads: Sequence[str], by: User, at: datetime
) -> ODataAccess:
    """Write the settings down. `password` "": the one that is kept. What was checked before is no longer said."""
    require(may_administer(by))
    with transaction.atomic():
        base = Base.objects.select_for_update().get(pk=base_id)
        access = ODataAccess.objects.filter(base=base).first() or ODataAccess(base=base, address="", reads=[])
        before, read_before = {name: getattr(access, name) for name in _TOLD}, _titles(access.reads)
        for name, value in values.items():
            setattr(access, name, value)
        access.reads, access.changed_at = list(reads), at
        access.checked, access.checked_at = [], None
        told: dict[str, Any] = {
            name: [before[name], getattr(access, name)] for name in _TOLD if before[name] != getattr(access, name)
        }
        if read_before != _titles(reads):
            told["reads"] = [read_before, _titles(reads)]
        if password:
            access.password = password
            told["password"] = ["•", "•"]
        access.save()
        if told:
            journal.note(access, "changed", by=by, at=at, **told)
    return access


def _titles(reads: Sequence[str]) -> str:
    return ", ".join(str(told).lower() for name, (told, _sets) in CHOICES.items() if name in reads)


def check(access: ODataAccess, *, by: User, at: datetime) -> ODataAccess:
    """Ask 1C whether it answers, whom it knows, which sets it has opened. Takes at most A_CHECK seconds."""
    require(may_administer(by))
    access.checked, access.checked_at = looked(access, at), at
    access.save(update_fields=["checked", "checked_at"])
    return access


def looked(access: ODataAccess, at: datetime) -> list[dict[str, Any]]:
    """What 1C answers to a look: [{"set", "code", "count"}]; a set "" is the base itself."""
    try:
        client = Client(door_of(access), seconds=A_CHECK, a_page=A_LOOK)
        published = set(client.published())
    except Trouble as trouble:
        code = trouble.code if trouble.ends or trouble.code == "late" else "nothing"
        return [{"set": "", "code": code, "count": None}]
    found = []
    for name in sets_of(access.reads):
        one = SETS[name]
        code, count = "ok", None
        if not published & set(one.names):
            code = "closed"
        else:
            try:
                client.first(one, at)
                count = client.count(one, at)
            except Trouble as trouble:
                code = trouble.code
        found.append({"set": name, "code": code, "count": count})
    return found


def start_due(*, now: datetime) -> list[Batch]:
    """Begin what is read at this hour. `now` in the zone of the installation."""
    found = []
    for access in ODataAccess.objects.filter(is_on=True, base__is_active=True):
        since = max(access.changed_at, access.started_at or access.changed_at)
        if access.reads and is_due(access.hour, since, now):
            found.append(start(access.base_id, by=None, at=now))
    return found


def is_being_read(base: Base) -> Batch | None:
    return base.batches.filter(state=State.READING.value).order_by("-pk").first()
