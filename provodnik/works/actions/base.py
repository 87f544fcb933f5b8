"""What every action on works is made of: lock the row, decide, change, record the event, ask for its letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.core.text import one_line, storable, storable_json
from provodnik.desk.models import Customer
from provodnik.works import announce
from provodnik.works.models import Work, WorkEvent, WorkEventKind
from provodnik.works.queries import board
from provodnik.works.states import State, is_legal

LONGEST_TITLE = 200
LONGEST_TEXT = 20_000
SHORTEST_NAME = 4  # letters; a shorter name of a customer would be found in ordinary words


@contextmanager
def changing(pk: int) -> Iterator[Work]:
    """The work, locked for one transaction. Raises Work.DoesNotExist."""
    with transaction.atomic():
        yield Work.objects.select_for_update(of=("self",)).get(pk=pk)


def require_revision(work: Work, revision: int | None) -> None:
    """`revision`: what the page was made from. Asked after what makes a form sent twice harmless. Raises
    ChangedMeanwhile."""
    if revision is not None and work.revision != revision:
        raise ChangedMeanwhile(_("Somebody changed these works meanwhile. Look at them once more."))


def record(
    work: Work,
    kind: WorkEventKind,
    *,
    at: datetime,
    by: User | None,
    to: State | None = None,
    text: str = "",
    told: bool = True,
    data: Mapping[str, Any] | None = None,
) -> WorkEvent:
    """Save the work and write the fact; with `to`, move the state. `told`: people read it, and calendars count it."""
    if to is not None:
        if not is_legal(work.state, to):
            raise Refused(_("This move is not allowed for these works."))
        work.state = to.value
    was_told = work.announced_at is not None
    if to in (State.ANNOUNCED, State.GOING) and not was_told:
        work.announced_at = at
    if told:
        work.changed_at = at
        if was_told and kind != WorkEventKind.NEWS:
            work.sequence += 1
    work.revision += 1
    work.save()
    event = WorkEvent.objects.create(
        work=work,
        kind=kind,
        at=at,
        by=by,
        state_to=to.value if to is not None else "",
        text=storable(text).strip()[:LONGEST_TEXT],
        data=storable_json(dict(data or {})),
    )
    announce.later(event)
    board.forget_after_commit()
    return event


def clean_text(text: str) -> str:
    return storable(text).strip()[:LONGEST_TEXT]


def clean_title(title: str) -> str:
    found = one_line(title, LONGEST_TITLE)
    if not found:
        raise Refused(_("Say in a few words what it is about."), field="title")
    return found


def require_nameless(text: str, *, field: str) -> None:
    """What stands on the status page names no customer: anybody reads it."""
    words = f" {text.casefold()} "
    for customer in Customer.objects.only("name", "short_name"):
        for name in filter(None, (customer.name, customer.short_name)):
            if len(name) >= SHORTEST_NAME and name.casefold() in words:
                raise Refused(
                    _("The status page is open to everybody: “%(name)s” must not stand in its text.") % {"name": name},
                    field=field,
                )
