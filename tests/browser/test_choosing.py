"""Choosing several requests, one step for all of them and its undo; names in a note; the pages of ties and marks."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.desk.actions import bulk, incoming, linking, merging, own_fields, tagging, watching
from provodnik.desk.models import BulkRun, FieldDefinition, LinkKind, Ticket
from provodnik.desk.tests.factories import AdministratorFactory, make_ticket
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
    bar.locator("button", has_text="Назначить").click()
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


def test_its_pages_look_right(page: Page, sign_in: Any, look: Any, world: World) -> None:
    now, main = timezone.now(), world.main
    again = make_ticket(contact=world.contact, at=now, subject="Показания пропадают, как и вчера, после «Сохранить»")
    merging.merge([again.pk], into=main.pk, by=world.agent, at=now)
    said = incoming.Said(text="И ещё не печатается протокол.", channel=main.channel, contact=world.contact)
    incoming.hear(main.pk, said, key=uuid.uuid4(), at=now)
    message = main.messages.filter(kind="answer").latest("pk")
    linking.link(main.pk, other=world.tickets[1].pk, kind=LinkKind.CAUSE, by=world.agent, at=now)
    tagging.set_tags(main.pk, names=["ждём поставщика", "после обновления портала до 1.4"], by=world.agent, at=now)
    watching.watch(main.pk, on=True, by=world.colleague, at=now)
    assert main.contract is not None
    one = FieldDefinition.objects.create(
        contract=main.contract, label="Участок", kind="choice", choices=["Север", "Юг"]
    )
    FieldDefinition.objects.create(
        contract=main.contract, label="Согласовано", kind="yes_no", required=True, asked=False
    )
    own_fields.set_fields(main.pk, typed={one.pk: "Юг"}, by=world.agent, at=now)
    run = bulk.begin(
        BulkRun.What.ASSIGN, {"to": None}, [one.pk for one in world.tickets], key=uuid.uuid4(), by=world.agent, at=now
    )
    bulk.carry_out(run.pk, at=now)
    sign_in(page, world.agent)
    page.goto("/desk/?view=open")
    page.locator("#desk-rows [data-choose]").first.check(force=True)
    look(page, "choosing-list")
    for name, address in (
        ("request", f"/desk/{main.pk}?view=open"),
        ("merge", f"/desk/{main.pk}/tie/merge"),
        ("link", f"/desk/{main.pk}/tie/link"),
        ("tags", f"/desk/{main.pk}/tie/tags"),
        ("fields", f"/desk/{main.pk}/tie/fields"),
        ("watchers", f"/desk/{main.pk}/tie/watchers"),
        ("split", f"/desk/{main.pk}/split/{message.pk}"),
        ("choose", "/desk/choose?view=open"),
        ("close", f"/desk/bulk/close?n={main.pk}"),
        ("merge-many", f"/desk/bulk/merge?n={main.pk}&n={world.tickets[1].pk}"),
        ("runs", "/desk/runs"),
        ("run", f"/desk/runs/{run.pk}"),
    ):
        page.goto(address)
        look(page, f"choosing-{name}")
    sign_in(page, AdministratorFactory.create())
    for name, address in (
        ("settings-tags", "/settings/tags/"),
        ("settings-tag", f"/settings/tags/{tagging.named(['ждём поставщика'])[0].pk}/"),
        ("settings-field", f"/settings/contracts/fields/{one.pk}/"),
        ("settings-contract", f"/settings/contracts/{main.contract.pk}/"),
    ):
        page.goto(address)
        look(page, name)
    sign_in(page, world.contact.user)
    page.goto("/requests/new/")
    look(page, "requester-own-fields")
