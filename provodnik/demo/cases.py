"""What happens in the demo, as a plan: who writes when, who answers, how it ends. Nothing is written here."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from provodnik.demo import data
from provodnik.demo.people import Cast
from provodnik.demo.words import blanks, phrases, short
from provodnik.desk import clock
from provodnik.desk.calendars import calendar_of
from provodnik.desk.models import Contact, Contract
from provodnik.desk.queries.facts import allowances_of
from provodnik.desk.states import PROPOSALS, Impact, Priority

HISTORY = timedelta(days=730)
DAY = timedelta(days=1)
HOURS = [1, 1, 1, 1, 1, 2, 5, 14, 26, 30, 28, 24, 18, 24, 28, 25, 20, 12, 6, 4, 3, 3, 2, 1]  # when people write
_BLANK = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class Case:
    """One conversation. `number` is known once it is registered; it changes when a late answer opens a new request."""

    index: int
    scenario: dict[str, Any]
    contact: Contact | None
    by: str  # login of the specialist, "" for nobody
    subject: str
    words: dict[str, str]
    channel: str = "portal"
    unknown: tuple[str, str] = ("", "")
    living: bool = False  # of the day of loading
    number: int = 0

    @property
    def address(self) -> str:
        return self.contact.email if self.contact is not None else self.unknown[1]

    def say(self, text: str) -> str:
        return _BLANK.sub(lambda blank: self.words.get(blank[1], ""), text).strip()


@dataclass(frozen=True, slots=True)
class Step:
    """Something happens to a case at `at`; `by` a login of the desk, where it is not the case's specialist."""

    at: datetime
    case: Case
    verb: str
    text: str = ""
    by: str = ""
    channel: str = ""


