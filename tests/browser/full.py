"""The matrix's world made rich: long Russian names, every state, lists that are full, requests with everything in them.

`furnish` gives what pages are better looked at: for a route the arguments of a richer thing than the matrix has, and
addresses with questions, whose pages the table of routes does not know.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts import api_tokens
from provodnik.accounts.models import TrustedDevice, User
from provodnik.accounts.roles import Role
from provodnik.accounts.scopes import Scope
from provodnik.articles.actions import publishing, reading, writing
from provodnik.articles.models import Section
from provodnik.articles.states import Audience
from provodnik.articles.tests.factories import PIXEL, make_article, make_draft
from provodnik.channels.models import Channel, Inbound, InboundState, Outgoing, OutgoingState
from provodnik.core import files
from provodnik.desk.actions import (
    bulk,
    closing,
    dry_run,
    facts,
    incoming,
    linking,
    macros,
    merging,
    own_fields,
    retention,
    tagging,
    views,
    watching,
    work,
)
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import (
    Absence,
    AssignmentRule,
    BulkRun,
    CalendarException,
    Contact,
    Contract,
    DutyCycle,
    DutyDay,
    DutyShift,
    Escalation,
    FieldDefinition,
    LinkKind,
    Macro,
    ProductionDay,
    RetentionRule,
    SavedView,
    Team,
    TeamMember,
    Ticket,
    Unsent,
)
from provodnik.desk.production_calendar import load
from provodnik.desk.queries.dry_run import last_month
from provodnik.desk.states import Impact, Priority, Resolution
from provodnik.desk.tests.factories import (
    CalendarFactory,
    ContactFactory,
    ContractFactory,
    CustomerFactory,
    MailboxFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
    UserFactory,
    make_ticket,
)
from provodnik.hooks import actions as hooks
from provodnik.hooks import bodies
from provodnik.hooks.models import Attempt, Delivery, Subscription
from provodnik.hooks.states import FACTS
from provodnik.quality.actions import cases
from provodnik.transfer.actions import running
from provodnik.transfer.models import Transfer
from provodnik.transfer.states import Kind as FileKind
from provodnik.works.actions import leading, tying
from provodnik.works.tests.factories import make_announced, make_incident
from provodnik.works.tests.factories import make_draft as make_draft_of_works
from tests.browser import world as desk_world
from tests.world import World

LONG = "Муниципальное унитарное предприятие водопроводно-канализационного хозяйства «Верхнереченский водоканал»"
NAME = "Константинопольская-Рождественская Александра Вячеславовна"
ARTICLE = """Чтобы сменить пароль, **ничего** устанавливать не нужно.

## Если пароль помните

1. Откройте «Профиль»: он внизу меню, под вашим именем.
2. Нажмите «Сменить пароль».

![Где кнопка](PICTURE)

## Если забыли

> Письмо не пришло? Загляните в «Спам».

| Что видно | Что это значит |
| --- | --- |
| «Ждём 1С» | листок готов, передаётся, обычно до часа |

## Что ещё

