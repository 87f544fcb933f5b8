"""The page of the API, tokens and webhooks in a browser: both themes and sizes, empty and full, and the way of a secret
that is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.accounts import api_tokens
from provodnik.accounts.models import ApiToken, User
from provodnik.accounts.roles import Role
from provodnik.accounts.scopes import Scope
from provodnik.desk.tests.factories import UserFactory

pytestmark = pytest.mark.browser
LONG = "Обмен обращениями с корпоративной учётной системой муниципального предприятия «Верхнереченский водоканал»"


@pytest.fixture
def keeper(page: Page, sign_in: Any) -> User:
    """Administrator and lead in one."""
    user: User = UserFactory.create(
        full_name="Светлова-Милорадова Галина Кирилловна",
        roles=[Role.SPECIALIST.value, Role.LEAD.value, Role.ADMINISTRATOR.value],
    )
    sign_in(page, user)
    return user


def test_pages_with_nothing(page: Page, keeper: User, live_server: Any, look: Any) -> None:
    for name in ("accounts:tokens", "hooks:index", "hooks:add", "api:docs"):
        page.goto(live_server.url + reverse(name))
        look(page, f"exchange-empty-{name.replace(':', '-')}")
    page.goto(live_server.url + reverse("api:docs_of", args=["requests"]) + "#write_request")
    expect(page.locator("#write_request")).to_be_visible()  # the address opens its line
    look(page, "exchange-operation")


def test_a_token_is_made_shown_once_and_revoked(page: Page, keeper: User, live_server: Any, look: Any) -> None:
    page.goto(live_server.url + reverse("accounts:tokens"))
    page.get_by_role("link", name="Новый ключ").first.click()
    page.get_by_label("Кто будет им пользоваться").fill(LONG[:100])
    page.get_by_role("button", name="Создать ключ").click()
    look(page, "exchange-token-wrong")
    page.get_by_text("Читать как служба поддержки").click()
    page.get_by_role("button", name="Создать ключ").click()
    token = ApiToken.objects.get()
    expect(page.get_by_text(f"pvd_{token.prefix}_").first).to_be_visible()
    look(page, "exchange-token-shown")
    old, _key = api_tokens.make(
        owner=keeper, name="Отчёты", scopes=list(Scope), lasts=timedelta(days=30), at=timezone.now()
    )
    api_tokens.revoke(old, by=keeper, at=timezone.now())
    page.goto(live_server.url + reverse("accounts:all_tokens"))
    look(page, "exchange-tokens-all")
    page.get_by_role("button", name="Отозвать ключ").click()
    page.get_by_role("dialog").get_by_role("button", name="Отозвать").click()
    expect(page.get_by_role("status")).to_contain_text("отозван")


def test_a_webhook_with_everything(page: Page, keeper: User, live_server: Any, look: Any) -> None:
    page.goto(live_server.url + reverse("hooks:add"))
    page.locator("[name=name]").fill(LONG[:100])
    page.locator("[name=address]").fill("http://127.0.0.1/in")
    page.get_by_role("button", name="Добавить").click()
    look(page, "exchange-hook-wrong")
    page.locator("[name=address]").fill("https://hooks.example/" + "long/" * 30)
    page.get_by_role("button", name="Добавить").click()
    expect(page.get_by_text("whsec_")).to_be_visible()
    look(page, "exchange-hook-made")
