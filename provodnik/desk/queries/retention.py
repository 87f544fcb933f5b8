"""What the rules of retention say is to be erased at an instant. Reads only: the dry run asks the same questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from provodnik.accounts.models import JournalEntry
from provodnik.channels.models import Inbound, InboundState
from provodnik.desk.models import Attachment, LegalHold, Message, RetentionRule, Ticket
from provodnik.desk.models.retention import What
from provodnik.desk.states import Status

MOST = 10_000  # requests that one look, and one night, take
STRAYS = (InboundState.REJECTED, InboundState.DUPLICATE, InboundState.QUARANTINED)
JOURNAL_AT_LEAST = 6  # months: the database refuses to remove younger lines


def not_held() -> Q:
    """Of requests: those that no hold keeps whole."""
    return ~Q(pk__in=LegalHold.objects.filter(until__isnull=True).values("ticket"))


def months_before(at: datetime, months: int) -> datetime:
    """The same day so many months ago; the last day of a shorter month."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    for day in range(at.day, at.day - 4, -1):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("no month is shorter than 28 days")


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of thing of one rule: `what` goes of requests closed before `before`."""

    rule: RetentionRule
    what: What
    months: int
    before: datetime


def parts_of(rule: RetentionRule, *, now: datetime) -> list[Part]:
    """Texts first: what they take along needs no look of its own."""
    found = []
    for what, months in (
        (What.TEXTS, rule.texts_months),
        (What.FILES, rule.files_months),
        (What.LETTERS, rule.letters_months),
    ):
        if months is not None:
            found.append(Part(rule, what, months, months_before(now, months)))
    return found


def rules() -> list[RetentionRule]:
    """The contracts' own first, then the one for all others."""
    return sorted(
        RetentionRule.objects.select_related("contract__customer"),
        key=lambda rule: (rule.contract_id is None, str(rule)),
    )


def default_rule() -> RetentionRule:
    return RetentionRule.objects.filter(contract__isnull=True).first() or RetentionRule()


def due(part: Part) -> QuerySet[Ticket]:
    """Closed requests of the rule that still have what is to go, and are not held."""
    tickets = Ticket.objects.filter(
        not_held(), status=Status.DONE.value, closed_at__lt=part.before, erased_at__isnull=True
    )
    if part.rule.contract_id is not None:
        tickets = tickets.filter(contract_id=part.rule.contract_id)
    else:
        own = RetentionRule.objects.filter(contract__isnull=False).values("contract")
        tickets = tickets.filter(Q(contract__isnull=True) | ~Q(contract__in=own))
    said = Message.objects.filter(ticket=OuterRef("pk"))
    if part.what is What.FILES:
        tickets = tickets.filter(Exists(Attachment.objects.filter(message__ticket=OuterRef("pk"))))
    elif part.what is What.LETTERS:
        tickets = tickets.filter(Exists(said.filter(inbound__isnull=False, inbound__raw__size__gt=0)))
    return tickets


def numbers_due(part: Part) -> list[int]:
    return list(due(part).order_by("closed_at", "pk").values_list("pk", flat=True)[:MOST])


def strays_due(before: datetime) -> list[int]:
    rows = Inbound.objects.filter(
        state__in=STRAYS, settled_at__lt=before, raw__size__gt=0, message__isnull=True
    ).exclude(duplicate_of__raw__size__gt=0, state=InboundState.DUPLICATE, duplicate_of__message__isnull=False)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:MOST])


def journal_before(rule: RetentionRule, *, now: datetime) -> datetime | None:
    if rule.journal_months is None:
        return None
    return months_before(now, max(rule.journal_months, JOURNAL_AT_LEAST + 1))


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one rule would erase tonight. `more`: there are more than one night takes."""

    part: Part
    requests: int
    more: bool
    files: int
    bytes: int
    letters: int
    first: Sequence[int]


def forecast(part: Part) -> Forecast:
    numbers = numbers_due(part)
    attached = Attachment.objects.filter(message__ticket__in=numbers).aggregate(n=Count("pk"), size=Sum("blob__size"))
    letters = Message.objects.filter(ticket__in=numbers, inbound__raw__size__gt=0).count()
    takes_files = part.what in (What.FILES, What.TEXTS)
    return Forecast(
        part,
        len(numbers),
        len(numbers) >= MOST,
        attached["n"] if takes_files else 0,
        (attached["size"] or 0) if takes_files else 0,
        letters if part.what in (What.LETTERS, What.TEXTS) else 0,
        numbers[:20],
    )


def journal_due(before: datetime) -> QuerySet[JournalEntry]:
    return JournalEntry.objects.filter(at__lt=before)
