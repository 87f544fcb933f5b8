"""One Chromium for the run, a fresh profile for each test, and what browser tests ask for again and again.

    @pytest.mark.browser
    def test_something(page, live_server, sign_in, axe, look): …

* `page`: a Chromium page whose relative addresses lead to the test's own server. A refused script or style (CSP), an
  uncaught error of ours or a request to any other host fails the test at its end.
* `sign_in(page, user)`: puts a session cookie, without the sign-in page.
* `axe(page)`: asserts that axe-core finds nothing against WCAG 2.2 AA on the page as it stands.
* `look(page, name)`: 390 and 1440 px, light and dark: no sideways scroll, axe, and, when PROVODNIK_SHOTS names a
  folder (or is "1": ./screenshots), a picture of each. The page stays as it was.

No fixture waits for a while: Playwright's `expect` waits for the event.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from playwright.sync_api import Browser, Page

from provodnik.accounts.models import User
from tests.browser.eyes import DESKTOP, PHONE, as_it_stands, busy, inspect, settle

__all__ = ["DESKTOP", "PHONE"]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _plain_statics(settings: Any) -> None:
    """Files as they lie in the tree: nobody collects them for a test."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def page(browser: Browser, transactional_db: None, live_server: Any) -> Iterator[Page]:
    context = browser.new_context(
        base_url=live_server.url, viewport=DESKTOP, locale="ru-RU", timezone_id="Europe/Moscow", color_scheme="light"
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    wrong: list[str] = []
    home = urlsplit(live_server.url).netloc

    def said(message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text and not busy:
            wrong.append(message.text)

    def asked(request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.netloc != home:
            wrong.append(f"asked another host: {request.url}")

    page.on("console", said)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    context.on("request", asked)
    yield page
    context.close()
    assert not wrong, wrong


@pytest.fixture
def sign_in(live_server: Any) -> Callable[[Page, User], None]:
    def enter(page: Page, user: User) -> None:
        store = import_module(django_settings.SESSION_ENGINE).SessionStore()
        store[SESSION_KEY] = str(user.pk)
        store[BACKEND_SESSION_KEY] = django_settings.AUTHENTICATION_BACKENDS[0]
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store.save()
        cookie = {"name": django_settings.SESSION_COOKIE_NAME, "value": store.session_key, "url": live_server.url}
        page.context.add_cookies([cookie])

    return enter


@pytest.fixture
def axe() -> Callable[[Page], None]:
    def check(page: Page) -> None:
        found = as_it_stands(page)
        assert not found, "\n".join(found)

    return check


def _folder() -> Path | None:
    wanted = os.environ.get("PROVODNIK_SHOTS", "")
    if not wanted:
        return None
    folder = ROOT / "screenshots" if wanted == "1" else Path(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def scan() -> Callable[..., list[str]]:
    """`scan(page, name, full=False)`: what is wrong with the page in every width and theme; see `look`."""

    def seen(page: Page, name: str, *, full: bool = False) -> list[str]:
        folder = _folder()

        def shoot(width: str, theme: str) -> None:
            if folder:
                settle(page)
                page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=full, caret="initial")

        return inspect(page, at=shoot, thorough=folder is not None)

    return seen


@pytest.fixture
def look(scan: Callable[..., list[str]]) -> Callable[..., None]:
    """`look(page, name, full=False)`: `full` takes the whole height of the page."""

    def see(page: Page, name: str, *, full: bool = False) -> None:
        wrong = scan(page, name, full=full)
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="light", reduced_motion=None)
        assert not wrong, "\n".join(wrong)

    return see
