"""Instructions: what is seen while one is written, the hint while a request is written, an answer from an article."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.accounts.models import User
from provodnik.articles.actions import publishing, reading, writing
from provodnik.articles.models import Section
from provodnik.articles.states import Audience
from provodnik.articles.tests.factories import PIXEL, make_article, make_draft
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Contact, Ticket
from provodnik.desk.states import Impact
from provodnik.desk.tests.factories import LeadFactory, SignedInContactFactory, make_ticket

pytestmark = pytest.mark.browser
TEXT = """Чтобы сменить пароль, **ничего** устанавливать не нужно.

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


@pytest.fixture
def world(page: Page) -> dict[str, Any]:
    now = timezone.now()
    lead: User = LeadFactory.create(full_name="Светлова-Милорадова Галина Константиновна")
    contact: Contact = SignedInContactFactory.create()
    section = Section.objects.create(name="Вход и телефон", position=1)
    other = Section.objects.create(name="Зарплата и расчётный листок", position=2)
    make_article("Не видно расчётный листок или он пуст", "Листок приходит после закрытия месяца.", by=lead, at=now,
                 section=other, summary="Когда появляется листок и что проверить, если его нет")  # fmt: skip
    main = make_draft("Как сменить или восстановить пароль", "Позвоните в кадры.", by=lead, at=now - timedelta(days=9),
                      section=section, summary="Забыли пароль, он не подходит или пора сменить",
                      check_by=timezone.localdate() - timedelta(days=1))  # fmt: skip
    publishing.publish(main.pk, by=lead, at=now - timedelta(days=9))
    [file] = writing.attach(main.pk, [NewFile("снимок.png", "image/png", PIXEL)], by=lead, at=now)
    writing.attach(main.pk, [NewFile("памятка на одном листе с длинным именем.pdf", "", b"%PDF-1.7")], by=lead, at=now)
    copy = writing.Copy("Как сменить или восстановить пароль", TEXT.replace("PICTURE", str(file.pk)),
                        "Забыли пароль, он не подходит или пора сменить", "логин, вход")  # fmt: skip
    writing.change(main.pk, copy, None, by=lead, at=now)
    publishing.publish(main.pk, by=lead, at=now, note="Расписано по шагам")
    make_article("Пароль службы: что спросить", "Внутренний телефон 40-17.", by=lead, audience=Audience.DESK, at=now)
    writing.offer(make_draft("Как выгрузить журнал", "Дописать.", by=lead, at=now).pk, by=lead, at=now)
    reading.vote(main.pk, 2, helped=False, text="Ссылка так и не пришла", by=contact.user, at=now)
    reading.asked_in_vain("как оформить командировку", at=now)
    ticket: Ticket = make_ticket(contact=contact, at=now, impact=Impact.QUESTION, text="Как сменить пароль в портале?")
    return {"lead": lead, "contact": contact, "main": main, "section": section, "ticket": ticket}


def test_from_an_article_to_a_request(page: Page, world: dict[str, Any], sign_in: Any, look: Any) -> None:
    sign_in(page, world["contact"].user)
    number = world["main"].pk
    page.goto(f"/articles/{number}")
    page.get_by_role("button", name="Написать в поддержку").click()
    expect(page.get_by_label("Расскажите подробнее")).to_have_value(
        "Инструкция «Как сменить или восстановить пароль» не помогла.\nСсылка так и не пришла\n"
    )
    page.get_by_label("Расскажите подробнее").fill("Забыла пароль, как его сменить?")
    expect(page.get_by_text("Возможно, ответ уже есть")).to_be_visible()
    look(page, "articles-hint", full=True)


def test_an_author_sees_what_it_will_look_like(page: Page, world: dict[str, Any], sign_in: Any, look: Any) -> None:
    sign_in(page, world["lead"])
    number = world["main"].pk
    page.goto(f"/articles/write/{number}")
    page.get_by_label("Текст", exact=True).fill("Коротко: **позвоните**.")
    expect(page.locator("#preview strong")).to_have_text("позвоните")
    page.get_by_role("button", name="Вставить в текст").click()
    expect(page.locator("#preview img")).to_be_visible()
    page.get_by_label("Название").fill("")
    page.get_by_role("button", name="Опубликовать").click()
    expect(page.get_by_text("Назовите статью.")).to_be_visible()
    look(page, "articles-edit-error", full=True)


def test_an_answer_from_an_article(page: Page, world: dict[str, Any], sign_in: Any, look: Any) -> None:
    sign_in(page, world["lead"])
    number = world["ticket"].pk
    page.goto(f"/articles/beside/{number}")
    look(page, "articles-beside", full=True)
    page.goto(f"/desk/{number}")
    fold = page.locator(".desk-facts details.fold", has_text="Подходящие инструкции")
    fold.locator("summary").click()
    expect(fold.get_by_text("в ответ её вставить нельзя")).to_be_visible()
    fold.get_by_role("button", name="Шаги в ответ").first.click()
    expect(page.locator("#id_text")).to_have_value(re.compile("2. Нажмите «Сменить пароль»."))
    look(page, "articles-in-the-fold")
    fold.get_by_role("link", name="Закрыть ею").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Отправить и закрыть")).to_be_visible()
    look(page, "articles-close")
    dialog.get_by_role("button", name="Отправить и закрыть").click()
    expect(page.locator("#pane").get_by_text("Решена").first).to_be_visible()
    assert Ticket.objects.get(pk=number).resolution == "solved"
