"""Bodies and addresses that mean two things, or nothing (safety A31, A34, A67, A68): a problem, never a 500."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provodnik.api.problems import Problem
from provodnik.api.reading import read_json
from provodnik.api.tests.speaking import Program, told
from provodnik.desk.models import Ticket
from provodnik.desk.tests.factories import SignedInContactFactory, SpecialistFactory, make_ticket

GOOD = {"text": "Не печатается.", "impact": "question"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"{", b"[1,]", b"{'a':1}", b'{"a":1,}', b"nul", b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"{}{}",
        b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}', b"[1e400]", b"[-1e400]", b'{"a":1,"a":2}',
        b'{"b":{"a":1,"\\u0061":2}}', b"[9223372036854775808]", b"[-9223372036854775809]", b"[" + b"9" * 5000 + b"]",
        b'["\\ud800"]', b'{"\\udfff":1}', b'["\\u0000"]', b"[" * 100_000, b"[" * 30 + b"]" * 30,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"[01]", b"[+1]", b"[0x1]", b"[1.]", b"[.5]", b'["\t"]', b"[\x0c1]",
        b'["\xd0"]', b"//c\n[]", b'{"a" 1}', b"[1 2]", b'"\\x"', b"\x00",
    ],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_a_body_has_one_meaning_or_none(body):
    with pytest.raises(Problem) as caught:
        read_json(body)
    assert caught.value.code == "malformed"


@settings(max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner, max_size=3),
        max_leaves=8,
    )
)  # fmt: skip
def test_what_is_json_is_read_as_it_is(value):
    assert read_json(json.dumps(value).encode()) == value


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body):
    try:
        read_json(body)
    except Problem as problem:
        assert problem.code == "malformed"


@pytest.fixture
def program(db):
    return Program(SignedInContactFactory.create().user)


def test_no_field_of_ours_can_be_set_from_outside(program):
    for name in (
        "is_superuser", "customer", "customer_id", "contact", "status", "due_at", "registered_at", "author", "priority",
        "assignee", "number", "key", "resolution", "revision", "__class__", "pk", "id",
    ):  # fmt: skip
        answer = program.post("/requests", {**GOOD, name: 1})
        assert answer.status_code == 422, name
        assert told(answer)["errors"] == [{"field": name, "detail": "Такого поля нет."}]
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": 7}, "text"),
        ({"text": None}, "text"),
        ({"text": ["а"]}, "text"),
        ({"text": ""}, "text"),
        ({"text": "я" * 200_001}, "text"),
        ({"subject": "я" * 301}, "subject"),
        ({"impact": "everything"}, "impact"),
        ({"impact": 1}, "impact"),
        ({"subsystem": "1"}, "subsystem"),
        ({"subsystem": True}, "subsystem"),
        ({"subsystem": 1.0}, "subsystem"),
        ({"subsystem": 0}, "subsystem"),
        ({"subsystem": -1}, "subsystem"),
        ({"subsystem": 2**53}, "subsystem"),
        ({"subsystem": 2**62}, "subsystem"),
        ({"subsystem": 12345}, "subsystem"),
        ({"files": "x"}, "files"),
        ({"files": ["x"]}, "files.0"),
        ({"files": [1]}, "files.0"),
        ({"files": ["00000000-0000-4000-8000-000000000000"]}, "files"),
        ({"files": ["00000000-0000-4000-8000-000000000000"] * 11}, "files"),
        ({"contact_email": "я" * 300}, "contact_email"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_value_is_of_its_own_kind(program, changed, field):
    answer = program.post("/requests", {**GOOD, **changed})
    assert answer.status_code == 422 and told(answer)["errors"][0]["field"] == field
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("body", ["text", 7, None, [], [GOOD], True, {}])
def test_a_body_of_another_shape(program, body):
    answer = program.ask("POST", "/requests", json.dumps(body).encode())
    assert answer.status_code == 422 and told(answer)["errors"]


@pytest.mark.parametrize(
    "query",
    [
        "state=open&state=done", "state[]=open", "limit=10", "offset=-1", "page=-1", "per_page=1000000000",
        "sort=password", "order_by=user__password", "state=archived", "scope=all", "q=%00", "q=" + "a" * 201,
        "cursor=x", "cursor=1", "state=", "id=1&id=2", "q=%ff%fe%00", "__proto__=1", "contact__user__password=a",
        "format=xml", "cursor=" + "a" * 600,
    ],
)  # fmt: skip
def test_a_parameter_is_known_and_stands_once(program, query):
    answer = program.get(f"/requests?{query}")
    assert answer.status_code == 400 and told(answer)["errors"]


@pytest.mark.parametrize(
    "query",
    [
        "customer=0", "customer=-1", "customer=1e9", "customer=9223372036854775808", "customer=x", "customer=1.5",
        "assignee=;--", "assignee=99999999999999999999", "priority=1", "status=closed", "view=secret", "view=",
        "text=a&text=b",
    ],
)  # fmt: skip
def test_filters_of_the_queue_are_an_allow_list(db, query):
    answer = Program(SpecialistFactory.create()).get(f"/desk/requests?{query}")
    assert answer.status_code == 400 and told(answer)["errors"]


@pytest.mark.parametrize(
    "number", ["0", "-1", "x", "1.0", "9007199254740992", "9" * 30, "9" * 5000, "%00", "1e3", "1%20"]
)
def test_a_number_that_is_none_is_not_there(program, number):
    assert told(program.get(f"/requests/{number}"))["status"] == 404


def test_a_body_of_another_kind_or_size(program, settings):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml", ""):
        assert program.ask("POST", "/requests", b"{}", content_type=kind).status_code == 415
    assert program.post("/requests", b'{"text":"' + b"a" * 2_200_000 + b'"}').status_code == 413
    assert program.ask("POST", "/uploads", b"{}").status_code == 415
    settings.LARGEST_REQUEST = 100
    for answer in (program.post("/requests", {"text": "я" * 100}), program.upload("a.png", b"x" * 200)):
        assert told(answer)["type"].endswith("#problem-too-large"), "refused before it is read"
    settings.LARGEST_REQUEST = 10**9
    wrong = program.ask("POST", "/uploads", b"nothing", content_type="multipart/form-data; boundary=x")
    assert told(wrong)["status"] in (400, 422)


def test_methods_and_addresses_that_are_not_there(program):
    answer = program.ask("DELETE", "/requests")
    assert answer.status_code == 405 and answer.headers["Allow"] and told(answer)
    for address in ("/nothing", "/requests/1/nothing", "/", "/me/", "/requests.json"):
        assert told(program.get(address))["type"].endswith("#problem-not-found")
    head = program.ask("HEAD", "/me")
    assert head.status_code == 200 and head.content == b""
    assert program.ask("POST", "/me", {}, X_HTTP_Method_Override="GET").status_code == 405


def test_files_have_safe_names_and_an_end(program, settings):
    settings.UPLOAD_LIMIT = 1000
    assert told(program.upload("../../etc/pass\u202ewd", b"x"))["name"] == "passwd"
    assert program.upload("a.png", b"x" * 1001).status_code == 413


def test_a_text_that_is_long_in_bytes_is_whole(program):
    text = "ъ" * 150_000
    made = told(program.post("/requests", {**GOOD, "text": text}))
    assert told(program.get(f"/requests/{made['number']}/messages"))["items"][0]["text"] == text


def test_nothing_of_a_failure_is_told(program, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("канарейка /work/secret")

    monkeypatch.setattr("provodnik.desk.queries.requester.own_tickets", broken)
    answer = program.get("/requests")
    assert answer.status_code == 500 and "канарейка" not in answer.content.decode() and told(answer)


def test_numbers_at_their_ends(program):
    ticket = make_ticket(contact=program.owner.contact)
    for rating in (0, 6, -1, "5", 5.0, True, None, 10**18):
        assert program.post(f"/requests/{ticket.pk}/rating", {"rating": rating}).status_code == 422
