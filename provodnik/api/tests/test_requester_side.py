"""What a requester's program does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from provodnik.api.models import Upload
from provodnik.api.tests.speaking import Program, told
from provodnik.core.models import Blob
from provodnik.desk.actions import closing, work
from provodnik.desk.models import Attachment, Message, Ticket
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    CustomerFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact():
    return SignedInContactFactory.create()


@pytest.fixture
def program(contact):
    return Program(contact.user)


def written(contact, **more):
    return make_ticket(contact=contact, at=timezone.now() - timedelta(hours=1), **more)


def test_who_i_am(program, contact):
    me = told(program.get("/me"))
    assert me["login"] == contact.user.login and me["roles"] == [] and me["contact"]["id"] == contact.pk
    assert "requests:write" in me["scopes"]


def test_a_request_is_written_and_read(program, contact):
    section = SubsystemFactory.create()
    answer = program.post(
        "/requests", {"text": "Не печатается ведомость.", "impact": "cannot_get", "subsystem": section.pk}
    )
    assert answer.status_code == 201
    made = told(answer)
    ticket = Ticket.objects.get(pk=made["number"])
    assert (made["priority"], made["type"], made["status"]) == ("medium", "defect", "created")
    assert ticket.contact_id == contact.pk and ticket.contact_email == contact.email and ticket.channel == "portal"
    assert answer.headers["Location"] == f"/api/v1/requests/{ticket.pk}"
    assert told(program.get(f"/requests/{ticket.pk}")) == made
    assert [one["text"] for one in told(program.get(f"/requests/{ticket.pk}/messages"))["items"]] == [
        "Не печатается ведомость."
    ]


def test_the_list_has_filters_and_pages(program, contact):
    tickets = [written(contact, text=f"Обращение про насосы {chr(1072 + n)}") for n in range(28)]
    closing.withdraw(tickets[0].pk, by=contact.user, at=timezone.now())
    foreign = written(SignedInContactFactory.create())
    first = told(program.get("/requests"))
    second = told(program.get(f"/requests?cursor={first['next']}"))
    numbers = [one["number"] for one in first["items"] + second["items"]]
    assert numbers == [one.pk for one in reversed(tickets)] and second["next"] is None
    assert foreign.pk not in numbers
    assert [one["number"] for one in told(program.get("/requests?state=done"))["items"]] == [tickets[0].pk]
    assert len(told(program.get("/requests?q=насос"))["items"]) == 25
    found = told(program.get(f"/requests?q=№{tickets[3].pk}"))["items"]
    assert tickets[3].pk in [one["number"] for one in found]
    wrong = program.get(f"/requests?state=done&cursor={first['next']}")  # of another list
    assert wrong.status_code == 400 and told(wrong)["errors"][0]["field"] == "cursor"
    other = Program(SignedInContactFactory.create().user)
    assert other.get(f"/requests?cursor={first['next']}").status_code == 400


def test_a_coordinator_sees_the_companys(contact):
    coordinator = SignedInContactFactory.create(customer=contact.customer, is_coordinator=True)
    ticket, stranger = written(contact), SignedInContactFactory.create(customer=CustomerFactory.create())
    assert told(Program(coordinator.user).get("/requests"))["items"] == []
    found = told(Program(coordinator.user).get("/requests?scope=company"))["items"]
    assert [one["number"] for one in found] == [ticket.pk]
    assert told(Program(stranger.user).get("/requests?scope=company"))["items"] == []


def test_an_answer_with_a_file_goes_to_the_request(program, contact):
    ticket = written(contact)
    sent = told(program.upload("снимок.png", b"\x89PNG" + b"x" * 100))
    answer = program.post(f"/requests/{ticket.pk}/messages", {"text": "Вот снимок.", "files": [sent["id"]]})
    assert answer.status_code == 201 and told(answer)["continued"] is False
    assert told(answer)["request"]["answered"] is True
    file = Attachment.objects.get(message__ticket=ticket)
    assert (file.name, file.blob.size) == ("снимок.png", 104) and not Upload.objects.exists()
    bytes_ = program.get(f"/files/{file.pk}")
    assert bytes_.status_code == 200 and bytes_.content == b"\x89PNG" + b"x" * 100
    assert (
        bytes_.headers["Content-Type"] == "application/octet-stream" and "attachment" in bytes_["Content-Disposition"]
    )
    again = program.post(f"/requests/{ticket.pk}/messages", {"text": "Ещё раз.", "files": [sent["id"]]})
    assert again.status_code == 422 and told(again)["errors"][0]["field"] == "files"
    Blob.objects.filter(pk=file.blob_id).update(scan="infected", scan_told="Eicar")
    withheld = program.get(f"/files/{file.pk}")
    assert withheld.status_code == 403 and "Eicar" in told(withheld)["detail"] and b"PNG" not in withheld.content


def test_somebody_elses_upload_is_nobodys_here(program, contact):
    sent = told(Program(SignedInContactFactory.create().user).upload("a.png", b"x"))
    wrong = program.post("/requests", {"text": "Текст.", "impact": "question", "files": [sent["id"]]})
    assert wrong.status_code == 422 and not Ticket.objects.exists() and Upload.objects.count() == 1


def test_withdraw_reopen_and_rate(program, contact):
    specialist, ticket = SpecialistFactory.create(), written(contact)
    work.take(ticket.pk, by=specialist, at=timezone.now())
    assert program.post(f"/requests/{ticket.pk}/rating", {"rating": 5}).status_code == 403  # it is open
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово.", by=specialist, at=timezone.now())
    assert told(program.post(f"/requests/{ticket.pk}/rating", {"rating": 4, "text": "Хорошо"}))["rating"] == 4
    reopened = told(program.post(f"/requests/{ticket.pk}/reopen", {"text": "Снова не печатает."}))
    assert (reopened["status"], reopened["answered"], reopened["rating"]) == ("in_progress", True, None)
    refused = program.post(f"/requests/{ticket.pk}/reopen", {"text": "Ещё раз."})
    assert refused.status_code == 403 and "открыто" in told(refused)["detail"]
    withdrawn = told(program.post(f"/requests/{ticket.pk}/withdraw", {}))
    assert (withdrawn["status"], withdrawn["resolution"]) == ("done", "withdrawn")


def test_the_clock_is_told(program, contact):
    specialist, ticket = SpecialistFactory.create(), written(contact)
    work.ask(ticket.pk, text="Какая версия?", by=specialist, at=timezone.now() - timedelta(minutes=10))
    clock = told(program.get(f"/requests/{ticket.pk}/clock"))
    assert clock["standing"] == "user" and 590 <= clock["waiting_user"] <= 700 and clock["counted"] == 3000
    assert [one["kind"] for one in clock["segments"]] == ["ran", "user"]
    kinds = [one["kind"] for one in told(program.get(f"/requests/{ticket.pk}/history"))["items"]]
    assert kinds == ["registered"]


def test_notes_are_the_desks_alone(program, contact):
    specialist, ticket = SpecialistFactory.create(), written(contact)
    work.note(ticket.pk, text="канарейка", by=specialist, at=timezone.now())
    for address in ("", "/messages", "/history", "/clock"):
        assert "канарейка" not in program.get(f"/requests/{ticket.pk}{address}").content.decode()
    assert told(program.get("/requests?q=канарейка"))["items"] == []
    assert Message.objects.filter(text="канарейка").exists()


def test_promises_and_sections(program):
    SubsystemFactory.create(name="Насосная")
    impacts = [one["impact"] for one in told(program.get("/promises"))["items"]]
    assert impacts == ["nothing_works", "cannot_enter", "cannot_get", "question"]
    assert [one["name"] for one in told(program.get("/subsystems"))["items"]] == ["Насосная"]