- [[Не видно расчётный листок или он пуст]]
- адрес `https://portal.chv.example/profile/change-password/very-long-address-without-any-spaces`
"""
PAST = f"""номер;тема;текст;зарегистрировано;закрыто;заявитель;почта;заказчик;приоритет;решение
17;Нет листка;Не вижу листок;01.10.2026 09:00;02.10.2026 10:30;Анна;anna@vk.example;{LONG};Высокий;Права выданы
18;Открытая;Ещё не решили;20.11.2026 12:00;;Пётр;petr@nowhere.example;;низкий;
19-2026/ВЕРХНЕРЕЧЕНСК;Чужая;Кому это;20.11.2026 12:00;;Пётр;x@nowhere.example;Неизвестный водоканал;;
20;Кривая;;когда-то;;;;;;
"""


@dataclass
class Full:
    """`things`: route → arguments. `also`: (person, route, question). `people` are added to those of the world."""

    world: World
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    also: list[tuple[str, str, str]] = field(default_factory=list)

    def person(self, name: str, user: User) -> User:
        client = Client()
        client.force_login(user)
        self.world.people[name], self.world.clients[name] = user, client
        return user

    def put(self, routes: str, **arguments: Any) -> None:
        for route in routes.split():
            self.things[route] = arguments


def furnish(world: World) -> Full:
    full = Full(world)
    now = timezone.now()
    lead = world.people["lead"]
    administrator = world.people["administrator"]
    assert lead is not None and administrator is not None
    User.objects.filter(pk__in=[lead.pk, administrator.pk]).update(full_name=NAME)
    desk = desk_world.build()
    full.person("agent", desk.agent)
    full.person("contact", desk.contact.user)  # type: ignore[arg-type]
    _desk(full, desk, now)
    _settings(full, desk, now)
    _people(full, now)
    _assignment(full, lead, now)
    _exchange(full, lead, now)
    _articles(full, lead, desk.contact, now)
    _works(full, lead, desk.main, now)
    _retention(full, desk.contact, administrator, now)
    _transfer(full, administrator, now)
    cases.catch_up_all()
    return full


def _desk(full: Full, desk: Any, now: Any) -> None:
    """Ties and marks of a request; prepared answers, views, drafts."""
    main, agent = desk.main, desk.agent
    again = make_ticket(contact=desk.contact, at=now, subject="Показания пропадают, как и вчера, после «Сохранить»")
    merging.merge([again.pk], into=main.pk, by=agent, at=now)
    said = incoming.Said(text="И ещё не печатается протокол.", channel=Channel.EMAIL, contact=desk.contact)
    incoming.hear(main.pk, said, key=uuid.uuid4(), at=now)
    message = main.messages.filter(kind="answer").latest("pk")
    linking.link(main.pk, other=desk.tickets[1].pk, kind=LinkKind.CAUSE, by=agent, at=now)
    tagging.set_tags(main.pk, names=["ждём поставщика", "после обновления портала до 1.4"], by=agent, at=now)
    watching.watch(main.pk, on=True, by=desk.colleague, at=now)
    contract = Contract.objects.get(pk=main.contract_id)
    one = FieldDefinition.objects.create(contract=contract, label="Участок", kind="choice", choices=["Север", "Юг"])
    FieldDefinition.objects.create(contract=contract, label="Согласовано", kind="yes_no", required=True, asked=False)
    own_fields.set_fields(main.pk, typed={one.pk: "Юг"}, by=agent, at=now)
    numbers = [ticket.pk for ticket in desk.tickets]
    run = bulk.begin(BulkRun.What.ASSIGN, {"to": None}, numbers, key=uuid.uuid4(), by=agent, at=now)
    bulk.carry_out(run.pk, at=now)
    macro = macros.save(
        Macro(title="Спасибо за сведения", text="Спасибо, {имя и отчество}! Ответим до {срок}.", priority="low"),
        shared=False, by=agent, at=now,
    )  # fmt: skip
    query = {"view": "open", "priority": "high"}
    view = views.save(SavedView(), name="Высокие и срочные", query=query, shared=False, by=agent, at=now)
    Unsent.objects.create(ticket=main, user=agent, text="Почти готово", changed_at=now)
    closed = make_ticket(contact=desk.contact, at=now - timedelta(days=3), text="Мелкий шрифт", impact=Impact.QUESTION)
    # of all ways to end the one with the longest name
    closing.close(closed.pk, resolution=Resolution.USER_ERROR, text="Нажмите «Крупнее».", by=agent, at=now)
    full.put("desk:ticket desk:contact desk:edit desk:tie desk:choose_macro", number=main.pk)
    full.put("desk:split", number=main.pk, message=message.pk)
    full.put("settings:field", pk=one.pk)
    full.also += [
        ("agent", "desk:queue", "?view=mine"),
        ("agent", "desk:queue", "?view=open&filters=1"),
        ("agent", "desk:queue", "?view=undelivered&text=небывальщина"),
        ("agent", "desk:queue", f"?view=open&priority=high&saved={view.pk}"),
        ("agent", f"/desk/{main.pk}", "?view=mine"),
        ("agent", f"/desk/{closed.pk}", ""),
        ("agent", f"/desk/{desk.tickets[-1].pk}", "?view=today"),
        ("agent", "desk:search", "?q=показание смены"),
        ("agent", "desk:search", "?q=небывальщина"),
        ("agent", "desk:new", "?who=полуночникова"),
        ("agent", "desk:new", f"?contact={desk.contact.pk}"),
        ("agent", "desk:new_view", "?view=open&priority=high&waiting=us"),
        ("agent", "desk:drafts", ""),
        ("agent", "desk:choose", "?view=open"),
        ("agent", f"/desk/bulk/close?n={main.pk}", ""),
        ("agent", f"/desk/bulk/merge?n={main.pk}&n={numbers[1]}", ""),
        ("agent", "desk:bulk_runs", ""),
        ("agent", f"/desk/runs/{run.pk}", ""),
        ("agent", f"/desk/macros/{macro.pk}", ""),
        ("agent", "notify:index", ""),
        ("lead", "desk:journal", f"?ticket={main.pk}"),
        ("contact", "requests:index", ""),
        ("contact", "requests:index", "?q=небывальщина"),
        ("contact", "requests:new", ""),
        ("contact", f"/requests/{main.pk}/", ""),
        ("contact", f"/requests/{main.pk}/receipt/", ""),
        ("contact", f"/requests/{closed.pk}/", ""),
        ("contact", f"/requests/{closed.pk}/complain/", ""),
    ]


def _settings(full: Full, desk: Any, now: Any) -> None:
    ProductionDay.objects.bulk_create(
        (ProductionDay(date=day.date, kind=day.kind.value, note=day.note) for day in load()), ignore_conflicts=True
    )
    calendar = CalendarFactory.create(name="Будни с 9 до 18", follows_production=True)
    soon = timezone.localdate() + timedelta(days=3)
    day = CalendarException.objects.create(calendar=calendar, date=soon, note="День компании")
    customer = CustomerFactory.create(name=LONG, short_name="Верхнереченск-3", domains=["verhnerechensk.example"])
    contract = ContractFactory.create(customer=customer, number="14-П", calendar=calendar)
    Contract.objects.create(customer=customer, number="9-П", starts_on=date(2024, 1, 12), ends_on=date(2026, 1, 11))
    contact = SignedInContactFactory.create(
        customer=customer, name=NAME, is_coordinator=True, position="Ведущий инженер-химик"
    )
    ContactFactory.create(customer=customer, name="Первоцветов-Луговой Модест Аристархович", email="")
    for number, name in enumerate(("Отпуска", "Расчётный листок")):
        SubsystemFactory.create(name=name, position=number)
    mailbox = MailboxFactory.create(
        address="hd@rvk.example", imap_host="imap.rvk.example", smtp_host="smtp.rvk.example", fetched_at=now, waiting=2
    )
    MailboxFactory.create(
        address="old@rvk.example", imap_host="imap.rvk.example", error="Сервер не принимает логин или пароль."
    )
    letter = Inbound.objects.create(
        channel=Channel.EMAIL, mailbox=mailbox, content_hash="0" * 64, state=InboundState.QUARANTINED,
        raw=files.keep(b"From: a@b.example\r\nSubject: =?utf-8?q?x?=\r\n\r\n" + b"winmail.dat " * 40),
        sender="a.rozhdestvenskaya@verhnerechensk.example", subject="Не открывается расчётный листок за октябрь",
        reason="Разбор письма занял слишком много времени.", received_at=now - timedelta(hours=2),
    )  # fmt: skip
    Outgoing.objects.create(
        key="k", mailbox=mailbox, recipient="a.rozhdestvenskaya@verhnerechensk.example", state=OutgoingState.DEAD,
        subject="Обращение № 1847 закрыто", text="x", message_id="<m@x>", error="550 No such user here",
        created_at=now - timedelta(minutes=30),
    )  # fmt: skip
    full.put("settings:customer settings:edit_customer settings:add_contact settings:add_contract", pk=customer.pk)
    full.put("settings:contract settings:add_field", pk=contract.pk)
    full.put("settings:contact", pk=contact.pk)
    full.put("settings:user", pk=contact.user_id)
    full.put("settings:calendar settings:add_exception", pk=calendar.pk)
    full.put("settings:exception", pk=day.pk)
    full.put("settings:mailbox", pk=mailbox.pk)
    full.put("settings:letter", pk=letter.pk)


def _people(full: Full, now: Any) -> None:
    """An administrator who is a lead too: all of the menu at once; a device that is not asked."""
    roles = [Role.SPECIALIST.value, Role.LEAD.value, Role.ADMINISTRATOR.value]
    keeper = full.person("keeper", UserFactory.create(full_name=NAME, roles=roles))
    TrustedDevice.objects.create(
        user=keeper, digest="keeper", created_at=now, used_at=now, until=now + timedelta(days=1)
    )
    full.also += [("keeper", route, "") for route in ("accounts:factors", "accounts:profile", "settings:overview")]


def _assignment(full: Full, lead: User, now: Any) -> None:
    """A team with everything, and a month behind it."""
    names = ("Верхоглядов-Заозёрский Иннокентий Мстиславович", "Журавлёва-Северная Злата Ильинична", "Лесовой Савва")
    people = [SpecialistFactory.create(full_name=name) for name in names]
    team = Team.objects.create(name="Кадры, зарплата и документы работников", lead=lead)
    TeamMember.objects.bulk_create(TeamMember(team=team, user=one) for one in people)
    Team.objects.create(name="Производство", is_active=False)
    Escalation.objects.create(team=team, percent=80, untaken_minutes=45)
    for weekday in range(5):
        DutyShift.objects.create(team=team, user=people[0], weekday=weekday, starts=time(9), ends=time(21))
        DutyShift.objects.create(team=team, user=people[1], weekday=weekday, starts=time(21), ends=time(9))
    today = timezone.localdate()
    day = today + timedelta(days=3)
    cycle = DutyCycle.objects.create(
        team=team, user=people[2], turns="DN--", starts_on=today, day_starts=time(8, 30), day_ends=time(20, 30)
    )
    DutyDay.objects.create(team=team, user=people[2], date=day, starts=time(10), ends=time(16), note="День компании")
    absence = Absence.objects.create(user=people[0], starts_on=today, ends_on=day, substitute=people[1], note="отпуск")
    Absence.objects.create(user=people[1], starts_on=day, ends_on=day)
    portal = SubsystemFactory.create(name="Расчётные листки и справки")
    AssignmentRule.objects.create(team=team, way="duty", priority="urgent", position=11)
    rule = AssignmentRule.objects.create(team=team, way="load", subsystem=portal, type="defect", position=12)
    AssignmentRule.objects.create(team=team, way="turn", priority="high", position=13)
    since = last_month(now)[0]
    for number in range(6):
        ticket = make_ticket(at=since + timedelta(hours=number + 1))
        work.take(ticket.pk, by=people[number % 2], at=since + timedelta(hours=number + 2))
    run = dry_run.ask(key=uuid.uuid4(), by=lead, at=now)
    dry_run.carry_out.func(run.pk)
    full.put("assignment:team assignment:duties_of assignment:add_shifts assignment:add_day", pk=team.pk)
    full.put("assignment:add_cycle", pk=team.pk)
    full.put("assignment:cycle", pk=cycle.pk)
    full.put("assignment:rule", pk=rule.pk)
    full.put("assignment:absence", pk=absence.pk)
    full.put("assignment:dry_run", pk=run.pk)


def _exchange(full: Full, lead: User, now: Any) -> None:
    """Tokens of every state, a webhook whose receiver is away."""
    api_tokens.make(owner=lead, name=LONG[:100], scopes=[Scope.DESK_READ], lasts=None, at=now)
    old, _key = api_tokens.make(owner=lead, name="Отчёты", scopes=list(Scope), lasts=timedelta(days=30), at=now)
    api_tokens.revoke(old, by=lead, at=now)
    row = Subscription(name=LONG[:100], address="https://hooks.example/" + "long/" * 30, kinds=[], created_at=now)
    row.set_secret("whsec_test")
    row.save()
    states = [("delivered", 200, ""), ("parked", None, "unreachable:late"), ("pending", 503, ""), ("pending", None, "")]
    for number, (state, status, error) in enumerate(states):
        event, key = make_ticket(at=now).events.get(), uuid.uuid4()
        made = Delivery.objects.create(
            id=key, subscription=row, event=event, ticket=event.ticket_id, position=event.pk, kind=FACTS[event.kind],
            body=bodies.of_event(event, key, with_details=False), state=state, status=status, error=error,
            failures=int(state != "delivered" and bool(status or error)), created_at=now - timedelta(minutes=number),
            next_try_at=now + timedelta(minutes=5) if status == 503 else None,
        )  # fmt: skip
        if status or error:
            Attempt.objects.create(
                delivery=made, at=now, milliseconds=84, status=status, error=error, answer="overloaded " * 20
            )
        if status == 503:
            full.put("hooks:delivery", pk=row.pk, key=made.pk)
    hooks.rotate(row.pk, by=lead, at=now)
    Subscription.objects.filter(pk=row.pk).update(failures=3, next_try_at=now + timedelta(minutes=5))
    full.put("hooks:show hooks:edit", pk=row.pk)


def _articles(full: Full, lead: User, contact: Contact, now: Any) -> None:
    section = Section.objects.create(name="Вход и телефон", position=11)
    other = Section.objects.create(name="Зарплата и расчётный листок", position=12)
    make_article("Не видно расчётный листок или он пуст", "Листок приходит после закрытия месяца.", by=lead, at=now,
                 section=other, summary="Когда появляется листок и что проверить, если его нет")  # fmt: skip
    main = make_draft("Как сменить или восстановить пароль", "Позвоните в кадры.", by=lead, at=now - timedelta(days=9),
                      section=section, summary="Забыли пароль, он не подходит или пора сменить",
                      check_by=timezone.localdate() - timedelta(days=1))  # fmt: skip
    publishing.publish(main.pk, by=lead, at=now - timedelta(days=9))
    [file] = writing.attach(main.pk, [NewFile("снимок.png", "image/png", PIXEL)], by=lead, at=now)
    writing.attach(main.pk, [NewFile("памятка на одном листе с длинным именем.pdf", "", b"%PDF-1.7")], by=lead, at=now)
    copy = writing.Copy("Как сменить или восстановить пароль", ARTICLE.replace("PICTURE", str(file.pk)),
                        "Забыли пароль, он не подходит или пора сменить", "логин, вход")  # fmt: skip
    writing.change(main.pk, copy, None, by=lead, at=now)
    publishing.publish(main.pk, by=lead, at=now, note="Расписано по шагам")
    make_article("Пароль службы: что спросить", "Внутренний телефон 40-17.", by=lead, audience=Audience.DESK, at=now)
    writing.offer(make_draft("Как выгрузить журнал", "Дописать.", by=lead, at=now).pk, by=lead, at=now)
    assert contact.user is not None
    reading.vote(main.pk, 2, helped=False, text="Ссылка так и не пришла", by=contact.user, at=now)
    reading.asked_in_vain("как оформить командировку", at=now)
    ticket = make_ticket(contact=contact, at=now, subject="Как сменить пароль в портале?")
    facts.change_priority(ticket.pk, priority=Priority.LOW, reason="вопрос", by=lead, at=now)
    full.put("articles:show articles:print articles:edit articles:versions articles:differ", pk=main.pk)
    full.put("articles:version", pk=main.pk, version=1)
    full.put("articles:section articles:section_edit", pk=section.pk)
    full.put("articles:beside", number=ticket.pk)
    full.put("articles:close", number=ticket.pk, pk=main.pk)
    full.also += [
        ("contact", "articles:index", "?q=росчотный+листок"),
        ("contact", "articles:index", "?q=бульдозер"),
        ("lead", "articles:authors", "?list=withdrawn"),
        ("lead", f"/articles/write/{main.pk}/versions/differ?from=1&to=2", ""),
    ]


def _works(full: Full, lead: User, main: Ticket, now: Any) -> None:
    title = "Не открываются листки и справки работников всех водопроводно-канализационных хозяйств области"
    section = SubsystemFactory.create(name="Листки и справки")
    going = make_incident(by=lead, at=now - timedelta(hours=2), title=title, public=True, subsystems=[section])
    leading.report(going.pk, text="Нашли причину.", by=lead, at=now - timedelta(hours=1))
    starts = now + timedelta(days=2, hours=1)
    announced = make_announced(by=lead, at=now, public=True, starts_at=starts, ends_at=starts + timedelta(hours=3))
    tying.tie(going.pk, main.pk, by=lead, at=now)
    draft = make_draft_of_works(
        by=lead, at=now, starts_at=starts + timedelta(days=9), ends_at=starts + timedelta(days=10)
    )
    full.put("works:show works:change", pk=going.pk)
    steps = ((draft, "announce"), (announced, "begin"), (announced, "cancel"), (going, "end"))
    full.also += [("lead", reverse("works:step", args=[one.pk, what]), "") for one, what in steps]
    full.also += [("lead", f"/works/{announced.pk}", ""), ("lead", "status:page", "")]


def _retention(full: Full, contact: Contact, administrator: User, now: Any) -> None:
    """Requests of two ages, rules, an act, a hold, one that was erased."""
    whose = SignedInContactFactory.create(name=NAME)
    contract = ContractFactory.create(customer=whose.customer, starts_on=(now - timedelta(days=900)).date())
    for days in (700, 500, 10):
        at, by = now - timedelta(days=days), SpecialistFactory.create()
        ticket = make_ticket(contact=whose, at=at)
        work.take(ticket.pk, by=by, at=at)
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=by, at=at)
    first = Ticket.objects.filter(contact=whose).earliest("pk")
    retention.hold(first.pk, reason="Досудебная претензия от 3 ноября", by=administrator, at=now)
    RetentionRule.objects.create(contract=contract, texts_months=12, files_months=6)
    retention.run(now=now, go_on=lambda: True)
    RetentionRule.objects.create(texts_months=36, strays_months=12, journal_months=18)
    erased = Ticket.objects.filter(erased_at__isnull=False).first()
    assert erased is not None
    full.put("settings:contract_retention", pk=contract.pk)
    full.put("settings:forget_contact", pk=whose.pk)
    full.also.append(("lead", f"/desk/{erased.pk}", ""))


def _transfer(full: Full, administrator: User, now: Any) -> None:
    """A file whose lines are of every kind, one that is being read, one that was not understood."""
    made = running.bring(
        ContentFile(PAST.encode()),
        name="выгрузка старой службы поддержки за 2026 год.csv",
        kind=FileKind.REQUESTS,
        source="Старая служба поддержки",
        key=uuid.uuid4(),
        by=administrator,
        at=now,
    )
    running.run(made.pk)
    for state, words in (("looking", ""), ("failed", "Это не таблица: нет строки с названиями столбцов.")):
        Transfer.objects.create(
            kind="contacts",
            source="Отдел кадров",
            name="контакты.csv",
            state=state,
            words=words,
            by=administrator,
            at=now,
        )
    full.put("transfer:show", pk=made.pk)
    full.also += [("administrator", f"/settings/transfer/{one}/", "") for one in _others(made)]


def _others(made: Transfer) -> Iterator[int]:
    yield from Transfer.objects.filter(state__in=["looking", "failed"]).exclude(pk=made.pk).values_list("pk", flat=True)
