"""Saved views: a name for an address of the queue, one's own or everybody's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line, storable_json
from provodnik.desk import policies
from provodnik.desk.models import SavedView
from provodnik.desk.queries.filters import Filters
from provodnik.desk.queries.rail import MOST_VIEWS
from provodnik.desk.queries.views import DEFAULT_VIEW, VIEWS


def save(
    view: SavedView, *, name: str, query: Mapping[str, Any] | None, shared: bool, by: User, at: datetime
) -> SavedView:
    """Keep a new or a changed view; `query`: the address it stands for, None leaves the one it has."""
    require(policies.may_work(by))
    fresh = view._state.adding
    if not fresh:
        require(
            policies.may_edit_own_or_shared(by, SavedView.objects.values_list("owner_id", flat=True).get(pk=view.pk))
        )
    require(policies.may_share(by) if shared else policies.may_work(by))
    view.name = one_line(name, 60)
    if not view.name:
        raise Refused(_("Give it a name."), field="name")
    owner = None if shared else (view.owner or by)
    if fresh or owner != view.owner:
        same = SavedView.objects.filter(owner=owner)
        if same.count() >= MOST_VIEWS:
            raise Refused(_("There are %(count)s of them already. Remove some.") % {"count": MOST_VIEWS})
        view.place = (same.aggregate(last=Max("place"))["last"] or 0) + 1
    view.owner, view.changed_at = owner, at
    if fresh:
        view.made_by = by
    if query is not None:
        view.query = cleaned(query)
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise Refused(_("There is one with this name already."), field="name") from error
    return view


def cleaned(query: Mapping[str, Any]) -> dict[str, str]:
    """Only what the queue understands."""
    base = str(query.get("view", ""))
    narrowed = {name: value for name, value in Filters.read(query).as_query().items() if name != "saved"}
    found: dict[str, str] = storable_json({"view": base if base in VIEWS else DEFAULT_VIEW, **narrowed})
    return found


def move(view: SavedView, *, up: bool, by: User, at: datetime) -> None:
    """One place up or down among those of its kind."""
    require(policies.may_edit_own_or_shared(by, view.owner_id))
    with transaction.atomic():
        rows = list(SavedView.objects.select_for_update().filter(owner=view.owner).order_by("place", "pk"))
        here = next((index for index, row in enumerate(rows) if row.pk == view.pk), None)
        if here is None:
            return
        there = max(0, min(len(rows) - 1, here + (-1 if up else 1)))
        rows.insert(there, rows.pop(here))
        for place, row in enumerate(rows, start=1):
            row.place, row.changed_at = place, at
        SavedView.objects.bulk_update(rows, ["place", "changed_at"])


def remove(view: SavedView, *, by: User) -> None:
    require(policies.may_edit_own_or_shared(by, view.owner_id))
    view.delete()
