"""The workbench in a browser: by keyboard alone, live, readable in both themes on a phone and on a desk."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.channels.models import Channel
from provodnik.desk.actions import incoming, work
from provodnik.desk.models import Ticket
from provodnik.desk.states import Impact
from provodnik.desk.tests.factories import make_ticket
from tests.browser.conftest import PHONE
from tests.browser.world import World, build

pytestmark = pytest.mark.browser


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


def test_by_keyboard_alone(page: Page, sign_in: Any, world: World) -> None:
    """Walk, take, reply, ask, see the answer, close, go on: no mouse, no page load after the first."""
    sign_in(page, world.agent)
    page.goto("/desk/?view=new")
    page.evaluate("() => { window.sameDocument = true; }")
    page.keyboard.press("j")
    first = page.locator("#desk-rows .ticket-row").first
    expect(first).to_be_focused()
    number = first.get_attribute("data-ticket")
    page.keyboard.press("Enter")
    expect(page.locator(f"#pane[data-number='{number}']")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/desk/{number}\?view=new"))

    page.keyboard.press("t")
    expect(page.locator("#pane .desk-bar").get_by_text("В работе")).to_be_visible()

    page.keyboard.press("r")
    expect(page.locator("#id_text")).to_be_focused()
    page.keyboard.type("Смотрим.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#stream .msg-mine").get_by_text("Смотрим.")).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("")

    page.locator("#desk-scroll").focus()
    page.keyboard.press("a")
    page.keyboard.type("Какой браузер?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#pane .desk-bar").get_by_text("Уточнение")).to_be_visible()

    ticket = Ticket.objects.get(pk=int(number or 0))
    said = incoming.Said(text="Обычный.", channel=Channel.PORTAL, contact=ticket.contact)
    incoming.hear(ticket.pk, said, key=uuid.uuid4(), at=timezone.now())
    page.evaluate("() => document.dispatchEvent(new CustomEvent('desk:pulse'))")
    expect(page.locator("[data-news]")).to_be_visible()
    page.locator("[data-news-show]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#stream").get_by_text("Обычный.")).to_be_visible()

    page.locator("#desk-scroll").focus()
    page.keyboard.press("c")
    page.keyboard.type("Обновили, проверьте.")
    page.keyboard.press("Control+Enter")
    following = page.get_by_role("link", name=re.compile("Следующее: № "))
    expect(following).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#pane")).not_to_have_attribute("data-number", number or "")
    assert page.evaluate("() => window.sameDocument === true")

    page.go_back()
    expect(page.locator(f"#pane[data-number='{number}']")).to_be_visible()


def test_the_russian_layout_works_too(page: Page, sign_in: Any, world: World) -> None:
    sign_in(page, world.agent)
    page.goto(f"/desk/{world.main.pk}?view=mine")
    page.evaluate(
        "() => document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'т', code: 'KeyN', bubbles: true}))"
    )
    expect(page.locator("#say input[value=note]")).to_be_checked()
    expect(page.locator("#id_text")).to_be_focused()


def test_keys_and_editors_are_dialogs(page: Page, sign_in: Any, axe: Any, look: Any, world: World) -> None:
    sign_in(page, world.agent)
    page.goto(f"/desk/{world.main.pk}?view=mine")
    page.keyboard.press("?")
    expect(page.locator("#desk-keys")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(page.locator("#desk-keys")).to_be_hidden()
    page.keyboard.press("p")
    dialog = page.locator("#desk-dialog")
    expect(dialog).to_be_visible()
    look(page, "workbench-dialog")
    dialog.get_by_role("button", name="Изменить приоритет").click()
    expect(dialog.get_by_text("Напишите почему: причина останется в истории.")).to_be_visible()
    dialog.get_by_label("Средний").check()
    dialog.get_by_label("Почему").fill("Есть обходной путь")
    dialog.get_by_role("button", name="Изменить приоритет").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#stream").get_by_text("Есть обходной путь")).to_have_count(1)


def test_the_list_lives(page: Page, sign_in: Any, world: World) -> None:
    """A new request waits behind a line, a changed row changes where it stands, an urgent one raises the alarm."""
    sign_in(page, world.agent)
    page.goto("/desk/?view=open")
    order = page.locator("#desk-rows .ticket-row").evaluate_all("rows => rows.map((row) => row.dataset.ticket)")
    fresh = make_ticket(at=timezone.now(), impact=Impact.NOTHING_WORKS, subject="Ничего не открывается")
    work.take(int(order[-1]), by=world.colleague, at=timezone.now())
    page.evaluate("() => document.dispatchEvent(new CustomEvent('desk:pulse'))")
    expect(page.locator("[data-fresh]")).to_contain_text("1")
    expect(page.locator("#toasts")).to_contain_text(f"№ {fresh.pk}")
    expect(page.locator(f"#row-{order[-1]}")).to_contain_text("В работе")
    now = page.locator("#desk-rows .ticket-row").evaluate_all("rows => rows.map((row) => row.dataset.ticket)")
    assert now == order


def test_a_draft_is_kept_for_each_request(page: Page, sign_in: Any, world: World) -> None:
    sign_in(page, world.agent)
    page.goto(f"/desk/{world.main.pk}?view=mine")
    page.locator("#id_text").fill("Почти готовый ответ")
    expect(page.locator("[data-draft-status]")).to_contain_text("Черновик")
    other = world.tickets[1].pk
    page.locator(f"#row-{other}").click()
    expect(page.locator(f"#pane[data-number='{other}']")).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("")
    page.reload()
    page.locator(f"#row-{world.main.pk}").click()
    expect(page.locator("#id_text")).to_have_value("Почти готовый ответ")


def test_who_was_late_sees_what_happened_and_keeps_his_text(page: Page, sign_in: Any, world: World) -> None:
    sign_in(page, world.agent)
    page.goto(f"/desk/{world.main.pk}?view=mine")
    page.locator("#id_text").fill("Мой ответ")
    work.reply(world.main.pk, text="Я уже ответила", by=world.colleague, at=timezone.now())
    page.locator("#id_text").press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Светлова-Милорадова")
    expect(page.locator("#id_text")).to_have_value("Мой ответ")
    expect(page.locator("#stream").get_by_text("Я уже ответила")).to_be_visible()
    page.locator("#id_text").press("Control+Enter")
    expect(page.locator("#stream").get_by_text("Мой ответ")).to_be_visible()


def test_on_a_phone_the_request_is_a_screen(page: Page, sign_in: Any, world: World) -> None:
    page.set_viewport_size(PHONE)
    sign_in(page, world.agent)
    page.goto("/desk/?view=mine")
    page.locator(f"#row-{world.main.pk}").click()
    expect(page).to_have_url(re.compile(rf"/desk/{world.main.pk}\?view=mine"))
    expect(page.locator("#stream .msg").last).to_be_in_viewport()
    page.get_by_role("link", name="К списку").click()
    expect(page.locator(f"#row-{world.main.pk}")).to_be_visible()
