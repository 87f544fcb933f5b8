"""What a request is tied to and marked with, for its page: by one statement, whatever there is of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.desk import policies, typed_fields
from provodnik.desk.models import Contact, Ticket
from provodnik.desk.queries.ticket_page import colleagues
from provodnik.desk.queries.views import NOBODY

MOST_SHOWN = 50  # merged requests, links of one page

_ALL = """
SELECT
(SELECT json_agg(json_build_array(link.id, link.kind, link.one_id = %(number)s, t.number, t.subject) ORDER BY link.id)
 FROM (SELECT * FROM desk_ticketlink WHERE one_id = %(number)s
       UNION ALL SELECT * FROM desk_ticketlink WHERE other_id = %(number)s LIMIT 100) AS link
 JOIN desk_ticket AS t ON t.number = CASE WHEN link.one_id = %(number)s THEN link.other_id ELSE link.one_id END
 WHERE t.complains_about_id IS NULL OR t.complains_about_id <> %(reader)s),
(SELECT json_agg(json_build_array(t.number, t.subject) ORDER BY t.number)
 FROM desk_merge AS m JOIN desk_ticket AS t ON t.number = m.ticket_id WHERE m.target_id = %(number)s),
(SELECT json_agg(json_build_array(tag.id, tag.name) ORDER BY lower(tag.name))
 FROM desk_tickettag AS on_it JOIN desk_tag AS tag ON tag.id = on_it.tag_id WHERE on_it.ticket_id = %(number)s),
(SELECT json_agg(json_build_array(d.label, d.kind, d.required, d.asked, kept.values -> d.id::text)
                 ORDER BY d.position, d.id)
 FROM desk_fielddefinition AS d LEFT JOIN desk_ticketfields AS kept ON kept.ticket_id = %(number)s
 WHERE d.contract_id = %(contract)s AND d.is_active),
(SELECT json_agg(json_build_array(w.user_id, coalesce(u.full_name, c.name), w.contact_id IS NOT NULL) ORDER BY w.id)
 FROM desk_watcher AS w LEFT JOIN accounts_user AS u ON u.id = w.user_id
 LEFT JOIN desk_contact AS c ON c.id = w.contact_id WHERE w.ticket_id = %(number)s)
"""

# What the other request is to this one: (this is `one` of the link, this is `other`)
_HOW = {
    "duplicate": (_("this is its duplicate"), _("is a duplicate")),
    "related": (_("related"), _("related")),
    "cause": (_("follows from this"), _("is the cause")),
    "split": (_("split off from this"), _("this is split off from it")),
}


@dataclass(frozen=True, slots=True)
class Tie:
    """Another request. `link`: the id of a link that may be taken away, None for what stays."""

    number: int
    subject: str
    how: Any = ""
    link: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the customer's own, its value in words. `missing`: it is required and has none."""

    label: str
    value: str
    asked: bool
    missing: bool


@dataclass(frozen=True, slots=True)
class Ties:
    links: list[Tie] = field(default_factory=list)
    merged: list[Tie] = field(default_factory=list)
    tags: list[tuple[int, str]] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    watchers: list[tuple[str, bool]] = field(default_factory=list)
    watched: bool = False  # by the reader


def ties(user: User, ticket: Ticket) -> Ties:
    """For a page of the desk."""
    reader = NOBODY if user.is_lead else user.pk  # policies.visible_tickets
    with connection.cursor() as cursor:
        cursor.execute(_ALL, {"number": ticket.pk, "contract": ticket.contract_id, "reader": reader})
        row = cursor.fetchone() or [None] * 5
    links, merged, tags, fields, watchers = (json.loads(one) if isinstance(one, str) else one or [] for one in row)
    return Ties(
        links=[
            Tie(number, subject, _HOW[kind][0 if first else 1], pk if kind != "split" else None)
            for pk, kind, first, number, subject in links
        ],
        merged=[Tie(number, subject) for number, subject in merged[:MOST_SHOWN]],
        tags=[(pk, name) for pk, name in tags],
        fields=[
            Field(
                label,
                "" if value is None else typed_fields.shown(kind, value),
                asked,
                required and value is None,
            )
            for label, kind, required, asked, value in fields
        ],
        watchers=[(name, outside) for _pk, name, outside in watchers],
        watched=any(pk == user.pk for pk, _name, _outside in watchers),
    )


def may_be_watchers(ticket: Ticket) -> tuple[list[User], list[Contact]]:
    """Everybody of the desk; and the requester's colleagues who may see the request."""
    if ticket.customer_id is None:
        return colleagues(), []
    seeing = Contact.objects.select_related("customer").filter(customer_id=ticket.customer_id, is_active=True)
    outside = seeing.filter(is_coordinator=True).exclude(pk=ticket.contact_id or 0)
    return colleagues(), [one for one in outside.order_by("name")[:50] if policies.may_watch(one, ticket)]
