"""One step for many requests: each its own transaction and its own verdict, by the same actions as for one.

What can be undone is done at once: assignment, priority, tags. An answer and a closing go out by mail and cannot be
called back, so they wait HOLD first, in which the whole step can be called off.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core import jobs
from provodnik.core.decisions import Refused, require
from provodnik.core.faults import is_busy
from provodnik.core.text import one_line, storable_json
from provodnik.desk import policies
from provodnik.desk.actions import closing, facts, tagging, work
from provodnik.desk.actions.base import LONGEST_TEXT, changing, used_form
from provodnik.desk.models import BulkItem, BulkRun, Tag, Ticket
from provodnik.desk.states import EXPLANATION_REQUIRED, Priority, Resolution

MOST = 200  # requests at once
HOLD = timedelta(seconds=10)
LEFT_FOR = timedelta(minutes=1)  # a run that nobody has gone on with for so long was left by a killed process
What, State = BulkRun.What, BulkRun.State
HELD = frozenset({What.ANSWER, What.CLOSE})


def begin(
    what: BulkRun.What, asked: Mapping[str, Any], numbers: Sequence[int], *, key: uuid.UUID, by: User, at: datetime
) -> BulkRun:
    """Write down what is to be done to which requests. What cannot be called back waits until `due_at`; anything else
    the caller carries out. The same `key` again gives the same run. Raises Refused when nothing of it can be right."""
    require(policies.may_work(by))
    chosen = list(dict.fromkeys(numbers))
    if not chosen:
        raise Refused(_("Choose requests first."))
    if len(chosen) > MOST:
        raise Refused(_("At most %(n)d requests at once.") % {"n": MOST})
    _judge(what, asked)
    with transaction.atomic():
        run, made = BulkRun.objects.get_or_create(
            pk=key,
            defaults={
                "what": what,
                "asked": storable_json(dict(asked)),
                "by": by,
                "at": at,
                "due_at": at + HOLD if what in HELD else None,
            },
        )
        if not made:
            if run.by_id != by.pk:
                raise used_form()
            return run
        known = set(policies.visible_tickets(by).filter(pk__in=chosen).values_list("pk", flat=True))
        if not known:
            raise Refused(_("Choose requests first."))
        BulkItem.objects.bulk_create(BulkItem(run=run, ticket_id=number) for number in chosen if number in known)
        if run.due_at is not None:
            jobs.defer(carry_out_job, at=run.due_at, serial=f"bulk:{key}", key=str(key))
    return run


def _judge(what: BulkRun.What, asked: Mapping[str, Any]) -> None:
    """What is wrong for every request is refused before anything is done."""
    if what == What.ASSIGN:
        to = _person(asked)
        if to is not None and not to.is_desk:
            raise Refused(_("This person does not work at the desk."), field="assignee")
    elif what == What.PRIORITY:
        Priority(asked["priority"])
        if not str(asked.get("reason", "")).strip():
            raise Refused(_("Write why the priority changes: it stays in the history."), field="reason")
    elif what == What.TAGS:
        if not asked.get("add") and not asked.get("remove"):
            raise Refused(_("Choose at least one tag."), field="tags")
    else:
        text = str(asked.get("text", ""))
        if what == What.CLOSE and Resolution(asked["resolution"]) in EXPLANATION_REQUIRED and not text.strip():
            raise Refused(_("Write an explanation: the requester will read it."), field="text")
        if what == What.ANSWER and not text.strip():
            raise Refused(_("Write something first."), field="text")
        if len(text) > LONGEST_TEXT:
            raise Refused(_("The text is too long: put it into a file and attach it."), field="text")


def _person(asked: Mapping[str, Any]) -> User | None:
    return User.objects.filter(pk=asked["to"], is_active=True).first() if asked.get("to") else None


def carry_out(key: uuid.UUID, *, at: datetime) -> BulkRun:
    """Do what is still to be done. Safe to repeat, and for two at once: every request is done once."""
    with transaction.atomic():
        run = BulkRun.objects.select_for_update(of=("self",)).select_related("by").get(pk=key)
        if run.state == State.WAITING and (run.due_at is None or run.due_at <= at):
            run.state = State.RUNNING
            run.save(update_fields=["state"])
    if run.state != State.RUNNING:
        return run
    for item_id in list(run.items.filter(done=None).order_by("pk").values_list("pk", flat=True)):
        _one(run, item_id, at=at)
    with transaction.atomic():
        run = BulkRun.objects.select_for_update(of=("self",)).select_related("by").get(pk=key)
        if run.state == State.RUNNING and not run.items.filter(done=None).exists():
            run.state = State.DONE
            run.save(update_fields=["state"])
    return run


@jobs.job(name="desk.bulk", queue="notices")
def carry_out_job(key: str) -> None:
    """A step whose time to be called off is over."""
    carry_out(uuid.UUID(key), at=timezone.now())


def left_behind(now: datetime) -> list[uuid.UUID]:
    """Steps that a killed process left in the middle, or whose job was lost."""
    before = now - LEFT_FOR
    runs = BulkRun.objects.filter(state__in=[State.WAITING, State.RUNNING], at__lt=before)
    return list(runs.exclude(due_at__gt=before).order_by("at").values_list("pk", flat=True)[:20])


def _one(run: BulkRun, item_id: int, *, at: datetime) -> None:
    """One request: what is done to it and its verdict are one transaction."""
    try:
        with transaction.atomic():
            item = BulkItem.objects.select_for_update(of=("self",)).get(pk=item_id)
            if item.done is not None:
                return
            before = _STEPS[What(run.what)](run, item.ticket_id, at)
            BulkItem.objects.filter(pk=item_id).update(done=True, before=before)
            return
    except Refused as refused:
        reason = str(refused)
    except DatabaseError as error:
        if not is_busy(error):
            raise
        reason = _("Somebody is working on it at this moment. Try it once more.")
    BulkItem.objects.filter(pk=item_id, done=None).update(done=False, reason=one_line(reason, 500))


def _assign(run: BulkRun, number: int, at: datetime) -> dict[str, Any]:
    to = _person(run.asked)
    if run.asked.get("to") and to is None:
        raise Refused(_("This person does not work at the desk."))
    with changing(number) as ticket:
        old = ticket.assignee_id
        work.assign(number, to=to, by=run.by, at=at)
        return {"old": old, "new": to.pk if to else None}


def _priority(run: BulkRun, number: int, at: datetime) -> dict[str, Any]:
    with changing(number) as ticket:
        old, new = ticket.priority, Priority(run.asked["priority"])
        facts.change_priority(number, priority=new, reason=run.asked["reason"], by=run.by, at=at)
        return {"old": old, "new": new.value}


def _tags(run: BulkRun, number: int, at: datetime) -> dict[str, Any]:
    added, removed = tagging.change_tags(
        number, add=run.asked.get("add", []), remove=run.asked.get("remove", []), by=run.by, at=at
    )
    return {"added": added, "removed": removed}


def _unread(run: BulkRun, ticket: Ticket) -> None:
    if ticket.answered_at is not None and ticket.answered_at > run.at:
        raise Refused(_("The requester wrote meanwhile: read it first."))


def _answer(run: BulkRun, number: int, at: datetime) -> dict[str, Any]:
    with changing(number) as ticket:
        _unread(run, ticket)
        work.reply(number, text=run.asked["text"], by=run.by, at=at, key=uuid.uuid5(run.key, str(number)))
    return {}


def _close(run: BulkRun, number: int, at: datetime) -> dict[str, Any]:
    with changing(number) as ticket:
        _unread(run, ticket)
        closing.close(
            number,
            resolution=Resolution(run.asked["resolution"]),
            text=run.asked.get("text", ""),
            by=run.by,
            at=at,
            key=uuid.uuid5(run.key, str(number)),
        )
    return {}


_STEPS: Mapping[BulkRun.What, Callable[[BulkRun, int, datetime], dict[str, Any]]] = {
    What.ASSIGN: _assign,
    What.PRIORITY: _priority,
    What.TAGS: _tags,
    What.ANSWER: _answer,
    What.CLOSE: _close,
}


def undo(key: uuid.UUID, *, by: User, at: datetime) -> BulkRun:
    """Call a waiting step off, or take back what was done, request by request: what somebody has changed since stays
    as he left it, and its verdict says so. Raises BulkRun.DoesNotExist for somebody else's, Refused."""
    require(policies.may_work(by))
    with transaction.atomic():
        run = BulkRun.objects.select_for_update(of=("self",)).select_related("by").get(pk=key, by=by)
        if run.state == State.WAITING:
            run.state, run.undone_at = State.CANCELLED, at
            run.save(update_fields=["state", "undone_at"])
            return run
        if run.state in (State.CANCELLED, State.UNDONE):
            return run
        if run.what in HELD:
            raise Refused(_("The letters have left and cannot be called back. A closed request can be reopened."))
        if run.state != State.DONE:
            raise Refused(_("It is being done at this moment. Wait until it is through."))
        run.state, run.undone_at = State.UNDONE, at
        run.save(update_fields=["state", "undone_at"])
    for item_id in list(run.items.filter(done=True, undone=None).order_by("pk").values_list("pk", flat=True)):
        _undo_one(run, item_id, at=at)
    return run


