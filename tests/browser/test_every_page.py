"""Every page there is, by the table of the authorization matrix, in a world whose every word was written by somebody
hostile: each route that gives a page to somebody is opened as he would. None of the words runs, leads away or asks
another host (safety A04); the page stands (axe, no sideways scroll, however long its words) in both themes and widths;
its console has nothing to complain of. A new route is looked at because it is there."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.eyes import script
from tests.browser.full import furnish
from tests.browser.hostile import overwrite
from tests.browser.walk import NO_SCRIPT, SIDES, Visit, become, stands, visits
from tests.browser.watch import Watch
from tests.vectors import SCRIPTS
from tests.world import build

pytestmark = pytest.mark.browser
POLICY = "Content Security Policy"  # axe breaks it too; the page of conftest.py tells the two apart
PICTURES = bool(os.environ.get("PROVODNIK_SHOTS"))  # for people to look at: with words of people


def picture(visit: Visit) -> str:
    """A file name."""
    words = f"{visit.person} {visit.route if ':' in visit.route else ''} {visit.address}{visit.question}"
    return re.sub(r"[^\w-]+", "-", words).strip("-")[:100]


def _turn(request: pytest.FixtureRequest) -> int | None:
    """The seed of the run's random order, the same in each of its processes; none where everything is wanted."""
    everything = PICTURES or os.environ.get("PROVODNIK_SWEEP") == "whole"
    return None if everything else int(request.config.getoption("randomly_seed", 0) or 0)


# Parts that take about as long: no process goes on alone when all others have ended.
PARTS = [(side, part, parts) for side, parts in zip(SIDES, (1, 2, 4), strict=True) for part in range(parts)]


@pytest.mark.long
@pytest.mark.parametrize(("side", "part", "parts"), PARTS)
def test_every_page(
    page: Page, live_server: Any, side: str, part: int, parts: int, scan: Any, request: pytest.FixtureRequest
) -> None:
    full, wrong = furnish(build()), []
    if not PICTURES:
        assert overwrite() == {vector.replace("\x00", "") for vector in SCRIPTS}
    page.context.add_init_script(script())
    watch, said = Watch(page), list[str]()
    page.on(
        "console", lambda told: said.append(told.text) if told.type == "error" and POLICY not in told.text else None
    )
    person = ""
    ours = sorted(visits(full, side, _turn(request)))[part::parts]
    for visit in ours:
        if visit.person != person:
            person = visit.person
            become(page, full.world, person, live_server.url)
        answer = stands(page, visit)
        if isinstance(answer, str):
            wrong.append(answer)
            continue
        watch.answered(visit.address + visit.question, answer)
        if visit.route not in NO_SCRIPT:
            wrong += [f"{visit.route} by {person}: {line}" for line in [*scan(page, picture(visit)), *said]]
        said.clear()
    wrong += watch.ran
    assert not wrong, "\n".join(wrong)
    # or the words are not where we think they are
    assert PICTURES or side == "anonymous" or watch.told > len(ours) / 3