class Writer:
    """Plans cases with one generator of chance: the same seed and moment give the same demo."""

    def __init__(self, cast: Cast, now: datetime, chance: random.Random) -> None:
        self.cast, self.now, self.chance = cast, now, chance
        self.index = 0
        self.scenarios = {one["id"]: one for one in data.scenarios()}
        self.contracts = list(Contract.objects.select_related("calendar").order_by("-starts_on"))
        self.desk = [user.login for user in cast.specialists if not user.is_lead]

    # --- what is drawn

    def after(self, typical: float) -> timedelta:
        """A pause around `typical` minutes, now and then much longer."""
        return timedelta(minutes=max(1, round(typical * math.exp(self.chance.gauss(0, 0.6)))), seconds=self.second())

    def second(self) -> int:
        return self.chance.randint(0, 59)

    def some(self, share: float) -> bool:
        return self.chance.random() < share

    def phrase(self, name: str) -> str:
        return self.chance.choice(phrases(name))

    def contact_for(self, scenario: dict[str, Any], customer: str = "", *, signed_in: bool = False) -> Contact:
        customer = customer or ("ozerny" if self.some(0.18) else "chv")
        for near in (scenario["from"], ["crew", "pumps", "lab", "office", "finance", "hr", "dispatch", "it"]):
            found = [
                one
                for name in near
                for one in self.cast.by_department.get(f"{customer}:{name}", [])
                if one.user is not None or not signed_in
            ]
            if found:
                return self.chance.choice(found)
        raise LookupError(customer)

    def case(self, scenario: dict[str, Any], at: datetime, contact: Contact | None, by: str, **more: Any) -> Case:
        self.index += 1
        everybody = list(self.cast.contacts.values())
        words = blanks(
            at,
            self.chance,
            other=self.chance.randint(max(1, self.index - 60), max(1, self.index - 1)),
            colleague=short(self.chance.choice(everybody).name),
        )
        case = Case(self.index, scenario, contact, by, "", words, **more)
        case.subject = case.say(self.chance.choice(scenario["subject"]))
        return case

    # --- two years

    def history(self, count: int) -> Iterator[list[Step]]:
        """`count` finished conversations before today, more of them lately."""
        weights = [one["weight"] for one in self.scenarios.values()]
        first_lake = min((c.starts_on for c in self.cast.customers["ozerny"].contracts.all()), default=self.now.date())
        made = 0
        while made < count:
            at = self.moment()
            scenario = self.chance.choices(list(self.scenarios.values()), weights)[0]
            customer = "" if timezone.localdate(at) > first_lake else "chv"
            contact = self.contact_for(scenario, customer, signed_in="withdrawn" in scenario)
            channel = "email" if contact.user is None or self.some(0.12) else "portal"
            case = self.case(scenario, at, contact, self.chance.choice(self.desk), channel=channel)
            steps = self.life(case, at)
            if steps[-1].at < self.now - timedelta(minutes=20):
                made += 1
                yield steps

    def contract_at(self, customer_id: int, at: datetime) -> Contract | None:
        """As desk.queries.facts.contract_in_force, from memory."""
        day = timezone.localdate(at)
        return next((one for one in self.contracts if one.customer_id == customer_id and one.in_force(day)), None)

    def moment(self) -> datetime:
        """When somebody writes: by day more than by night, on weekdays more than on Sundays."""
        while True:
            age = HISTORY * (1 - math.sqrt(self.chance.random() * 0.75 + 0.25)) * 2
            day = timezone.localtime(self.now - age)
            if day.weekday() < 5 or self.some(0.3):
                hour = self.chance.choices(range(24), HOURS)[0]
                return day.replace(hour=hour, minute=self.chance.randint(0, 59), second=self.second(), microsecond=0)

    def life(self, case: Case, at: datetime) -> list[Step]:
        steps = [Step(at, case, "open")]
        if "withdrawn" in case.scenario:
            text = self.chance.choice(case.scenario["withdrawn"])
            return [*steps, Step(at + self.after(100), case, "withdraw", text)]
        assert case.contact is not None
        contract = self.contract_at(case.contact.customer_id, at)
        calendar = calendar_of(contract)
        priority = PROPOSALS[Impact(case.scenario["impact"])][1]
        reaction = {"urgent": 6, "high": 25, "medium": 70, "low": 190}[priority.value]
        now = clock.due_at(at, self.after(reaction), (), calendar)
        steps.append(Step(now, case, "take"))
        excluded: list[tuple[datetime, datetime]] = []
        now = self.talk(case, steps, now, excluded)
        allowance = allowances_of(contract)[Priority(case.scenario.get("priority", priority.value))]
        share = self.chance.uniform(1.02, 1.5) if self.some(0.035) else self.chance.betavariate(1.3, 4) * 0.95
        end = clock.due_at(at, allowance * share, excluded, calendar)
        end = max(end.replace(microsecond=0), now + self.after(12))
        steps.append(Step(end, case, "close"))
        return self.ending(case, steps, end)

    def talk(self, case: Case, steps: list[Step], now: datetime, excluded: list[tuple[datetime, datetime]]) -> datetime:
        """Between taking and closing."""
        told = case.scenario
        if "priority" in told:
            now += self.after(4)
            steps.append(Step(now, case, "priority"))
        if "note" in told and self.some(0.6):
            now += self.after(8)
            steps.append(Step(now, case, "note", by=self.chance.choice(["galina", *self.desk])))
        if "question" in told and self.some(0.85):
            asked = now + self.after(9)
            answered = asked + self.after(self.chance.choice([20, 70, 240, 900]))
            now = answered + self.after(18)
            steps += [Step(asked, case, "ask"), Step(answered, case, "answer"), Step(now, case, "take")]
            excluded.append((asked, now))
        if "reply" in told and self.some(0.8):
            now += self.after(15)
            steps.append(Step(now, case, "reply"))
        if self.some(0.05):
            now += self.after(10)
            steps.append(Step(now, case, "assign", by=self.chance.choice(self.desk)))
        return now

    def ending(self, case: Case, steps: list[Step], end: datetime) -> list[Step]:
        assert case.contact is not None
        if self.some(0.012):
            steps.append(Step(end + self.after(2), case, "undelivered"))
            steps.append(Step(end + self.after(180) + timedelta(minutes=30), case, "other", self.phrase("told")))
        elif self.some(0.03):
            back = end + self.after(1500)
            if back < end + 4 * DAY:
                again = back + self.after(240)
                text, replied = self.phrase("again"), back + self.after(20)
                # a pause is now and then much longer than is usual: whatever is said is said before the closing
                closed = max(again, back + timedelta(hours=2), replied + timedelta(minutes=1))
                steps += [
                    Step(back, case, "answer", text),
                    Step(replied, case, "reply", self.phrase("sorry")),
                    Step(closed, case, "close", self.phrase("fixed")),
                ]
                steps.sort(key=lambda step: step.at)
        elif self.some(0.012):
            late = end + 16 * DAY + self.after(3000)
            text, taken = self.phrase("later"), late + self.after(30)
            closed = max(late + timedelta(hours=2) + self.after(60), taken + timedelta(minutes=1))
            steps += [
                Step(late, case, "answer", text),
                Step(taken, case, "take"),
                Step(closed, case, "close", self.phrase("fixed")),
            ]
        elif case.contact.user is not None and self.some(0.32):
            rated = end + self.after(90)
            steps += [Step(rated, case, "rate"), Step(rated + timedelta(minutes=20), case, "complain")]
        return steps

    # --- today

    def today(self) -> Iterator[list[Step]]:
        for row in data.toml("today")["cases"]:
            yield self.living(row)

    def living(self, row: dict[str, Any]) -> list[Step]:
        at = self.now - timedelta(minutes=row["age"], seconds=self.second())
        scenario = self.scenarios[row["scenario"]]
        contact: Contact | None = None
        if "unknown" not in row:
            named = self.cast.contacts.get(row.get("contact", ""))
            contact = named or self.contact_for(scenario, row.get("customer", "chv"), signed_in=True)
        case = self.case(
            scenario,
            at,
            contact,
            row.get("by", ""),
            channel="email" if "unknown" in row else row.get("channel", "portal"),
            unknown=tuple(row.get("unknown", ("", ""))),
            living=True,
        )
        case.subject = row.get("subject", case.subject)
        return [Step(at, case, "open"), *self._declared(case, at, row["steps"])]

    def _declared(self, case: Case, at: datetime, rows: Sequence[Sequence[Any]]) -> Iterator[Step]:
        """["answer", 299, "mail"]: what, how many minutes after registration, by whom or how."""
        for verb, minutes, *rest in rows:
            more = str(rest[0]) if rest else ""
            texts = {"reopen": self.phrase("again"), "other": self.phrase("told")}
            yield Step(
                at + timedelta(minutes=minutes),
                case,
                "answer" if verb == "reopen" else verb,
                texts.get(verb, self.chance.choice(case.scenario.get("withdrawn", [""])) if verb == "withdraw" else ""),
                by="" if more == "mail" else more,
                channel="email" if more == "mail" else "",
            )