def _undo_one(run: BulkRun, item_id: int, *, at: datetime) -> None:
    try:
        with transaction.atomic():
            item = BulkItem.objects.select_for_update(of=("self",)).get(pk=item_id)
            if item.undone is not None:
                return
            _UNDO[What(run.what)](run, item, at)
            BulkItem.objects.filter(pk=item_id).update(undone=True)
            return
    except Refused as refused:
        reason = str(refused)
    except DatabaseError as error:
        if not is_busy(error):
            raise
        reason = _("Somebody is working on it at this moment. Try it once more.")
    BulkItem.objects.filter(pk=item_id, undone=None).update(undone=False, undo_reason=one_line(reason, 500))


def _changed() -> Refused:
    return Refused(_("It was changed since, and stays so."))


def _unassign(run: BulkRun, item: BulkItem, at: datetime) -> None:
    old, new = item.before["old"], item.before["new"]
    if old == new:
        return
    with changing(item.ticket_id) as ticket:
        if ticket.assignee_id != new:
            raise _changed()
        to = User.objects.filter(pk=old, is_active=True).first() if old else None
        if old and to is None:
            raise Refused(_("This person does not work at the desk."))
        work.assign(item.ticket_id, to=to, by=run.by, at=at)


def _unprioritise(run: BulkRun, item: BulkItem, at: datetime) -> None:
    old, new = item.before["old"], item.before["new"]
    if old == new:
        return
    with changing(item.ticket_id) as ticket:
        if ticket.priority != new:
            raise _changed()
        reason = _("A change for many requests is undone")
        facts.change_priority(item.ticket_id, priority=Priority(old), reason=reason, by=run.by, at=at)


def _untag(run: BulkRun, item: BulkItem, at: datetime) -> None:
    still = set(Tag.objects.filter(pk__in=item.before["removed"]).values_list("pk", flat=True))
    tagging.change_tags(
        item.ticket_id,
        add=[pk for pk in item.before["removed"] if pk in still],
        remove=item.before["added"],
        by=run.by,
        at=at,
    )


_UNDO: Mapping[BulkRun.What, Callable[[BulkRun, BulkItem, datetime], None]] = {
    What.ASSIGN: _unassign,
    What.PRIORITY: _unprioritise,
    What.TAGS: _untag,
}
