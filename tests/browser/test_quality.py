"""The report of quality in the browser: figures that open, charts with their tables, on a phone and in the dark."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.desk.tests.factories import ContractFactory, LeadFactory, SignedInContactFactory, make_ticket
from provodnik.quality.actions import cases
from provodnik.quality.tests.test_cases import closed

pytestmark = pytest.mark.browser


def test_the_report(page: Page, live_server: Any, sign_in: Any, look: Any) -> None:
    lead = LeadFactory.create()
    contract = ContractFactory.create(target_share=95)
    contact = SignedInContactFactory.create(customer=contract.customer, is_coordinator=True)
    make_ticket(contact=contact, at=timezone.now())
    ticket = closed(contact=contact)
    cases.catch_up_all()
    month = f"{timezone.localdate(ticket.closed_at):%Y-%m}"
    sign_in(page, lead)
    # the first page of a run compiles every template that it is made of
    page.goto(f"/quality/?period={month}&customer={contract.customer_id}", timeout=30_000)
    expect(page.get_by_role("img", name="Закрыто в срок по месяцам").first).to_be_visible()
    look(page, "quality")
    page.get_by_text("То же таблицей").first.click()
    page.get_by_text("То же таблицей").last.click()
    look(page, "quality-tables")
    page.get_by_role("row", name="Высокий").get_by_role("link", name="1", exact=True).first.click()
    expect(page.get_by_role("link", name=f"№ {ticket.pk}")).to_be_visible()
    look(page, "quality-behind")
    page.goto(f"/quality/files?period={month}")
    page.get_by_role("button", name="Файл Excel").click()
    expect(page.get_by_text("Ждёт очереди")).to_be_visible()
    look(page, "quality-files")
    sign_in(page, contact.user)
    page.goto(f"/quality/?period={month}")
    expect(page.get_by_role("heading", name="Что обещал договор")).to_be_visible()
    look(page, "quality-coordinator")
