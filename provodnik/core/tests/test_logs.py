"""The log tells what broke and where, and nothing of people (safety A71, A72): canaries in everything that breaks."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection

from provodnik.core import jobs
from provodnik.core.logs import Json, OneLine, request_number, scrub
from provodnik.web.views import home

WORDS = [
    "Zqcanary",
    "zqcanary@chv.example",
    "Канарейкин",
    "+7 912 345-67-89",
    "112-233-445 95",
    "zq8canary9token0zq8canary9",
]


def record(error: BaseException | None, message: str = "broken", *args: Any, **extra: Any) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error is not None else None
    made = logging.LogRecord("provodnik.x", logging.ERROR, __file__, 1, message, args, info)
    for name, value in extra.items():
        setattr(made, name, value)
    return made


def raised(word: str) -> BaseException:
    """An exception with the word in its message, in a local variable, in what it came of, in its source line."""
    secret = {"password": word}
    try:
        try:
            int(secret["password"])
        except ValueError as error:
            raise KeyError(f"no such person: {word}") from error
    except KeyError as error:
        error.add_note(word)
        return error


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("formatter", [OneLine(), Json()])
def test_an_exception_is_told_without_what_it_says(formatter: logging.Formatter, word: str) -> None:
    told = formatter.format(record(raised(word)))
    assert word not in told and json.dumps(word)[1:-1] not in told
    assert "KeyError" in told and "ValueError" in told and "test_logs.py" in told
    assert len(told.splitlines()) == 1


@pytest.mark.django_db
def test_a_refused_statement_is_told_by_its_code_and_constraint() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE t (a text CONSTRAINT only_one UNIQUE)")
        cursor.execute("INSERT INTO t VALUES ('zqcanary')")
        with pytest.raises(IntegrityError) as found:
            cursor.execute("INSERT INTO t VALUES (%s)", ["zqcanary"])
    told = OneLine().format(record(found.value))
    assert "23505 only_one" in told
    assert "zqcanary" not in told


@pytest.mark.parametrize("word", WORDS[1:])
def test_words_that_slipped_into_a_message_are_taken_out(word: str) -> None:
    for message in (f"cannot find {word}", f'value "{word}" of', f"Key (email)=({word}) already exists"):
        assert word not in OneLine().format(record(None, message))
        assert word not in json.loads(Json().format(record(None, "%s", message)))["message"]


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("GET https://u:secret@portal.example/reset/abc?x=1 failed", "GET https://… failed"),
        ("letter 17 is left for later: OperationalError", "letter 17 is left for later: OperationalError"),
        ("sign-in from 10.0.0.17 has to wait 30 s", "sign-in from 10.0.0.17 has to wait 30 s"),
        ("the database is away: PoolTimeout", "the database is away: PoolTimeout"),
        ("at 2026-11-23 18:00", "at 2026-11-23 18:00"),
    ],
)
def test_what_an_administrator_needs_stays(message: str, left: str) -> None:
    assert scrub(message) == left


def test_of_a_request_its_route_is_told_and_not_its_address() -> None:
    class Match:
        view_name = "accounts:reset"

    class Request:
        method, path, resolver_match = "GET", "/reset/zqcanary/", Match()

    told = OneLine().format(
        record(None, "%s: %s", "Internal Server Error", Request.path, request=Request(), status_code=500)
    )
    assert "500 GET accounts:reset" in told and "zqcanary" not in told


def test_a_line_of_json_is_one_object_with_its_request() -> None:
    kept = request_number.set("abc12345")
    try:
        line = json.loads(Json().format(record(None, "a\nb \x1b[31m %d", 7)))
    finally:
        request_number.reset(kept)
    assert (line["request"], line["level"], line["logger"]) == ("abc12345", "error", "provodnik.x")
    assert line["time"].endswith("+00:00")
    assert "request" not in json.loads(Json().format(record(None)))


def test_arguments_that_do_not_fit_break_nothing() -> None:
    assert "%d of %d" in OneLine().format(record(None, "%d of %d", "x"))


def test_a_developer_reads_everything() -> None:
    told = OneLine(full=True).format(record(raised("zqcanary")))
    assert "zqcanary" in told and len(told.splitlines()) == 1


def test_uncaught_errors_of_a_page_are_told_so(client, monkeypatch, caplog) -> None:
    """The whole way: a page breaks with a person's words in everything."""

    def broken(*_args: Any) -> None:
        raise raised("zqcanary")

    monkeypatch.setattr(home, "connection", type("Broken", (), {"cursor": broken})())
    client.raise_request_exception = False
    response = client.get("/healthz?name=zqcanary", headers={"X-Request-ID": "forged-by-a-stranger"})
    assert response.status_code == 500
    number = response["X-Request-ID"]
    assert number != "forged-by-a-stranger" and number in response.text
    lines = [OneLine().format(one) for one in caplog.records if one.exc_info]
    assert lines and all("zqcanary" not in line for line in lines)


def test_a_jobs_lines_bear_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "close_old_connections", lambda: None)  # of an earlier test: there is none here
    monkeypatch.setattr(jobs, "connections", SimpleNamespace(close_all=lambda: None))
    context = SimpleNamespace(job=SimpleNamespace(id=7))
    assert jobs._clean_connections(lambda: OneLine().format(record(None)), context, None).count("[job-7]") == 1
    assert request_number.get() == ""
