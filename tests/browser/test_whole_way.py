"""The main job, walked by its two people in a browser, with real letters: from the feedback to the notice."""

from __future__ import annotations

import email
import email.policy
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.desk.actions import closing, work
from provodnik.desk.models import Ticket
from provodnik.desk.states import Impact, Resolution
from provodnik.desk.tests.factories import SignedInContactFactory, SpecialistFactory, SubsystemFactory, make_ticket
from tests.mail import mailbox_on, run_jobs
from tests.servers.smtp import SmtpCatcher

pytestmark = pytest.mark.browser

NAME = "Константинопольская-Рождественская Александра Вячеславовна"
COMPLAINT = (
    "Заполняю показания химлаборатории за смену, нажимаю «Сохранить», и всё пропадает. Пробовала три раза, с телефона"
    " и с рабочего компьютера. У Добролюбской-Вознесенской то же самое."
)


def work_off() -> None:
    """Do the jobs that wait, in a thread of their own: in this one Playwright's event loop runs."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(run_jobs).result(timeout=60)


def letters(catcher: SmtpCatcher) -> list[tuple[str, str]]:
    """(subject, text) of what reached the requester."""
    found = []
    for caught in catcher.messages:
        message = email.message_from_bytes(caught.raw, policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        found.append((str(message["Subject"]).replace("\xa0", " "), body.get_content().replace("\xa0", " ")))
    return found


def test_from_feedback_to_the_notice(page: Page, sign_in: Any, smtp_catcher: SmtpCatcher) -> None:
    mailbox_on(smtp=smtp_catcher)
    contact = SignedInContactFactory.create(name=NAME, email="a.rozhdestvenskaya@chv.example")
    specialist = SpecialistFactory.create()

    sign_in(page, contact.user)
    page.goto("/requests/new/")
    page.get_by_text("Не могу внести данные или работать в разделе").click()
    page.get_by_label("Расскажите подробнее").fill(COMPLAINT)
    page.get_by_role("button", name="Отправить в поддержку").dblclick()
    expect(page.get_by_role("heading", name=re.compile("Обращение № .* записано"))).to_be_visible()
    ticket = Ticket.objects.get()
    assert (ticket.type, ticket.priority) == ("defect", "high")
    work_off()
    subject, text = letters(smtp_catcher)[0]
    assert str(ticket.pk) in subject
    assert "Высокий" in text

    sign_in(page, specialist)
    page.goto(f"/desk/{ticket.pk}?view=new")
    page.keyboard.press("a")
    page.keyboard.type("Какую дату смены вы выбираете?")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Часы стоят").first).to_be_visible()
    work_off()
    assert "Какую дату смены вы выбираете?" in letters(smtp_catcher)[1][1]

    sign_in(page, contact.user)
    page.goto(f"/requests/{ticket.pk}/")
    expect(page.get_by_text("Нужен ваш ответ")).to_be_visible()
    page.get_by_label("Ваш ответ").fill("22 ноября, ночная смена.")
    page.get_by_role("button", name="Отправить ответ").click()
    expect(page.get_by_text("Сообщение отправлено.")).to_be_visible()
    assert Ticket.objects.get().status == "clarification"

    sign_in(page, specialist)
    page.goto(f"/desk/{ticket.pk}?view=answered")
    page.keyboard.press("c")
    page.keyboard.type("Мастер закрыл ночную смену, смену открыли, значения восстановили.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("закрыто, «Решена»").locator("visible=true").first).to_be_visible()
    work_off()
    subject, text = letters(smtp_catcher)[-1]
    assert "Решена" in text
    assert "значения восстановили" in text
    closed = Ticket.objects.get()
    assert (closed.status, closed.resolution, closed.undelivered) == ("done", "solved", False)

    sign_in(page, contact.user)
    page.goto(f"/requests/{ticket.pk}/")
    page.get_by_text("отлично", exact=True).click()
    page.get_by_role("button", name="Оценить").click()
    expect(page.get_by_text("Спасибо, оценка записана.")).to_be_visible()


def test_a_form_with_an_error_keeps_what_was_typed(page: Page, sign_in: Any, axe: Any) -> None:
    contact = SignedInContactFactory.create()
    sign_in(page, contact.user)
    page.goto("/requests/new/")
    page.get_by_label("Расскажите подробнее").fill(COMPLAINT)
    page.get_by_role("button", name="Отправить в поддержку").click()
    expect(page.get_by_text("Выберите самое похожее.").first).to_be_visible()
    expect(page.get_by_label("Расскажите подробнее")).to_have_value(COMPLAINT)
    axe(page)


def test_the_form_works_without_script(page: Page, sign_in: Any, browser: Any, live_server: Any) -> None:
    contact = SignedInContactFactory.create()
    sign_in(page, contact.user)
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto("/requests/new/")
    plain.get_by_text("Вопрос или пожелание").click()
    plain.get_by_label("Расскажите подробнее").fill("Как перенести отпуск на июль?")
    plain.get_by_role("button", name="Отправить в поддержку").click()
    expect(plain.get_by_role("heading", name=re.compile("записано"))).to_be_visible()
    context.close()
    assert Ticket.objects.get().priority == "low"


def test_the_requesters_pages_look_right(page: Page, sign_in: Any, look: Any) -> None:
    contact = SignedInContactFactory.create(name=NAME, is_coordinator=True)
    specialist, now = SpecialistFactory.create(), timezone.now()
    SubsystemFactory.create(name="Лаборатория")
    asked = make_ticket(contact=contact, at=now - timedelta(hours=5), text=COMPLAINT, subject="Показания пропадают")
    work.take(asked.pk, by=specialist, at=now - timedelta(hours=4))
    work.ask(asked.pk, text="Какую дату смены вы выбираете?", by=specialist, at=now - timedelta(hours=2))
    closed = make_ticket(contact=contact, at=now - timedelta(days=3), text="Мелкий шрифт", impact=Impact.QUESTION)
    closing.close(
        closed.pk, resolution=Resolution.SOLVED, text="Нажмите «Крупнее» вверху листка.", by=specialist, at=now
    )
    sign_in(page, contact.user)
    page.goto("/requests/")
    look(page, "requests")
    page.goto("/requests/?q=небывальщина")
    look(page, "requests-none")
    page.goto("/requests/new/")
    page.get_by_text("Не могу внести данные или работать в разделе").click()
    look(page, "requests-new", full=True)
    for name, ticket in (("asked", asked), ("closed", closed)):
        page.goto(f"/requests/{ticket.pk}/")
        look(page, f"requests-{name}", full=True)
    page.goto(f"/requests/{asked.pk}/receipt/")
    look(page, "requests-receipt")


def test_an_empty_list_says_what_to_do(page: Page, sign_in: Any, look: Any) -> None:
    sign_in(page, SignedInContactFactory.create(name=NAME).user)
    page.goto("/requests/")
    expect(page.get_by_text("Обращений пока нет")).to_be_visible()
    look(page, "requests-empty")
