"""Choosing several requests, one step for all of them and its undo; names in a note; the pages of ties and marks."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from provodnik.desk.models import Ticket
from tests.browser.world import World, build

pytestmark = pytest.mark.browser


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


def _numbers(page: Page, count: int) -> list[int]:
    rows = page.locator("#desk-rows .ticket-row")
    return [int(rows.nth(place).get_attribute("data-ticket") or 0) for place in range(count)]


def test_chosen_by_key_and_by_mouse_given_to_somebody_and_taken_back(page: Page, sign_in: Any, world: World) -> None:
    sign_in(page, world.agent)
    page.goto("/desk/?view=open")
    numbers = _numbers(page, 3)
    before = dict(Ticket.objects.values_list("pk", "assignee_id"))
    page.keyboard.press("j")
    page.keyboard.press("x")
    bar = page.locator(".desk-chosen")
    expect(bar.locator("[data-count]")).to_contain_text("1")
    page.locator("#desk-rows [data-choose]").nth(2).click(modifiers=["Shift"])
    expect(bar.locator("[data-count]")).to_contain_text("3")
    page.keyboard.press("Shift+X")
    expect(bar.locator("[data-all]")).to_be_hidden()  # nothing that is shown is left
    page.keyboard.press("Escape")
    for place in range(3):
        page.locator("#desk-rows [data-choose]").nth(place).check(force=True)
    page.keyboard.press("s")  # of all that are chosen
    dialog = page.locator("#desk-dialog")
    dialog.get_by_label("Специалист").select_option(str(world.colleague.pk))
    dialog.locator("button.btn-primary").click()
    expect(dialog).to_be_hidden()
    toast = page.locator(".toast-card", has_text="Сделано: 3")
    expect(toast).to_be_visible()
    expect(bar).to_be_hidden()
    assert set(Ticket.objects.filter(pk__in=numbers).values_list("assignee", flat=True)) == {world.colleague.pk}
    toast.get_by_role("button", name="Отменить").click()
    expect(page.locator(".toast-card", has_text="Возвращено: 3")).to_be_visible()
    assert dict(Ticket.objects.values_list("pk", "assignee_id")) == before


def test_a_name_in_a_note_is_offered_and_put_in(page: Page, sign_in: Any, world: World) -> None:
    sign_in(page, world.agent)
    page.route("**/draft", lambda route: route.abort())  # nobody must write while the tables are emptied
    page.goto("/desk/?view=open")
    page.goto(f"/desk/{world.main.pk}?view=open", wait_until="domcontentloaded")
    page.keyboard.press("n")
    page.keyboard.type("Посмотри, @свет")
    expect(page.locator(".mention", has_text="Светлова")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#id_text")).to_have_value("Посмотри, @svetlova ")
    expect(page.locator(".mention-box")).to_have_count(0)


def test_each_step_for_all_chosen_has_its_key_and_the_list_looks_right(
    page: Page, sign_in: Any, look: Any, world: World
) -> None:
    sign_in(page, world.agent)
    page.goto("/desk/?view=open")
    for place in range(2):
        page.locator("#desk-rows [data-choose]").nth(place).check(force=True)
    dialog = page.locator("#desk-dialog")
    for key, words in {"p": "приоритет", "d": "Метки", "r": "Ответить", "c": "Закрыть", "m": "Объединить"}.items():
        page.keyboard.press(key)
        expect(dialog.locator("h2").first).to_contain_text(words)
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
    look(page, "choosing-list")
