"""Every page there is, by the table of the authorization matrix: each route that gives a page to somebody is opened as
he would and looked at in both themes at both widths; its console has nothing to complain of. A new route is looked at
because it is there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.eyes import script
from tests.browser.full import furnish
from tests.browser.walk import NO_SCRIPT, SIDES, Visit, become, stands, visits
from tests.world import build

pytestmark = pytest.mark.browser
POLICY = "Content Security Policy"  # axe breaks it too; the page of conftest.py tells the two apart


def picture(visit: Visit) -> str:
    """A file name."""
    words = f"{visit.person} {visit.route if ':' in visit.route else ''} {visit.address}{visit.question}"
    return re.sub(r"[^\w-]+", "-", words).strip("-")[:100]


# Parts that take about as long: no process goes on alone when all others have ended.
PARTS = [(side, part, parts) for side, parts in zip(SIDES, (1, 2, 4), strict=True) for part in range(parts)]


@pytest.mark.long
@pytest.mark.parametrize(("side", "part", "parts"), PARTS)
def test_every_page(page: Page, live_server: Any, side: str, part: int, parts: int, scan: Any) -> None:
    full, wrong = furnish(build()), []
    page.context.add_init_script(script())
    said: list[str] = []
    page.on(
        "console", lambda told: said.append(told.text) if told.type == "error" and POLICY not in told.text else None
    )
    person = ""
    for visit in sorted(visits(full, side))[part::parts]:
        if visit.person != person:
            person = visit.person
            become(page, full.world, person, live_server.url)
        if visit.route in NO_SCRIPT:
            continue
        if refused := stands(page, visit):
            wrong.append(refused)
            continue
        wrong += [f"{visit.route} by {person}: {line}" for line in [*scan(page, picture(visit)), *said]]
        said.clear()
    assert not wrong, "\n".join(wrong)
