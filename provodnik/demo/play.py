"""Performs the plan with the desk's own actions at past instants, so that events, clock and search come out true."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.channels.models import Channel, Inbound
from provodnik.demo import data, ledger
from provodnik.demo.cases import Case, Step
from provodnik.demo.people import SUPPORT, Cast
from provodnik.demo.pictures import protocol, screenshot
from provodnik.demo.words import phrase, phrases, quoted, short
from provodnik.desk import announce
from provodnik.desk.actions import closing, complaints, facts, incoming, opening, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.announce.facts import CLOSINGS, note, set_duty
from provodnik.desk.models import EventKind, Message, MessageKind, Ticket, TicketEvent
from provodnik.desk.states import Impact, Priority, Resolution

KEYS = uuid.UUID("7f2d3c61-52a0-4c38-9a6e-0f6f2f2f9b14")  # of form ids in the demo
TOLD_ALIVE = {"ask", "reply", "answer"}  # steps of today whose letters and notices really go out
ANSWERED = timedelta(hours=5)  # how soon a complaint is
FRESH = timedelta(hours=3)  # a request younger than this, still untouched, gets its real confirmation


class Player:
    def __init__(self, cast: Cast, chance: random.Random, now: datetime) -> None:
        self.cast, self.chance, self.now = cast, chance, now
        self.shots = [screenshot(chance) for _one in range(8)]
        self.sheets = [protocol(chance) for _one in range(4)]
        self.verbs: dict[str, Callable[[Step], None]] = {
            "open": self.open,
            "take": self.take,
            "ask": self.ask,
            "answer": self.answer,
            "reply": self.reply,
            "note": self.note,
            "priority": self.priority,
            "assign": self.assign,
            "close": self.close,
            "withdraw": self.withdraw,
            "rate": self.rate,
            "complain": self.complain,
            "undelivered": self.undelivered,
            "other": self.told_otherwise,
        }

    def play(self, step: Step) -> None:
        alive = step.case.living and step.verb in TOLD_ALIVE
        with nullcontext() if alive or self.is_fresh(step) else announce.silent():
            self.verbs[step.verb](step)

    def is_fresh(self, step: Step) -> bool:
        return step.case.living and step.verb == "open" and not step.case.by and self.now - step.at < FRESH

    # --- the requester

    def open(self, step: Step) -> None:
        case, at = step.case, step.at
        scenario, contact = case.scenario, case.contact
        text = case.say(self.chance.choice(scenario["text"]))
        attached = self._files(case, at) if self.chance.random() < 0.55 else []
        by_mail = case.channel == "email"
        inbound = self._letter(case, at, case.subject, text) if by_mail else None
        new = opening.NewTicket(
            text=text,
            channel=Channel.EMAIL if by_mail else Channel.PORTAL,
            subject=case.subject,
            impact=None if by_mail else Impact(scenario["impact"]),
            customer=contact.customer if contact else None,
            contact=contact,
            requester_name=case.unknown[0],
            contact_email=case.unknown[1],
            subsystem=None if by_mail else self.cast.subsystems[scenario["subsystem"]],
            files=attached,
            inbound=inbound,
            mailbox=self.cast.mailbox if by_mail else None,
            context={"page": "/requests/new/", "version": "0.9"} if not by_mail and self.chance.random() < 0.4 else {},
        )
        by = contact.user if contact is not None and not by_mail else None
        case.number = opening.open_ticket(new, key=self._key(case, "open", at), by=by, at=at).pk
        if not self.is_fresh(step):
            self._confirm(case, at)

    def _confirm(self, case: Case, at: datetime) -> None:
        self._fact(case, EventKind.CONFIRMED, at + timedelta(seconds=self.chance.randint(2, 9)), recipient=case.address)

    def answer(self, step: Step) -> None:
        case, at = step.case, step.at
        text = case.say(step.text or case.scenario.get("answer", self.chance.choice(phrases("yes"))))
        said = self._said(step, text)
        ticket = incoming.hear(case.number, said, key=self._key(case, "answer", at), at=at)
        if ticket.pk != case.number:
            case.number = ticket.pk
            self._confirm(case, at)

    def _said(self, step: Step, text: str) -> incoming.Said:
        case, at = step.case, step.at
        if step.channel != "email" and case.channel != "email":
            return incoming.Said(text, Channel.PORTAL, contact=case.contact)
        before = Message.objects.filter(ticket_id=case.number).exclude(kind=MessageKind.NOTE).latest("at", "pk")
        quote = quoted(
            before.text, short(before.author_name) if before.from_desk else phrase("you"), SUPPORT, before.at
        )
        inbound = self._letter(case, at, f"Re: [#{case.number}] {case.subject}", f"{text}\n\n{quote}")
        return incoming.Said(
            text,
            Channel.EMAIL,
            contact=case.contact,
            author_name=case.unknown[0],
            quoted=quote,
            inbound=inbound,
        )

    def _letter(self, case: Case, at: datetime, subject: str, text: str) -> Inbound:
        name, email = (case.contact.name, case.contact.email) if case.contact else case.unknown
        key = self._key(case, "letter", at)
        return ledger.came(self.cast.mailbox, (name, email), subject, text, at=at, key=key)

    def withdraw(self, step: Step) -> None:
        closing.withdraw(step.case.number, by=self._requester(step.case), at=step.at, text=step.text)
        self._deliver(step)

    def rate(self, step: Step) -> None:
        rating = self.chance.choices([5, 4, 3, 2, 1], [60, 24, 9, 4, 3])[0]
        text = (
            self.chance.choice(phrases("thanks" if rating > 3 else "complaints")) if self.chance.random() < 0.6 else ""
        )
        closing.rate(step.case.number, rating=rating, text=text, by=self._requester(step.case), at=step.at)

    def complain(self, step: Step) -> None:
        """Of those who gave the lowest marks; the lead has answered within hours."""
        ticket = Ticket.objects.get(pk=step.case.number)
        if ticket.rating != 1 or step.at > self.now - ANSWERED or ticket.complaints.exists():
            return
        complaints.complain(
            ticket.pk,
            text=self.chance.choice(data.toml("assignment")["complaint"]["texts"]),
            by=self._requester(step.case),
            at=step.at,
            key=self._key(step.case, "complaint", step.at),
        )
        self._answer_complaint(ticket.pk, step.at)

    def _answer_complaint(self, number: int, at: datetime) -> None:
        """The lead answers what was complained of within hours; what was just said still waits."""
        lead = next(one for one in self.cast.specialists if one.is_lead)
        answer = data.toml("assignment")["complaint"]["answer"]
        for made in Ticket.objects.filter(complains_of=number, closed_at=None).exclude(complains_about=lead):
            if at + ANSWERED < self.now:
                told = closing.close(made.pk, resolution=Resolution.COMPLAINT, text=answer, by=lead, at=at + ANSWERED)
                event = told.events.get(kind=EventKind.CLOSED)
                note(made.pk, EventKind.DELIVERED, at=at + ANSWERED, recipient=made.contact_email, closing=event.pk)
                set_duty(made.pk, undelivered=False)

    # --- the desk

    def take(self, step: Step) -> None:
        ticket = work.take(step.case.number, by=self._specialist(step), at=step.at)
        wanted = self.cast.subsystems[step.case.scenario["subsystem"]]
        if ticket.subsystem_id is None:
            at = step.at + timedelta(seconds=20)
            facts.change_subsystem(ticket.pk, subsystem=wanted, by=self._specialist(step), at=at)

    def ask(self, step: Step) -> None:
        work.ask(step.case.number, text=self._text(step, "question"), by=self._specialist(step), at=step.at)

    def reply(self, step: Step) -> None:
        work.reply(step.case.number, text=self._text(step, "reply"), by=self._specialist(step), at=step.at)

    def note(self, step: Step) -> None:
        work.note(step.case.number, text=self._text(step, "note"), by=self._specialist(step), at=step.at)

    def priority(self, step: Step) -> None:
        case = step.case
        facts.change_priority(
            case.number,
            priority=Priority(case.scenario["priority"]),
            reason=case.scenario["reason"],
            by=self._specialist(step),
            at=step.at,
        )

    def assign(self, step: Step) -> None:
        to = self.cast.desk[step.by]
        work.assign(step.case.number, to=to, by=self.cast.desk["galina"], at=step.at)
        step.case.by = to.login

    def close(self, step: Step) -> None:
        case = step.case
        resolution = Resolution(case.scenario.get("resolution", "solved"))
        if resolution is Resolution.REFUSED and Ticket.objects.get(pk=case.number).priority != Priority.LOW.value:
            resolution = Resolution.SOLVED
        text = case.say(step.text or self.chance.choice(case.scenario["solution"]))
        closing.close(case.number, resolution=resolution, text=text, by=self._specialist(step), at=step.at)
        self._deliver(step)
        if resolution is Resolution.COMPLAINT:
            self._answer_complaint(case.number, step.at)

    def _deliver(self, step: Step) -> None:
        """The notice of R14 arrived, half a minute later."""
        case = step.case
        at = step.at + timedelta(seconds=self.chance.randint(3, 40))
        event = TicketEvent.objects.filter(ticket_id=case.number, kind__in=CLOSINGS).latest("pk")
        self._fact(case, EventKind.DELIVERED, at, recipient=case.address, closing=event.pk)
        Ticket.objects.filter(pk=case.number).update(undelivered=False, touched_at=at)

    def _fact(self, case: Case, kind: EventKind, at: datetime, **data: Any) -> None:
        """What desk.announce writes down once a letter has left."""
        TicketEvent.objects.create(ticket_id=case.number, kind=kind, at=at, data={"channel": "email", **data})

    def undelivered(self, step: Step) -> None:
        case = step.case
        Ticket.objects.filter(pk=case.number).update(undelivered=True, touched_at=step.at)
        self._fact(
            case,
            EventKind.UNDELIVERED,
            step.at,
            recipient=case.address,
            letter="closed",
            error=phrase("mailbox_full"),
            permanent=True,
        )
        if case.living:
            ledger.died(self.cast.mailbox, Ticket.objects.get(pk=case.number), at=step.at)

    def told_otherwise(self, step: Step) -> None:
        closing.told_otherwise(step.case.number, text=step.text, by=self._specialist(step), at=step.at)

    # --- odds and ends

    def _text(self, step: Step, name: str) -> str:
        return step.case.say(step.text or step.case.scenario.get(name, self.chance.choice(phrases("looking"))))

    def _specialist(self, step: Step) -> User:
        return self.cast.desk[step.by or step.case.by or "miron"]

    def _requester(self, case: Case) -> User:
        assert case.contact is not None and case.contact.user is not None
        return case.contact.user

    def _key(self, case: Case, what: str, at: datetime) -> uuid.UUID:
        return uuid.uuid5(KEYS, f"{case.index}:{what}:{at.isoformat()}")

    def _files(self, case: Case, at: datetime) -> list[NewFile]:
        local = timezone.localtime(at)
        made = []
        for kind in case.scenario.get("files", []):
            if kind == "screen":
                name = f"{phrase('shot')} {local:%Y-%m-%d %H.%M}.png"
                made.append(NewFile(name, "image/png", self.chance.choice(self.shots)))
            else:
                name = f"{phrase('sheet')} {case.words['n']}.pdf"
                made.append(NewFile(name, "application/pdf", self.chance.choice(self.sheets)))
        return made
