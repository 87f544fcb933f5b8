"""Who may do what through the API, generated from its own operations (safety A30): every operation × every kind of
person × own, foreign and missing object, with a token of every scope. A new operation without a row fails the build."""

from __future__ import annotations

import re
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
from tests import matrix
from tests.rows import articles
from tests.rows.assignment import ORGANISERS
from tests.rows.exchange import PUSHED
from tests.rows.quality import READERS
from tests.rows.works import LEADS, LOOKING
from tests.rowwords import ADMINISTRATORS, BOTH_SIDES, CONTACTS, DESK, ITS_REQUESTER, SIGNED_IN, THE_DESK
from tests.test_matrix import fingerprint
from tests.world import CANARY_A, CANARY_B, CANARY_NOTE, CANARY_OWNER, WORD, World

pytestmark = pytest.mark.django_db
PREFIX = "/api/v1"
DIRECTORY = {"there": (*DESK, *ADMINISTRATORS), "missing": ()}


@dataclass(frozen=True, slots=True)
class Row:
    """`things`: who may, of which object ("" where there is none); `body`: what is sent; `query`: what is asked. `of`:
    the page's route whose objects these are (tests/world.py), in the order of the address."""

    things: dict[str, tuple[str, ...]]
    body: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    of: str = ""


def to(people: tuple[str, ...], body: dict[str, Any] | None = None, query: str = "") -> Row:
    return Row({"": people}, body or {}, query)


def step(**body: Any) -> Row:
    return Row(THE_DESK, body)


def like(route: str, *, of: str = "", query: str = "", **body: Any) -> Row:
    """To whom the page of this route is there, to him the operation is, and to nobody else; `of`: with the objects of
    another route, where the page names more than the operation."""
    return Row(matrix.ROWS[route].things, body, query, of or route)


