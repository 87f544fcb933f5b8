"""A specialist's hour without a mouse: ten requests by keyboard alone, with everything that a key does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.desk.actions import macros
from provodnik.desk.models import EventKind, Macro, Message, Preference, Ticket, TicketEvent, Unsent
from provodnik.desk.states import Status
from tests.browser.world import World, build

pytestmark = pytest.mark.browser

NO_MOUSE = """
for (const name of ["mousedown", "pointerdown", "touchstart", "wheel"])
  addEventListener(name, (event) => { if (event.isTrusted) sessionStorage.setItem("mouse", name); }, true);
"""


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


@pytest.fixture
def desk(page: Page, sign_in: Any, world: World) -> Iterator[Page]:
    page.set_default_navigation_timeout(30_000)
    page.add_init_script(NO_MOUSE)
    sign_in(page, world.agent)
    yield page
    assert page.evaluate("() => sessionStorage.getItem('mouse')") is None


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def opened(page: Page, number: int | None = None) -> int:
    """Wait for a request beside the list; its number."""
    if number is not None:
        expect(page.locator(f"#pane[data-number='{number}']")).to_be_visible()
    return int(page.locator("#pane").get_attribute("data-number") or 0)


def status(page: Page, word: str) -> None:
    expect(page.locator("#pane .desk-bar").get_by_text(word, exact=True)).to_be_visible()


def write(page: Page, key: str, text: str) -> None:
    """Choose what to write by its key, write it, send it, leave the editor."""
    press(page, key)
    expect(page.locator("#id_text")).to_be_focused()
    page.keyboard.type(text)
    press(page, "Control+Enter")
    expect(page.locator("#stream").get_by_text(text)).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("")
    press(page, "Escape")


def down(page: Page, number: int) -> None:
    """To the next of the list, which opens by itself beside an open one."""
    press(page, "j")
    opened(page, number)


def test_ten_requests(desk: Page, world: World) -> None:
    page = desk
    macros.save(
        Macro(title="Нужны сведения", text="{имя и отчество}, что на экране?", mode="ask"),
        shared=False, by=world.agent, at=timezone.now(),
    )  # fmt: skip
    page.goto("/desk/?view=new")
    listed = page.locator("#desk-rows .ticket-row").evaluate_all(
        "rows => rows.map((row) => Number(row.dataset.ticket))"
    )
    assert len(listed) == 4

    # 1: opened from the list, taken, answered
    press(page, "j", "Enter")
    opened(page, listed[0])
    press(page, "t")
    status(page, "В работе")
    write(page, "r", "Смотрим.")

    # 2: a note for the desk, then given to a colleague
    down(page, listed[1])
    write(page, "n", "Похоже на обновление браузера.")
    press(page, "s")
    dialog = page.locator("#desk-dialog")
    expect(dialog.get_by_label("Специалист")).to_be_focused()
    press(page, "End", "Control+Enter")  # its last line
    expect(dialog).to_be_hidden()
    expect(page.locator("#stream").get_by_text("Светлова-Милорадова Г. К.")).to_be_visible()

    # 3: asked by a prepared answer, which «/» finds
    down(page, listed[2])
    press(page, "r")
    page.keyboard.type("/")
    expect(page.locator("#palette-field")).to_be_focused()
    page.keyboard.type("сведен")
    expect(page.get_by_role("option")).to_have_count(1)
    press(page, "Enter")
    expect(page.locator("#id_text")).to_have_value("Зинаида Эдуардовна, что на экране?")
    expect(page.locator("#say input[value=ask]")).to_be_checked()
    press(page, "Control+Enter")
    status(page, "Уточнение")
    press(page, "Escape")

    # 4: the proposed type and priority are right; closed; the next one is offered
    down(page, listed[3])
    press(page, "i")
    expect(page.locator("#toasts")).to_contain_text("подтверждены")
    press(page, "c")
    page.keyboard.type("Масштаб меняется в настройках печати.")
    press(page, "Control+Enter")
    expect(page.get_by_role("link", name=re.compile("Следующее: № "))).to_be_focused()

    # 5–7: one's own, by «g m»: another priority with its reason; another type; a section
    press(page, "g", "m")
    expect(page).to_have_url(re.compile("view=mine"))
    press(page, "j", "o")
    expect(page.locator("#pane[data-number]")).to_be_visible()
    fifth = opened(page)
    press(page, "p")
    expect(dialog.get_by_role("radio", checked=True)).to_be_focused()
    press(page, "ArrowDown", "Tab")
    page.keyboard.type("Можно распечатать из кадров")
    press(page, "Control+Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#stream").get_by_text("Можно распечатать из кадров")).to_be_visible()

    mine = page.locator("#desk-rows .ticket-row").evaluate_all("rows => rows.map((row) => Number(row.dataset.ticket))")
    at = mine.index(fifth)
    sixth, seventh = mine[at + 1], mine[at + 2]
    down(page, sixth)
    press(page, "y")
    expect(dialog.get_by_role("radio", checked=True)).to_be_focused()
    press(page, "ArrowDown", "Tab")
    page.keyboard.type("Это вопрос, а не дефект")
    press(page, "Control+Enter")
    expect(dialog).to_be_hidden()
    down(page, seventh)
    press(page, "u")
    expect(dialog.get_by_label("Раздел")).to_be_focused()
    press(page, "End", "Control+Enter")  # its last line
    expect(dialog).to_be_hidden()

    # 8: found by words, from anywhere
    early = next(one for one in world.tickets if one.subject == "Портал открывается через раз")
    press(page, "Control+k")
    page.keyboard.type("портал открывается")
    expect(page.get_by_role("option").filter(has_text=early.subject)).to_be_visible()
    press(page, "Enter")
    opened(page, early.pk)
    write(page, "r", "Нашли причину, исправляем.")

    # 9: an action by its name, in the wrong layout («взять» typed as «dpznm») or in the right one
    waits = next(one for one in world.tickets if one.subject.startswith("Мастер"))
    press(page, "Control+k")
    page.keyboard.type(str(waits.pk))
    expect(page.get_by_role("option").first).to_contain_text(str(waits.pk))
    press(page, "Enter")
    opened(page, waits.pk)
    press(page, "Control+k")
    page.keyboard.type("dpznm")
    expect(page.get_by_role("option").first).to_contain_text("Взять в работу")
    press(page, "Enter")
    status(page, "В работе")

    # 10: a closed one, found by «/» and opened again
    press(page, "/")
    page.keyboard.type("журнал ознакомления")
    press(page, "Enter")
    expect(page.locator("#desk-rows .ticket-row")).to_have_count(1)
    press(page, "j", "Enter")
    closed = world.tickets[-1]
    opened(page, closed.pk)
    press(page, "v")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Позвонила: не помогло")
    press(page, "Control+Enter")
    status(page, "В работе")

    expect(dialog).to_be_hidden()
    press(page, "Escape", "?")
    expect(page.locator("#desk-keys")).to_contain_text("Взять в работу")

    handled = [*listed, fifth, sixth, seventh, early.pk, waits.pk, closed.pk]
    assert len(set(handled)) == 10
    done = set(TicketEvent.objects.filter(by=world.agent, ticket__in=handled).values_list("kind", flat=True))
    assert done >= {
        EventKind.TAKEN, EventKind.REPLIED, EventKind.NOTED, EventKind.ASSIGNED, EventKind.ASKED, EventKind.CLOSED,
        EventKind.PRIORITY, EventKind.TYPE, EventKind.SUBSYSTEM, EventKind.REOPENED,
    }  # fmt: skip
    states = {pk: Ticket.objects.get(pk=pk).status for pk in handled}
    assert states[listed[3]] == Status.DONE and states[listed[2]] == Status.CLARIFICATION
    assert states[closed.pk] == Status.IN_PROGRESS


def test_an_answer_is_taken_back_by_a_key(desk: Page, world: World) -> None:
    """Held for half a minute; «z» brings it back into the editor, from another request too."""
    page, now = desk, timezone.now()
    Preference.objects.create(user=world.agent, hold=30)
    page.goto(f"/desk/{world.main.pk}?view=mine")
    press(page, "r")
    page.keyboard.type("Рано отправила")
    press(page, "Control+Enter")
    expect(page.locator(".desk-held")).to_contain_text("уйдёт через")
    expect(page.locator("#id_text")).to_have_value("")
    press(page, "Escape", "j")
    expect(page.locator("#pane")).not_to_have_attribute("data-number", str(world.main.pk))
    press(page, "z")
    opened(page, world.main.pk)
    expect(page.locator("#id_text")).to_have_value("Рано отправила")
    assert not Message.objects.filter(text="Рано отправила").exists()
    assert Unsent.objects.get().release_at is None
    assert timezone.now() > now


def test_the_draft_is_on_the_server(desk: Page, world: World) -> None:
    page = desk
    page.goto(f"/desk/{world.main.pk}?view=mine")
    press(page, "r")
    page.keyboard.type("Почти готово")
    expect(page.locator("[data-draft-status]")).to_contain_text(re.compile(r"Черновик.\d\d:\d\d"))
    assert Unsent.objects.get().text == "Почти готово"
    page.evaluate("() => localStorage.clear()")
    page.reload()
    expect(page.locator("#id_text")).to_have_value("Почти готово")


def test_the_palette_and_the_keys_look_right(page: Page, sign_in: Any, look: Any, world: World) -> None:
    sign_in(page, world.agent)
    page.goto(f"/desk/{world.main.pk}?view=mine")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_be_visible()
    look(page, "workbench-palette")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#desk-keys")).to_be_visible()
    look(page, "workbench-keys")
