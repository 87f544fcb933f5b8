"""What a specialist has written leaves: at once, or after some seconds in which he may take it back (ADR 0013).

Locks are taken in one order, first the request and then the unsent text, by all who touch either.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core import jobs, volume
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.core.text import one_line
from provodnik.desk import policies
from provodnik.desk.actions import closing, macros, work
from provodnik.desk.actions.base import (
    NewFile,
    changing,
    kept,
    made_before,
    require_revision,
    used_form,
    volume_of,
)
from provodnik.desk.announce.people import responsible
from provodnik.desk.models import EventKind, Macro, Message, MessageKind, Ticket, TicketEvent, Unsent, UnsentFile
from provodnik.desk.models.workbench import LONGEST_HOLD
from provodnik.desk.states import Resolution
from provodnik.notify.actions import notify

KINDS = {
    "reply": MessageKind.REPLY,
    "note": MessageKind.NOTE,
    "ask": MessageKind.QUESTION,
    "close": MessageKind.SOLUTION,
}
# What others may have told the requester, or he them, while an answer waited: it is not sent over that.
STOPPING = (
    EventKind.ANSWERED,
    EventKind.REPLIED,
    EventKind.ASKED,
    EventKind.CLOSED,
    EventKind.WITHDRAWN,
    EventKind.REOPENED,
)


@dataclass(frozen=True, slots=True)
class Written:
    """What was typed and what is meant by it. `mode`: reply, note, ask or close. `files_kept`: those of a text that
    was taken back, which go along again."""

    mode: str
    text: str
    key: uuid.UUID
    resolution: str = ""
    files: Sequence[NewFile] = ()
    files_kept: Sequence[uuid.UUID] = ()
    macro: Macro | None = None


def send(number: int, written: Written, *, by: User, at: datetime, revision: int | None = None) -> None:
    """Carry it out at once; the draft of it is gone with that. Raises Refused, ChangedMeanwhile."""
    with changing(number) as ticket:
        mine = Unsent.objects.filter(ticket=ticket, user=by, release_at=None)
        again = _again(mine.first(), written)
        carry_out(number, replace(written, files=[*again, *written.files]), by=by, at=at, revision=revision)
        mine.delete()


def carry_out(number: int, written: Written, *, by: User, at: datetime, revision: int | None = None) -> None:
    """Reply, note, ask or close, and what a macro does together with it, in one transaction. The same key again does
    nothing."""
    with changing(number) as ticket:
        if made_before(ticket, KINDS[written.mode], written.key, by=by) is not None:
            return
        if written.mode != "note":
            require_revision(ticket, revision)
        if written.macro is not None:
            macros.before(number, written.macro, by=by, at=at, closing=written.mode == "close")
        common: dict[str, Any] = {"text": written.text, "by": by, "at": at, "key": written.key, "files": written.files}
        if written.mode == "reply":
            work.reply(number, **common)
        elif written.mode == "note":
            work.note(number, **common)
        elif written.mode == "ask":
            work.ask(number, **common)
        else:
            closing.close(number, resolution=Resolution(written.resolution), **common)
        if written.macro is not None:
            macros.after(number, written.macro, by=by, at=at, closing=written.mode == "close")


class _Enough(Exception):
    """Ends a trial: all of it is undone."""


def hold(
    number: int, written: Written, *, by: User, at: datetime, seconds: int, revision: int | None = None
) -> Unsent | None:
    """Accept it, to be carried out in `seconds` (at most a minute) if it is not taken back. It is refused as if it
    were sent now. None when this form's message has been sent already."""
    with changing(number) as ticket:
        if made_before(ticket, KINDS[written.mode], written.key, by=by) is not None:
            return None
        waiting = Unsent.objects.filter(key=written.key).first()
        if waiting is not None and (waiting.ticket_id, waiting.user_id) != (number, by.pk):
            raise used_form()
        if waiting is not None and waiting.release_at is not None:
            return waiting  # pressed twice
        draft = waiting or Unsent.objects.filter(ticket=ticket, user=by, release_at=None).first()
        volume.require(volume.of_user(by.pk), **volume_of(written.files), at=at)
        files = [replace(file, content=kept(file)) for file in written.files]
        again = _again(draft, written)
        _try(number, replace(written, files=[*again, *files]), by=by, at=at, revision=revision)
        held = draft or Unsent(ticket=ticket, user=by)
        held.key, held.mode, held.text = written.key, written.mode, written.text
        held.resolution, held.macro, held.returned = written.resolution, written.macro, ""
        held.seen = last_fact(number)
        held.changed_at = at
        held.release_at = at + timedelta(seconds=min(seconds, LONGEST_HOLD))
        held.save()
        held.files.exclude(pk__in=written.files_kept).delete()
        UnsentFile.objects.bulk_create(
            UnsentFile(
                unsent=held,
                blob=kept(file),
                name=one_line(file.name, 200) or _("file"),
                content_type=one_line(file.content_type, 100),
            )
            for file in files
        )
        jobs.defer(release_job, at=held.release_at, serial=f"ticket:{number}", unsent_id=held.pk)
        return held


