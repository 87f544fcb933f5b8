"""A slip of paper opens the door, on a phone: printed, its code typed, a password, signed in."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.entry.actions import slips
from provodnik.entry.models import Slip
from provodnik.people.tests.factories import House

pytestmark = pytest.mark.browser
PASSWORD = "тихая заводь у плотины"


def test_from_paper_to_the_cabinet(page: Page, transactional_db: None, sign_in: Any, look: Any) -> None:
    house = House("Чистая вода")
    unit = house.unit("Участок сетей")
    ivan, *_others = [
        house.hire(name, unit, birth_date=born, personnel_number=number)
        for name, born, number in (
            ("Озеров Иван Петрович", "1985-03-07", "00712"),
            ("Безднев Пётр Кузьмич", None, "00713"),
            ("Росина Анна Львовна", "1990-01-02", "00713-2"),
        )
    ]
    hr = house.staff()
    now = timezone.now()
    key = uuid.uuid4()
    _sheet, printed = slips.make(house.organisation, [ivan.pk], key=key, by=hr, at=now, on=timezone.localdate(now))

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/start/{printed[0].code}/")
    look(page, "entry-start", full=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("Что просит талон").fill("07.03.1986")
    page.get_by_role("button", name="Дальше").click()
    expect(page.get_by_role("alert")).to_contain_text("Не подходит")
    page.get_by_label("Что просит талон").fill("07.03.1985")
    page.get_by_role("button", name="Дальше").click()
    expect(page.get_by_text("00712")).to_be_visible()
    look(page, "entry-password", full=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("[name=new]").fill(PASSWORD)
    page.locator("[name=again]").fill(PASSWORD)
    page.get_by_role("button", name="Сохранить и войти").click()
    page.goto("/people/me")
    expect(page).to_have_url(f"/people/{ivan.person_id}")

    page.context.clear_cookies()
    sign_in(page, hr)
    Slip.objects.filter(used_at__isnull=True).update(expires_at=now - timedelta(days=1))
    page.goto(f"/slips/new/?unit={unit.pk}")
    look(page, "entry-new", full=True)
    with page.expect_download() as paper:
        page.get_by_role("button", name="Напечатать талоны").click()
    assert paper.value.suggested_filename.endswith(".pdf")
    page.goto("/slips/")
    look(page, "entry-register", full=True)
    page.goto("/slips/rules/")
    look(page, "entry-rules", full=True)
