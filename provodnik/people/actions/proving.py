"""«Ждём 1С» ends when 1C itself says the same: every field that was asked for came back by an exchange."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.secrets import Unreadable
from provodnik.notify.actions import notify
from provodnik.people import words
from provodnik.people.models import DataRequest, DataRequestStep, Person, StaffMember
from provodnik.people.states import TOLD_BY_1C, ChangeKind, ChangeState, Proof, Source, StaffRole


def prove(person_ids: Sequence[int], *, at: datetime) -> int:
    """Settle what waited for 1C of these people, as far as it says so now. In the caller's transaction, one statement
    where nothing waits. Returns how many were settled."""
    waiting = DataRequest.objects.select_for_update(of=("self",)).select_related("person__user")
    kinds = [kind.value for kind in TOLD_BY_1C]
    rows = list(
        waiting.filter(person_id__in=person_ids, state=ChangeState.WAITING.value, kind__in=kinds).order_by("pk")
    )
    done = [row for row in rows if _is_proved(row, row.person)]
    for row in done:
        _settle(row, at)
    return len(done)


def _settle(row: DataRequest, at: datetime) -> None:
    row.state, row.proof, row.since = ChangeState.DONE.value, Proof.EXCHANGE.value, at
    row.save(update_fields=["state", "proof", "since"])
    DataRequestStep.objects.create(request=row, at=at, by=None, state=row.state)
    if row.person.user is not None:
        notify([row.person.user], key=f"people:request:{row.pk}:done", text=words.told_done(row.kind), at=at,
               url=f"/people/me/data/{row.pk}", tone="success")  # fmt: skip


def answered(key: uuid.UUID, taken: bool, reason: str, at: datetime) -> None:
    """1C has answered what it was told of a request. What its exchange tells by itself is not done before it does; of a
    refusal personnel is told. In the caller's transaction."""
    rows = DataRequest.objects.select_for_update(of=("self",)).select_related("person__user")
    row = rows.filter(key=key, state=ChangeState.WAITING.value).first()
    if row is None:
        return
    if taken:
        if ChangeKind(row.kind) not in TOLD_BY_1C:
            _settle(row, at)
        return
    staff = StaffMember.objects.filter(organisation_id=row.organisation_id, role=StaffRole.HR.value)
    text = _("1C has refused: %(what)s, %(who)s") % {
        "what": words.change_word(row.kind),
        "who": row.person.full_name,
    }
    notify(
        User.objects.filter(pk__in=staff.values("user_id")).exclude(pk=row.person.user_id or 0),
        key=f"people:request:{row.pk}:refused:{int(at.timestamp())}",
        text=text,
        at=at,
        url=f"/people/requests/{row.pk}",
        tone="warning",
    )


def _is_proved(row: DataRequest, person: Person) -> bool:
    """1C's own word stands in each field, and it is what was asked for."""
    try:
        asked = json.loads(row.told or "{}")
    except Unreadable:
        return False
    fields = TOLD_BY_1C[ChangeKind(row.kind)]
    return all(
        person.sources.get(name) == Source.ONEC.value and str(getattr(person, name) or "") == asked.get(name, "")
        for name in fields
        if asked.get(name) or getattr(person, name)
    )
