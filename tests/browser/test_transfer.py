"""A file of another desk in a browser: brought, looked through, taken over, found by its words, brought once more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from provodnik.desk.models import Ticket
from provodnik.desk.tests.factories import AdministratorFactory, ContactFactory, CustomerFactory, LeadFactory
from tests.mail import run_jobs

pytestmark = pytest.mark.browser
NAME = "Константинопольская-Рождественская Александра Вячеславовна"
FILE = """номер;тема;текст;зарегистрировано;закрыто;заявитель;почта;заказчик;приоритет;решение
17;Нет листка;Не вижу квитанцию за сентябрь;01.10.2026 09:00;02.10.2026 10:30;Анна;anna@vk.example;;Высокий;Выдали права
18;Открытая;Ещё не решили;20.11.2026 12:00;;Пётр;petr@vk.example;;низкий;
19;Чужая;Кому это;20.11.2026 12:00;;Пётр;x@nowhere.example;Неизвестный водоканал;;
20;Кривая;;когда-то;;;;;;
"""


def work_off() -> None:
    """Do the jobs that wait, in a thread of their own: in this one Playwright's event loop runs."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(run_jobs).result(timeout=60)


def bring(page: Page) -> None:
    page.goto("/settings/transfer/")
    page.get_by_label("Что в файле").select_option("requests")
    page.get_by_label("Название другой службы").fill("Старая служба")
    content = {"name": "обращения за 2026 год.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    page.get_by_label("Файл", exact=True).set_input_files([content])
    page.get_by_role("button", name="Просмотреть").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("обращения за 2026 год.csv")


def test_from_a_file_to_a_request(page: Page, sign_in: Any, look: Any) -> None:
    ContactFactory.create(email="anna@vk.example", customer=CustomerFactory.create(domains=["vk.example"]))
    sign_in(page, AdministratorFactory.create(full_name=NAME))
    page.goto("/settings/transfer/")
    page.get_by_role("button", name="Просмотреть").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    look(page, "transfer-error", full=True)
    bring(page)
    expect(page.get_by_text("просматривается").first).to_be_visible()
    work_off()
    expect(page.get_by_text("Пока ничего не записано")).to_be_visible()  # the page has asked by itself
    assert not Ticket.objects.exists()
    expect(page.get_by_text("Нет заказчика «Неизвестный водоканал»")).to_be_visible()
    look(page, "transfer-looked", full=True)
    page.get_by_role("button", name="Перенести новые: 2").click()
    work_off()
    expect(page.get_by_role("link", name="Открыть")).to_have_count(2)
    look(page, "transfer-done", full=True)
    page.get_by_role("link", name="не перенесено").click()
    expect(page.get_by_text("«когда-то»")).to_be_visible()
    expect(page.get_by_role("link", name="Открыть")).to_have_count(0)

    bring(page)
    work_off()
    expect(page.get_by_role("link", name="уже есть")).to_contain_text("2")
    page.goto("/settings/transfer/")
    look(page, "transfer-list", full=True)

    sign_in(page, LeadFactory.create(full_name=NAME))
    page.goto("/desk/search?q=квитанция")
    page.get_by_role("link", name="Нет листка").first.click()
    expect(page.get_by_text("Выдали права").first).to_be_visible()
