"""Reads for the administrator's pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.accounts.roles import DESK_ROLES
from provodnik.channels.models import Inbound, InboundState, Mailbox, Outgoing, OutgoingState
from provodnik.desk import calendars
from provodnik.desk.models import Calendar, CalendarException, Contact, Contract, Customer, ProductionDay
from provodnik.desk.production_calendar import DayKind

SILENT_AFTER = timedelta(minutes=15)
HELD = (InboundState.QUARANTINED, InboundState.REJECTED)
PREVIEW_DAYS = 14
LATELY = timedelta(days=14)


def _words(rows: QuerySet[Any], words: str, *fields: str) -> QuerySet[Any]:
    """Rows that hold every word in some of the fields."""
    for word in words.split()[:5]:
        some = Q()
        for field in fields:
            some |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(some)
    return rows


@dataclass(frozen=True, slots=True)
class MailboxLine:
    """A mailbox and its health: tone "success", "warning", "error" or "neutral", and what it means in words."""

    mailbox: Mailbox
    tone: str
    told: str
    quarantined: int
    rejected: int
    unsent: int
    dead: int


def mailbox_lines(*, now: datetime) -> list[MailboxLine]:
    """Every mailbox with what is held up in it; three queries however many there are."""
    held: dict[int | None, Any] = {
        row["mailbox_id"]: row
        for row in Inbound.objects.filter(state__in=HELD)
        .values("mailbox_id")
        .annotate(
            quarantined=Count("pk", filter=Q(state=InboundState.QUARANTINED)),
            rejected=Count("pk", filter=Q(state=InboundState.REJECTED)),
        )
    }
    out: dict[int | None, Any] = {
        row["mailbox_id"]: row
        for row in Outgoing.objects.exclude(state=OutgoingState.SENT)
        .values("mailbox_id")
        .annotate(
            unsent=Count("pk", filter=Q(state=OutgoingState.PENDING, attempts__gt=0)),
            dead=Count("pk", filter=Q(state=OutgoingState.DEAD)),
        )
    }
    lines = []
    for mailbox in Mailbox.objects.all():
        tone, told = _health(mailbox, now)
        of_in = held.get(mailbox.pk, {})
        of_out = out.get(mailbox.pk, {})
        lines.append(
            MailboxLine(
                mailbox,
                tone,
                told,
                quarantined=of_in.get("quarantined", 0),
                rejected=of_in.get("rejected", 0),
                unsent=of_out.get("unsent", 0),
                dead=of_out.get("dead", 0),
            )
        )
    return lines


def _health(mailbox: Mailbox, now: datetime) -> tuple[str, str]:
    if not mailbox.is_active:
        return "neutral", _("Switched off")
    if mailbox.error:
        return "warning" if mailbox.is_working else "error", mailbox.told
    if not mailbox.imap_host:
        return "neutral", _("Only sends")
    if mailbox.fetched_at is None:
        return "warning", _("Nothing has been fetched yet")
    if now - mailbox.fetched_at > SILENT_AFTER:
        return "warning", _("Not looked into for a long time")
    return "success", _("In order")


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that waits for the administrator: a sentence, and where to see to it (the name of a page)."""

    tone: str
    icon: str
    text: str
    page: str
    query: str = ""


def dead_lately(now: datetime) -> QuerySet[Outgoing]:
    """Letters that died within the time in which somebody may still do something about it."""
    return Outgoing.objects.filter(state=OutgoingState.DEAD, created_at__gt=now - LATELY)


def attention(lines: Sequence[MailboxLine], *, today: date, now: datetime) -> list[Attention]:
    """What needs a person, the gravest first; [] when nothing does."""
    found = [
        Attention("error", "mailbox", f"{line.mailbox.address}: {line.told}", "settings:mailboxes")
        for line in lines
        if line.tone == "error"
    ]
    quarantined = Inbound.objects.filter(state=InboundState.QUARANTINED).count()
    if quarantined:
        text = _("Letters in quarantine: %(count)d.") % {"count": quarantined}
        found.append(Attention("error", "file-warning", text, "settings:letters"))
    dead = dead_lately(now).count()
    if dead:
        text = _("Letters that were not delivered: %(count)d.") % {"count": dead}
        found.append(Attention("error", "send", text, "settings:outgoing", "?state=dead"))
    # the demo's mailbox is fed by its own SMTP server and has no IMAP
    if not settings.DEMO and not any(line.mailbox.is_active and line.mailbox.imap_host for line in lines):
        found.append(
            Attention(
                "warning", "mailbox", _("No mailbox is read: requests by e-mail do not come in."), "settings:mailboxes"
            )
        )
    if not any(line.mailbox.is_active and line.mailbox.smtp_host for line in lines):
        found.append(
            Attention("warning", "send", _("No mailbox sends: notices wait until one does."), "settings:mailboxes")
        )
    if not Customer.objects.exists():
        text = _("There is no customer yet: nobody can write requests.")
        found.append(Attention("warning", "building-2", text, "settings:add_customer"))
    if not User.objects.filter(is_active=True, roles__overlap=[role.value for role in DESK_ROLES]).exists():
        text = _("There is no specialist yet: nobody works on requests.")
        found.append(Attention("warning", "users", text, "settings:add_user"))
    without = customers(today=today).filter(is_active=True, has_contract=False).count()
    if without:
        text = _("Customers without a contract in force: %(count)d. The regulation's own hours apply to them.")
        found.append(
            Attention("warning", "file-warning", text % {"count": without}, "settings:customers", "?kind=bare")
        )
    if not ProductionDay.objects.filter(date__year=(today + timedelta(days=45)).year).exists():
        text = _("The production calendar of %(year)d is empty.") % {"year": (today + timedelta(days=45)).year}
        found.append(Attention("warning", "calendar-days", text, "settings:production"))
    return found


