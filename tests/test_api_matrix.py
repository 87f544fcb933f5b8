"""Who may do what through the API, generated from its own operations (safety A30): every operation × every kind of
person × own, foreign and missing object, with a token of every scope. A new operation without a row fails the build."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from provodnik.accounts import api_tokens
from provodnik.accounts.models import User
from provodnik.accounts.scopes import Scope
from provodnik.api.schema import openapi
from provodnik.api.tests.speaking import Program, told
from provodnik.desk.models import Attachment
from tests.rows import articles, works
from tests.rowwords import ADMINISTRATORS, BOTH_SIDES, CONTACTS, DESK, ITS_REQUESTER, SIGNED_IN, THE_DESK
from tests.test_matrix import fingerprint
from tests.world import CANARY_A, CANARY_B, CANARY_NOTE, CANARY_OWNER, WORD, World, build

pytestmark = pytest.mark.django_db
PREFIX = "/api/v1"
DIRECTORY = {"there": (*DESK, *ADMINISTRATORS), "missing": ()}


@dataclass(frozen=True, slots=True)
class Row:
    """`things`: who may, of which object ("" where there is none); `body`: what is sent; `query`: what is asked."""

    things: dict[str, tuple[str, ...]]
    body: dict[str, Any] = field(default_factory=dict)
    query: str = ""


def to(people: tuple[str, ...], body: dict[str, Any] | None = None, query: str = "") -> Row:
    return Row({"": people}, body or {}, query)


def step(**body: Any) -> Row:
    return Row(THE_DESK, body)


REASON = "Так решили."
ROWS: dict[str, Row] = {
    "GET /me": to(SIGNED_IN),
    "GET /subsystems": to(SIGNED_IN),
    "GET /notices": to(SIGNED_IN),
    "POST /notices/read": to(SIGNED_IN),
    "GET /promises": to(CONTACTS),
    "GET /requests": to(CONTACTS, query="?scope=company"),
    "POST /requests": to(CONTACTS, {"text": "Не печатается.", "impact": "question"}),
    "GET /requests/{number}": Row(ITS_REQUESTER),
    "GET /requests/{number}/messages": Row(ITS_REQUESTER),
    "GET /requests/{number}/history": Row(ITS_REQUESTER),
    "GET /requests/{number}/clock": Row(ITS_REQUESTER),
    "POST /requests/{number}/messages": Row(ITS_REQUESTER, {"text": "Ответ."}),
    "POST /requests/{number}/withdraw": Row(ITS_REQUESTER),
    "POST /requests/{number}/reopen": Row(ITS_REQUESTER, {"text": "Снова."}),
    "POST /requests/{number}/rating": Row(ITS_REQUESTER, {"rating": 5}),
    "POST /uploads": to((*CONTACTS, *DESK)),
    "GET /files/{key}": Row(BOTH_SIDES),
    "GET /desk/views": to(DESK),
    "GET /desk/requests": to(DESK),
    "GET /desk/search": to(DESK, query=f"?q={WORD}"),
    "GET /desk/people": to(DESK),
    "GET /desk/requests/{number}": step(),
    "GET /desk/requests/{number}/messages": step(),
    "GET /desk/requests/{number}/history": step(),
    "GET /desk/requests/{number}/clock": step(),
    "POST /desk/requests": to(
        DESK, {"contact": 10**9, "subject": "Звонок", "text": "Текст.", "type": "defect", "priority": "low"}
    ),
    "POST /desk/requests/{number}/take": step(),
    "POST /desk/requests/{number}/assignee": step(assignee=None),
    "POST /desk/requests/{number}/replies": step(text="Ответ."),
    "POST /desk/requests/{number}/questions": step(text="Вопрос?"),
    "POST /desk/requests/{number}/notes": step(text="Заметка."),
    "POST /desk/requests/{number}/close": step(resolution="solved", text="Готово."),
    "POST /desk/requests/{number}/reopen": step(text=REASON),
    "POST /desk/requests/{number}/told": step(text=REASON),
    "POST /desk/requests/{number}/triage": step(),
    "POST /desk/requests/{number}/priority": step(priority="high", reason=REASON),
    "POST /desk/requests/{number}/type": step(type="question", reason=REASON),
    "POST /desk/requests/{number}/subsystem": step(subsystem=None),
    "POST /desk/requests/{number}/contact": step(contact=10**9),
    "POST /desk/requests/{number}/email": step(email="new@chv.example"),
    "GET /customers": to((*DESK, *ADMINISTRATORS)),
    "GET /customers/{number}": Row(DIRECTORY),
    "GET /customers/{number}/contacts": Row(DIRECTORY),
    "GET /customers/{number}/contracts": Row(DIRECTORY),
    "GET /contacts": to((*DESK, *ADMINISTRATORS), query="?q=а"),
    "GET /contacts/{number}": Row(DIRECTORY),
    "GET /works": to((*CONTACTS, *DESK, *ADMINISTRATORS)),
    "GET /works/{number}": Row(works.SEEN),
    "GET /articles": to(SIGNED_IN),
    "GET /articles/{number}": Row({**articles.READERS, "draft": (), "withdrawn": ()}),
    "GET /desk/tags": to(DESK),
    "GET /desk/teams": to(DESK),
}


def operations() -> dict[str, dict[str, Any]]:
    """ "GET /me" → what the API's own schema says of it."""
    return {
        f"{method.upper()} {path.removeprefix(PREFIX)}": found
        for path, methods in openapi()["paths"].items()
        for method, found in methods.items()
    }


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert set(operations()) == set(ROWS)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Asker:
    """Everybody of the world with a token, and the objects of every operation."""

    def __init__(self) -> None:
        self.world: World = build()
        self.programs: dict[str, Program] = {}
        self.nothing: dict[tuple[str, str], bytes] = {}
        for name, user in self.world.people.items():
            if user is None:
                continue
            self.programs[name] = Program(user)
        User.objects.filter(pk=self.world.people["switched_off"].pk).update(is_active=False)  # type: ignore[union-attr]
        found = Attachment.objects.filter(message__ticket=self.world.own)
        customer, contact = self.world.own.customer_id, self.world.own.contact_id
        self.objects = {
            "{number}": {
                "own": self.world.own.pk,
                "foreign": self.world.foreign.pk,
                "ex_contacts": self.world.things["requests:show"]["ex_contacts"]["number"],
                "missing": 10**9,
            },
            "{key}": {
                "own": found.exclude(message__kind="note").get().pk,
                "foreign": self.world.things["files:download"]["foreign"]["key"],
                "note": found.filter(message__kind="note").get().pk,
                "missing": "00000000-0000-4000-8000-000000000000",
            },
            "/customers/{number}": {"there": customer, "missing": 10**9},
            "/contacts/{number}": {"there": contact, "missing": 10**9},
            "/works/{number}": _numbers(self.world, "works:show"),
            "/articles/{number}": _numbers(self.world, "articles:show"),
        }

    def address(self, name: str, thing: str) -> str:
        path = name.partition(" ")[2]
        for start in ("/customers/{number}", "/contacts/{number}", "/works/{number}", "/articles/{number}"):
            if path.startswith(start):
                return path.replace("{number}", str(self.objects[start][thing]))
        for place in ("{number}", "{key}"):
            if place in path:
                path = path.replace(place, str(self.objects[place][thing]))
        return path + ROWS[name].query

    def ask(self, person: str, name: str, thing: str, **headers: str) -> HttpResponse:
        program = self.programs.get(person)
        if program is None:  # nobody: a token that was never made
            program, headers = self.programs["requester"], {"Authorization": "Bearer pvd_0_0", **headers}
        if name == "POST /uploads":
            return program.upload("a.png", b"x", **headers)
        method = name.partition(" ")[0]
        body = ROWS[name].body if method == "POST" else None
        return program.ask(method, self.address(name, thing), body, **headers)


