"""The way of works: draft, announce, begin, change, tell the news, end, cancel (R7)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line
from provodnik.desk.models import Customer, Subsystem
from provodnik.works import policies
from provodnik.works.actions.base import (
    changing,
    clean_text,
    clean_title,
    record,
    require_nameless,
    require_revision,
)
from provodnik.works.models import Work, WorkCustomer, WorkEventKind, WorkSubsystem
from provodnik.works.states import Kind, State, is_late, is_release

LONGEST_PAST = timedelta(days=30)  # an incident may be written down later than it began, but not as history
PLAIN = ("kind", "title", "text", "starts_at", "ends_at", "unavailable", "release", "public")


@dataclass(frozen=True, slots=True)
class NewWork:
    """What a person says of works. No customers: all; no subsystems: the whole software; `ends_at` None: unknown."""

    kind: Kind
    title: str
    starts_at: datetime
    ends_at: datetime | None = None
    text: str = ""
    unavailable: bool = False
    release: str = ""
    public: bool = False
    customers: Sequence[Customer] = ()
    subsystems: Sequence[Subsystem] = ()
    responsible: User | None = None


def draft(new: NewWork, *, key: uuid.UUID, by: User, at: datetime) -> Work:
    """Write works down for those alone who lead them. The same `key` again gives the same works."""
    require(policies.may_lead(by))
    try:
        with transaction.atomic():
            return _known(key) or _draft(new, key, by, at)
    except IntegrityError:
        known = _known(key)  # the same form, sent twice at the same moment
        if known is None:
            raise
        return known


def _known(key: uuid.UUID) -> Work | None:
    return Work.objects.filter(key=key).first()


def _draft(new: NewWork, key: uuid.UUID, by: User, at: datetime) -> Work:
    work = Work(key=key, state=State.DRAFT.value, changed_at=at, responsible=new.responsible or by)
    _put(work, new, at=at)
    work.save(force_insert=True)
    _concern(work, new)
    record(work, WorkEventKind.DRAFTED, at=at, by=by)
    return work


def _put(work: Work, new: NewWork, *, at: datetime) -> None:
    """The words and moments of `new`, judged. Raises Refused with the field."""
    title, text, release = clean_title(new.title), clean_text(new.text), one_line(new.release, 14)
    if new.ends_at is None and new.kind is Kind.PLANNED:
        raise Refused(_("Planned works have an end: say until when."), field="ends_at")
    if new.ends_at is not None and new.ends_at <= new.starts_at:
        raise Refused(_("The end comes after the start."), field="ends_at")
    if new.starts_at < at - LONGEST_PAST:
        raise Refused(_("It began too long ago to be told of now."), field="starts_at")
    if release and not is_release(release):
        raise Refused(_("A release is numbered X.Y, an update of it X.Y.Z: for example 3.4 or 3.4.1."), field="release")
    if new.public:
        require_nameless(title, field="title")
        require_nameless(text, field="text")
        if work.pk and not work.public:  # what was told before it was opened stands there, too
            for told in work.events.exclude(text="").values_list("text", flat=True):
                require_nameless(told, field="public")
    work.kind, work.title, work.text, work.release = new.kind.value, title, text, release
    work.starts_at, work.ends_at = new.starts_at, new.ends_at
    work.unavailable, work.public = new.unavailable, new.public


def _concern(work: Work, new: NewWork) -> None:
    WorkCustomer.objects.filter(work=work).exclude(customer__in=new.customers).delete()
    WorkSubsystem.objects.filter(work=work).exclude(subsystem__in=new.subsystems).delete()
    WorkCustomer.objects.bulk_create(
        (WorkCustomer(work=work, customer=one) for one in new.customers), ignore_conflicts=True
    )
    WorkSubsystem.objects.bulk_create(
        (WorkSubsystem(work=work, subsystem=one) for one in new.subsystems), ignore_conflicts=True
    )


def _facts(work: Work) -> dict[str, Any]:
    """What a change is compared by, as it is kept in the history."""
    facts: dict[str, Any] = {}
    for name in PLAIN:
        value = getattr(work, name)
        facts[name] = value.isoformat() if isinstance(value, datetime) else value
    facts["customers"] = sorted(work.customers.values_list("name", flat=True))
    facts["subsystems"] = sorted(work.subsystems.values_list("name", flat=True))
    facts["responsible"] = work.responsible.full_name if work.responsible else ""
    return facts


def change(pk: int, new: NewWork, *, reason: str, by: User, at: datetime, revision: int | None = None) -> Work:
    """Other words, dates or people. A draft is simply edited; of what people know, the change is told and why."""
    with changing(pk) as work:
        require_revision(work, revision)
        require(policies.may_edit(by, work))
        is_draft = work.state == State.DRAFT.value
        if not is_draft and new.kind != work.kind:
            raise Refused(_("What it is cannot be changed after it was announced."), field="kind")
        if work.began_at is not None and new.starts_at != work.starts_at:
            raise Refused(_("It has begun: its planned start stays as it was."), field="starts_at")
        before = _facts(work)
        _put(work, new, at=min(at, work.starts_at))
        work.responsible = new.responsible or work.responsible
        _concern(work, new)
        after = _facts(work)
        differs = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
        if not differs:
            return work
        if is_draft:
            record(work, WorkEventKind.EDITED, at=at, by=by, data=differs)
            return work
        reason = clean_text(reason)
        if set(differs) == {"responsible"}:  # nobody outside needs to know who answers for it
            record(work, WorkEventKind.EDITED, at=at, by=by, text=reason, told=False, data=differs)
            return work
        if not reason:
            raise Refused(_("Write why: everybody whom it concerns will read it."), field="reason")
        if work.public:
            require_nameless(reason, field="reason")
        late = "starts_at" in differs and _is_late(work, at)
        facts: dict[str, Any] = {**differs, "late": True} if late else differs
        record(work, WorkEventKind.CHANGED, at=at, by=by, text=reason, data=facts)
        return work


def _is_late(work: Work, at: datetime) -> bool:
    return is_late(work.kind, told=at, starts=work.starts_at, notice=settings.WORKS_NOTICE)


def announce(pk: int, *, reason: str = "", by: User, at: datetime, revision: int | None = None) -> Work:
    """Tell people. Later than the installation's notice before the start, planned works need a reason, which stands on
    their page. Announced already, nothing happens."""
    with changing(pk) as work:
        if work.state == State.ANNOUNCED.value and policies.may_lead(by):
            return work
        require_revision(work, revision)
        require(policies.may_move(by, work, State.ANNOUNCED))
        if work.starts_at <= at:
            raise Refused(_("The start is past already: move it, or begin at once."), field="reason")
        reason = _reason(work, reason)
        late = _is_late(work, at)
        if late and not reason:
            raise Refused(
                _("Planned works are announced %(hours)s hours before they begin. Write why later this time.")
                % {"hours": int(settings.WORKS_NOTICE.total_seconds() // 3600)},
                field="reason",
            )
        data = {"late": True} if late else {}
        record(work, WorkEventKind.ANNOUNCED, at=at, by=by, to=State.ANNOUNCED, text=reason, data=data)
        return work


def begin(
    pk: int, *, text: str = "", since: datetime | None = None, by: User, at: datetime, revision: int | None = None
) -> Work:
    """It is going on, `since` a moment that is past or now. Unannounced planned works owe their reason here."""
    with changing(pk) as work:
        if work.state == State.GOING.value and policies.may_lead(by):
            return work
        require_revision(work, revision)
        require(policies.may_move(by, work, State.GOING))
        since = since or at
        if not at - LONGEST_PAST <= since <= at:
            raise Refused(_("It began now or earlier, not more than thirty days ago."), field="moment")
        if work.kind == Kind.PLANNED.value and work.ends_at is not None and work.ends_at <= since:
            raise Refused(_("Its planned end is past: change the dates first."), field="moment")
        text = _reason(work, text)
        late = work.announced_at is None and work.kind == Kind.PLANNED.value
        if late and not text:
            raise Refused(_("Nobody was told of these works. Write why they begin unannounced."), field="reason")
        work.began_at = since
        data = {"late": True} if late else {}
        record(work, WorkEventKind.BEGAN, at=at, by=by, to=State.GOING, text=text, data=data)
        return work


def report(pk: int, *, text: str, by: User, at: datetime) -> Work:
    """The news of it: what is found, what is done, until when to wait."""
    with changing(pk) as work:
        require(policies.may_report(by, work))
        text = _reason(work, text)
        if not text:
            raise Refused(_("Write the news."), field="reason")
        last = work.events.filter(kind=WorkEventKind.NEWS).order_by("-at", "-pk").first()
        if last is not None and last.text == text and last.by_id == by.pk:
            return work  # the same form, sent twice
        record(work, WorkEventKind.NEWS, at=at, by=by, text=text)
        return work


def end(
    pk: int, *, text: str, until: datetime | None = None, by: User, at: datetime, revision: int | None = None
) -> Work:
    """It is over, `until` a moment that is past or now: a person says so."""
    with changing(pk) as work:
        if work.state == State.ENDED.value and policies.may_lead(by):
            return work
        require_revision(work, revision)
        require(policies.may_move(by, work, State.ENDED))
        until = until or at
        if work.began_at is None or not work.began_at <= until <= at:
            raise Refused(_("It ended after it began, and not later than now."), field="moment")
        text = _reason(work, text)
        if work.kind == Kind.INCIDENT.value and not text:
            raise Refused(_("Write what it was: everybody whom it concerned will read it."), field="reason")
        work.finished_at = until
        record(work, WorkEventKind.ENDED, at=at, by=by, to=State.ENDED, text=text)
        return work


def cancel(pk: int, *, reason: str, by: User, at: datetime, revision: int | None = None) -> Work:
    """It will not be. A draft that nobody knew of is thrown away without a word."""
    with changing(pk) as work:
        if work.state == State.CANCELLED.value and policies.may_lead(by):
            return work
        require_revision(work, revision)
        require(policies.may_move(by, work, State.CANCELLED))
        reason = _reason(work, reason)
        was_told = work.announced_at is not None
        if was_told and not reason:
            raise Refused(_("Write why: everybody whom it concerns will read it."), field="reason")
        work.finished_at = at
        record(work, WorkEventKind.CANCELLED, at=at, by=by, to=State.CANCELLED, text=reason, told=was_told)
        return work


def _reason(work: Work, text: str) -> str:
    text = clean_text(text)
    if work.public and text:
        require_nameless(text, field="reason")
    return text
