"""What a payslip says: lines, sums, what differs from the month before. Pure: values of the contract in, values out.
Sums are roubles and kopecks (Decimal, two places); a deduction is positive."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provodnik.payslips.states import Group

KOPECK = Decimal("0.01")
ZERO = Decimal("0.00")
MOST = Decimal(10) ** 10  # roubles of one line
MOST_WHOLE = Decimal(10) ** 11  # of a group: what a column holds


class Unclear(Exception):
    """A payslip that cannot be taken as it is; `field` of the contract."""

    def __init__(self, reason: str | Promise, field: str) -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field


@dataclass(frozen=True, slots=True)
class Line:
    """A line: `place` within its payslip, from 0; `period`: the month that is paid for, where it is another one."""

    place: int
    group: str
    name: str
    sum: Decimal
    code: str = ""
    ground: str = ""
    days: Decimal | None = None
    hours: Decimal | None = None
    period: date | None = None

    @property
    def key(self) -> tuple[str, str]:
        """By which the same line of another month is known."""
        return self.group, " ".join(self.name.casefold().split())

    @property
    def signed(self) -> Decimal:
        return -self.sum if self.group == Group.DEDUCTION else self.sum


@dataclass(frozen=True, slots=True)
class Content:
    """No lines: there is the PDF alone."""

    lines: tuple[Line, ...] = ()
    to_pay: Decimal | None = None
    debt_before: Decimal | None = None
    debt_after: Decimal | None = None

    def of(self, *groups: Group) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.group in groups)

    def total(self, *groups: Group) -> Decimal:
        return sum((line.sum for line in self.of(*groups)), ZERO)

    @property
    def accrued(self) -> Decimal:
        return self.total(Group.PAY, Group.OTHER)

    @property
    def withheld(self) -> Decimal:
        return self.total(Group.DEDUCTION)

    @property
    def paid(self) -> Decimal:
        return self.total(Group.PAYMENT)

    @property
    def net(self) -> Decimal:
        """What the month has brought, however much of it was paid out already."""
        return self.accrued - self.withheld

    @property
    def adds_up(self) -> bool | None:
        """Whether what was owed, accrued, withheld and paid makes what is to be paid. 1C prints the debt at the end
        before or after the last payment, and that payment among the others or not: all of it is right. None where
        there is nothing to add."""
        if not self.lines or self.to_pay is None:
            return None
        owed = (self.debt_before or ZERO) + self.net - self.paid
        after = self.debt_after if self.debt_after is not None else ZERO
        if owed == self.to_pay:
            return after in (ZERO, owed)
        if owed == after:  # the last payment stands among the payments, too
            return any(line.sum == self.to_pay for line in self.of(Group.PAYMENT))
        return owed - self.to_pay == after


def read(fields: Mapping[str, Any]) -> Content:
    """The content of an object that keeps to the contract (exchange/contract/). Raises Unclear."""
    lines = tuple(_line(place, one) for place, one in enumerate(fields.get("lines") or []))
    found = Content(
        lines,
        _sum(fields.get("to_pay"), "to_pay"),
        _sum(fields.get("debt_before"), "debt_before"),
        _sum(fields.get("debt_after"), "debt_after"),
    )
    if max(abs(found.accrued), abs(found.withheld), abs(found.paid)) >= MOST_WHOLE:
        raise Unclear(_("The sums are too large."), "lines")
    return found


def _line(place: int, told: Mapping[str, Any]) -> Line:
    way = f"lines.{place}."
    amount = _sum(told["sum"], f"{way}sum")
    name = " ".join(str(told["name"]).split())
    if not name or amount is None:
        raise Unclear(_("A line needs its name and its sum."), f"{way}name")
    period = told.get("period")
    return Line(
        place=place,
        group=str(told["group"]),
        name=name,
        sum=amount,
        code=str(told.get("code") or ""),
        ground=" ".join(str(told.get("ground") or "").split()),
        days=_number(told.get("days")),
        hours=_number(told.get("hours")),
        period=month(str(period)) if period else None,
    )


def month(text: str) -> date:
    """«2026-11» → its first day."""
    year, number = text.split("-")
    return date(int(year), int(number), 1)


def _number(value: Any) -> Decimal | None:
    return Decimal(str(value)) if value not in (None, "") else None


def _sum(value: Any, field: str) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise Unclear(_("This is no sum."), field) from error
    if abs(amount) >= MOST or amount != amount.quantize(KOPECK):
        raise Unclear(_("A sum has roubles and two digits of kopecks."), field)
    return amount.quantize(KOPECK)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the difference: `change` as it moves what the worker gets. `now`, `before`: None where there was no
    such line."""

    name: str
    group: str
    change: Decimal
    now: Line | None
    before: Line | None


def difference(now: Content, before: Content) -> list[Change]:
    """What makes a month bring more or less than the one before, the largest first. The changes add up to the
    difference of both nets to the kopeck."""
    new, old = _by_key(now.lines), _by_key(before.lines)
    found = []
    for key in dict.fromkeys([*new, *old]):
        here, there = new.get(key, []), old.get(key, [])
        change = sum((one.signed for one in here), ZERO) - sum((one.signed for one in there), ZERO)
        if change:
            name = (here or there)[0].name
            found.append(
                Change(
                    name,
                    key[0],
                    change,
                    here[0] if len(here) == 1 else None,
                    there[0] if len(there) == 1 else None,
                )
            )
    return sorted(found, key=lambda one: -abs(one.change))


def _by_key(lines: Iterable[Line]) -> dict[tuple[str, str], list[Line]]:
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.group != Group.PAYMENT:
            found.setdefault(line.key, []).append(line)
    return found


@dataclass(frozen=True, slots=True)
class Share:
    """A piece of a whole, `part` of it from 0 to 1. `name` "": all the rest, and what is not named in a picture."""

    name: str
    sum: Decimal
    part: float


def composition(lines: Sequence[Line], *, unnamed: Collection[str] = (), most: int = 5) -> list[Share]:
    """Of what the accrued is made: the largest lines and the rest. Nothing where a line is negative (a recalculation):
    such a whole has no shares. `unnamed`: lines that wait for a tap."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        name = "" if line.name in unnamed else line.name
        sums[name] = sums.get(name, ZERO) + line.sum
    return _shares(sums, most)


def spending(content: Content, net: str, *, unnamed: Collection[str] = (), most: int = 4) -> list[Share]:
    """Where the accrued has gone: to the worker (under the name `net`), and by deductions."""
    sums: dict[str, Decimal] = {net: content.net}
    for line in content.of(Group.DEDUCTION):
        name = "" if line.name in unnamed else line.name
        sums[name] = sums.get(name, ZERO) + line.sum
    return _shares(sums, most)


def _shares(sums: Mapping[str, Decimal], most: int) -> list[Share]:
    whole = sum(sums.values(), ZERO)
    if whole <= 0 or min(sums.values(), default=ZERO) < 0:
        return []
    there = {name: amount for name, amount in sums.items() if amount and name}
    unnamed = sums.get("", ZERO)
    largest = sorted(there.items(), key=lambda pair: -pair[1])
    shown, rest = largest[:most], largest[most:]
    if len(rest) == 1 and not unnamed:
        shown, rest = largest[: most + 1], []
    found = [Share(name, amount, float(amount / whole)) for name, amount in shown]
    if rest or unnamed:
        amount = sum((one for _name, one in rest), unnamed)
        found.append(Share("", amount, float(amount / whole)))
    return found
