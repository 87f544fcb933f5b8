"""Rows of works: who looks, who leads, who ties, and what anybody may see."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from provodnik.desk.models import Contact
from provodnik.desk.tests.factories import SignedInContactFactory
from provodnik.works.actions import leading, personal, tying
from provodnik.works.actions.leading import NewWork
from provodnik.works.models import Work
from provodnik.works.states import Kind
from provodnik.works.tokens import calendar_token, letters_token
from tests.rowwords import ADMINISTRATORS, BOTH, CONTACTS, DESK, EVERYBODY, GET, OF_A, OF_B, POST, Row, to

LEADS = ("lead", *ADMINISTRATORS)
LOOKING = (*CONTACTS, *DESK, *ADMINISTRATORS)
# own: of customer A alone, foreign: of customer B alone, both told; hers: a draft.
SEEN = {
    "own": (*OF_A, *DESK, *ADMINISTRATORS),
    "foreign": (*OF_B, *DESK, *ADMINISTRATORS),
    "draft": LEADS,
    "missing": (),
}
LED = {"own": LEADS, "foreign": LEADS, "draft": LEADS, "missing": ()}
BY_DESK = {"own": DESK, "foreign": DESK, "draft": ("lead",), "missing": ()}

MISSING_ID = 10**9

ROWS: dict[str, Row] = {
    "works:index": to(LOOKING),
    "works:new": to(LEADS, BOTH),
    "works:known": to(CONTACTS),
    "works:silence": to(CONTACTS, POST),
    "works:address": to(LOOKING, POST),
    "works:beside": Row(GET, {"own": DESK, "foreign": DESK, "missing": ()}),
    "works:show": Row(GET, SEEN),
    "works:put_away": Row(POST, SEEN),
    "works:change": Row(BOTH, LED),
    "works:step": Row(BOTH, LED),
    "works:progress": Row(GET, BY_DESK),
    "works:answer": Row(POST, BY_DESK),
    "works:tie": Row(POST, {"own": DESK, "foreign": DESK, "draft": ("lead",), "missing": ()}),
    "works:untie": Row(POST, {"own": DESK, "foreign": DESK, "draft": ("lead",), "missing": ()}),
    "status:page": to(EVERYBODY),
    "status:feed": to(EVERYBODY),
    "status:calendar": Row(GET, {"living": EVERYBODY}),  # a wrong address: works/tests/test_public.py
    "status:letters": Row(BOTH, {"living": EVERYBODY}),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    lead, now = world.people["lead"], timezone.now()
    canary_a, canary_b = (
        world.people["requester"].contact.organisation,
        world.people["other_requester"].contact.organisation,
    )

    def going(canary: str, customer: Any) -> Work:
        new = NewWork(Kind.INCIDENT, f"Сбой {canary}", now, text=canary, customers=[customer])
        work = leading.draft(new, key=uuid.uuid4(), by=lead, at=now)
        return leading.begin(work.pk, by=lead, at=now)

    own, foreign = going(canary_a, world.own.customer), going(canary_b, world.foreign.customer)
    draft = leading.draft(
        NewWork(Kind.PLANNED, f"Черновик {canary_b}", now + timedelta(days=3), now + timedelta(days=4)),
        key=uuid.uuid4(),
        by=lead,
        at=now,
    )
    tying.tie(own.pk, world.own.pk, by=lead, at=now)
    works = {
        "own": {"pk": own.pk},
        "foreign": {"pk": foreign.pk},
        "draft": {"pk": draft.pk},
        "missing": {"pk": MISSING_ID},
    }
    ties = {
        "own": {"pk": own.pk, "number": world.own.pk},
        "foreign": {"pk": foreign.pk, "number": world.foreign.pk},
        "draft": {"pk": draft.pk, "number": world.own.pk},
        "missing": {"pk": own.pk, "number": MISSING_ID},
    }
    found: dict[str, dict[str, dict[str, Any]]] = {
        f"works:{route}": works for route in ("show", "put_away", "change", "progress", "answer")
    }
    found["works:step"] = {name: {**values, "what": "news"} for name, values in works.items()}
    found |= {"works:tie": ties, "works:untie": ties}
    found["works:beside"] = {
        "own": {"number": world.own.pk},
        "foreign": {"number": world.foreign.pk},
        "missing": {"number": MISSING_ID},
    }
    # An address with its secret is open to whoever has it: so it is a stranger's, whom nothing of A and B concerns.
    address = personal.calendar_address(SignedInContactFactory.create().user, at=now)
    contact = Contact.objects.get(user=world.people["requester"])
    found["status:calendar"] = {"living": {"token": calendar_token(address)}}
    found["status:letters"] = {"living": {"token": letters_token(contact)}}
    return found
