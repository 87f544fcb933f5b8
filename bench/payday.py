"""Pay day: payslips of a whole house are taken, checked and published; then everybody reads his own at once, each
answer checked for the right person; then PDFs are made.

What 1C tells stands kept already, as the exchange keeps it (its own way is measured by bench/zup.py): here begins what
a payslip costs beyond that. Every payslip holds two figures that no other holds (the personnel number, the sum to be
paid), and an answer is right when it holds its reader's and nobody else's.

BENCH_PAYDAY and BENCH_PAYDAY_SECONDS make it smaller.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.utils import timezone, translation

from bench import load, stack
from provodnik.accounts.models import User
from provodnik.core.secrets import seal
from provodnik.exchange.actions.takers import Arrived
from provodnik.exchange.models import Base, KeptVersion, Thing
from provodnik.lifecycle.program import Plan
from provodnik.payslips.actions import publishing
from provodnik.payslips.actions.taking import KIND, take
from provodnik.payslips.models import PayBatch, Payslip
from provodnik.payslips.queries.control import totals
from provodnik.people.models import Employment, Organisation, Person, StaffMember, Unit
from provodnik.people.states import StaffRole
from provodnik.ui.text import number as figure

SLIPS = int(os.environ.get("BENCH_PAYDAY", "50000"))
READERS = 5000  # people who read at once, again and again
SECONDS = float(os.environ.get("BENCH_PAYDAY_SECONDS", "60"))
PDF_SECONDS = 15.0
PORTION = 500  # as the exchange hands them over
MONTH = date(2026, 10, 1)
_SPACE = uuid.UUID("6f0d4c52-52a5-4d4f-8d0c-6a2f1a9b7c42")
_NUMBER = re.compile("№(?:&nbsp;|\u00a0| )(7[0-9]{6})".encode())


@dataclass(frozen=True)
class PayDay:
    """Seconds of taking and of publishing; answers a second and ms at p95 of readers at full speed, mix-ups and answers
    that were no payslip; PDFs a minute."""

    slips: int
    taken: float
    published: float
    a_second: float
    p95: float
    answers: int
    mixed: int
    wrong: int
    pdfs: float


def measure(plan: Plan, say: Callable[[str], None]) -> PayDay:
    house, people = _house(SLIPS)
    say(f"  payslips: {SLIPS} people there")
    with translation.override("ru"):
        taken = _timed(lambda: _take(house, people))
        published = _timed(lambda: _publish(house))
    say(f"  payslips: taken in {taken:.0f} s, published in {published:.0f} s")
    readers = _readers(house, min(READERS, SLIPS))
    with stack.web(plan):
        read = _read(plan.port, readers, SECONDS, "")
        say(f"  payslips: {len(read.seconds) / read.lasted:.0f} a second, p95 {read.percentile(0.95):.0f} ms")
        made = _read(plan.port, readers, min(PDF_SECONDS, SECONDS), "1/pdf")
    return PayDay(
        slips=SLIPS,
        taken=taken,
        published=published,
        a_second=read.a_second,
        p95=read.percentile(0.95),
        answers=len(read.seconds),
        mixed=read.mixed,
        wrong=read.wrong + made.wrong,
        pdfs=made.a_second * 60,
    )


def _timed(act: Callable[[], object]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


def _key(*words: object) -> uuid.UUID:
    return uuid.uuid5(_SPACE, "/".join(map(str, words)))


def _house(count: int) -> tuple[Organisation, list[Employment]]:
    """A house with an account for everybody, past all actions: people are measured elsewhere."""
    house = Organisation.objects.create(guid=_key("house"), name="Расчётный дом", shares_directory=False)
    unit = Unit.objects.create(guid=_key("unit"), organisation=house, name="Участок")
    users = User.objects.bulk_create(
        (User(login=f"pay{no}", full_name=f"Читающий {no}", password="!", is_employee=True) for no in range(count)),
        batch_size=5000,
    )
    persons = Person.objects.bulk_create(
        (Person(surname="Читающий", first_name=f"Лев{no}", user=user) for no, user in enumerate(users)),
        batch_size=5000,
    )
    places = Employment.objects.bulk_create(
        (
            Employment(
                guid=_key("place", no), person=person, organisation=house, unit=unit,
                personnel_number=str(7_000_000 + no), starts_on=date(2020, 1, 9),
            )
            for no, person in enumerate(persons)
        ),
        batch_size=5000,
    )  # fmt: skip
    accountant = User.objects.create(login="pay-accountant", full_name="Расчётчик", password="!", is_employee=True)
    StaffMember.objects.create(user=accountant, organisation=house, role=StaffRole.PAYROLL.value, since=timezone.now())
    return house, places


def _fields(house: Organisation, place: Employment, no: int) -> dict[str, Any]:
    """A dozen lines, as an ordinary payslip has; `to_pay` tells whose it is."""
    names = [
        "Оклад",
        "Надбавка за выслугу лет",
        "Доплата за вредные условия",
        "Премия месячная",
        "Районный коэффициент",
    ]
    lines: list[dict[str, Any]] = [
        {"group": "pay", "name": name, "sum": f"{8000 + 100 * at}.00", "days": "22"} for at, name in enumerate(names)
    ]
    lines += [{"group": "other", "name": "Компенсация за молоко", "sum": f"{no}.17"}]
    lines += [
        {"group": "deduction", "name": "НДФЛ", "sum": "5330.00", "ground": "13 %"},
        {"group": "deduction", "name": "Профсоюзный взнос", "sum": "410.00", "ground": "по заявлению"},
        {"group": "payment", "name": "Аванс за первую половину месяца", "sum": "15000.00"},
    ]
    return {
        "employment": str(place.guid), "organisation": str(house.guid), "period": f"{MONTH:%Y-%m}", "part": "final",
        "lines": lines, "to_pay": str(_to_pay(no)), "debt_before": "0.00", "debt_after": "0.00",
    }  # fmt: skip


def _to_pay(no: int) -> Decimal:
    return Decimal(41_000 + no - 20_740) + Decimal("0.17")


def _take(house: Organisation, places: Sequence[Employment]) -> None:
    """As the exchange does: portions, each in its transaction."""
    now = timezone.now()
    base = Base.objects.create(code="payday", name="День зарплаты", key_sealed="", key_made_at=now, created_at=now)
    for begin in range(0, len(places), PORTION):
        with transaction.atomic():
            take(_keep(base, house, list(enumerate(places))[begin : begin + PORTION], now))


def _keep(base: Base, house: Organisation, places: Sequence[tuple[int, Employment]], now: datetime) -> list[Arrived]:
    told = [(no, _fields(house, place, no)) for no, place in places]
    things = Thing.objects.bulk_create(
        Thing(base=base, kind=KIND, guid=_key("slip", no), version=1, digest=uuid.uuid4(), standing="kept", since=now)
        for no, _fields in told
    )
    kept = KeptVersion.objects.bulk_create(
        KeptVersion(
            thing=thing, version=1, at=now,
            sealed=seal(json.dumps({"fields": fields}, ensure_ascii=False, separators=(",", ":"))),
        )
        for thing, (_no, fields) in zip(things, told, strict=True)
    )  # fmt: skip
    return [
        Arrived(thing.guid, 1, False, fields, row.pk, None)
        for thing, row, (_no, fields) in zip(things, kept, told, strict=True)
    ]


def _publish(house: Organisation) -> None:
    batch = PayBatch.objects.get(organisation=house)
    by, now = User.objects.get(login="pay-accountant"), timezone.now()
    found = totals(batch)
    batch = publishing.check(batch.pk, count=found.count, to_pay=found.to_pay, revision=batch.revision, by=by, at=now)
    publishing.schedule(batch.pk, when=now, revision=batch.revision, by=by, at=now)
    if publishing.publish(batch.pk, now=now) != SLIPS:
        raise RuntimeError("not all payslips were published")


@dataclass(frozen=True)
class Reader:
    path: str
    session: str
    mark: bytes  # his personnel number
    sum: bytes


def _readers(house: Organisation, count: int) -> list[Reader]:
    store_of = import_module(settings.SESSION_ENGINE).SessionStore
    rows = Payslip.objects.filter(organisation=house).select_related("employment__person__user").order_by("pk")
    found = []
    for row in rows[:: max(1, SLIPS // count)][:count] if count < SLIPS else rows:
        user, number = row.employment.person.user, row.employment.personnel_number
        assert user is not None
        store = store_of()
        store[SESSION_KEY] = str(user.pk)
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store.save()
        amount = figure(_to_pay(int(number) - 7_000_000), 2)
        found.append(Reader(f"/payslips/{row.pk}/", store.session_key, number.encode(), amount.encode()))
    return found


class Read(load.Answers):
    """`mixed`: answers that hold somebody else's payslip."""

    mixed = 0


