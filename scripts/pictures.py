"""The pictures of README.md, taken from a running demo: `make demo`, then `python scripts/pictures.py [address]`.

Nothing is sent and nothing is kept but the announcements that are put away, so that a picture shows its page.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "img"
PASSWORD = "chistaya-voda"  # as the demo prints it
SUBJECT = "Показания химлаборатории пропадают"
ANSWER = (
    "Спасибо, этого достаточно. Мастер закрыл ночную смену в 06:40, поэтому форма не принимает показания. "
    "Открываем смену и проверяем, почему надпись исчезает."
)
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--lang=ru"]


def enter(browser: Browser, address: str, login: str, *, phone: bool = False) -> Page:
    """A page of somebody who has signed in and has put the announcements away."""
    size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
    context: BrowserContext = browser.new_context(
        base_url=address,
        viewport=size,  # type: ignore[arg-type]
        device_scale_factor=2 if phone else 1,
        is_mobile=phone,
        has_touch=phone,
        locale="ru-RU",
        timezone_id="Europe/Moscow",
        color_scheme="light",
    )
    page = context.new_page()
    page.goto("/sign-in/")
    page.locator("[name=login]:visible, [name=username]:visible").first.fill(login)
    page.locator("[type=password]").fill(PASSWORD)
    page.locator("[type=password]").press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    while page.locator(".banner-line button").count():
        with page.expect_response(lambda answer: "/away" in answer.url):
            page.locator(".banner-line button").first.click()
        page.reload()
    return page


def take(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    page.evaluate("() => document.fonts.ready")
    page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as tool:
        browser = tool.chromium.launch(
            executable_path=os.environ.get("PROVODNIK_CHROMIUM", "/usr/bin/chromium"), args=ARGUMENTS
        )
        page = enter(browser, address, "innokenty")
        page.goto("/desk/?view=mine")
        page.get_by_text(SUBJECT).first.click()
        page.wait_for_selector("#say textarea")
        page.locator("#say textarea").fill(ANSWER)
        take(page, "workbench")
        page.locator("#say textarea").fill("")
        page = enter(browser, address, "galina")
        page.goto("/quality/")
        take(page, "quality")
        page = enter(browser, address, "anna", phone=True)
        page.get_by_text(SUBJECT).first.click()
        page.wait_for_load_state()
        take(page, "phone")
        browser.close()


if __name__ == "__main__":
    main()
