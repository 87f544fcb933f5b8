"""Rows of links, merges, tags, own fields, watchers and steps for many requests."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from provodnik.channels.models import Channel
from provodnik.desk.actions import incoming, linking
from provodnik.desk.models import BulkItem, BulkRun, Contact, Contract, FieldDefinition, LinkKind, Message, Tag
from tests.rowwords import ADMINISTRATORS, BOTH, DESK, GET, POST, Row, kept, to, work

_MISSING = 10**9
# A step belongs to whoever took it: for a colleague of the desk it is not there.
_OWN_STEP = {"own": ("specialist",), "missing": ()}

ROWS: dict[str, Row] = {
    "desk:people": to(DESK),
    "desk:choose": to(DESK),
    "desk:bulk": Row(BOTH, {"step": DESK, "missing": ()}),
    "desk:bulk_runs": to(DESK),
    "desk:bulk_run": Row(GET, _OWN_STEP),
    "desk:bulk_undo": Row(POST, _OWN_STEP),
    "desk:tie": work(BOTH),
    "desk:unlink": work(POST),
    "desk:watch": work(POST),
    "desk:split": Row(BOTH, {"own": DESK, "foreign": DESK, "elsewhere": (), "missing": ()}),
    "settings:tags": to(ADMINISTRATORS),
    "settings:add_tag": to(ADMINISTRATORS, BOTH),
    "settings:tag": kept(BOTH),
    "settings:remove_tag": kept(POST),
    "settings:add_field": kept(BOTH),
    "settings:field": kept(BOTH),
}


def _answer(number: int, canary: str) -> int:
    contact = Contact.objects.get(tickets__pk=number)
    said = incoming.Said(text=f"Дополнение {canary}", channel=Channel.PORTAL, contact=contact)
    incoming.hear(number, said, key=uuid.uuid4(), at=timezone.now())
    return Message.objects.filter(ticket_id=number, kind="answer").latest("pk").pk


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    own, foreign = world.own, world.foreign
    specialist = world.people["specialist"]
    numbers = {"own": {"number": own.pk}, "foreign": {"number": foreign.pk}, "missing": {"number": _MISSING}}
    link = linking.link(own.pk, other=foreign.pk, kind=LinkKind.RELATED, by=specialist, at=timezone.now())
    said = {"own": _answer(own.pk, "канарейкааз"), "foreign": _answer(foreign.pk, "канарейкабуки")}
    run = BulkRun.objects.create(what="tags", asked={}, by=specialist, at=timezone.now(), state="done")
    BulkItem.objects.create(run=run, ticket=own, done=True, before={"added": [], "removed": []})
    contract = Contract.objects.filter(customer=own.customer).get()
    definition = FieldDefinition.objects.create(contract=contract, label="Канарейкааз", kind="text")
    tag = Tag.objects.create(name="авария")
    steps = {"own": {"key": run.pk}, "missing": {"key": uuid.UUID(int=1)}}
    return {
        "desk:bulk": {"step": {"what": "tags"}, "missing": {"what": "nonsense"}},
        "desk:bulk_run": steps,
        "desk:bulk_undo": steps,
        "desk:tie": {name: {**one, "what": "link"} for name, one in numbers.items()},
        "desk:unlink": {name: {**one, "pk": link.pk} for name, one in numbers.items()},
        "desk:watch": numbers,
        "desk:split": {
            "own": {"number": own.pk, "message": said["own"]},
            "foreign": {"number": foreign.pk, "message": said["foreign"]},
            "elsewhere": {"number": own.pk, "message": said["foreign"]},
            "missing": {"number": _MISSING, "message": _MISSING},
        },
        "settings:tag": {"there": {"pk": tag.pk}, "missing": {"pk": _MISSING}},
        "settings:remove_tag": {"there": {"pk": tag.pk}, "missing": {"pk": _MISSING}},
        "settings:add_field": {"there": {"pk": contract.pk}, "missing": {"pk": _MISSING}},
        "settings:field": {"there": {"pk": definition.pk}, "missing": {"pk": _MISSING}},
    }