REASON = "Так решили."
ROWS: dict[str, Row] = {
    "POST /exchange/batches": to(ADMINISTRATORS, PUSHED),
    "GET /exchange/{base}/told": Row({"there": ADMINISTRATORS, "missing": ()}, of="exchange:told_to"),
    "GET /exchange/{base}/batches/{batch}": Row({"there": ADMINISTRATORS, "missing": ()}, of="exchange:result"),
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
    "POST /uploads": to((*CONTACTS, *DESK, *ADMINISTRATORS)),
    "GET /fields": to(CONTACTS),
    "GET /requests/{number}/fields": Row(ITS_REQUESTER),
    "POST /requests/{number}/complaint": Row(ITS_REQUESTER, {"text": "Долго."}),
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
    "GET /customers/{number}/fields": Row(DIRECTORY),
    "GET /contacts": to((*DESK, *ADMINISTRATORS), query="?q=а"),
    "GET /contacts/{number}": Row(DIRECTORY),
    "GET /desk/requests/{number}/ties": step(),
    "GET /desk/tags": to(DESK),
    "POST /desk/requests/{number}/tags": step(tags=["отчёты"]),
    "POST /desk/requests/{number}/fields": step(fields=[{"field": 10**9, "value": 1}]),
    "POST /desk/requests/{number}/team": step(team=None),
    "POST /desk/requests/{number}/links": step(kind="related", other=10**9),
    "POST /desk/requests/{number}/links/{link}/remove": like("desk:unlink"),
    "POST /desk/requests/{number}/merge": step(into=10**9),
    "POST /desk/merges": to(DESK, {"numbers": [10**9], "into": 10**9 + 1}),
    "POST /desk/requests/{number}/messages/{message}/split": like(
        "desk:split", subject="Другое", type="question", priority="low"
    ),
    "POST /desk/requests/{number}/watch": step(on=True),
    "POST /desk/requests/{number}/watchers": step(users=[]),
    "GET /desk/bulk": to(DESK),
    "GET /desk/bulk/{key}": like("desk:bulk_run"),
    "POST /desk/bulk/assign": to(DESK, {"numbers": [10**9], "assignee": None}),
    "POST /desk/bulk/priority": to(DESK, {"numbers": [10**9], "priority": "low", "reason": REASON}),
    "POST /desk/bulk/tags": to(DESK, {"numbers": [10**9], "remove": [1]}),
    "POST /desk/bulk/answer": to(DESK, {"numbers": [10**9], "text": "Ответ."}),
    "POST /desk/bulk/close": to(DESK, {"numbers": [10**9], "text": "Ответ.", "resolution": "solved"}),
    "POST /desk/bulk/{key}/undo": like("desk:bulk_undo"),
    "GET /desk/macros": to(DESK),
    "POST /desk/macros": to(DESK, {"title": "Снимок", "text": "Пришлите снимок."}),
    "GET /desk/macros/{number}": like("desk:macro"),
    "POST /desk/macros/{number}": like("desk:macro", title="Снимок экрана"),
    "POST /desk/macros/{number}/remove": like("desk:remove_macro"),
    "GET /desk/requests/{number}/macros": step(),
    "POST /desk/requests/{number}/macros/{macro}/apply": like("desk:apply_macro"),
    "GET /desk/saved-views": to(DESK),
    "POST /desk/saved-views": to(DESK, {"name": "Мои", "query": {"assignee": "me"}}),
    "GET /desk/saved-views/{number}": like("desk:view"),
    "POST /desk/saved-views/{number}": like("desk:view", name="Наши"),
    "POST /desk/saved-views/{number}/move": like("desk:move_view", up=True),
    "POST /desk/saved-views/{number}/remove": like("desk:remove_view"),
    "GET /desk/drafts": to(DESK),
    "POST /desk/requests/{number}/draft": step(text="Начал."),
    "POST /desk/requests/{number}/draft/remove": step(),
    "POST /desk/requests/{number}/unsent/{unsent}/recall": like("desk:recall"),
    "GET /works": to(LOOKING),
    "GET /works/known": to(CONTACTS),
    "POST /works/letters": to(CONTACTS, {"planned": False}),
    "POST /works/calendar": to(LOOKING),
    "GET /works/{number}": like("works:show"),
    "GET /works/{number}/news": like("works:show"),
    "GET /works/{number}/led": like("works:change"),
    "POST /works": to(LEADS, {"kind": "incident", "title": "Сбой", "starts_at": "2026-11-23T10:00:00+03:00"}),
    "POST /works/{number}": like("works:change", title="Сбой"),
    "POST /works/{number}/announce": like("works:change"),
    "POST /works/{number}/begin": like("works:change"),
    "POST /works/{number}/news": like("works:change", text="Чиним."),
    "POST /works/{number}/end": like("works:change", text="Починили."),
    "POST /works/{number}/cancel": like("works:change"),
    "GET /works/{number}/requests": like("works:progress"),
    "POST /works/{number}/tie": like("works:progress", request=10**9),
    "POST /works/{number}/untie": like("works:progress", request=10**9),
    "POST /works/{number}/answer": like("works:answer", text="Починили."),
    "GET /works/{number}/answer": like("works:progress"),
    "GET /desk/requests/{number}/works": like("works:beside"),
    "GET /articles": to(SIGNED_IN),
    "POST /articles/suggestions": to(SIGNED_IN, {"text": "не печатается ведомость"}),
    "GET /articles/{number}": Row({**articles.READERS, "draft": (), "withdrawn": ()}, of="articles:show"),
    "GET /articles/{number}/pdf": Row({**articles.READERS, "draft": (), "withdrawn": ()}, of="articles:show"),
    "GET /articles/files/{key}": like("articles:file"),
    "POST /articles/{number}/vote": like("articles:vote", helped=True, version=1),
    "GET /desk/requests/{number}/articles": step(),
    "GET /desk/requests/{number}/articles/{article}": like("articles:words"),
    "POST /desk/requests/{number}/articles/{article}/close": like("articles:close"),
    "GET /desk/articles": to(articles.AUTHORS),
    "POST /desk/articles": to(articles.AUTHORS, {"title": "Как войти"}),
    "GET /desk/articles/{number}": like("articles:edit"),
    "POST /desk/articles/{number}": like("articles:edit", title="Как войти"),
    "POST /desk/articles/{number}/files": like("articles:edit", files=["00000000-0000-4000-8000-000000000000"]),
    "POST /desk/articles/{number}/files/{key}/remove": like("articles:detach"),
    "POST /desk/articles/{number}/offer": like("articles:edit"),
    "POST /desk/articles/{number}/publish": like("articles:edit"),
    "POST /desk/articles/{number}/withdraw": like("articles:withdraw"),
    "POST /desk/articles/{number}/checked": like("articles:checked"),
    "POST /desk/articles/{number}/remove": like("articles:delete"),
    "GET /desk/articles/{number}/versions": like("articles:versions"),
    "GET /desk/articles/{number}/versions/{version}": like("articles:version"),
    "GET /desk/articles/{number}/versions/{version}/changes": like("articles:version"),
    "POST /desk/articles/{number}/versions/{version}/restore": like("articles:restore"),
    "GET /sections": to(SIGNED_IN),
    "POST /sections": to(articles.PUBLISHERS, {"name": "Вход"}),
    "POST /sections/{number}": like("articles:section_edit", name="Вход"),
    "POST /sections/{number}/remove": like("articles:section_remove"),
    "GET /desk/asked": to(articles.AUTHORS),
    "POST /desk/asked/{number}/forget": like("articles:forget"),
    "GET /desk/teams": to(DESK),
    "POST /desk/teams": to(ORGANISERS, {"name": "Вторая линия"}),
    "GET /desk/teams/{number}": like("assignment:team"),
    "POST /desk/teams/{number}": like("assignment:team", name="Первая"),
    "POST /desk/teams/{number}/remove": like("assignment:remove_team"),
    "GET /desk/teams/{number}/duties": like("assignment:duties_of"),
    "POST /desk/teams/{number}/shifts": like(
        "assignment:add_shifts", user=10**9, weekdays=[0], starts="09:00", ends="18:00"
    ),
    "POST /desk/shifts/{number}/remove": like("assignment:remove_shift"),
    "POST /desk/teams/{number}/patterns": like(
        "assignment:add_cycle", user=10**9, turns="DD--", starts_on="2027-01-11", day_ends="20:00"
    ),
    "POST /desk/patterns/{number}": like("assignment:cycle", ends_on="2027-12-31"),
    "POST /desk/patterns/{number}/remove": like("assignment:remove_cycle"),
    "POST /desk/teams/{number}/days": like("assignment:add_day", date="2026-12-31"),
    "POST /desk/days/{number}/remove": like("assignment:remove_day"),
    "GET /desk/absences": to(ORGANISERS),
    "POST /desk/absences": to(ORGANISERS, {"user": 10**9, "starts_on": "2027-01-11", "ends_on": "2027-01-12"}),
    "POST /desk/absences/{number}": like("assignment:absence", note="Учёба"),
    "POST /desk/absences/{number}/remove": like("assignment:remove_absence"),
    "GET /desk/rules": to(ORGANISERS),
    "POST /desk/rules": to(ORGANISERS, {"team": 10**9}),
    "POST /desk/rules/{number}": like("assignment:rule", way="load"),
    "POST /desk/rules/{number}/move": like("assignment:move_rule", up=True),
    "POST /desk/rules/{number}/remove": like("assignment:remove_rule"),
    "GET /desk/escalation": to(ORGANISERS),
    "POST /desk/escalation": to(ORGANISERS, {"percent": 80}),
    "GET /desk/dry-runs": to(ORGANISERS),
    "POST /desk/dry-runs": to(ORGANISERS),
    "GET /desk/dry-runs/{number}": like("assignment:dry_run"),
    "GET /desk/journal": to(("lead",)),
    "GET /quality/figures": to(READERS, query="?whose=all"),
    "GET /quality/trend": to(READERS),
    "GET /quality/load": to(READERS),
    "GET /quality/requests": to(READERS, query="?figure=received&whose=all"),
    "POST /quality/exports": to(READERS, {"kind": "csv"}),
    "GET /quality/exports": to(READERS),
    "GET /quality/exports/{number}": like("quality:cancel"),
    "POST /quality/exports/{number}/cancel": like("quality:cancel"),
    "GET /quality/exports/{number}/file": like("quality:download"),
    "GET /quality/papers/{number}/{period}": like("quality:print"),
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

    def __init__(self, world: World) -> None:
        self.world = world
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
        }

    def address(self, name: str, thing: str) -> str:
        path = name.partition(" ")[2]
        if ROWS[name].of:
            named = iter(self.world.things[ROWS[name].of][thing].values())
            return re.sub(r"\{\w+\}", lambda place: str(next(named)), path) + ROWS[name].query
        for start in ("/customers/{number}", "/contacts/{number}"):
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


