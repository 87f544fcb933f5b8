"""A small living desk for looking at pages: long Russian names, every state, a conversation with everything in it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.channels.models import Channel
from provodnik.desk.actions import closing, facts, incoming, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Contact, Contract, Subsystem, Ticket
from provodnik.desk.states import Impact, Priority, Resolution
from provodnik.desk.tests.factories import (
    ContactFactory,
    ContractFactory,
    CustomerFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
    make_ticket,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
# A grey dot of one pixel: the smallest true PNG.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c63f80f00010101001bb6ee560000000049454e44ae426082"
)


@dataclass
class World:
    agent: User
    colleague: User
    contact: Contact
    main: Ticket
    tickets: list[Ticket]


def build() -> World:
    now = timezone.now()
    agent = SpecialistFactory.create(login="verhoglyadov")
    colleague = SpecialistFactory.create(login="svetlova", full_name="Светлова-Милорадова Галина Кирилловна")
    customer = CustomerFactory.create(name="Чистая вода, город Верхнереченск", short_name="Верхнереченск")
    contract: Contract = ContractFactory.create(
        customer=customer,
        number="14-П",
        signed_on=date(2026, 1, 12),
        ends_on=date(2026, 12, 31),
        starts_on=date(2020, 1, 1),
    )
    assert contract.pk
    subsystem: Subsystem = SubsystemFactory.create(name="Лаборатория")
    contact: Contact = SignedInContactFactory.create(
        customer=customer,
        name="Константинопольская-Рождественская Александра Вячеславовна",
        email="a.rozhdestvenskaya@chv.example",
        phone="+7 900 000-00-00",
        position="Ведущий инженер-химик, лаборатория питьевой воды",
    )
    start = now - 5 * HOUR
    main = make_ticket(
        contact=contact,
        at=start,
        subject="Показания химлаборатории пропадают после «Сохранить»",
        text="Заполняю показания химлаборатории за смену, нажимаю «Сохранить», и всё пропадает. Пробовала три раза, "
        "с телефона и с рабочего компьютера.\n\nУ Добролюбской-Вознесенской то же самое: https://portal.chv.example/lab?shift=2",
        subsystem=subsystem,
        files=[
            NewFile("снимок экрана 2026-11-23 в 09.08 с очень длинным именем файла.png", "image/png", PIXEL),
            NewFile("журнал смены.pdf", "application/pdf", b"%PDF-1.7 " + b"x" * 1_200_000),
        ],
    )
    work.take(main.pk, by=agent, at=start + 19 * MINUTE)
    work.note(
        main.pk, text="Похоже на № 1798: смена закрыта мастером, а форма молчит.", by=colleague, at=start + 2 * HOUR
    )
    facts.change_priority(
        main.pk, priority=Priority.MEDIUM, reason="Обходной путь есть", by=colleague, at=start + 2 * HOUR + MINUTE
    )
    facts.change_priority(
        main.pk, priority=Priority.HIGH, reason="Обходной путь не помог", by=agent, at=start + 2 * HOUR + 5 * MINUTE
    )
    work.ask(
        main.pk,
        text="Подскажите, какую дату смены вы выбираете и появляется ли надпись «Смена закрыта» хотя бы на секунду?",
        by=agent,
        at=start + 150 * MINUTE,
    )
    said = incoming.Said(
        text="Дата 22 ноября, ночная смена. Да, надпись мелькает, прочитать не успеваю.",
        channel=Channel.EMAIL,
        contact=contact,
        quoted="23 ноября, 11:50, Поддержка: Подскажите, какую дату смены вы выбираете…",
        verdict={"authenticated": True},
    )
    incoming.hear(main.pk, said, key=uuid.uuid4(), at=now - 6 * MINUTE)
    tickets = [main]

    def one(subject: str, impact: Impact, ago: timedelta, name: str, city: str) -> Ticket:
        whose = ContactFactory.create(
            name=name, customer=CustomerFactory.create(name=f"Чистая вода, {city}", short_name=city)
        )
        made = make_ticket(contact=whose, at=now - ago, subject=subject, text=f"{subject}. Помогите.", impact=impact)
        tickets.append(made)
        return made

    late = one(
        "Не подписывается приказ о приёме: «Сертификат не найден»",
        Impact.CANNOT_ENTER,
        26 * HOUR,
        "Голенищева-Подлесная Евдокия Романовна",
        "Степногорье",
    )
    work.take(late.pk, by=agent, at=now - 25 * HOUR)
    near = one(
        "Портал не открывается ни у кого после перезагрузки",
        Impact.NOTHING_WORKS,
        10 * HOUR + 12 * MINUTE,
        "Пантелеймонова-Заречная Виктория Игоревна",
        "Озёрный край",
    )
    work.take(near.pk, by=agent, at=now - 10 * HOUR)
    early = one(
        "Портал открывается через раз", Impact.NOTHING_WORKS, 9 * HOUR, "Чернозёмова Татьяна Львовна", "Озёрный край-2"
    )
    work.take(early.pk, by=agent, at=now - 9 * HOUR)
    middle = one(
        "Расчётный листок открывается пустым с телефона",
        Impact.CANNOT_GET,
        29 * HOUR,
        "Неизвестная-Полевая Ксения Олеговна",
        "Верхнереченск-2",
    )
    work.take(middle.pk, by=agent, at=now - 28 * HOUR)
    waits = one(
        "Мастер не видит заявки своего участка", Impact.CANNOT_ENTER, 3 * HOUR, "Чернозёмова Тамара Львовна", "Озёрный"
    )
    work.take(waits.pk, by=agent, at=now - 3 * HOUR)
    work.ask(waits.pk, text="Какой участок?", by=agent, at=now - 2 * HOUR)
    for number in range(4):
        one(
            f"Слишком мелкий шрифт в расчётном листке на печати, лист {number}",
            Impact.QUESTION,
            (number + 1) * HOUR,
            "Полуночникова Зинаида Эдуардовна",
            f"Заозёрье {number}",
        )
    closed = one(
        "Как выгрузить журнал ознакомления за квартал",
        Impact.QUESTION,
        30 * HOUR,
        "Долгополова-Ясная Римма Сергеевна",
        "Заозёрье",
    )
    closing.close(
        closed.pk, resolution=Resolution.SOLVED, text="Кнопка «Скачать» над таблицей.", by=agent, at=now - 20 * MINUTE
    )
    return World(agent, colleague, contact, Ticket.objects.get(pk=main.pk), tickets)
