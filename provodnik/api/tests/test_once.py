"""Idempotency keys, ETags, and two at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from provodnik.api import once, schedule
from provodnik.api.models import Answer, Upload
from provodnik.api.tests.speaking import Program, told
from provodnik.core.models import Blob
from provodnik.desk.actions import work
from provodnik.desk.models import Message, Ticket
from provodnik.desk.tests.factories import SignedInContactFactory, SpecialistFactory, make_ticket

pytestmark = pytest.mark.django_db
GOOD = {"text": "Не печатается.", "impact": "question"}


@pytest.fixture
def program():
    return Program(SignedInContactFactory.create().user)


def test_a_repeat_is_answered_the_same_and_does_nothing(program):
    first = program.post("/requests", GOOD, Idempotency_Key="a-1")
    again = program.post("/requests", GOOD, Idempotency_Key="a-1")
    assert (first.status_code, again.status_code) == (201, 201) and told(first) == told(again)
    assert again.headers["Idempotency-Replayed"] == "true" and again.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert Ticket.objects.count() == 1
    assert program.post("/requests", GOOD, Idempotency_Key="a-2").status_code == 201
    assert Ticket.objects.count() == 2


def test_the_same_key_for_something_else_is_refused(program):
    program.post("/requests", GOOD, Idempotency_Key="a")
    for address, body in (("/requests", {**GOOD, "text": "Другое."}), ("/notices/read", {})):
        answer = program.post(address, body, Idempotency_Key="a")
        assert answer.status_code == 422 and told(answer)["type"].endswith("#problem-key-reused")
    assert Ticket.objects.count() == 1


def test_keys_belong_to_their_token(program):
    other = Program(program.owner)
    program.post("/requests", GOOD, Idempotency_Key="a")
    assert "Idempotency-Replayed" not in other.post("/requests", GOOD, Idempotency_Key="a").headers
    assert Ticket.objects.count() == 2


def test_a_refusal_is_not_kept(program):
    assert program.post("/requests", {**GOOD, "text": ""}, Idempotency_Key="a").status_code == 422
    assert program.post("/requests", GOOD, Idempotency_Key="a").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "а", "a" * 101, "a b", "\t"])
def test_a_key_is_short_and_visible(program, key):
    assert program.post("/requests", GOOD, Idempotency_Key=key).status_code == 400


def test_keys_are_forgotten_after_a_day(program):
    program.post("/requests", GOOD, Idempotency_Key="a")
    Answer.objects.update(at=timezone.now() - timedelta(hours=25))
    assert "Idempotency-Replayed" not in program.post("/requests", GOOD, Idempotency_Key="a").headers
    Answer.objects.update(at=timezone.now() - timedelta(hours=25))
    assert once.forget(now=timezone.now()) == 1


def test_a_file_is_sent_once_whatever_its_boundary(program):
    first = program.upload("a.png", b"bytes", Idempotency_Key="f")
    again = program.upload("a.png", b"bytes", Idempotency_Key="f")
    assert told(first) == told(again) and Upload.objects.count() == 1
    assert program.upload("a.png", b"other", Idempotency_Key="f").status_code == 422


def test_more_than_a_day_allows_is_too_many(program, settings):
    settings.DAILY_FILES = 1
    assert program.upload("a.png", b"x").status_code == 201
    refused = program.upload("b.png", b"x")
    assert refused.status_code == 429 and 0 < int(refused["Retry-After"]) <= 25 * 3600
    assert "файлов — 1" in told(refused)["detail"]


def test_uploads_that_nobody_took_are_forgotten(program):
    program.upload("a.png", b"bytes")
    before = Blob.objects.count()
    assert schedule.forget_uploads(now=timezone.now()) == 0
    assert schedule.forget_uploads(now=timezone.now() + timedelta(hours=25)) == 1
    assert not Upload.objects.exists() and Blob.objects.count() == before - 1


def test_a_deed_that_failed_leaves_nothing(program, monkeypatch):
    """The answer is kept in the deed's own transaction: either both are there or neither."""
    monkeypatch.setattr(once, "_keep", lambda *args: 1 / 0)
    assert program.post("/requests", GOOD, Idempotency_Key="a").status_code == 500
    assert not Ticket.objects.exists() and not Message.objects.exists() and not Answer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_told_to_come_again(program):
    """While the first is at work, the second gets 409 and does nothing."""
    held, go = threading.Event(), threading.Event()

    def first() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                number = _lock_of(program, "a")
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", number)
                held.set()
                go.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    held.wait(10)
    second = program.post("/requests", GOOD, Idempotency_Key="a")
    go.set()
    thread.join()
    assert second.status_code == 409 and second.headers["Retry-After"] == "1" and not Ticket.objects.exists()
    assert program.post("/requests", GOOD, Idempotency_Key="a").status_code == 201


def _lock_of(program, key):
    return once.lock_of(program.token.pk, key)


def test_who_has_read_it_is_spared_a_second_reading(program):
    ticket = make_ticket(contact=program.owner.contact)
    first = program.get(f"/requests/{ticket.pk}")
    mark = first.headers["ETag"]
    again = program.get(f"/requests/{ticket.pk}", If_None_Match=mark)
    assert again.status_code == 304 and again.content == b"" and again.headers["ETag"] == mark
    work.take(ticket.pk, by=SpecialistFactory.create(), at=timezone.now())
    changed = program.get(f"/requests/{ticket.pk}", If_None_Match=mark)
    assert changed.status_code == 200 and changed.headers["ETag"] != mark


def test_a_step_thought_out_on_an_older_state_is_not_done():
    desk, colleague, ticket = Program(SpecialistFactory.create()), SpecialistFactory.create(), make_ticket()
    mark = desk.get(f"/desk/requests/{ticket.pk}").headers["ETag"]
    work.note(ticket.pk, text="Я занят этим.", by=colleague, at=timezone.now())
    before = Ticket.objects.get(pk=ticket.pk).revision
    for address, body in (
        ("take", {}),
        ("assignee", {"assignee": colleague.pk}),
        ("replies", {"text": "Ответ."}),
        ("priority", {"priority": "high", "reason": "Так."}),
        ("close", {"resolution": "solved", "text": "Готово."}),
    ):
        answer = desk.post(f"/desk/requests/{ticket.pk}/{address}", body, If_Match=mark)
        assert answer.status_code == 412 and told(answer)["type"].endswith("#problem-changed"), address
    assert desk.post(f"/desk/requests/{ticket.pk}/take", {}, If_Match='"nonsense"').status_code == 412
    assert Ticket.objects.get(pk=ticket.pk).revision == before
    mark = desk.get(f"/desk/requests/{ticket.pk}").headers["ETag"]
    assert desk.post(f"/desk/requests/{ticket.pk}/take", {}, If_Match=mark).status_code == 200
    assert desk.post(f"/desk/requests/{ticket.pk}/triage", {}, If_Match="*").status_code == 200