def _numbers(world: World, route: str) -> dict[str, int]:
    """The objects of a page, by the only argument of its address."""
    return {thing: next(iter(arguments.values())) for thing, arguments in world.things[route].items()}


@pytest.fixture
def asker(settings: Any) -> Asker:
    settings.API_RATE = 100_000
    return Asker()


NOBODY = ("anonymous", "switched_off")


def test_matrix(asker: Asker) -> None:
    wrong, cells = [], 0
    for name, row in ROWS.items():
        before = fingerprint_but_tokens()
        for thing, people in row.things.items():
            strangers = [one for one in (*NOBODY, *SIGNED_IN) if one not in people]
            cells += len(strangers)
            wrong += filter(None, (_refused(asker, person, name, thing) for person in strangers))
        if fingerprint_but_tokens() != before:
            wrong.append(f"{name}: somebody who was refused changed something")
        for thing, people in row.things.items():
            cells += len(people)
            wrong += filter(None, (_let_in(asker, person, name, thing) for person in people))
    assert not wrong, f"{len(wrong)} of {cells} cells differ:\n" + "\n".join(wrong)
    assert cells > 900


# Who may never read which word, in lists, searches, messages, clocks, errors, ETags (A33).
NEVER = {
    "anonymous": (CANARY_A, CANARY_B, CANARY_NOTE, CANARY_OWNER),
    "switched_off": (CANARY_A, CANARY_B, CANARY_NOTE, CANARY_OWNER),
    "ex_contact": (CANARY_B, CANARY_NOTE, CANARY_OWNER),
    "requester": (CANARY_B, CANARY_NOTE),
    "colleague": (CANARY_B, CANARY_NOTE, CANARY_OWNER),
    "coordinator": (CANARY_B, CANARY_NOTE),
    "other_requester": (CANARY_A, CANARY_NOTE, CANARY_OWNER),
    "other_coordinator": (CANARY_A, CANARY_NOTE, CANARY_OWNER),
    "administrator": (CANARY_NOTE, CANARY_OWNER),
}


