"""The authorization matrix, generated from the URL configuration (safety A30): every route × every kind of person ×
own, foreign and missing object × safe and unsafe method, against the table of tests/matrix.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from difflib import unified_diff
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from provodnik.accounts.models import Session
from tests import matrix
from tests.answers import QUESTIONS, careless, foreign_words
from tests.matrix import ANONYMOUS, PEOPLE, ROWS, Row
from tests.questions import concerns, looked_at
from tests.rows.articles import SECRET
from tests.rowwords import SPACES_OF_STAFF, STAFF
from tests.world import CANARY_B, CANARY_BLAMED, CANARY_NOTE, CANARY_OWNER, WORD, World, routes

pytestmark = pytest.mark.django_db
# What a person gets whom the route exists for: a page, a way on, or what is wrong with the form, in words.
LET_IN = {200, 204, 302, 303, 409, 422}
OPTIONAL = ("demo:", "ui:", "gallery:")  # only there by a setting
# Asked with tokens, or by monitoring: tests/test_api_matrix.py, provodnik/lifecycle/tests/test_metrics.py
APART = ("api:v1:", "watch:metrics", "watch:work")


def body(response: HttpResponse) -> str:
    """The page without what differs from one answer to the next by itself."""
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    text = content.decode("utf-8", "replace")
    return re.sub(
        r'(csrfmiddlewaretoken" value=|name="now" content=|nonce=|data-csrf=|X-CSRFToken&quot;: &quot;)"?[^"&]*',
        "",
        text,
    )


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def fingerprint() -> list[Any]:
    """How many rows each table has and whether one was changed: what a refused request must leave alone. That somebody
    was here is noted in his session once a minute."""
    tables = [
        name for name in connection.introspection.table_names() if not name.startswith(("django_", "procrastinate_"))
    ]
    changed = {Session._meta.db_table: "0"}
    parts = " UNION ALL ".join(
        f"SELECT '{name}', count(*), {changed.get(name, 'max(xmin::text::bigint)')} FROM {name}" for name in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(parts)
        found = sorted(cursor.fetchall())
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        return [*found, cursor.fetchall()]


def things(world: World, name: str, row: Row) -> dict[str, dict[str, Any]]:
    if list(row.things) == [""]:
        return {"": {}}
    assert name in world.things, f"tests/world.py has no objects for {name}"
    return {thing: world.things[name][thing] for thing in row.things}


def ask(world: World, person: str, method: str, address: str, **headers: str) -> HttpResponse:
    """One request, after which the person's browser is as it was (signing out would take the cookie)."""
    client = world.client(person)
    before = client.cookies.output()
    content = {} if method in ("GET", "HEAD") else {"content_type": "application/x-www-form-urlencoded"}
    response = client.generic(method, address, headers=headers, **content)
    client.cookies.clear()
    client.cookies.load(before.replace("Set-Cookie: ", ""))
    return response


def to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith(reverse("accounts:sign_in"))


def expected(row: Row, name: str, person: str, thing: str, response: HttpResponse, told: str, missing: str) -> str:
    """What is wrong with an answer and its body; "" when it is as the table says."""
    if person in row.things[thing]:
        if response.status_code in LET_IN and (name.startswith("accounts:sign") or not to_sign_in(response)):
            return ""
        return f"should be let in, got {response.status_code}"
    if row.gone != 404:
        return "" if response.status_code == row.gone else f"should be {row.gone}, got {response.status_code}"
    if person in ANONYMOUS:
        return "" if to_sign_in(response) else f"should be sent to sign in, got {response.status_code}"
    if response.status_code != 404:
        return f"should be 404, got {response.status_code}"
    if told == missing:
        return ""
    changed = list(unified_diff(missing.splitlines(), told.splitlines(), lineterm="", n=0))[:6]
    return f"the 404 differs from that of a missing object: {changed}"


def test_every_route_has_a_row_and_every_row_a_route():
    known = {name for name in routes() if not name.startswith((*OPTIONAL, *APART))}
    assert not known - set(ROWS), f"routes without a row in tests/matrix.py: {sorted(known - set(ROWS))}"
    assert not set(ROWS) - known, f"rows of tests/matrix.py without a route: {sorted(set(ROWS) - known)}"


