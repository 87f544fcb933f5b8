"""Requests that works explain: tied to them, untied, and answered together."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core import jobs
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line
from provodnik.desk.actions import closing
from provodnik.desk.actions import work as replying
from provodnik.desk.models import Ticket
from provodnik.desk.models.tickets import OPEN
from provodnik.desk.policies import visible_tickets
from provodnik.desk.states import EXPLANATION_REQUIRED, Resolution
from provodnik.works import policies
from provodnik.works.actions.base import changing, clean_text
from provodnik.works.models import Answering, AnswerLine, Work, WorkEvent, WorkEventKind, WorkTicket

MOST_TIED = 5000
# What a common cause allows to say of every request at once (R11); the others judge one request by itself.
RESOLUTIONS = (Resolution.SOLVED, Resolution.INFRASTRUCTURE)


def tie(pk: int, number: int, *, by: User, at: datetime) -> None:
    """The works explain the request. Tied already, nothing happens."""
    with changing(pk) as work:
        ticket = Ticket.objects.get(pk=number)
        require(policies.may_tie(by, work, ticket))
        if work.tied.count() >= MOST_TIED:
            raise Refused(_("No more requests can be tied to this."))
        _row, made = WorkTicket.objects.get_or_create(work=work, ticket=ticket, defaults={"at": at, "by": by})
        if made:
            WorkEvent.objects.create(work=work, kind=WorkEventKind.TIED, at=at, by=by, data={"number": number})


def untie(pk: int, number: int, *, by: User, at: datetime) -> None:
    """They do not explain it after all."""
    with changing(pk) as work:
        ticket = Ticket.objects.get(pk=number)
        require(policies.may_tie(by, work, ticket))
        if WorkTicket.objects.filter(work=work, ticket=ticket).delete()[0]:
            WorkEvent.objects.create(work=work, kind=WorkEventKind.UNTIED, at=at, by=by, data={"number": number})


def answer_together(
    pk: int, *, text: str, resolution: Resolution | None, key: uuid.UUID, by: User, at: datetime
) -> Answering:
    """One text for every open request that is tied; with a resolution, it closes them. A job does it request by
    request. The same `key` again gives the same answering."""
    text = clean_text(text)
    if not text:
        raise Refused(_("Write what the requesters will read."), field="text")
    if resolution is not None and resolution not in RESOLUTIONS:
        raise Refused(_("Requests cannot be closed together in this way."), field="resolution")
    assert resolution is None or resolution in EXPLANATION_REQUIRED
    try:
        with changing(pk) as work:
            known = Answering.objects.filter(key=key, work=work, by=by).first()
            return known or _answering(work, text, resolution, key, by, at)
    except IntegrityError as error:
        raise Refused(_("This form was already used. Open it anew.")) from error


def _answering(
    work: Work, text: str, resolution: Resolution | None, key: uuid.UUID, by: User, at: datetime
) -> Answering:
    require(policies.may_answer_together(by, work))
    tied = WorkTicket.objects.filter(work=work).values("ticket_id")
    numbers = list(visible_tickets(by).filter(OPEN, pk__in=tied).order_by("pk").values_list("pk", flat=True))
    if not numbers:
        raise Refused(_("No open request is tied: there is nobody to answer."))
    answering = Answering.objects.create(
        key=key, work=work, by=by, text=text, resolution=resolution.value if resolution else "", at=at
    )
    AnswerLine.objects.bulk_create(AnswerLine(answering=answering, ticket_id=number) for number in numbers)
    jobs.defer(answer, answering_id=answering.pk, serial=f"works:answers:{work.pk}")
    return answering


@jobs.job(name="works.answer", queue="default")
def answer(answering_id: int) -> None:
    """Give the text to each request that waits for it. Safe to repeat: an answered line waits no more, and a message
    has the key of its answering and its request."""
    answering = Answering.objects.select_related("by").get(pk=answering_id)
    waiting = AnswerLine.objects.filter(answering=answering, verdict=AnswerLine.Verdict.WAITING)
    for line in waiting.order_by("pk"):
        _answer_one(answering, line)
    Answering.objects.filter(pk=answering.pk, done_at=None).update(done_at=timezone.now())


def _answer_one(answering: Answering, line: AnswerLine) -> None:
    """One request in a transaction of its own, with its verdict."""
    key = uuid.uuid5(answering.key, str(line.ticket_id))
    with transaction.atomic():
        try:
            if answering.resolution:
                closing.close(
                    line.ticket_id,
                    resolution=Resolution(answering.resolution),
                    text=answering.text,
                    by=answering.by,
                    at=timezone.now(),
                    key=key,
                )
                line.verdict = AnswerLine.Verdict.CLOSED
            else:
                replying.reply(line.ticket_id, text=answering.text, by=answering.by, at=timezone.now(), key=key)
                line.verdict = AnswerLine.Verdict.ANSWERED
        except Refused as refusal:
            line.verdict, line.reason = AnswerLine.Verdict.REFUSED, one_line(str(refusal), 300)
        line.save(update_fields=["verdict", "reason"])