def _leak(person: str, answer: HttpResponse) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    text = content.decode("utf-8", "replace") + str(answer.headers)
    return "".join(f" and tells {word}" for word in NEVER.get(person, ()) if word in text)


def _refused(asker: Asker, person: str, name: str, thing: str) -> str:
    """What is wrong with how a stranger was answered; "" when nothing is."""
    answer, expected = asker.ask(person, name, thing), 401 if person in NOBODY else 404
    if answer.status_code != expected or told(answer)["status"] != expected:
        return f"{name} by {person} of {thing or 'nothing'}: {answer.status_code}, not {expected}"
    known = asker.nothing.setdefault((person, name), answer.content)  # two refusals of one person are one and the same
    if answer.content != known or _leak(person, answer):
        return f"{name} by {person} of {thing}: two refusals differ{_leak(person, answer)}"
    return ""


def _let_in(asker: Asker, person: str, name: str, thing: str) -> str:
    with undone():
        answer = asker.ask(person, name, thing)
        leak = _leak(person, answer)
    if answer.status_code in (401, 404) or answer.status_code >= 500 or leak:
        return f"{name} by {person} of {thing or 'nothing'}: should be let in, got {answer.status_code}{leak}"
    return ""


def fingerprint_but_tokens() -> list[Any]:
    """What a refused request must leave alone: that a token was used is noted."""
    return [one for one in fingerprint() if one[0] != "accounts_apitoken"]


def test_a_token_without_the_scope_opens_nothing(asker: Asker) -> None:
    """Every scope but those that are needed: neither what its owner may, nor word of what is there."""
    found = operations()
    owners = {
        name: asker.world.people["coordinator" if name.split()[1].startswith("/req") else "lead"] for name in ROWS
    }
    for name, row in ROWS.items():
        scopes, owner = found[name]["x-scopes"], owners[name]
        if not scopes or owner is None:
            continue
        program = Program(owner, [scope for scope in Scope if scope.value not in scopes])
        with patch.dict(asker.programs, {"lead": program}):
            answer = asker.ask("lead", name, next(iter(row.things)))
        assert answer.status_code == 403, name
        assert told(answer)["type"].endswith("#problem-scope") and scopes[0] in answer["WWW-Authenticate"]
        api_tokens.revoke(program.token, by=owner, at=timezone.now())  # nobody may have many at once


def test_no_cookie_opens_anything(asker: Asker) -> None:
    for person in ("requester", "lead", "administrator"):
        client = asker.world.client(person)
        for name in ROWS:
            method, address = name.partition(" ")[0], PREFIX + asker.address(name, next(iter(ROWS[name].things)))
            kind = "multipart/form-data; boundary=x" if name == "POST /uploads" else "application/json"
            answer = client.generic(method, address, b"{}" if method == "POST" else b"", content_type=kind)
            assert answer.status_code == 401, name


def test_the_words_are_there_for_who_may_read_them(asker: Asker) -> None:
    """Without this the matrix could find no foreign word in empty answers."""
    assert CANARY_OWNER in asker.ask("requester", "GET /requests/{number}", "own").content.decode()
    assert CANARY_B in asker.ask("other_requester", "GET /requests", "").content.decode()
    assert CANARY_NOTE in asker.ask("lead", "GET /desk/requests/{number}/messages", "own").content.decode()