SPACES = sorted({name.partition(":")[0] for name in ROWS})


def rows(space: str) -> list[tuple[str, Row]]:
    return [(name, row) for name, row in ROWS.items() if name.startswith(f"{space}:")]


def people_of(space: str) -> tuple[str, ...]:
    """Who is asked there."""
    return (*PEOPLE, *STAFF) if space in SPACES_OF_STAFF else PEOPLE


@pytest.mark.parametrize("space", SPACES)
def test_matrix(world: World, space: str) -> None:
    differences, cells, people = [], 0, people_of(space)
    nowhere: dict[tuple[str, str, str], str] = {}  # what each person is told of an address that is not there
    for name, row in rows(space):
        found = things(world, name, row)
        known = {person for some in row.things.values() for person in some}
        for method in row.methods:
            # first whoever is refused: all of them together change nothing
            asked = sorted((person in row.things[thing], person, thing) for person, thing in _cells(row, people, known))
            before = fingerprint() if method == "POST" else None
            for let_in, person, thing in asked:
                if let_in and before is not None:
                    if row.gone == 404 and fingerprint() != before:
                        differences.append(f"{method} {name}: somebody who was refused changed something")
                    before = None
                gone = ("", method) if "missing" not in found else (reverse(name, kwargs=found["missing"]), method)
                address = reverse(name, kwargs=found[thing])
                with undone() if let_in else nullcontext(), looked_at() as heard:
                    response = ask(world, person, method, address, **elsewhere(method))
                    missing = "" if let_in else _missing_page(world, person, *gone, nowhere)
                    told = body(response)
                    wrong = [expected(row, name, person, thing, response, told, missing)]
                    wrong += foreign_words(person, told, response)
                    if let_in and method == "GET":
                        wrong += asked_further(world, person, address, heard, whole=thing == "")
                        if person == row.things[thing][-1]:
                            wrong += careless(name, response)
                            wrong += _as_a_part(world, name, person, address)
                cells += 1
                differences += [f"{method} {name} by {person} of {thing or 'nothing'}: {one}" for one in wrong if one]
    assert not differences, f"{len(differences)} of {cells} cells differ:\n" + "\n".join(differences)


def _cells(row: Row, people: tuple[str, ...], known: set[str]) -> Iterator[tuple[str, str]]:
    """Who is asked about which object. To whom none of them is there is refused before any is looked for: he is asked
    about the first, and the first of them about all."""
    outside = [one for one in people if one not in known]
    for place, thing in enumerate(row.things):
        for person in people:
            if person in known or place == 0 or person == outside[0]:
                yield person, thing


def asked_further(world: World, person: str, address: str, heard: set[str], *, whole: bool) -> list[str]:
    """What a page tells that it should not when it is asked with words after «?»: lists, search, counters (A33). With
    those alone that it looks at; `whole`: a page of many things, which looks at more."""
    wrong = []
    for query in QUESTIONS if whole else ("?all=1",):
        if concerns(query, heard):
            with looked_at() as names:
                response = ask(world, person, "GET", address + query)
            heard |= names
            wrong += [f"{query}: {one}" for one in foreign_words(person, body(response), response)]
    return wrong


def elsewhere(method: str) -> dict[str, str]:
    """Whoever reads from a page of another site is told nothing of it: the answer holds no leave for him (A40)."""
    return {"origin": "https://evil.example"} if method == "GET" else {}


def _as_a_part(world: World, name: str, person: str, address: str) -> list[str]:
    """What is wrong with what the script of the workbench asks for in the place of a whole page."""
    if not name.startswith("desk:"):
        return []
    return careless(name, ask(world, person, "GET", address, **{**elsewhere("GET"), "HX-Request": "true"}))


