"""Rules of retention, holds, and the nightly run that follows the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.models import JournalEntry, User
from provodnik.core import erasure
from provodnik.core.decisions import Refused, require
from provodnik.core.models import ErasureAct
from provodnik.core.text import one_line
from provodnik.desk.actions.base import changing, in_order, record, settle
from provodnik.desk.actions.erasure import erase_requests, erase_strays, in_steps
from provodnik.desk.models import EventKind, LegalHold, RetentionRule, Ticket
from provodnik.desk.models.retention import What
from provodnik.desk.policies import may_administer
from provodnik.desk.queries import retention as queries

JOURNAL_STEP = 2000


def keep_rule(rule: RetentionRule, *, by: User, at: datetime) -> RetentionRule:
    """Save a rule that a person edited. Raises Refused: files and letters never stay longer than texts say."""
    require(may_administer(by))
    for name in ("files_months", "letters_months"):
        value = getattr(rule, name)
        if value is not None and rule.texts_months is not None and value > rule.texts_months:
            raise Refused(_("Longer than the texts: it goes with them at the latest."), field=name)
    if rule.journal_months is not None and rule.journal_months <= queries.JOURNAL_AT_LEAST:
        raise Refused(_("The journal is kept for more than half a year."), field="journal_months")
    return journal.keep(rule, by=by, at=at)


def hold(number: int, *, reason: str, by: User, at: datetime) -> LegalHold:
    """Keep a request whole whatever its rule says."""
    require(may_administer(by))
    reason = one_line(reason, 500)
    if not reason:
        raise Refused(_("Say why: a dispute, an inquiry, a court."), field="reason")
    try:
        with changing(number) as ticket:
            at = in_order(ticket, at)
            with transaction.atomic():
                made = LegalHold.objects.create(ticket=ticket, reason=reason, by=by, since=at)
            record(ticket, EventKind.HELD, at=at, by=by)
            settle(ticket, at=at)
            journal.note(made, "held", by=by, at=at, of_ticket=number, of_customer=ticket.customer_id)
            return made
    except IntegrityError as error:
        raise Refused(_("This request is held already."), field="number") from error
    except Ticket.DoesNotExist as error:
        raise Refused(_("There is no request of this number."), field="number") from error


def lift(made: LegalHold, *, by: User, at: datetime) -> None:
    """The request follows its rule again."""
    require(may_administer(by))
    with changing(made.ticket_id) as ticket:
        at = in_order(ticket, at)
        held = LegalHold.objects.select_for_update().filter(pk=made.pk, until__isnull=True).first()
        if held is None:
            return
        held.until, held.lifted_by = at, by
        held.save(update_fields=["until", "lifted_by"])
        record(ticket, EventKind.RELEASED, at=at, by=by)
        settle(ticket, at=at)
        journal.note(held, "lifted", by=by, at=at, of_ticket=ticket.pk, of_customer=ticket.customer_id)


def run(*, now: datetime, go_on: Callable[[], bool]) -> ErasureAct | None:
    """Follow all rules as of `now`, in steps, until `go_on` says no. The act; None when there was nothing to erase."""
    _give_up_killed(now)
    rules = queries.rules()
    todo = [(part, queries.numbers_due(part)) for rule in rules for part in queries.parts_of(rule, now=now)]
    default = queries.default_rule()
    before = queries.months_before(now, default.strays_months) if default.strays_months is not None else None
    strays = queries.strays_due(before) if before is not None else []
    asked = [
        {"rule": str(part.rule), "what": part.what.value, "months": part.months, "before": part.before.isoformat()}
        for part, _numbers in todo
    ]
    if before is not None:
        asked.append(
            {
                "rule": str(default),
                "what": "strays",
                "months": default.strays_months or 0,
                "before": before.isoformat(),
            }
        )
    total = sum(len(numbers) for _part, numbers in todo) + len(strays)
    act = None
    if total:
        act = erasure.begin(ErasureAct.Kind.RULE, at=now, total=total, rules=asked)
        for place, (part, numbers) in enumerate(todo):
            what, rule = part.what, place
            in_steps(numbers, lambda some, w=what, r=rule: _some(act, some, w, now, r), go_on=go_on)  # type: ignore[misc]
        in_steps(strays, lambda some: erase_strays(act, some, rule=len(todo)), size=200, go_on=go_on)
        erasure.end(act, at=now)
    _shorten_journal(queries.journal_before(default, now=now), now=now, go_on=go_on)
    return act


def _give_up_killed(now: datetime) -> None:
    """Acts of a night whose process died: what they did is in their steps, what they left is found again now."""
    kinds = [ErasureAct.Kind.RULE, ErasureAct.Kind.JOURNAL]
    killed = ErasureAct.objects.filter(kind__in=kinds, state=ErasureAct.State.RUNNING)
    killed.update(state=ErasureAct.State.FAILED, ended_at=now)


def _some(act: ErasureAct, numbers: list[int], what: What, at: datetime, rule: int) -> int:
    return erase_requests(act, numbers, what, at=at, rule=rule)


def _shorten_journal(before: datetime | None, *, now: datetime, go_on: Callable[[], bool]) -> None:
    """Remove lines older than the rule: the journal's own retention."""
    if before is None or not queries.journal_due(before).exists():
        return
    act = erasure.begin(ErasureAct.Kind.JOURNAL, at=now, before=before.isoformat())
    while go_on():
        with erasure.step(act) as lines:
            ids = list(queries.journal_due(before).order_by("at", "pk").values_list("pk", flat=True)[:JOURNAL_STEP])
            count = JournalEntry.objects.filter(pk__in=ids).delete()[0] if ids else 0
            if count:
                lines.append({"n": count, "what": "journal", "counts": {"journal": count}})
        if len(ids) < JOURNAL_STEP:
            break
    erasure.end(act, at=now)
