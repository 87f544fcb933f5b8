"""Erasing what the time of a contract has run out for, or a person asks to be erased (152-FZ, art. 21; docs/adr/0018).

Figures stay: numbers, instants, statuses, priorities, marks, who of the desk worked. Words and names go. Each step is
one transaction of an act (core.erasure), which says what was erased.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.channels.models import Inbound, Outgoing, OutgoingFile, OutgoingState
from provodnik.core import erasure, files
from provodnik.core.models import ErasureAct
from provodnik.core.parts import parts
from provodnik.desk.actions.base import add_words
from provodnik.desk.models import (
    Attachment,
    BulkItem,
    BulkRun,
    EventKind,
    Message,
    Ticket,
    TicketEvent,
    TicketFields,
    TicketSearch,
    Unsent,
    UnsentFile,
    Watcher,
)
from provodnik.desk.models.retention import What
from provodnik.desk.queries.retention import not_held
from provodnik.notify.models import Notice

IMPLIED: Mapping[What, frozenset[What]] = {
    What.FILES: frozenset({What.FILES}),
    What.LETTERS: frozenset({What.LETTERS}),
    What.NAMES: frozenset({What.LETTERS, What.NAMES}),
    What.TEXTS: frozenset(What),
}
_OVER = [BulkRun.State.DONE, BulkRun.State.CANCELLED, BulkRun.State.UNDONE]
STEP = 50  # requests of one transaction

# What of a fact is no word of a person: codes, instants, names of teams and people of the desk.
_CODES = frozenset(
    {"due", "new_due", "priority", "resolution", "type", "link", "way", "team_name", "customer", "inbound", "what"}
)
_CHANGES = frozenset({EventKind.PRIORITY, EventKind.TYPE, EventKind.SUBSYSTEM})  # their old and new are codes
_OF_THE_DESK = frozenset({EventKind.ASSIGNED, EventKind.ROUTED, EventKind.ESCALATED})


def figures_of(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What remains of a fact's data."""
    kept = {}
    for name, value in data.items():
        code = name in _CODES or (name in ("old", "new") and kind in _CHANGES)
        staff = name in ("name", "names", "added", "removed") and kind in (*_OF_THE_DESK, EventKind.TAGGED)
        if code or staff or isinstance(value, bool | int | float | None):
            kept[name] = value
    return kept


@dataclass(slots=True)
class _Tally:
    """Counts by request, and bytes that somebody may no longer need."""

    by_number: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    blobs: set[int] = field(default_factory=set)

    def count(self, kind: str, numbers: Iterable[int | None]) -> None:
        for number in numbers:
            if number is not None:
                counts = self.by_number[number]
                counts[kind] = counts.get(kind, 0) + 1


def erase_requests(
    act: ErasureAct, numbers: Sequence[int], what: What, *, at: datetime, rule: int | None = None
) -> int:
    """One step: these closed requests, less what is open or held meanwhile. Returns how many it touched."""
    wanted = IMPLIED[what]
    with erasure.step(act) as lines:
        locked = Ticket.objects.select_for_update(of=("self",)).filter(
            not_held(), pk__in=numbers, closed_at__isnull=False
        )
        tickets = list(locked.order_by("pk").only("pk", "erased_at"))
        found = [ticket.pk for ticket in tickets]
        if not found:
            return 0
        tally = _Tally()
        if What.FILES in wanted:
            _files(found, tally)
        if What.LETTERS in wanted:
            _letters_in(found, tally)
        if What.NAMES in wanted:
            _letters_out(found, tally)
            _names(found, whole=What.TEXTS in wanted)
        if What.TEXTS in wanted:
            _texts(found, tally, at)
        tally.blobs |= others(found, wanted)
        files.release(tally.blobs)
        touched = found if What.NAMES in wanted else [number for number in found if tally.by_number.get(number)]
        _told(touched, what, tally, act, at)
        for number in touched:
            line: dict[str, Any] = {"number": number, "what": what.value, "counts": {"requests": 1}}
            line["counts"] |= tally.by_number.get(number, {})
            lines.append(line if rule is None else {**line, "rule": rule})
    return len(touched)


