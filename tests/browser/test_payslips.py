"""The whole way on a phone: a slip of paper opens the door, the payslip is read, a line is asked about, the accountant
answers, the answer stands by the line."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.entry.actions import slips
from provodnik.payslips.models import PayLook, PayQuestion
from provodnik.payslips.tests.factories import LINES, a_month, publish, tell
from provodnik.people.models import Person
from provodnik.people.states import StaffRole
from provodnik.people.tests.factories import House

pytestmark = pytest.mark.browser
PASSWORD = "тихая заводь у плотины"
PHONE = {"width": 390, "height": 844}


def test_from_paper_to_the_answer(page: Page, transactional_db: None, sign_in: Any, look: Any) -> None:
    house = House("Чистая вода")
    unit = house.unit("Участок сетей")
    place = house.hire("Озеров Иван Петрович", unit, birth_date="1985-03-07", personnel_number="00712")
    house.hire("Росина Анна Львовна", unit)
    hr, accountant = house.staff(), house.staff(StaffRole.PAYROLL)
    now = timezone.now()
    before = a_month(place, date(2026, 8, 1), at=now)
    publish(before.batch, by=accountant, at=now)
    changed = [{**LINES[0], "sum": "59181.82", "days": "21", "hours": "168"}, *LINES[1:]]
    slip = a_month(place, date(2026, 9, 1), at=now, lines=changed, to_pay="24955.47")
    publish(slip.batch, by=accountant, at=now)
    _sheet, printed = slips.make(
        house.organisation, [place.pk], key=uuid.uuid4(), by=hr, at=now, on=timezone.localdate(now)
    )

    page.set_viewport_size(PHONE)
    page.goto(f"/start/{printed[0].code}/")
    page.get_by_label("Что просит талон").fill("07.03.1985")
    page.get_by_role("button", name="Дальше").click()
    page.locator("[name=new]").fill(PASSWORD)
    page.locator("[name=again]").fill(PASSWORD)
    page.get_by_role("button", name="Сохранить и войти").click()
    page.get_by_role("navigation", name="Основные разделы").get_by_role("link", name="Зарплата").click()
    page.get_by_role("link", name="Сентябрь").click()
    expect(page.get_by_role("heading", name="Расчётный листок за сентябрь")).to_be_visible()
    expect(page.locator(".text-money")).to_have_text("24 955,47 ₽")
    difference = page.get_by_text("За месяц на")
    expect(difference).to_contain_text("2 818,18 ₽ меньше, чем за август")
    difference.click()
    expect(page.get_by_text("21 день вместо 22")).to_be_visible()
    # a personal line waits for a tap, sums may be hidden from who looks over the shoulder
    expect(page.get_by_text("Алименты").first).to_be_hidden()
    page.get_by_text("Личная строка").click()
    expect(page.get_by_text("Алименты").first).to_be_visible()
    page.get_by_label("Скрыть суммы").check()
    assert "blur" in page.locator(".text-money").evaluate("one => getComputedStyle(one).filter")
    page.get_by_label("Скрыть суммы").uncheck()
    page.get_by_text("Районный коэффициент", exact=True).first.click()
    page.get_by_role("link", name="Вопрос по строке").locator("visible=true").last.click()
    look(page, "payslips-slip", full=True)
    page.set_viewport_size(PHONE)
    page.get_by_label("Вопрос расчётчику").fill("Почему коэффициент не с премии?")
    page.get_by_role("button", name="Отправить вопрос").click()
    expect(page.get_by_text("Ответ появится здесь")).to_be_visible()
    with page.expect_download() as paper:
        page.get_by_role("link", name="PDF").click()
    assert paper.value.suggested_filename == "Расчётный листок 2026-09.pdf"

    page.context.clear_cookies()
    sign_in(page, accountant)
    page.goto("/payslips/batches/")
    page.get_by_role("link", name="1 вопрос ждёт").click()
    page.get_by_role("link", name="Озеров Иван Петрович").click()
    page.get_by_label("Ответ работнику").fill("Премии в сентябре не было.")
    page.get_by_role("button", name="Отправить ответ").click()
    expect(page.get_by_text("Никто не ждёт ответа")).to_be_visible()
    assert PayQuestion.objects.get().answered_by == accountant
    # a correction waits to be checked: the control page with all that it can show
    tell(place, date(2026, 9, 1), 2, slip.guid, at=now, to_pay="1.00")
    page.goto(f"/payslips/batches/{slip.batch_id}/")
    look(page, "payslips-batch", full=True)
    page.get_by_label("Листков в ведомости").fill("2")
    page.get_by_label("К выплате по ведомости, ₽").fill("1,00")
    page.get_by_role("button", name="Сверить").click()
    expect(page.get_by_role("alert")).to_contain_text("Пришло листков: 1, в ведомости 2")
    look(page, "payslips-refused", full=True)

    page.context.clear_cookies()
    sign_in(page, Person.objects.get(pk=place.person_id).user)
    page.set_viewport_size(PHONE)
    page.goto(f"/payslips/{slip.pk}/")
    expect(page.get_by_text("Премии в сентябре не было.")).to_be_visible()
    assert PayLook.objects.filter(by=accountant, version__payslip=slip).exists()
    expect(page.get_by_role("heading", name="Кто ещё смотрел")).to_be_visible()
    expect(page.get_by_text("на экране")).to_be_visible()
