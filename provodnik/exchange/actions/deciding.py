"""What people decide: bases and their keys, thresholds, a held batch, one object tried again."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core import files, jobs
from provodnik.core.decisions import Refused, require
from provodnik.exchange.actions import running
from provodnik.exchange.actions.applying import again as try_again
from provodnik.exchange.models import Base, Batch, BatchFile, Limit, Stage, Thing
from provodnik.exchange.objects import Moment
from provodnik.exchange.policies import may_administer, may_decide, may_limit
from provodnik.exchange.states import State
from provodnik.people.models import Organisation

OPEN_FOR = timedelta(days=1)
RAW_KEPT = timedelta(days=30)  # how long the bytes of a finished batch lie beside what became of them


def make_base(*, code: str, name: str, by: User | None, at: datetime) -> tuple[Base, str]:
    """A base of 1C and its key. `by` None: the installation itself (the demo). Raises Refused."""
    if by is not None:
        require(may_administer(by))
    if Base.objects.filter(code=code).exists():
        raise Refused(_("There is such a base already."), "code")
    base = Base(code=code, name=name, created_at=at, key_made_at=at, by=by)
    base.key = key = secrets.token_hex(32)
    with transaction.atomic():
        base.save()
        if by is not None:
            journal.note(base, "added", by=by, at=at, code=["", code])
    return base, key


def new_key(base_id: int, *, by: User, at: datetime) -> tuple[Base, str]:
    """The old one is worth nothing from now on. Raises Refused, Base.DoesNotExist."""
    require(may_administer(by))
    with transaction.atomic():
        base = Base.objects.select_for_update().get(pk=base_id)
        base.key, base.key_made_at = (key := secrets.token_hex(32)), at
        base.save(update_fields=["key_sealed", "key_made_at"])
        journal.note(base, "changed", by=by, at=at, key=["•", "•"])
    return base, key


def switch(base_id: int, *, on: bool, by: User, at: datetime) -> Base:
    require(may_administer(by))
    with transaction.atomic():
        base = Base.objects.select_for_update().get(pk=base_id)
        if base.is_active != on:
            journal.note(base, "changed", by=by, at=at, is_active=[base.is_active, on])
            base.is_active = on
            base.save(update_fields=["is_active"])
    return base


def set_limit(
    organisation: Organisation, *, dismissals: int, changes: int, least: int, by: User, at: datetime
) -> Limit:
    """Raises Refused."""
    require(may_limit(by, organisation.pk))
    with transaction.atomic():
        limit, _made = Limit.objects.select_for_update().get_or_create(organisation=organisation)
        said = {"dismissals": dismissals, "changes": changes, "least": least}
        told: dict[str, Any] = {
            name: [getattr(limit, name), value] for name, value in said.items() if getattr(limit, name) != value
        }
        for name, value in said.items():
            setattr(limit, name, value)
        limit.save()
        if told:
            journal.note(limit, "changed", by=by, at=at, **told)
    return limit


def let_go(batch_id: int, *, by: User, at: datetime, today: bool = False) -> Batch:
    """A held batch is taken after all. `today`: and so may others of these organisations within a day. Raises Refused,
    Batch.DoesNotExist."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch_id)
        require(may_decide(by, batch))
        if batch.state != State.HELD.value:
            return batch
        if today:
            for organisation in {one["organisation"] for one in batch.stops}:
                Limit.objects.update_or_create(organisation_id=organisation, defaults={"open_until": at + OPEN_FOR})
        batch.state, batch.decided_by = State.APPLYING.value, by
        batch.save(update_fields=["state", "decided_by"])
        journal.note(batch, "changed", by=by, at=at, state=[State.HELD.value, State.APPLYING.value])
        jobs.defer(running.run, serial=f"exchange:{batch.base_id}", batch_id=batch.pk)
    return batch


def drop(batch_id: int, *, by: User, at: datetime) -> Batch:
    """A held batch is not taken: 1C sends another one. Raises Refused, Batch.DoesNotExist."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch_id)
        require(may_decide(by, batch))
        if batch.state != State.HELD.value:
            return batch
        Stage.objects.filter(batch=batch).delete()
        batch.state, batch.decided_by, batch.finished_at = State.DROPPED.value, by, at
        batch.save(update_fields=["state", "decided_by", "finished_at"])
        journal.note(batch, "changed", by=by, at=at, state=[State.HELD.value, State.DROPPED.value])
    running.tell(batch)
    return batch


def again(thing: Thing, moment: Moment) -> Thing:
    """Somebody says that the obstacle is gone."""
    return try_again(thing.pk, moment)


def tidy(*, now: datetime) -> int:
    """Forget the bytes of batches that ended long ago: what they became is kept, what was refused is sealed in its
    row. Returns how many batches."""
    done = 0
    ended = Batch.objects.filter(finished_at__lt=now - RAW_KEPT, raw__isnull=False)
    for batch in ended.order_by("pk")[:200]:
        with transaction.atomic():
            # PDFs of kept payslips stay: another row refers to them
            ours = [batch.raw_id, *batch.files.values_list("blob_id", flat=True)]
            BatchFile.objects.filter(batch=batch).update(blob=None)
            Batch.objects.filter(pk=batch.pk).update(raw=None)
            files.release(one for one in ours if one is not None)
            done += 1
    return done
