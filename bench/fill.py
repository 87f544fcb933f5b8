"""Fills an empty database with requests in bulk: rows as the product would have written them, checked by its doctor.

Foreign keys and plain indexes are put away while the tables are filled and made anew afterwards, so the database
itself checks every row once more. Triggers and CHECK constraints stay on throughout.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from bench import quality, sql
from bench.words import RARE, SUBJECTS, TEXTS, Author, searchable
from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.desk import clock
from provodnik.desk.calendars import calendar_of
from provodnik.desk.models import Calendar, Contact, Contract, Customer, ProductionDay, Subsystem
from provodnik.desk.production_calendar import load as production_days
from provodnik.desk.states import Priority

CUSTOMERS = 40
CONTACTS = 20  # of each customer
SPECIALISTS = 20
SUBSYSTEMS = 10
WITH_CALENDAR = 10  # customers whose hours are counted by a working calendar
LONG = (20, 20, 20, 20, 20, 300)  # messages of the requests that the page of one request is measured on
TABLES = (
    "desk_ticket",
    "desk_message",
    "desk_ticketevent",
    "desk_ticketsearch",
    "core_blob",
    "desk_attachment",
    "quality_case",
)
SURNAMES = "Полевая Заозёрский Константинопольская Рождественский Ключникова Верхоглядов Луговая Бережной".split()
NAMES = "Александра Иннокентий Мария Пётр Ольга Всеволод Анна Дмитрий Елена Михаил".split()


def fill(total: int, opened: int, say: Callable[[str], None]) -> None:
    """`total` requests, the newest `opened` of them open, with about three messages each."""
    now = datetime.now(UTC).replace(microsecond=0)
    started = time.monotonic()
    _people(now)
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '768MB'; SET work_mem = '128MB'")
        cursor.execute(sql.CHANCE)
        _texts(cursor)
        with _without_keys(cursor, say):
            _rows(cursor, total, opened, now, say)
            quality.fill(cursor, say)
        _long_conversations(cursor)
        _by_calendars(cursor)
        cursor.execute(sql.PASSED, {"now": now})
        cursor.execute("DROP TABLE bench_plan, bench_person, bench_text")
        for table in TABLES:
            cursor.execute(f"VACUUM (ANALYZE) {table}")
        cursor.execute("ANALYZE")
        cursor.execute("CHECKPOINT")
    say(f"{total} requests are there after {time.monotonic() - started:.0f} s")


def _people(now: datetime) -> None:
    """Customers with contacts that sign in, two contracts each, the desk."""
    with transaction.atomic():
        if not ProductionDay.objects.exists():
            ProductionDay.objects.bulk_create(
                ProductionDay(date=day.date, kind=day.kind.value, note=day.note) for day in production_days()
            )
        week = {str(day): [["08:00", "12:00"], ["13:00", "17:00"]] for day in range(5)}
        calendar = Calendar.objects.create(name="Пятидневка", week=week)
        Subsystem.objects.bulk_create(Subsystem(name=f"Подсистема {no}", position=no) for no in range(SUBSYSTEMS))
        for no in range(SPECIALISTS):
            _user(f"specialist{no}", no, [Role.SPECIALIST.value])
        for no in range(CUSTOMERS):
            customer = Customer.objects.create(
                name=f"Водоканал № {no}", short_name=f"ВК-{no}", domains=[f"vk{no}.example"]
            )
            ends = now.date() - timedelta(days=5)
            Contract.objects.create(
                customer=customer, number=f"{no}-А", starts_on=ends - timedelta(days=6 * 366), ends_on=ends
            )
            Contract.objects.create(
                customer=customer,
                number=f"{no}-Б",
                starts_on=ends + timedelta(days=1),
                calendar=calendar if no < WITH_CALENDAR else None,
            )
            for place in range(CONTACTS):
                user = _user(f"person{no}.{place}", no + place, [], f"vk{no}.example")
                Contact.objects.create(
                    customer=customer, user=user, name=user.full_name, email=user.email, is_coordinator=place == 0
                )


def _user(login: str, no: int, roles: list[str], domain: str = "desk.example") -> User:
    name = f"{SURNAMES[no % len(SURNAMES)]} {NAMES[no % len(NAMES)]} {no}"
    return User.objects.create(login=login, email=f"{login}@{domain}", full_name=name, roles=roles, password="!")


def _texts(cursor: Any) -> None:
    author = Author()
    cursor.execute("DROP TABLE IF EXISTS bench_plan, bench_person, bench_text")
    cursor.execute(sql.TEXTS)
    with cursor.copy("COPY bench_text (id, kind, body, words) FROM STDIN") as copy:
        for no, text in enumerate([*author.texts(), *author.subjects()], start=1):
            copy.write_row((no, "text", text, searchable(text)))
    cursor.execute(sql.STEMS)
    cursor.execute(sql.PERSONS)
    cursor.execute("ANALYZE bench_text; ANALYZE bench_person")


def _rows(cursor: Any, total: int, opened: int, now: datetime, say: Callable[[str], None]) -> None:
    seven, hundreds = RARE
    values = {
        "total": total,
        "open": opened,
        "now": now,
        "texts": TEXTS,
        "subjects": SUBJECTS,
        "specialists": SPECIALISTS,
    }
    for name, statement in (
        ("plan", sql.PLAN.replace("%(seven)s", seven).replace("%(hundreds)s", hundreds)),
        ("requests", sql.TICKETS),
        ("messages", sql.MESSAGES.replace("%(rare_line)s", "0")),
        ("events", sql.EVENTS),
        ("search", sql.SEARCH),
        ("files", sql.BLOBS),
    ):
        started = time.monotonic()
        cursor.execute(statement, values)
        if name == "plan":
            cursor.execute("ANALYZE bench_plan")
        say(f"  {name}: {cursor.rowcount} rows, {time.monotonic() - started:.0f} s")
    cursor.execute(
        "SELECT setval(pg_get_serial_sequence('desk_ticket', 'number'), max(number)) FROM desk_ticket;"
        "SELECT setval(pg_get_serial_sequence('desk_message', 'id'), max(id)) FROM desk_message"
    )


@contextmanager
def _without_keys(cursor: Any, say: Callable[[str], None]) -> Iterator[None]:
    """Within it the tables have no foreign keys and no plain indexes."""
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid::regclass::text = ANY (%s)",
        [list(TABLES)],
    )
    keys = cursor.fetchall()
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid::regclass::text = ANY (%s)"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)",
        [list(TABLES)],
    )
    indexes = cursor.fetchall()
    for table, name, _definition in keys:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    started = time.monotonic()
    for _name, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in keys:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    say(f"  {len(indexes)} indexes and {len(keys)} keys: {time.monotonic() - started:.0f} s")


def _long_conversations(cursor: Any) -> None:
    cursor.execute(sql.LONG_TICKETS)
    for (number,), count in zip(cursor.fetchall(), LONG, strict=True):
        cursor.execute("SELECT max(id) FROM desk_message")
        values = {"number": number, "count": count - 2, "first": cursor.fetchone()[0]}
        cursor.execute(sql.LONG_MESSAGES, values)
        cursor.execute(sql.LONG_EVENTS, values)
        cursor.execute(sql.LONG_REST, values)
    cursor.execute("SELECT setval(pg_get_serial_sequence('desk_message', 'id'), max(id)) FROM desk_message")


def _by_calendars(cursor: Any) -> None:
    """Deadlines of contracts with a calendar: the arithmetic is the product's own."""
    contracts = Contract.objects.select_related("calendar").in_bulk()
    cursor.execute(sql.CALENDAR_TICKETS)
    for number, registered, priority, contract_id in cursor.fetchall():
        contract = contracts[contract_id]
        due = clock.due_at(registered, contract.allowances()[Priority(priority)], (), calendar_of(contract))
        cursor.execute(sql.SET_DEADLINE, {"due": due, "number": number})
