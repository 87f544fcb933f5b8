"""The eyes see: each kind of fault on a page made for it, and nothing on one without."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.eyes import inspect

pytestmark = pytest.mark.browser
SMALL = '<p><button class="s">а</button><button class="s">б</button></p>'
STYLE = ".s { width: 10px; height: 10px; padding: 0; border: 0; margin: 0; font-size: 8px }"
PAGE = (
    '<!doctype html><html lang="ru"><head><title>Страница</title><meta name="viewport" content="width=device-width">'
    "<style>body { color: black; background: white } %s</style></head>"
    "<body><main><h1>Заголовок</h1>%s</main></body></html>"
)
NIGHT = "@media (prefers-color-scheme: dark) { .grey { color: #c0b8b8 } }"  # a look that no other fault has
FAULTS = {
    "color-contrast": (".pale { color: #bbb }", '<p class="pale">Бледно</p>'),
    "color-contrast at night": (NIGHT, '<p class="grey">Серо</p>'),
    "target-size": (STYLE, SMALL),
    "target-size on a phone": (f"@media (max-width: 500px) {{ {STYLE} }}", SMALL),
    "label": ("", "<input type=text>"),
    "button-name": (".w { display: none }", '<button><span class="w">Слово</span></button>'),
    "button-name on a phone": (
        "@media (max-width: 500px) { .w { display: none } }",
        '<button style="width: 3rem; height: 3rem"><span class="w">Слово</span></button>',
    ),
    "image-alt on a desk": (
        "@media (max-width: 500px) { img { display: none } }",
        '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="9" height="9">',
    ),
    "scrolls sideways": ("", '<p style="width: 3000px">Широко</p>'),
}


def test_each_fault_is_seen_and_nothing_else(page: Page, live_server: Any) -> None:
    made = [PAGE % ("", "<p>Слова</p>"), *(PAGE % fault for fault in FAULTS.values())]
    page.route(
        "**/made/*",
        lambda asked: asked.fulfill(
            body=made[int(asked.request.url.rpartition("/")[2])], content_type="text/html; charset=utf-8"
        ),
    )
    page.goto("/made/0")
    assert inspect(page) == []
    for number, fault in enumerate(FAULTS, start=1):
        page.goto(f"/made/{number}")
        found = inspect(page)
        rule = fault.partition(" ")[0]
        assert found and all(rule in line for line in found), (fault, found)
        if fault.endswith("night"):
            assert all(" dark: " in line for line in found)
        if fault.endswith("phone"):
            assert all(line.startswith("390 ") for line in found)
        if fault.endswith("desk"):
            assert all(line.startswith("1440 ") for line in found)
