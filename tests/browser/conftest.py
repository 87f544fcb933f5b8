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

import json
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

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
SIZES = {"390": PHONE, "1440": DESKTOP}
THEMES = ("light", "dark")


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
        if message.type == "error" and "Content Security Policy" in message.text and not _measuring:
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


# axe-core itself sets a style here and there, which our policy refuses: that says nothing of our pages.
_measuring: list[Page] = []


def violations(page: Page) -> list[str]:
    """What axe-core finds, one line each: the rule, what it wants, and where."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.read_text())
    _measuring.append(page)
    found = page.evaluate(
        "async (rules) => (await axe.run(document, {runOnly: {type: 'tag', values: rules},"
        " resultTypes: ['violations']})).violations",
        RULES,
    )
    _measuring.clear()
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:300]} ({json.dumps(node['any'][:1], ensure_ascii=False)[:300]})"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.fixture
def axe() -> Callable[[Page], None]:
    def check(page: Page) -> None:
        found = violations(page)
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
def look() -> Callable[..., None]:
    """`look(page, name, full=False)`: `full` takes the whole height of the page."""

    def see(page: Page, name: str, *, full: bool = False) -> None:
        wrong = []
        folder = _folder()
        for width, size in SIZES.items():
            for theme in THEMES:
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                page.evaluate("() => document.fonts.ready")
                # colours on their way from one theme to the other are neither's
                page.evaluate("() => Promise.allSettled(document.getAnimations().map((one) => one.finished))")
                # Two frames: the theme's colours have reached every element by the second.
                page.evaluate("() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")
                if folder:
                    page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=full, caret="initial")
                if page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
                    wrong.append(f"{width}: scrolls sideways")
                wrong += [f"{width} {theme}: {line}" for line in violations(page)]
        page.set_viewport_size(DESKTOP)
        page.emulate_media(color_scheme="light", reduced_motion=None)
        assert not wrong, "\n".join(wrong)

    return see