def _files(numbers: Sequence[int], tally: _Tally) -> None:
    rows = list(Attachment.objects.filter(message__ticket__in=numbers).values_list("pk", "blob_id", "message__ticket"))
    tally.count("files", [number for _pk, _blob, number in rows])
    tally.blobs |= {blob for _pk, blob, _number in rows}
    Attachment.objects.filter(pk__in=[pk for pk, _blob, _number in rows]).delete()


def _letters_in(numbers: Sequence[int], tally: _Tally) -> None:
    """The letters as they came, those that were overheard, and the same delivered twice."""
    empty = files.empty()
    of_message = dict(
        Message.objects.filter(ticket__in=numbers, inbound__isnull=False).values_list("inbound_id", "ticket_id")
    )
    overheard = TicketEvent.objects.filter(ticket__in=numbers, data__has_key="inbound")
    of_event = {int(data["inbound"]): number for number, data in overheard.values_list("ticket_id", "data")}
    owners = {**of_event, **of_message}
    rows = list(
        Inbound.objects.filter(Q(pk__in=owners) | Q(duplicate_of__in=owners))
        .exclude(raw=empty)
        .values_list("pk", "raw_id", "duplicate_of_id")
    )
    tally.count("letters", [owners.get(pk) or owners.get(first) for pk, _raw, first in rows])
    _blank_letters([pk for pk, _raw, _first in rows], {raw for _pk, raw, _first in rows}, tally)
    Message.objects.filter(ticket__in=numbers).exclude(html="").update(html="")


def _blank_letters(ids: Sequence[int], raws: set[int], tally: _Tally) -> None:
    tally.blobs |= raws
    Inbound.objects.filter(pk__in=ids).update(raw=files.empty(), envelope_from="", sender="", subject="")


def _letters_out(numbers: Sequence[int], tally: _Tally) -> None:
    """What we wrote: its address and its words. That it was sent, and when, stays."""
    about = {f"ticket:{number}": number for number in numbers}
    rows = Outgoing.objects.filter(about__in=about).exclude(state=OutgoingState.PENDING).exclude(recipient="")
    found = dict(rows.values_list("pk", "about"))
    tally.count("sent", [about[one] for one in found.values()])
    attached = OutgoingFile.objects.filter(outgoing__in=found)
    tally.blobs |= set(attached.values_list("blob_id", flat=True))
    attached.delete()
    Outgoing.objects.filter(pk__in=found).update(
        recipient="", subject="", text="", html="", reply_to="", references="", error=""
    )


def _names(numbers: Sequence[int], *, whole: bool) -> None:
    """Whoever wrote from outside. `whole`: the link to his card as well."""
    unlinked: dict[str, Any] = {"contact": None} if whole else {}
    Ticket.objects.filter(pk__in=numbers).update(
        requester_name="", contact_email="", context={}, undelivered=False, revision=F("revision") + 1, **unlinked
    )
    own = Case(When(author__isnull=True, then=Value("")), default=F("author_name"))
    Message.objects.filter(ticket__in=numbers).update(author_name=own, verdict={}, **unlinked)
    TicketEvent.objects.filter(ticket__in=numbers, by__isnull=True).exclude(by_name="").update(by_name="")
    _facts(numbers)
    if not whole:
        words_again(numbers)
    urls = [reverse(page, args=[number]) for number in numbers for page in ("desk:ticket", "requests:show")]
    Notice.objects.filter(url__in=urls).delete()


def words_again(numbers: Sequence[int]) -> None:
    """Search forgets the names that were put beside the texts."""
    TicketSearch.objects.filter(ticket__in=numbers).update(public=None, full=None)
    for ticket in Ticket.objects.filter(pk__in=numbers).only("pk", "subject"):
        add_words(ticket, [str(ticket.pk), ticket.subject], public=True)
        names: dict[int, list[str]] = defaultdict(list)
        for message_id, name in Attachment.objects.filter(message__ticket=ticket).values_list("message_id", "name"):
            names[message_id].append(name)
        for message in Message.objects.filter(ticket=ticket).order_by("at", "pk").only("text", "kind"):
            add_words(ticket, [*names[message.pk], message.text], public=message.is_public)