def _again(draft: Unsent | None, written: Written) -> list[NewFile]:
    """Files that lie with the draft and go along once more."""
    if draft is None or not written.files_kept:
        return []
    chosen = draft.files.select_related("blob").defer("blob__content").filter(pk__in=written.files_kept)
    return [NewFile(one.name, one.content_type, one.blob) for one in chosen.order_by("name", "pk")]


def _try(number: int, written: Written, **how: Any) -> None:
    """Do it and undo it: whatever would refuse it now, refuses it now."""
    try:
        with transaction.atomic():
            carry_out(number, written, **how)
            raise _Enough
    except _Enough:
        return


def last_fact(number: int) -> int:
    found = TicketEvent.objects.filter(ticket_id=number).order_by("-pk").values_list("pk", flat=True).first()
    return found or 0


def release(unsent_id: int, *, now: datetime) -> bool:
    """Carry out what has waited long enough, as of the moment when its time was over. Whatever stands against it
    gives it back to its writer as a draft and tells him. False when there is nothing (any more) to do."""
    number = Unsent.objects.filter(pk=unsent_id, release_at__lte=now).values_list("ticket_id", flat=True).first()
    if number is None:
        return False
    with changing(number) as ticket:
        mine = Unsent.objects.select_for_update(of=("self",)).select_related("user", "macro")
        held = mine.filter(pk=unsent_id, release_at__lte=now).first()
        if held is None or held.release_at is None:
            return False
        try:
            with transaction.atomic():
                _carry_out_held(held, held.release_at)
        except Refused as refusal:
            _return(ticket, held, str(refusal), now)
        else:
            held.delete()
        return True


def _carry_out_held(held: Unsent, at: datetime) -> None:
    told = TicketEvent.objects.filter(ticket_id=held.ticket_id, pk__gt=held.seen, kind__in=STOPPING)
    if held.mode != "note" and told.exclude(by_id=held.user_id).exists():
        raise ChangedMeanwhile(_("Meanwhile somebody wrote in the request."))
    files = [
        NewFile(one.name, one.content_type, one.blob) for one in held.files.select_related("blob").order_by("name")
    ]
    written = Written(held.mode, held.text, held.key, held.resolution, files, macro=held.macro)
    carry_out(held.ticket_id, written, by=held.user, at=at)


def _return(ticket: Ticket, held: Unsent, reason: str, now: datetime) -> None:
    """Not sent: it is a draft again, and its writer is told; who is not of the desk any more has others told."""
    _become_draft(held, returned=reason, now=now)
    people = [held.user] if policies.may_work(held.user) else responsible(ticket)
    text = _("Your text in request № %(number)s was not sent: %(reason)s It waits for you as a draft.")
    notify(
        people,
        key=f"desk:unsent:{held.pk}:{held.seen}",
        text=text % {"number": ticket.pk, "reason": reason},
        url=reverse("desk:ticket", args=[ticket.pk]),
        tone="error",
        at=now,
    )


def recall(number: int, unsent_id: int, *, by: User, at: datetime) -> bool:
    """Take back what has not left: it is a draft again. False when it has left, or is not his."""
    with changing(number):
        held = Unsent.objects.filter(pk=unsent_id, ticket_id=number, user=by, release_at__isnull=False).first()
        if held is None:
            return False
        _become_draft(held, returned="", now=at)
        return True


def _become_draft(held: Unsent, *, returned: str, now: datetime) -> None:
    """What was begun since stands after it: nothing of either is lost."""
    begun = Unsent.objects.filter(ticket_id=held.ticket_id, user_id=held.user_id, release_at=None).first()
    if begun is not None:
        if begun.text.strip() and begun.text.strip() != held.text.strip():
            held.text = f"{held.text}\n\n{begun.text}"
        begun.files.update(unsent=held)
        begun.delete()
    held.release_at, held.returned, held.changed_at = None, one_line(returned, 500), now
    held.save()


def left_behind(now: datetime) -> list[int]:
    """What should have left some time ago: its job was lost or has failed."""
    late = Unsent.objects.filter(release_at__lte=now - timedelta(seconds=15))
    return list(late.order_by("release_at").values_list("pk", flat=True)[:200])


def is_sent(key: uuid.UUID) -> bool:
    """Whether the form with this key has made its message, or is on its way to it."""
    return Message.objects.filter(key=key).exists() or Unsent.objects.filter(key=key, release_at__isnull=False).exists()


@jobs.job(name="desk.release", queue="notices")
def release_job(unsent_id: int) -> None:
    """An answer whose time to be taken back is over. One taken back, or held anew, is not due."""
    release(unsent_id, now=timezone.now())