def _read(port: int, readers: Sequence[Reader], seconds: float, what: str) -> Read:
    """All readers in turn, over as many connections as the server has threads."""
    found, guard, numbers = Read(), threading.Lock(), iter(range(10**9))
    failures: list[BaseException] = []

    def one() -> None:
        line = load.Line(port)
        try:
            while time.monotonic() < ends and not failures:
                with guard:
                    reader = readers[next(numbers) % len(readers)]
                head = f"GET {reader.path}{what} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                request = f"{head}Cookie: {settings.SESSION_COOKIE_NAME}={reader.session}\r\n\r\n".encode()
                begun = time.perf_counter()
                status = line.ask(request)
                took = time.perf_counter() - begun
                wrong, mixed = _judge(status, line.body, reader, is_paper=bool(what))
                with guard:
                    found.seconds.append(took)
                    found.wrong += wrong
                    found.mixed += mixed
        except BaseException as failure:
            failures.append(failure)
        finally:
            line.close()

    begun = time.monotonic()
    ends = begun + seconds
    threads = [threading.Thread(target=one) for _line in range(load.SIDE_BY_SIDE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.lasted = time.monotonic() - begun
    if failures:
        raise failures[0]
    return found


def _judge(status: int, body: bytes, reader: Reader, *, is_paper: bool) -> tuple[bool, bool]:
    """(no payslip of his, somebody else's)."""
    if is_paper:
        return status != 200 or not body.startswith(b"%PDF"), False
    numbers = set(_NUMBER.findall(body))
    mixed = bool(numbers - {reader.mark})
    return status != 200 or numbers != {reader.mark} or reader.sum not in body, mixed
