"""The way through all pages, by the table of the authorization matrix: each route that gives somebody a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from django.urls import reverse
from playwright.sync_api import Error, Page, Response

from provodnik.desk.views.workbench import bulk, editors, ties
from tests.browser.full import Full
from tests.matrix import ROWS
from tests.world import World

# Who stands for all that see the same: a page of the cabinet and one of the workbench have different frames.
SIDES = {
    "anonymous": ("anonymous",),
    "cabinet": ("coordinator", "requester", "other_requester", "other_coordinator", "manager"),
    "workbench": ("lead", "specialist", "administrator"),
}
# What answers a GET without being a whole page, and why.
NO_PAGES = {
    "accounts:sign_in_second": "leads to the sign-in until a password was right: test_second_factor.py",
    "api:openapi": "data",
    "articles:file": "a file",
    "articles:pdf": "a file",
    "articles:picture": "a picture",
    "articles:suggest": "a fragment",
    "articles:words": "data",
    "assignment:duties": "leads to the duties of the first team",
    "consents:scan": "a file",
    "desk:palette": "a fragment",
    "desk:people": "data",
    "desk:pulse": "a fragment",
    "entry:export": "a file",
    "entry:password": "leads to the slip until one was right",
    "exchange:schema": "data",
    "federation:start": "leads to a provider",
    "federation:back": "says that no sign-in was begun: its answer is 422",
    "files:download": "a file",
    "files:letter": "a frame within a page: test_xss.py",
    "files:preview": "a picture",
    "people:change_code": "leads to the form until a code is on its way: people/tests/test_changes.py",
    "payslips:pack": "a file",
    "payslips:pdf": "a file",
    "people:me": "leads to the card",
    "people:mend_request": "leads to the request until it was returned: people/tests/test_changes.py",
    "people:scan": "a file",
    "manual:pdf": "a file",
    "privacy:download": "a file",
    "quality:download": "a file",
    "quality:print": "a paper",
    "settings:act_file": "a file",
    "settings:raw_letter": "a file",
    "status:calendar": "a calendar",
    "status:feed": "a feed",
    "transfer:report": "a file",
    "watch:live": "data",
    "web:health": "data",
    "web:home": "leads on",
    "works:known": "a fragment",
}


# A page in which no script runs, axe neither: its source is read.
NO_SCRIPT = {"files:letter_page"}
# What a word of the address chooses: each is another page.
CHOSEN = {"desk:edit": editors.EDITORS, "desk:tie": ties.EDITORS, "desk:bulk": bulk.STEPS}


@dataclass(frozen=True, order=True)
class Visit:
    person: str
    route: str
    address: str
    question: str = ""


def visits(full: Full, side: str, turn: int | None = None) -> Iterator[Visit]:
    """One of each route that somebody of this side may get, of the first thing that he may see or of a richer one;
    then what `full` wants looked at besides. What a requester and the desk both see is the same page in two frames: by
    its `turn` a run looks at it in one of them, the next run perhaps in the other; without one at both."""
    world = full.world
    for route, row in ROWS.items():
        for thing, people in row.things.items() if "GET" in row.methods else ():
            if side != "anonymous" and "anonymous" in people:
                break  # the same page for everybody
            person = next((one for one in SIDES[side] if one in people), "")
            if not person or (turn is not None and _shown_elsewhere(route, people, side, turn)):
                continue
            arguments = full.things.get(route) or (world.things[route][thing] if thing else {})
            if route in NO_PAGES:
                assert not is_page(world, person, reverse(route, kwargs=arguments)), f"{route}: it is to be looked at"
                break  # the same for everybody else
            for what in CHOSEN.get(route, [""]):
                chosen = arguments | ({"what": what} if what else {})
                yield Visit(person, route, reverse(route, kwargs=chosen), "?n=1" if route == "desk:bulk" else "")
            break
    for person, route, question in full.also:
        if (person == "contact") == (side == "cabinet") and side != "anonymous":
            yield Visit(person, route, route if route.startswith("/") else reverse(route), question)


def _shown_elsewhere(route: str, people: tuple[str, ...], side: str, turn: int) -> bool:
    frames = [each for each, standing in SIDES.items() if any(one in people for one in standing)]
    return side != "anonymous" and side != frames[(crc32(route.encode()) + turn) % len(frames)]


def is_page(world: World, person: str, address: str) -> bool:
    answer = world.client(person).get(address)
    return answer.status_code == 200 and not answer.streaming and b"<!doctype html" in answer.content[:200].lower()


def become(page: Page, world: World, person: str, home: str) -> None:
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": key, "value": kept.value, "url": home} for key, kept in world.client(person).cookies.items()]
    )


def stands(page: Page, visit: Visit) -> Response | str:
    """Open a page: its answer, or what is wrong when it is none."""
    try:
        answer = page.goto(visit.address + visit.question)
    except Error as error:
        return f"{visit.route} {visit.address}: {error.message}; what is no page is named in NO_PAGES"
    if answer is not None and visit.route in NO_SCRIPT:
        return answer
    told = page.evaluate("() => document.doctype && location.pathname")
    if answer is None or answer.status != 200 or told != visit.address.partition("?")[0]:
        return f"{visit.route} {visit.address} is no page: {answer and answer.status}, {page.url}; see NO_PAGES"
    return answer
