"""The second factor in a browser: a passkey of Chromium's virtual authenticator, an app, a sheet, and their pages."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.accounts import passkeys
from provodnik.accounts.actions import factors
from provodnik.accounts.models import Passkey, TrustedDevice, User
from provodnik.desk.tests.factories import (
    PASSWORD,
    AdministratorFactory,
    SignedInContactFactory,
)

pytestmark = pytest.mark.browser
NAME = "Константинопольская-Рождественская Александра Вячеславовна"


@pytest.fixture
def user(transactional_db: None, settings: Any, live_server: Any) -> User:
    settings.BASE_URL = live_server.url
    made = SignedInContactFactory.create(user__login="anna", user__full_name=NAME).user
    made.set_password(PASSWORD)
    made.save()
    return made


def authenticator(page: Page) -> Any:
    """A key that lives in this browser, whose owner is verified at once."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devtools, made["authenticatorId"]


def type_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Логин или почта").fill("anna")
    page.get_by_label("Пароль").fill(password)
    page.get_by_role("button", name="Войти", exact=True).click()


def test_a_passkey_from_its_making_to_its_copy(page: Page, user: User, look: Any) -> None:
    assert passkeys.party() is not None
    devtools, key = authenticator(page)
    page.goto("/sign-in/?next=/profile/second-factor/")
    type_in(page)
    look(page, "factors-none", full=True)
    page.get_by_role("link", name="Добавить ключ").click()
    look(page, "passkey-new", full=True)
    page.get_by_label("Как назвать ключ").fill("Рабочий компьютер")
    page.get_by_role("button", name="Создать ключ").click()
    expect(page.get_by_text("Ключ доступа добавлен.")).to_be_visible()
    page.get_by_role("button", name="Сделать лист").click()
    expect(page.get_by_test_id("sheet").locator("li")).to_have_count(10)
    look(page, "codes-sheet", full=True)
    page.get_by_role("button", name="Коды сохранены").click()
    look(page, "factors-all", full=True)
    made = Passkey.objects.get()
    assert made.name == "Рабочий компьютер" and made.used_at is None

    # as the second factor
    page.context.clear_cookies()
    page.goto("/sign-in/?next=/profile/")
    type_in(page)
    expect(page.get_by_role("heading", name="Подтвердите вход")).to_be_visible()
    look(page, "second-step", full=True)
    page.get_by_role("button", name="Подтвердить ключом доступа").click()
    expect(page).to_have_url("/profile/")

    # as the whole sign-in
    page.context.clear_cookies()
    page.goto("/sign-in/?next=/profile/")
    page.get_by_role("button", name="Войти по ключу доступа").click()
    expect(page).to_have_url("/profile/")
    made.refresh_from_db()
    assert made.used_at is not None and made.sign_count > 0

    # a copy answers with a counter that was seen already
    Passkey.objects.update(sign_count=10_000)
    page.context.clear_cookies()
    page.goto("/sign-in/")
    page.get_by_role("button", name="Войти по ключу доступа").click()
    expect(page.get_by_role("alert").first).to_contain_text("Ключ не принят")
    made.refresh_from_db()
    assert made.doubted_at is not None

    # a key whose owner is not verified says nothing
    Passkey.objects.update(doubted_at=None, sign_count=0)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.goto("/sign-in/")
    page.get_by_role("button", name="Войти по ключу доступа").click()
    expect(page.get_by_role("alert").first).to_contain_text("Ключ не")


def test_an_app_and_a_device_that_is_not_asked(page: Page, user: User, look: Any) -> None:
    page.goto("/sign-in/?next=/profile/second-factor/app/")
    type_in(page)
    secret = page.get_by_test_id("key").inner_text().replace(" ", "")
    page.get_by_label("Код из приложения").fill("000000")
    page.get_by_role("button", name="Настроить").click()
    expect(page.get_by_role("alert").first).to_contain_text("Код не подходит")
    look(page, "totp-error", full=True)
    page.get_by_label("Код из приложения").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Настроить").click()
    expect(page.get_by_text("Приложение настроено.")).to_be_visible()
    page.context.clear_cookies()
    page.goto("/sign-in/")
    type_in(page)
    page.get_by_label("Код", exact=True).fill("111111")
    page.get_by_role("button", name="Подтвердить").click()
    expect(page.get_by_text("Не подходит")).to_be_visible()
    look(page, "second-step-wrong", full=True)
    page.get_by_label("Код", exact=True).fill(pyotp.TOTP(secret).at(timezone.now(), counter_offset=1))
    page.get_by_label("Не спрашивать на этом устройстве").check()
    page.get_by_role("button", name="Подтвердить").click()
    expect(page).to_have_url("/requests/")
    assert TrustedDevice.objects.count() == 1


def test_who_must_is_led(page: Page, user: User, sign_in: Any, look: Any) -> None:
    administrator = AdministratorFactory.create(full_name=NAME)
    factors.set_rules({"requester": 0}, by=administrator, at=timezone.now())
    sign_in(page, user)
    page.goto("/requests/")
    expect(page).to_have_url("/profile/second-factor/")
    look(page, "factors-led", full=True)
