"""What a specialist's program does: every step is the desk's own action."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from provodnik.accounts.models import JournalEntry
from provodnik.api.tests.speaking import Program, told
from provodnik.desk.models import EventKind, Message, Ticket
from provodnik.desk.tests.factories import (
    ContactFactory,
    ContractFactory,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Program(SpecialistFactory.create())


@pytest.fixture
def ticket():
    return make_ticket(at=timezone.now() - timedelta(hours=1))


def test_a_request_goes_its_whole_way(desk, ticket):
    def step(name, body=None, status=200):
        answer = desk.post(f"/desk/requests/{ticket.pk}/{name}", body)
        assert answer.status_code == status, answer.content.decode()
        return told(answer)

    assert step("take")["status"] == "in_progress"
    assert step("triage")["triaged_at"]
    assert step("priority", {"priority": "medium", "reason": "Обходной путь есть."})["priority"] == "medium"
    assert step("type", {"type": "question", "reason": "Это вопрос."})["type"] == "question"
    section = SubsystemFactory.create()
    assert step("subsystem", {"subsystem": section.pk})["subsystem"] == {"id": section.pk, "name": section.name}
    assert step("email", {"email": "Boss@chv.example"})["contact_email"] == "boss@chv.example"
    assert step("notes", {"text": "Для своих."}, 201)["status"] == "in_progress"
    file = told(desk.upload("ответ.txt", b"1", "text/plain"))["id"]
    assert step("questions", {"text": "Какая версия?", "files": [file]}, 201)["status"] == "clarification"
    assert step("replies", {"text": "Нашли."}, 201)["status"] == "in_progress"
    closed = step("close", {"resolution": "solved", "text": "Обновите страницу."})
    assert (closed["status"], closed["resolution"], closed["undelivered"]) == ("done", "solved", True)
    assert step("told", {"text": "По телефону."})["undelivered"] is False
    assert step("reopen", {"text": "Ошиблись."})["status"] == "in_progress"
    colleague = LeadFactory.create()
    assert step("assignee", {"assignee": colleague.pk})["assignee"]["id"] == colleague.pk
    assert step("assignee", {"assignee": None})["assignee"] is None
    contact = ContactFactory.create()
    assert step("contact", {"contact": contact.pk})["customer"]["id"] == contact.customer_id
    kinds = [one["kind"] for one in told(desk.get(f"/desk/requests/{ticket.pk}/history"))["items"]]
    assert kinds[:3] == ["registered", "taken", "priority"] and "closed" in kinds
    texts = [one["text"] for one in told(desk.get(f"/desk/requests/{ticket.pk}/messages"))["items"]]
    assert "Для своих." in texts and "Обновите страницу." in texts
    clock = told(desk.get(f"/desk/requests/{ticket.pk}/clock"))
    assert clock["allowance"] > 0 and clock["segments"][0]["kind"] == "ran"


def test_what_the_rules_forbid_is_told_in_their_words(desk, ticket):
    address = f"/desk/requests/{ticket.pk}"
    assert told(desk.post(f"{address}/close", {"resolution": "refused", "text": "Нет."}))["status"] == 403
    assert told(desk.post(f"{address}/close", {"resolution": "withdrawn", "text": "Нет."}))["status"] == 403
    blank = told(desk.post(f"{address}/close", {"resolution": "solved", "text": "  "}))
    assert blank["errors"][0]["field"] == "text"
    desk.post(f"{address}/close", {"resolution": "solved", "text": "Да."})
    refused = told(desk.post(f"{address}/replies", {"text": "Ещё."}))
    assert refused["status"] == 403 and "закрыто" in refused["detail"]
    assert told(desk.post(f"{address}/email", {"email": "no at sign"}))["errors"][0]["field"] == "email"
    assert told(desk.post(f"{address}/assignee", {"assignee": 10**9}))["errors"][0]["field"] == "assignee"
    assert told(desk.post(f"{address}/contact", {"contact": 10**9}))["errors"][0]["field"] == "contact"
    assert Message.objects.filter(text="Ещё.").count() == 0


def test_the_queue_its_views_and_search(desk):
    tickets = [make_ticket(at=timezone.now() - timedelta(minutes=n), text=f"Насос {chr(1072 + n)}") for n in range(27)]
    first = told(desk.get("/desk/requests?view=open"))
    second = told(desk.get(f"/desk/requests?view=open&cursor={first['next']}"))
    numbers = [one["number"] for one in first["items"] + second["items"]]
    assert sorted(numbers) == sorted(one.pk for one in tickets) and second["next"] is None
    assert first["items"][0]["left"] is not None
    views = {one["key"]: one["count"] for one in told(desk.get("/desk/views"))["items"]}
    assert views["new"] == 27 and views["closed"] is None
    assert len(told(desk.get(f"/desk/requests?customer={tickets[0].customer_id}"))["items"]) == 1
    assert told(desk.get("/desk/requests?priority=low"))["items"] == []
    assert len(told(desk.get("/desk/search?q=насосы"))["items"]) == 25
    found = told(desk.get(f"/desk/search?q=№{tickets[3].pk}"))["items"]
    assert tickets[3].pk in [one["number"] for one in found]


def test_a_request_is_written_for_somebody(desk):
    contact = ContactFactory.create()
    body = {"contact": contact.pk, "subject": "Звонок", "text": "Не идёт вода.", "type": "defect", "priority": "high"}
    answer = desk.post("/desk/requests", body, Idempotency_Key="call-1")
    made = told(answer)
    assert answer.status_code == 201 and made["contact"]["id"] == contact.pk and made["priority"] == "high"
    assert told(desk.post("/desk/requests", body, Idempotency_Key="call-1"))["number"] == made["number"]
    event = Ticket.objects.get(pk=made["number"]).events.get(kind=EventKind.REGISTERED)
    assert event.by == desk.owner


def test_the_directory(desk):
    contact = SignedInContactFactory.create(phone="+7 900 000-00-00")
    contract = ContractFactory.create(customer=contact.customer)
    customer = told(desk.get(f"/customers/{contact.customer_id}"))
    assert customer["name"] == contact.customer.name
    assert [one["id"] for one in told(desk.get("/customers"))["items"]] == [contact.customer_id]
    assert told(desk.get("/customers?kind=off"))["items"] == []
    people = told(desk.get(f"/customers/{contact.customer_id}/contacts"))["items"]
    assert [(one["id"], one["phone"], one["signs_in"]) for one in people] == [(contact.pk, contact.phone, True)]
    found = told(desk.get(f"/customers/{contact.customer_id}/contracts"))["items"][0]
    assert found["number"] == contract.number and found["allowances"]["urgent"] == 12 * 3600
    assert told(desk.get(f"/contacts?q={contact.email}"))["items"][0]["id"] == contact.pk
    assert told(desk.get(f"/contacts/{contact.pk}"))["email"] == contact.email


def test_notices_are_ones_own(desk):
    from provodnik.notify.actions import notify

    notify([desk.owner], key="k", text="Новое обращение", at=timezone.now(), url="/desk/1/")
    assert [one["text"] for one in told(desk.get("/notices"))["items"]] == ["Новое обращение"]
    assert told(desk.post("/notices/read"))["unread"] == 0
    assert told(desk.get("/notices"))["items"][0]["read_at"]


def test_a_look_by_a_program_is_a_look(desk, ticket):
    desk.get(f"/desk/requests/{ticket.pk}")
    assert JournalEntry.objects.filter(verb="looked", by=desk.owner, ticket=ticket.pk).count() == 1


def test_statements_do_not_grow_with_the_list(desk, django_assert_max_num_queries):
    for n in range(12):
        make_ticket(at=timezone.now() - timedelta(minutes=n))
    desk.get("/desk/requests")
    with django_assert_max_num_queries(8):
        desk.get("/desk/requests")
    ticket = Ticket.objects.first()
    for n in range(12):
        desk.post(f"/desk/requests/{ticket.pk}/notes", {"text": f"Заметка {n}"})
    with django_assert_max_num_queries(8):
        desk.get(f"/desk/requests/{ticket.pk}/messages")
    with django_assert_max_num_queries(8):
        desk.get(f"/desk/requests/{ticket.pk}/history")
