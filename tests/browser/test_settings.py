"""Administration in a browser: every page in both themes and sizes, and the way from a customer to an invitation."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.accounts.models import User
from provodnik.channels.models import Channel, Inbound, InboundState, Mailbox, Outgoing, OutgoingState
from provodnik.core import files
from provodnik.desk.models import CalendarException, Contact, Contract, Customer, ProductionDay
from provodnik.desk.production_calendar import load
from provodnik.desk.tests.factories import (
    AdministratorFactory,
    CalendarFactory,
    ContactFactory,
    ContractFactory,
    CustomerFactory,
    LeadFactory,
    MailboxFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
)

pytestmark = pytest.mark.browser
LONG = "Муниципальное унитарное предприятие водопроводно-канализационного хозяйства «Верхнереченский водоканал»"


@pytest.fixture
def administrator(page: Page, sign_in: Any) -> User:
    user = AdministratorFactory.create(full_name="Светлова-Милорадова Галина Кирилловна")
    sign_in(page, user)
    return user


@pytest.fixture
def world(administrator: User) -> dict[str, Any]:
    now = timezone.now()
    ProductionDay.objects.bulk_create(
        (ProductionDay(date=day.date, kind=day.kind.value, note=day.note) for day in load()), ignore_conflicts=True
    )
    calendar = CalendarFactory.create(name="Будни с 9 до 18", follows_production=True)
    CalendarException.objects.create(
        calendar=calendar, date=timezone.localdate() + timedelta(days=3), note="День компании"
    )
    customer = CustomerFactory.create(name=LONG, short_name="Верхнереченск", domains=["verhnerechensk.example"])
    contract = ContractFactory.create(customer=customer, number="14-П", calendar=calendar)
    Contract.objects.create(customer=customer, number="9-П", starts_on=date(2024, 1, 12), ends_on=date(2026, 1, 11))
    contact = SignedInContactFactory.create(
        customer=customer, name="Константинопольская-Рождественская Александра Вячеславовна", is_coordinator=True,
        position="Ведущий инженер-химик",
    )  # fmt: skip
    ContactFactory.create(customer=customer, name="Первоцветов-Луговой Модест Аристархович", email="")
    CustomerFactory.create(name="Водоканал Озёрного края")
    for factory in (SpecialistFactory, LeadFactory):
        factory.create()
    for number, name in enumerate(("Отпуска", "Расчётный листок", "Лаборатория")):
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
    return {"customer": customer, "contract": contract, "contact": contact, "calendar": calendar, "mailbox": mailbox,
            "letter": letter, "user": contact.user}  # fmt: skip


def test_every_page_looks_right_when_there_is_nothing(page: Page, administrator: User, look: Any) -> None:
    ProductionDay.objects.all().delete()
    for name in (
        "",
        "customers",
        "subsystems",
        "calendars",
        "production",
        "mailboxes",
        "letters",
        "outgoing",
        "journal",
    ):
        response = page.goto(f"/settings/{name}{'/' if name else ''}")
        assert response is not None
        assert response.ok, name
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        look(page, f"settings-empty-{name or 'overview'}", full=True)


def test_from_a_customer_to_an_invitation(page: Page, administrator: User, look: Any) -> None:
    page.goto("/settings/customers/")
    page.get_by_role("link", name="Добавить заказчика").first.click()
    page.get_by_label("Название", exact=True).fill("Озёрный край")
    page.get_by_label("Почтовые домены").fill("gmail.com")
    page.get_by_role("button", name="Добавить заказчика").click()
    expect(page.get_by_role("alert")).to_contain_text("общий почтовый сервис")
    expect(page.get_by_label("Название", exact=True)).to_have_value("Озёрный край")
    look(page, "settings-customer-error", full=True)
    page.get_by_label("Почтовые домены").fill("ozerny-kray.example")
    page.get_by_role("button", name="Добавить заказчика").click()
    page.get_by_role("link", name="Добавить договор").click()
    page.get_by_label("Номер").fill("14-П")
    expect(page.get_by_label("Экстренный, ч")).to_have_value("12")
    page.get_by_role("button", name="Добавить договор").click()
    expect(page.get_by_text("№ 14-П")).to_be_visible()
    page.get_by_role("link", name="Добавить договор").click()
    page.get_by_label("Номер").fill("15-П")
    page.get_by_role("button", name="Добавить договор").click()
    expect(page.get_by_role("alert")).to_contain_text("14-П")
    look(page, "settings-contract-overlap", full=True)
    page.get_by_role("link", name="Озёрный край").first.click()
    page.get_by_role("link", name="Добавить человека").click()
    page.get_by_label("Фамилия, имя, отчество").fill("Луговая Анна Петровна")
    page.get_by_label("Почта").fill("anna@ozerny-kray.example")
    page.get_by_role("button", name="Добавить и пригласить").click()
    expect(page.get_by_text("Приглашение отправляется на anna@ozerny-kray.example")).to_be_visible()
    assert Contact.objects.get().user is not None
    page.goto("/settings/journal/")
    expect(page.get_by_role("listitem").filter(has_text="Заказчик «Озёрный край»: добавлен").first).to_be_visible()
    look(page, "settings-journal", full=True)
    assert Customer.objects.count() == 1


def test_a_wrong_week_is_told_beside_its_day(page: Page, administrator: User, look: Any) -> None:
    page.goto("/settings/calendars/new/")
    page.get_by_label("Название").fill("Пятидневка")
    page.get_by_label("Среда").fill("18-9")
    page.get_by_role("button", name="Добавить календарь").click()
    expect(page.get_by_role("alert")).to_contain_text("кончается позже")
    expect(page.get_by_label("Среда")).to_have_value("18-9")
    look(page, "settings-calendar-error", full=True)
    page.get_by_label("Среда").fill("9-13, 14:00–18:00")
    page.get_by_role("button", name="Добавить календарь").click()
    expect(page.get_by_role("heading", name="Что считается рабочим временем")).to_be_visible()


def test_a_check_of_a_mailbox_tells_its_steps(page: Page, administrator: User, look: Any) -> None:
    mailbox = Mailbox.objects.create(
        name="Поддержка",
        address="hd@rvk.example",
        imap_host="127.0.0.1",
        imap_port=22,
        smtp_host="127.0.0.1",
        smtp_port=22,
    )
    page.goto(f"/settings/mailboxes/{mailbox.pk}/")
    page.get_by_role("button", name="Проверить").click()
    expect(page.get_by_text("Этот порт").first).to_be_visible()
    look(page, "settings-mailbox-check", full=True)


def test_a_person_is_switched_off_after_a_question(page: Page, world: dict[str, Any]) -> None:
    page.goto(f"/settings/users/{world['user'].pk}/")
    page.get_by_role("button", name="Выключить").click()
    page.get_by_role("dialog").get_by_role("button", name="Выключить").click()
    expect(page.get_by_text("Учётная запись выключена")).to_be_visible()
    assert not User.objects.get(pk=world["user"].pk).is_active
