"""One Chromium for all browser tests of a process, and peace for the tests beside them.

Playwright's synchronous face keeps an event loop "running" in this thread for as long as it lives: a second Playwright
cannot start in it, `asyncio.run` refuses, and Django forbids the database. So there is one for the run, and whoever
does not drive the browser does not see its loop.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("PROVODNIK_CHROMIUM", "/usr/bin/chromium")
# No sandbox: the tests may run as root in a container. The small /dev/shm of a container would crash the renderer.
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none", "--disable-quic"]
ARGUMENTS += ["--no-first-run", "--hide-scrollbars", "--disable-background-networking", "--disable-component-update"]
ARGUMENTS += ["--disable-sync"]

# Django asks this of the thread that runs the loop, also while the test database is made and destroyed.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not here; PROVODNIK_CHROMIUM names another")
    if not (ROOT / "provodnik/ui/static/built/app.js").exists():
        pytest.skip("the assets are not built: npm run build")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _no_loop_of_the_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that drives no browser runs as if there were none."""
    loop = asyncio._get_running_loop()
    if loop is None or request.node.get_closest_marker("browser") is not None:
        yield
        return
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)