def _missing_page(
    world: World, person: str, address: str, method: str, nowhere: dict[tuple[str, str, str], str]
) -> str:
    """What he is told of an object that is not there; without an object, of an address that is not there. It is asked
    once: whoever is refused changes nothing, and what is done by others is undone."""
    if person in ANONYMOUS:
        return ""
    key = person, method, address or "/there-is-no-such-page"
    if key not in nowhere:
        nowhere[key] = body(ask(world, person, method, key[2]))
    return nowhere[key]


@pytest.mark.parametrize("space", SPACES)
def test_other_methods_do_not_exist(world: World, space: str) -> None:
    """HEAD as GET but without a body; what is no method of the route is 405 to whom the route exists for."""
    wrong = []
    for name, row in rows(space):
        for thing, arguments in things(world, name, row).items():
            if not row.things[thing]:
                continue
            person, address = row.things[thing][-1], reverse(name, kwargs=arguments)
            for method in ("HEAD", "GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"):
                wanted = {200, 204, 302, 303} if method == "HEAD" and "GET" in row.methods else {405}
                if method in row.methods:
                    continue
                with undone():
                    response = ask(world, person, method, address)
                if response.status_code not in wanted:
                    wrong.append(f"{method} {name} by {person}: {response.status_code}")
                if method == "HEAD" and not response.streaming and response.content:
                    wrong.append(f"HEAD {name} has a body")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("space", SPACES)
def test_nothing_is_done_without_our_own_form(world: World, space: str) -> None:
    """No token, another's token, another site's Origin, a GET in its place: 403 and nothing changes (A35)."""
    wrong = []
    for name, row in rows(space):
        if "POST" not in row.methods:
            continue
        for thing, arguments in things(world, name, row).items():
            for person in row.things[thing][-1:]:
                client, address = Client(enforce_csrf_checks=True), reverse(name, kwargs=arguments)
                client.cookies = world.client(person).cookies
                attempts: list[dict[str, Any]] = [
                    {},
                    {"data": {"csrfmiddlewaretoken": "x" * 64}},
                    {"data": {"csrfmiddlewaretoken": "x" * 32}, "headers": {"origin": "https://evil.example"}},
                    {"data": "{}", "content_type": "text/plain"},
                    {"data": {"_method": "POST"}, "headers": {"x-http-method-override": "POST"}},
                ]
                before = fingerprint()
                for attempt in attempts:
                    response = client.post(address, **attempt)
                    if response.status_code != 403:
                        wrong.append(f"{name} of {thing or 'nothing'}: {response.status_code} for {attempt}")
                if fingerprint() != before:
                    wrong.append(f"{name} of {thing or 'nothing'} changed something")
    assert not wrong, "\n".join(wrong)


def test_the_words_are_there_for_who_may_read_them(world: World) -> None:
    """Without this the test above could pass on empty pages."""
    own = reverse("requests:show", args=[world.own.pk])
    assert CANARY_OWNER in body(ask(world, "requester", "GET", own))
    assert CANARY_OWNER in body(ask(world, "coordinator", "GET", own))
    assert CANARY_OWNER in body(ask(world, "requester", "GET", reverse("requests:index") + f"?q={WORD}"))
    assert CANARY_B in body(ask(world, "other_requester", "GET", reverse("requests:index")))
    assert CANARY_NOTE in body(ask(world, "specialist", "GET", reverse("desk:ticket", args=[world.own.pk])))
    assert CANARY_BLAMED in body(ask(world, "lead", "GET", reverse("desk:ticket", args=[world.blaming.pk])))
    assert SECRET in body(ask(world, "specialist", "GET", reverse("articles:index") + f"?q={WORD}"))
    assert CANARY_B in body(ask(world, "administrator", "GET", reverse("settings:letters")))


def test_the_table_speaks_only_of_people_there_are():
    for name, row in ROWS.items():
        named = {person for people in row.things.values() for person in people}
        known = {*PEOPLE, *STAFF} if name.partition(":")[0] in SPACES_OF_STAFF else {*PEOPLE}
        assert named <= known or set(PEOPLE) < named, name  # everybody's: whoever is asked
    assert len(PEOPLE) == 11
    assert set(matrix.ANONYMOUS) < set(PEOPLE)
