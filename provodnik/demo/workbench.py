"""Prepared answers, views and a draft: so that the workbench looks lived in."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from provodnik.accounts.models import User
from provodnik.demo import data
from provodnik.demo.people import Cast
from provodnik.demo.play import KEYS
from provodnik.desk.actions import drafts, macros, views
from provodnik.desk.models import Macro, SavedView, Ticket
from provodnik.desk.models.tickets import OPEN


def furnish(cast: Cast, now: datetime) -> None:
    """What the lead has made for all, and what one specialist has for himself."""
    told = data.toml("workbench")
    lead = next(one for one in cast.specialists if one.is_lead)
    agent = next(one for one in cast.specialists if not one.is_lead)
    for place, row in enumerate(told["macro"]):
        macro = _macro(row, shared=True, by=lead, at=now)
        Macro.objects.filter(pk=macro.pk).update(used=3 + 7 * place % 40, used_at=now)
    for row in told["own_macro"]:
        _macro(row, shared=False, by=agent, at=now)
    for row in told["view"]:
        views.save(SavedView(), name=row["name"], query=row["query"], shared=True, by=lead, at=now)
    for row in told["own_view"]:
        views.save(SavedView(), name=row["name"], query=row["query"], shared=False, by=agent, at=now)
    begun = Ticket.objects.filter(OPEN, assignee=agent, status="in_progress").order_by("-pk").first()
    if begun is not None:
        key = uuid.uuid5(KEYS, "draft")
        drafts.keep(begun.pk, by=agent, at=now, key=key, mode="reply", text=told["draft"]["text"])


def _macro(row: dict[str, Any], *, shared: bool, by: User, at: datetime) -> Macro:
    made = Macro(**{**row, "text": row["text"].strip()})
    return macros.save(made, shared=shared, by=by, at=at)