def customers(*, today: date) -> QuerySet[Any]:
    """With how many people they have, and whether a contract is in force today."""
    current = Contract.objects.filter(customer=OuterRef("pk"), starts_on__lte=today).exclude(ends_on__lt=today)
    return Customer.objects.annotate(
        has_contract=Exists(current),
        people=Count("contacts", filter=Q(contacts__is_active=True)),
    )


def customers_found(*, words: str, kind: str, today: date) -> QuerySet[Any]:
    """`kind`: "" served, "bare" served without a contract, "off" not served."""
    rows = customers(today=today).filter(is_active=kind != "off")
    if kind == "bare":
        rows = rows.filter(has_contract=False)
    return _words(rows, words, "name", "short_name", "domains").order_by("name", "pk")


def contacts_found(customer: Customer, words: str) -> QuerySet[Contact]:
    rows = customer.contacts.select_related("user")
    found: QuerySet[Contact] = _words(rows, words, "name", "email", "phone", "position", "organisation")
    return found.order_by("-is_active", "-is_coordinator", "name", "pk")


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of the preview. `source`: why it is not as the week says; "" when it is."""

    date: date
    spans: str
    is_open: bool
    source: str


def preview(calendar: Calendar, *, today: date) -> list[DayLine]:
    """What counts as working time within the next two weeks."""
    days = [today + timedelta(days=number) for number in range(PREVIEW_DAYS)]
    working = calendars.compiled(calendar)
    own = {row.date: row for row in CalendarException.objects.filter(calendar=calendar, date__in=days)}
    production = (
        {row.date: row for row in ProductionDay.objects.filter(date__in=days)} if calendar.follows_production else {}
    )
    lines = []
    for day in days:
        hours = working.exceptions.get(day, working.week[day.weekday()])
        spans = ", ".join(
            f"{start:%H:%M}–{'24:00' if end.hour == end.minute == 0 else f'{end:%H:%M}'}" for start, end in hours
        )
        if day in own:
            source = own[day].note or _("own day of this calendar")
        elif day in production:
            source = production[day].note or str(production[day].get_kind_display())
        else:
            source = ""
        lines.append(DayLine(day, spans, bool(hours), source))
    return lines


@dataclass(frozen=True, slots=True)
class ProductionYear:
    """A year of the production calendar with its days counted by kind."""

    year: int
    days: list[ProductionDay]
    closed: int
    short: int
    working: int


def production_year(year: int) -> ProductionYear:
    days = list(ProductionDay.objects.filter(date__year=year))
    kinds = [day.kind for day in days]
    return ProductionYear(
        year,
        days,
        closed=kinds.count(DayKind.HOLIDAY.value) + kinds.count(DayKind.DAY_OFF.value),
        short=kinds.count(DayKind.SHORT.value),
        working=kinds.count(DayKind.WORKING.value),
    )


def production_years(today: date) -> list[int]:
    """Years to show: those that have days, this one and the next."""
    known = {day.year for day in ProductionDay.objects.dates("date", "year")}
    return sorted(known | {today.year, today.year + 1})


def held_letters(words: str, state: str) -> QuerySet[Inbound]:
    """Letters that did not become a request: quarantined first thought of, then rejected."""
    states = [InboundState(state)] if state in {one.value for one in HELD} else list(HELD)
    rows = Inbound.objects.filter(state__in=states).select_related("mailbox")
    found: QuerySet[Inbound] = _words(rows, words, "sender", "subject", "reason")
    return found.order_by("-received_at", "-pk")


def outgoing_letters(words: str, state: str) -> QuerySet[Outgoing]:
    """`state`: "" those that are stuck (waiting after a failed try, or dead), else one of OutgoingState."""
    rows = Outgoing.objects.select_related("mailbox").defer("text", "html")
    if state in OutgoingState.values:
        rows = rows.filter(state=state)
    else:
        rows = rows.filter(Q(state=OutgoingState.DEAD) | Q(state=OutgoingState.PENDING))
    found: QuerySet[Outgoing] = _words(rows, words, "recipient", "subject", "error")
    return found.order_by("-created_at", "-pk")


def account_of(user: User) -> Contact | None:
    """The contact whom an account belongs to, if any."""
    return Contact.objects.select_related("customer").filter(user=user).first()
