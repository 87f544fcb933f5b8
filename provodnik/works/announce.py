"""Letters to the contacts whom a fact concerns: one each, in batches, with a count that the page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.channels.outgoing import message_id_for, send_later, sending_mailbox
from provodnik.core import jobs
from provodnik.core.text import one_line
from provodnik.desk.announce.letters import told_moment
from provodnik.desk.models import Contact, Customer
from provodnik.works import words
from provodnik.works.models import Mailing, Silence, Work, WorkCustomer, WorkEvent, WorkEventKind
from provodnik.works.states import Kind
from provodnik.works.tokens import letters_token

# Facts that people are told of, if they were told of the work at all.
TOLD = frozenset(
    {
        WorkEventKind.ANNOUNCED,
        WorkEventKind.BEGAN,
        WorkEventKind.CHANGED,
        WorkEventKind.NEWS,
        WorkEventKind.ENDED,
        WorkEventKind.CANCELLED,
    }
)
BATCH = 100


_silent: ContextVar[bool] = ContextVar("works_silent", default=False)


@contextmanager
def silent() -> Iterator[None]:
    """Works of the past are written down without a letter: history that is loaded was told long ago."""
    before = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(before)


def recipients(work: Work, *, formerly: Sequence[str] | None = None) -> QuerySet[Contact]:
    """Living contacts with an address whom it concerns; with `formerly`, the names of customers before a change (none:
    all), those of them, too, whom it concerns no more. Only of planned works may one have asked not to be told: the
    regulation demands no letters about works at all, but who cannot work must learn why."""
    contacts = Contact.objects.filter(is_active=True, customer__is_active=True).exclude(email="")
    chosen = _chosen(work)
    if chosen and formerly is not None:
        before = Customer.objects.filter(name__in=formerly).values_list("pk", flat=True)
        chosen = chosen | set(before) if formerly else set()
    if chosen:
        contacts = contacts.filter(customer_id__in=chosen)
    if work.kind == Kind.PLANNED.value:
        contacts = contacts.filter(~Exists(Silence.objects.filter(contact_id=OuterRef("pk"))))
    return contacts


def _chosen(work: Work) -> set[int]:
    """Ids of the customers whom it concerns; none: all."""
    return set(WorkCustomer.objects.filter(work=work).values_list("customer_id", flat=True))


def _audience(event: WorkEvent) -> QuerySet[Contact]:
    """Whom a fact is told to: of a change of customers, also those who were told of the works before."""
    change = event.data.get("customers")
    return recipients(event.work, formerly=change[0] if change is not None else None)


def later(event: WorkEvent) -> None:
    """Ask for the letters of a fact, within the transaction that records it; those about one work keep their order."""
    if event.kind in TOLD and event.work.announced_at is not None and not _silent.get():
        Mailing.objects.create(event=event, total=_audience(event).count())
        jobs.defer(mail, event_id=event.pk, serial=f"works:{event.work_id}")


@jobs.job(name="works.mail", queue="notices")
def mail(event_id: int) -> None:
    """Letters about a fact. Safe to repeat: it goes on after the last contact, and a letter has a unique key."""
    event = WorkEvent.objects.select_related("work").get(pk=event_id)
    while _batch(event, at=timezone.now()):
        pass


def _batch(event: WorkEvent, *, at: datetime) -> bool:
    """The next hundred, in a transaction of their own. False when there are no more."""
    with transaction.atomic():
        mailing = Mailing.objects.select_for_update().get(pk=event.pk)
        if mailing.done_at is not None:
            return False
        contacts = list(_audience(event).filter(pk__gt=mailing.last).select_related("user").order_by("pk")[:BATCH])
        for contact in contacts:
            _letter(event, contact, at=at)
        mailing.asked += len(contacts)
        mailing.total = max(mailing.total, mailing.asked)
        if contacts:
            mailing.last = contacts[-1].pk
        if len(contacts) < BATCH:
            mailing.done_at, mailing.total = at, mailing.asked
        mailing.save()
        return mailing.done_at is None


def _letter(event: WorkEvent, contact: Contact, *, at: datetime) -> None:
    work, mailbox = event.work, sending_mailbox()
    context = letter_words(event)
    chosen = _chosen(work)
    context["released"] = bool(chosen) and contact.customer_id not in chosen
    may_look = contact.user is not None and contact.user.is_active and not context["released"]
    context["address"] = link(work) if may_look else ""
    if work.kind == Kind.PLANNED.value:
        context["silence"] = f"{settings.BASE_URL}{reverse('status:letters', args=[letters_token(contact)])}"
    text = re.sub(r"\n{3,}", "\n\n", render_to_string("works/mail/fact.txt", context)).strip() + "\n"
    send_later(
        key=f"works:{event.pk}:{contact.pk}",
        recipient=contact.email,
        subject=one_line(f"{context['heading']}: {work.title}", 300),
        text=text,
        html=render_to_string("works/mail/fact.html", context),
        at=at,
        message_id=message_id_for(kind="works", number=0, serial=f"{event.pk}-{contact.pk}", mailbox=mailbox),
        about=f"works:{work.pk}",
        mailbox=mailbox,
        automatic=True,
    )


def letter_words(event: WorkEvent) -> dict[str, Any]:
    """What a letter says, the same to everybody: in absolute moments, for it is read later and elsewhere."""
    work = event.work
    # of a fact of the past: the letter may leave after the next one has happened
    real = event.kind in (WorkEventKind.BEGAN, WorkEventKind.NEWS, WorkEventKind.ENDED)
    begin = (work.began_at if real else None) or work.starts_at
    end = work.finished_at if event.kind == WorkEventKind.ENDED else work.ends_at
    old = {name: values[0] for name, values in event.data.items() if name in ("starts_at", "ends_at")}
    return {
        "heading": heading(event),
        "work": work,
        "kind": words.kind_word(work.kind),
        "starts": told_moment(begin),
        "ends": told_moment(end) if end is not None else "",
        "over": event.kind == WorkEventKind.ENDED,
        "cancelled": event.kind == WorkEventKind.CANCELLED,
        "moved_from": told_moment(datetime.fromisoformat(old["starts_at"])) if old.get("starts_at") else "",
        "subsystems": words.names(work.subsystems.all()),
        "consequence": "" if work.is_past else _consequence(work),
        "said": event.text,
    }


def heading(event: WorkEvent) -> str:
    """«Плановые работы: начало»."""
    what = {
        WorkEventKind.ANNOUNCED: _("announcement"),
        WorkEventKind.BEGAN: _("begun"),
        WorkEventKind.CHANGED: _("change"),
        WorkEventKind.NEWS: _("news"),
        WorkEventKind.ENDED: _("the end of it"),
        WorkEventKind.CANCELLED: _("cancellation"),
    }[WorkEventKind(event.kind)]
    return _("%(kind)s: %(what)s") % {"kind": words.kind_word(event.work.kind), "what": what}


def _consequence(work: Work) -> str:
    partly = work.subsystems.exists()
    return words.consequence(kind=work.kind, state=work.state, unavailable=work.unavailable, partly=partly)


def link(work: Work) -> str:
    return f"{settings.BASE_URL}{reverse('works:show', args=[work.pk])}"