@pytest.fixture
def asker(world: World, settings: Any) -> Asker:
    settings.API_RATE = 100_000
    return Asker(world)


NOBODY = ("anonymous", "switched_off")


def test_matrix(asker: Asker) -> None:
    wrong: list[str] = []
    cells, names = 0, list(ROWS)
    for some in (names[start : start + 12] for start in range(0, len(names), 12)):
        before = fingerprint_but_tokens()
        for one in some:
            for thing, strangers in _strangers(ROWS[one]):
                cells += len(strangers)
                wrong += filter(None, (_refused(asker, person, one, thing) for person in strangers))
        if fingerprint_but_tokens() != before:
            wrong.append(f"{some}: somebody who was refused changed something")
    for name, row in ROWS.items():
        for thing, people in row.things.items():
            cells += len(people)
            wrong += filter(None, (_let_in(asker, person, name, thing) for person in people))
    assert not wrong, f"{len(wrong)} of {cells} cells differ:\n" + "\n".join(wrong)
    assert cells > 900


def _strangers(row: Row) -> Iterator[tuple[str, list[str]]]:
    """Of each object who may not. To whom none of them is there is refused before any is looked for: he is asked about
    the first, and one of them about the last; who is nobody, about the first."""
    known = {one for people in row.things.values() for one in people}
    outside = [one for one in SIGNED_IN if one not in known]
    last = list(row.things)[-1]
    for place, (thing, people) in enumerate(row.things.items()):
        some = outside if place == 0 else outside[:1] if thing == last else []
        yield thing, [*(NOBODY if place == 0 else ()), *some, *(one for one in known if one not in people)]


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
