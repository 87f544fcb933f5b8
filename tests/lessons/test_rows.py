"""Rows of the abuse table that no other test asks (safety A07, A34)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from provodnik.desk.models import Ticket
from tests.lessons.around import take_in
from tests.lessons.conftest import As
from tests.mail import letter
from tests.matrix import ROWS
from tests.test_matrix import body
from tests.world import World

pytestmark = pytest.mark.django_db
ORDERS = (
    "assignee__password",
    "-customer__name",
    "password",
    "id;--",
    "1,2,3",
    "(select 1)",
    "?",
    "\u0000",
    "x," * 5_000,
)
LISTS = (("specialist", "desk:queue"), ("coordinator", "requests:index"), ("administrator", "settings:users"))


def test_no_header_of_a_letter_sets_anything(world: World) -> None:
    """X-… headers of desks' own programs come from outside as well: none is an order to us (A07)."""
    names = (
        "State",
        "Status",
        "Owner",
        "OwnerId",
        "Priority",
        "Customer",
        "CustomerNo",
        "Queue",
        "Group",
        "Lock",
        "Ignore",
    )
    orders = {
        f"{start}-{name}": "1"
        for start in ("X-Provodnik", "X-Zammad", "X-Zammad-Ticket", "X-OTRS", "X-FreeScout")
        for name in names
    }
    orders |= {"X-Priority": "1", "Importance": "high", "X-Provodnik-Ticket": str(world.foreign.pk)}
    plain = (
        "subject",
        "status",
        "priority",
        "type",
        "assignee_id",
        "team_id",
        "customer_id",
        "contract_id",
        "resolution",
    )
    made = []
    for number, headers in enumerate(({}, orders)):
        sender = f"somebody{number}@nowhere.example"
        take_in(letter(sender=sender, headers=headers), sender)
        made.append(Ticket.objects.filter(contact_email=sender).values(*plain).get())
    assert made[0] == made[1]


def test_no_order_and_no_filter_is_made_of_what_was_asked(world: World, as_: As) -> None:
    """Names of columns in the address of every list: a page as without them, never one in another order (A34)."""
    lists = [name for name, row in ROWS.items() if "GET" in row.methods and row.things.get("")]
    assert len(lists) > 30
    wrong = []
    for number, name in enumerate(sorted(lists)):
        people = ROWS[name].things[""]
        client = as_(people[-1])
        address = reverse(name)
        order = ORDERS[number % len(ORDERS)]
        asked = client.get(
            address, dict.fromkeys(("sort", "order_by", "ordering", "order", "o", "by", "dir", "fields"), order)
        )
        if asked.status_code >= 500:
            wrong.append(f"{name}: {asked.status_code}")
    for who, route in LISTS:
        plain = rows_of(as_(who), reverse(route), {})
        for order in ORDERS:
            if rows_of(as_(who), reverse(route), {"sort": order, "order_by": order}) != plain:
                wrong.append(f"{route}?order_by={order[:30]}")
    assert wrong == []


def rows_of(client: Client, address: str, more: dict[str, str]) -> list[str]:
    """The links of a list in their order, without what the address itself adds to them."""
    page = body(client.get(address, {"view": "open", "scope": "company", **more}))
    return [part.partition('"')[0].partition("?")[0] for part in page.split('href="')[1:]]
