"""Tags, a customer's own fields, links, a merged pair and a step for many: put on what is open today."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from provodnik.accounts.models import User
from provodnik.channels.models import Channel
from provodnik.demo import data
from provodnik.demo.people import Cast
from provodnik.demo.play import KEYS
from provodnik.desk import announce
from provodnik.desk.actions import bulk, incoming, linking, merging, opening, own_fields, tagging, watching, work
from provodnik.desk.models import BulkRun, Contract, FieldDefinition, LinkKind, Message, Ticket
from provodnik.desk.models.tickets import OPEN
from provodnik.desk.states import Priority, TicketType

MINUTE = timedelta(minutes=1)


def put(cast: Cast, now: datetime, chance: random.Random) -> None:
    """The last words of the demo: nobody is told of them but who is named in a note."""
    told = data.toml("marks")
    desk = [one for one in cast.specialists if not one.is_lead]
    tickets = list(Ticket.objects.filter(OPEN, contact__isnull=False, complains_of=None).order_by("pk"))
    if len(tickets) < 4:
        return
    with announce.silent():
        _fields(told["field"], tickets, desk[0], now, chance)
        _tags(told["tags"], tickets, desk[0], now, chance)
        _links(tickets, desk[0], now)
        _merge(told, tickets, desk[0], now)
        _many(tickets, desk[0], now)
    lead = next(one for one in cast.specialists if one.is_lead)
    watching.watch(tickets[0].pk, on=True, by=lead, at=now)
    work.note(tickets[0].pk, text=told["note"].format(login=desk[0].login), by=lead, at=now)


def _fields(rows: list[dict[str, Any]], tickets: list[Ticket], by: User, now: datetime, chance: random.Random) -> None:
    today = now.date()
    water = tickets[0].customer
    for contract in Contract.objects.filter(customer=water, starts_on__lte=today).exclude(ends_on__lt=today):
        made = [
            FieldDefinition.objects.create(
                contract=contract,
                label=row["label"],
                hint=row.get("hint", ""),
                kind=row["kind"],
                choices=row.get("choices", []),
                required=row.get("required", False),
                asked=row.get("asked", True),
                position=place,
            )
            for place, row in enumerate(rows, start=1)
        ]
        for ticket in (one for one in tickets if one.contract_id == contract.pk):
            typed = {one.pk: chance.choice(row["values"]) for one, row in zip(made, rows, strict=True)}
            own_fields.set_fields(ticket.pk, typed=typed, by=by, at=now - 30 * MINUTE)


def _tags(names: list[str], tickets: list[Ticket], by: User, now: datetime, chance: random.Random) -> None:
    for ticket in tickets:
        if chance.random() < 0.6:
            chosen = chance.sample(names, chance.randint(1, 2))
            tagging.set_tags(ticket.pk, names=chosen, by=by, at=now - 25 * MINUTE)


def _links(tickets: list[Ticket], by: User, now: datetime) -> None:
    first, second, third, fourth = (one.pk for one in tickets[:4])
    for one, other, kind in (
        (first, second, LinkKind.RELATED),
        (first, third, LinkKind.CAUSE),
        (fourth, first, LinkKind.DUPLICATE),
    ):
        linking.link(one, other=other, kind=kind, by=by, at=now - 20 * MINUTE)
    mistaken = linking.link(second, other=third, kind=LinkKind.RELATED, by=by, at=now - 19 * MINUTE)
    linking.unlink(second, link_id=mistaken.pk, by=by, at=now - 18 * MINUTE)


def _merge(told: dict[str, Any], tickets: list[Ticket], by: User, now: datetime) -> None:
    """Its requester wrote the same once more, and something else besides."""
    target = tickets[0]
    assert target.contact is not None
    new = opening.NewTicket(
        text=told["again"],
        subject=told["again_subject"],
        channel=Channel.PORTAL,
        customer=target.customer,
        contact=target.contact,
    )
    again = opening.register(new, key=uuid.uuid5(KEYS, "again"), by=target.contact.user, at=now)
    merging.merge([again.pk], into=target.pk, by=by, at=now)
    said = incoming.Said(text=told["more"], channel=Channel.PORTAL, contact=target.contact)
    incoming.hear(target.pk, said, key=uuid.uuid5(KEYS, "more"), at=now)
    linking.split(
        Message.objects.get(key=uuid.uuid5(KEYS, "more")).pk,
        subject=told["more_subject"],
        type_=TicketType.QUESTION,
        priority=Priority.LOW,
        by=by,
        at=now,
        key=uuid.uuid5(KEYS, "split"),
    )


def _many(tickets: list[Ticket], by: User, now: datetime) -> None:
    """A step that its specialist can still take back."""
    tag = tagging.named([data.toml("marks")["tags"][1]])[0]
    numbers = [one.pk for one in tickets[:5]]
    run = bulk.begin(
        BulkRun.What.TAGS, {"add": [tag.pk]}, numbers, key=uuid.uuid5(KEYS, "many"), by=by, at=now - 4 * MINUTE
    )
    bulk.carry_out(run.pk, at=now - 4 * MINUTE)
