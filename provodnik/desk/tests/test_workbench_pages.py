"""The workbench's pages: what they cost, who may see them, what they keep when something goes wrong."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.desk.actions import work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Ticket
from provodnik.desk.tests.factories import (
    HOUR,
    SpecialistFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> User:
    user: User = SpecialistFactory.create()
    return user


@pytest.fixture
def desk(client: Client, agent: User) -> Client:
    client.force_login(agent)
    return client


def said(ticket: Ticket, **fields: Any) -> dict[str, Any]:
    """A filled form of the reply box, as the page of this request would send it."""
    last = ticket.events.order_by("-id").values_list("pk", flat=True).first()
    return {
        "mode": "reply",
        "text": "Открыли смену.",
        "resolution": "solved",
        "key": str(uuid.uuid4()),
        "revision": ticket.revision,
        "seen": last,
        **fields,
    }


def test_pages_open(desk: Client, agent: User) -> None:
    ticket = make_ticket(at=timezone.now() - HOUR, text="Смотрите https://a.example/x?y=1&z=<b> и № 12.")
    work.note(
        ticket.pk,
        text="Похоже на № 1.",
        by=agent,
        at=timezone.now(),
        files=[NewFile("a.png", "image/png", b"\x89PNG\r\n\x1a\n")],
    )
    for address in (
        "/desk/",
        "/desk/?view=open&filters=1",
        "/desk/?view=open&priority=high&text=сохранить",
        "/desk/search",
        "/desk/search?q=показания",
        "/desk/new",
        "/desk/new?who=конст",
        f"/desk/new?contact={ticket.contact_id}",
        f"/desk/{ticket.pk}",
        f"/desk/{ticket.pk}/contact?who=конст",
        "/notices/",
        *(
            f"/desk/{ticket.pk}/change/{what}"
            for what in ("assign", "priority", "type", "subsystem", "email", "reopen", "told")
        ),
    ):
        assert desk.get(address).status_code == 200, address
        assert desk.get(address, headers={"HX-Request": "true"}).status_code == 200, address
