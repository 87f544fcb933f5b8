"""One Chromium for all browser tests of a process, and peace for the tests beside them.

Playwright's synchronous face keeps an event loop "running" in this thread for as long as it lives: a second Playwright
cannot start in it, `asyncio.run` refuses, and Django forbids the database. So there is one for the run, and whoever
does not drive the browser does not see its loop.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
# The build without windows costs half the processor of the whole one, where there is one.
FOUND = [path for path in ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium") if Path(path).exists()]
CHROMIUM = os.environ.get("PROVODNIK_CHROMIUM") or next(iter(FOUND), "/usr/bin/chromium")
# No sandbox: the tests may run as root in a container. The small /dev/shm of a container would crash the renderer.
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none", "--disable-quic"]
ARGUMENTS += ["--no-first-run", "--hide-scrollbars", "--disable-background-networking", "--disable-component-update"]
ARGUMENTS += ["--disable-sync"]
ARGUMENTS += ["--in-process-gpu"]  # nothing is drawn by a GPU: its process only carries pictures to and fro
# A page lives for a second: what V8 would gain by optimising its scripts and axe is a third of what pages cost.
ARGUMENTS += ["--js-flags=--no-opt --no-maglev"]

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
        loop = asyncio._get_running_loop()
        yield browser
        asyncio._set_running_loop(loop)  # the last test of all may have been one without a browser
        browser.close()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test that drives no browser runs as if there were none: from the first of its fixtures to the last, for Django
    has another connection to the database where a loop runs, and a transaction begun on one is none on the other."""
    loop = asyncio._get_running_loop()
    if loop is None or item.get_closest_marker("browser") is not None:
        return (yield)
    asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        if loop.is_running():  # not when this was the last of all
            asyncio._set_running_loop(loop)