def _facts(numbers: Sequence[int]) -> None:
    facts_of(TicketEvent.objects.filter(ticket__in=numbers))


def facts_of(events: QuerySet[TicketEvent]) -> None:
    """Only figures remain of these facts."""
    changed = []
    for event in events.exclude(data={}).only("kind", "data"):
        kept = figures_of(event.kind, event.data)
        if kept != event.data:
            event.data = kept
            changed.append(event)
    TicketEvent.objects.bulk_update(changed, ["data"])


def _texts(numbers: Sequence[int], tally: _Tally, at: datetime) -> None:
    said = Message.objects.filter(ticket__in=numbers)
    tally.count("messages", said.values_list("ticket_id", flat=True))
    said.update(text="", quoted="", html="")
    Ticket.objects.filter(pk__in=numbers).update(subject=str(_("Content erased")), rating_text="", erased_at=at)
    TicketSearch.objects.filter(ticket__in=numbers).update(public=None, full=None)
    TicketFields.objects.filter(ticket__in=numbers).update(values={})
    _steps_for_many(numbers)
    drafts = Unsent.objects.filter(ticket__in=numbers)
    tally.blobs |= set(UnsentFile.objects.filter(unsent__in=drafts).values_list("blob_id", flat=True))
    drafts.delete()
    Watcher.objects.filter(ticket__in=numbers, contact__isnull=False).delete()


def _steps_for_many(numbers: Sequence[int]) -> None:
    """What was written to several at once is one of their texts; what still waits is the others' to get."""
    items = BulkItem.objects.filter(ticket__in=numbers)
    for run in BulkRun.objects.filter(pk__in=items.values("run"), state__in=_OVER):
        kept = {name: value for name, value in run.asked.items() if name not in ("text", "reason")}
        if kept != run.asked:
            run.asked = kept
            run.save(update_fields=["asked"])


def others(numbers: Sequence[int], wanted: frozenset[What]) -> set[int]:
    """What other parts keep of these requests: Part.extra["erase"], functions of (numbers, kinds of things) that erase
    theirs in our transaction and return ids of bytes they no longer refer to."""
    kinds = frozenset(one.value for one in wanted)
    erasing = [erase for part in parts() for erase in part.extra.get("erase", ())]
    return {blob for erase in erasing for blob in erase(list(numbers), kinds)}


def _told(numbers: Sequence[int], what: What, tally: _Tally, act: ErasureAct, at: datetime) -> None:
    """A fact in the history of each: no notice goes out, nobody is told by mail."""
    TicketEvent.objects.bulk_create(
        TicketEvent(
            ticket_id=number,
            kind=EventKind.ERASED,
            at=at,
            data={"what": what.value, "act": act.pk, "files": tally.by_number.get(number, {}).get("files", 0)},
        )
        for number in numbers
    )


def erase_strays(act: ErasureAct, ids: Sequence[int], *, rule: int | None = None) -> int:
    """One step: letters that became no request (rejected, duplicate, never understood)."""
    with erasure.step(act) as lines:
        empty = files.empty()
        rows = list(
            Inbound.objects.select_for_update(of=("self",))
            .filter(pk__in=ids, message__isnull=True)
            .exclude(raw=empty)
            .values_list("pk", "raw_id")
        )
        if not rows:
            return 0
        tally = _Tally()
        _blank_letters([pk for pk, _raw in rows], {raw for _pk, raw in rows}, tally)
        files.release(tally.blobs)
        line: dict[str, Any] = {"n": len(rows), "what": "strays", "counts": {"strays": len(rows)}}
        lines.append(line if rule is None else {**line, "rule": rule})
    return len(rows)


def in_steps(
    numbers: Sequence[int], erase: Callable[[Sequence[int]], int], *, size: int = STEP, go_on: Callable[[], bool]
) -> int:
    """Do them in steps as long as `go_on` says so. Returns how many were touched."""
    done = 0
    for start in range(0, len(numbers), size):
        if not go_on():
            break
        done += erase(numbers[start : start + size])
    return done
