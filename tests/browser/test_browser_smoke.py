"""The browser itself: our page opens, its own script runs, nothing is refused by the security policy."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.browser
def test_a_missing_page_says_so(page: Page, look: Any) -> None:
    page.goto("/there-is-no-such-page")
    expect(page.locator("html.js")).to_be_attached()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    look(page, "error-404")
