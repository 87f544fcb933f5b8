"""The door in a browser: in, out, a forgotten password, an invitation, sessions."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from provodnik.accounts import tokens
from provodnik.accounts.models import SignInFailure, User
from provodnik.accounts.tokens import Purpose
from provodnik.desk.tests.factories import PASSWORD, AdministratorFactory, SignedInContactFactory

pytestmark = pytest.mark.browser
NAME = "Константинопольская-Рождественская Александра Вячеславовна"


@pytest.fixture
def user(transactional_db: None) -> User:
    made = SignedInContactFactory.create(user__login="anna", user__full_name=NAME).user
    made.set_password(PASSWORD)
    made.save()
    return made


def fill(page: Page, login: str, password: str) -> None:
    page.get_by_label("Логин или почта").fill(login)
    page.get_by_label("Пароль").fill(password)
    page.get_by_role("button", name="Войти").click()


def test_in_and_out(page: Page, user: User, look: Any) -> None:
    page.goto("/profile/")
    expect(page).to_have_url("/sign-in/?next=/profile/")
    look(page, "sign-in", full=True)
    fill(page, "anna", PASSWORD)
    expect(page).to_have_url("/profile/")
    expect(page.get_by_text("Это устройство").first).to_be_visible()
    look(page, "profile", full=True)
    page.get_by_role("button", name="Выйти").click()
    expect(page).to_have_url("/sign-in/")
    page.go_back()
    expect(page.get_by_role("heading", name="Вход")).to_be_visible()


def test_wrong_passwords(page: Page, user: User, look: Any) -> None:
    page.goto("/sign-in/")
    fill(page, "anna", "wrong")
    expect(page.get_by_role("alert").first).to_contain_text("Неверный логин или пароль")
    look(page, "sign-in-wrong", full=True)
    counted = SignInFailure.objects.get()
    SignInFailure.objects.bulk_create(
        SignInFailure(login=counted.login, address=counted.address, at=counted.at) for _ in range(8)
    )
    fill(page, "anna", "wrong")
    expect(page.get_by_role("alert").first).to_contain_text("Подождите")
    expect(page.get_by_label("Логин или почта")).to_have_value("anna")
    look(page, "sign-in-wait", full=True)


def test_by_keyboard_alone(page: Page, user: User) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Логин или почта").focus()
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).not_to_have_url("/sign-in/")


def test_forgotten(page: Page, user: User, look: Any) -> None:
    page.goto("/sign-in/")
    page.get_by_role("link", name="Забыли пароль?").click()
    look(page, "forgot", full=True)
    page.get_by_label("Логин или почта").fill("nobody@chv.example")
    page.get_by_role("button", name="Прислать ссылку").click()
    expect(page.get_by_role("heading", name="Проверьте почту")).to_be_visible()
    look(page, "forgot-sent", full=True)


def test_first_sign_in_by_invitation(page: Page, look: Any) -> None:
    newcomer = User.objects.create_user("newcomer@chv.example", email="newcomer@chv.example", full_name=NAME)
    link = f"/welcome/{tokens.make(newcomer, Purpose.INVITATION)}/"
    page.goto(link)
    page.get_by_label("Новый пароль", exact=True).fill("пароль12345")
    page.get_by_label("Ещё раз новый пароль").fill("пароль12345")
    page.get_by_role("button", name="Сохранить и войти").click()
    expect(page.get_by_role("alert")).to_contain_text("подбирают в первую очередь")
    look(page, "welcome-error", full=True)
    page.get_by_label("Новый пароль", exact=True).fill("труба сорок вентиль")
    page.get_by_label("Ещё раз новый пароль").fill("труба сорок вентиль")
    page.get_by_role("button", name="Сохранить и войти").click()
    expect(page.get_by_role("button", name="Сохранить и войти")).to_have_count(0)
    page.context.clear_cookies()
    page.goto(link)
    expect(page.get_by_role("heading", name="Ссылка больше не работает")).to_be_visible()
    look(page, "link-over", full=True)


def test_profile_of_an_administrator(page: Page, transactional_db: None, sign_in: Any, look: Any) -> None:
    administrator = AdministratorFactory.create(full_name=NAME)
    sign_in(page, administrator)
    page.goto("/profile/")
    page.get_by_label("Текущий пароль").fill("wrong")
    page.get_by_label("Новый пароль", exact=True).fill("труба сорок вентиль")
    page.get_by_label("Ещё раз новый пароль").fill("труба сорок вентиль")
    page.get_by_role("button", name="Сменить пароль").click()
    expect(page.get_by_role("alert")).to_contain_text("Текущий пароль набран неверно")
    look(page, "profile-error", full=True)
