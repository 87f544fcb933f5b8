"""The workbench's pages: what they cost, who may see them, what they keep when something goes wrong."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.desk.actions import closing, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Message, MessageKind, Ticket
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    MINUTE,
    AdministratorFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
    make_ticket,
)
from provodnik.desk.views.workbench.editors import EDITORS
from provodnik.notify.actions import notify
from provodnik.notify.models import Notice

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n"
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def agent() -> User:
    user: User = SpecialistFactory.create()
    return user


@pytest.fixture
def colleague() -> User:
    user: User = SpecialistFactory.create(full_name="Светлова-Милорадова Галина Кирилловна")
    return user


@pytest.fixture
def desk(client: Client, agent: User) -> Client:
    client.force_login(agent)
    return client


@pytest.fixture
def ticket() -> Ticket:
    return make_ticket(at=timezone.now() - HOUR)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def said(ticket: Ticket, **fields: Any) -> dict[str, Any]:
    """A filled form of the reply box, as the page of this request as it is now would send it."""
    last = ticket.events.order_by("-id").values_list("pk", flat=True).first()
    revision = fresh(ticket).revision
    filled = {"mode": "reply", "text": "Открыли смену.", "resolution": "solved", "key": str(uuid.uuid4())}
    return {**filled, "revision": revision, "seen": last, **fields}


def addresses(ticket: Ticket) -> list[str]:
    n = ticket.pk
    return [
        "/desk/",
        "/desk/?view=open&filters=1",
        "/desk/?view=open&priority=high&text=сохранить",
        "/desk/?view=nonsense&priority=nonsense&after=nonsense",
        "/desk/search",
        "/desk/search?q=показания",
        "/desk/search?q=%00%22&before=x",
        "/desk/new",
        "/desk/new?who=конст",
        f"/desk/new?contact={ticket.contact_id}",
        "/desk/new?contact=x",
        f"/desk/{n}",
        f"/desk/{n}?mode=close&before=nonsense",
        f"/desk/{n}/contact?who=конст",
        *(f"/desk/{n}/change/{what}" for what in EDITORS),
    ]


def test_pages_open(desk: Client, ticket: Ticket, agent: User) -> None:
    work.note(ticket.pk, text="№ 1", by=agent, at=timezone.now(), files=[NewFile("a.png", "image/png", PNG)])
    for address in [*addresses(ticket), "/notices/"]:
        assert desk.get(address).status_code == 200, address
        assert desk.get(address, headers=FRAGMENT).status_code == 200, address
    assert desk.get("/desk/pulse").status_code in (200, 204)
    assert desk.get("/desk/999999999").status_code == 404
    assert desk.get(f"/desk/{ticket.pk}/change/everything").status_code == 404


@pytest.mark.parametrize("stranger", [AdministratorFactory, SignedInContactFactory])
def test_the_workbench_is_the_desk_s_alone(client: Client, ticket: Ticket, stranger: Any) -> None:
    """Not even the requester of this very request, nor an administrator; who is nobody is led to sign in."""
    steps = [f"/desk/{ticket.pk}/{what}" for what in ("say", "take", "confirm", "contact", "change/assign")]
    for address in [*addresses(ticket), "/desk/pulse"]:
        assert client.get(address).status_code == 302
    for address in steps:
        assert client.post(address, {}).status_code == 302
    made = stranger.create()
    for user in {made if isinstance(made, User) else made.user, ticket.contact.user if ticket.contact else None}:
        assert user is not None
        client.force_login(user)
        for address in [*addresses(ticket), "/desk/pulse"]:
            assert client.get(address).status_code == 404, address
        for address in steps:
            assert client.post(address, said(ticket)).status_code == 404, address
    assert fresh(ticket).revision == ticket.revision


def test_the_list_costs_six_queries_and_no_more(desk: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        make_ticket(at=timezone.now() - MINUTE * number)
    desk.get("/desk/?view=open")
    with django_assert_max_num_queries(6):
        desk.get("/desk/?view=open")
    with django_assert_max_num_queries(5):
        desk.get("/desk/?view=open", headers=FRAGMENT)


@pytest.mark.parametrize("length", [1, 120])
def test_a_request_costs_twelve_queries_however_long(
    desk: Client, ticket: Ticket, agent: User, length: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(length):
        at = timezone.now() - HOUR + MINUTE / 4 * number
        work.note(ticket.pk, text=str(number), by=agent, at=at, files=[NewFile("a.png", "image/png", PNG)])
    desk.get(f"/desk/{ticket.pk}")
    with django_assert_max_num_queries(12):
        desk.get(f"/desk/{ticket.pk}")


def test_a_long_conversation_opens_at_the_newest_and_goes_back_without_a_gap(
    desk: Client, ticket: Ticket, agent: User
) -> None:
    at = timezone.now()
    for number in range(120):  # several at one instant
        work.note(ticket.pk, text=f"слово-{number}-", by=agent, at=at + MINUTE * (number // 7))
    seen: list[str] = []
    before = ""
    for _turn in range(4):
        answer = desk.get(f"/desk/{ticket.pk}?before={before}")
        page = answer.context["at"]
        texts = [item.message.text for item in page.stream.items if item.message]
        seen = texts + seen
        before = page.stream.earlier
        if not before:
            break
    assert seen == [ticket.messages.get(kind=MessageKind.REQUEST).text] + [f"слово-{n}-" for n in range(120)]


@pytest.mark.parametrize(
    ("mode", "status", "kind"),
    [
        ("reply", "in_progress", MessageKind.REPLY),
        ("note", "created", MessageKind.NOTE),
        ("ask", "clarification", MessageKind.QUESTION),
        ("close", "done", MessageKind.SOLUTION),
    ],
)
def test_four_things_to_say(desk: Client, ticket: Ticket, mode: str, status: str, kind: MessageKind) -> None:
    form = said(ticket, mode=mode)
    answer = desk.post(f"/desk/{ticket.pk}/say?view=new", form)
    assert answer.status_code == 303
    assert answer["Location"] == f"/desk/{ticket.pk}?view=new"
    assert fresh(ticket).status == status
    assert desk.post(f"/desk/{ticket.pk}/say", form).status_code in (303, 422)  # pressed twice
    assert ticket.messages.filter(kind=kind, text="Открыли смену.").count() == 1


def test_what_was_wrong_comes_back_with_what_was_typed(desk: Client, ticket: Ticket) -> None:
    for wrong in (
        {"text": " "},
        {"mode": "close", "text": ""},
        {"mode": "close", "resolution": "refused"},
        {"mode": "x"},
    ):
        answer = desk.post(
            f"/desk/{ticket.pk}/say", said(ticket, **{"text": "Почти готово", **wrong}), headers=FRAGMENT
        )
        assert answer.status_code == 422, wrong
        assert 'role="alert"' in answer.text or "field-error" in answer.text
        if "text" not in wrong:
            assert "Почти готово" in answer.text
    assert fresh(ticket).status == "created"


def test_a_change_of_somebody_else_stops_the_answer_and_keeps_it(desk: Client, ticket: Ticket, colleague: User) -> None:
    form = said(ticket, text="Мой ответ")
    work.reply(ticket.pk, text="Я уже ответила", by=colleague, at=timezone.now())
    answer = desk.post(f"/desk/{ticket.pk}/say", form, headers=FRAGMENT)
    assert answer.status_code == 409
    assert "Светлова-Милорадова" in answer.text.replace("\u00a0", " ")
    assert "Мой ответ</textarea>" in answer.text
    assert not ticket.messages.filter(text="Мой ответ").exists()
    again = answer.context["form"]
    form |= {"revision": again["revision"].value(), "seen": again["seen"].value()}
    assert desk.post(f"/desk/{ticket.pk}/say", form, headers=FRAGMENT).status_code == 200
    assert ticket.messages.filter(text="Мой ответ").count() == 1


def test_a_change_of_one_s_own_or_of_a_job_stops_nothing(desk: Client, ticket: Ticket, agent: User) -> None:
    form = said(ticket)
    work.note(ticket.pk, text="Из другой вкладки", by=agent, at=timezone.now())
    Ticket.objects.filter(pk=ticket.pk).update(revision=50)
    assert desk.post(f"/desk/{ticket.pk}/say", form, headers=FRAGMENT).status_code == 200


def test_after_closing_the_next_one_is_offered(desk: Client, agent: User) -> None:
    first, second = (make_ticket(at=timezone.now() - ago) for ago in (2 * HOUR, HOUR))
    answer = desk.post(f"/desk/{first.pk}/say?view=new", said(first, mode="close"), headers=FRAGMENT)
    assert answer.context["following"] == second.pk
    assert f"/desk/{second.pk}?view=new" in answer.text


@pytest.mark.parametrize(
    ("what", "typed", "column", "value"),
    [
        ("priority", {"priority": "low", "reason": "Пожелание"}, "priority", "low"),
        ("type", {"type": "question", "reason": "Вопрос"}, "type", "question"),
        ("email", {"email": "New@CHV.example"}, "contact_email", "new@chv.example"),
    ],
)
def test_editors(desk: Client, ticket: Ticket, what: str, typed: dict[str, str], column: str, value: str) -> None:
    address = f"/desk/{ticket.pk}/change/{what}"
    wrong = desk.post(address, {}, headers=FRAGMENT)
    assert wrong.status_code == 422
    assert wrong["HX-Retarget"] == "#desk-dialog-body"
    assert desk.post(address, typed).status_code == 303
    assert getattr(fresh(ticket), column) == value


def test_the_people_of_the_desk_get_requests_and_nobody_else(desk: Client, ticket: Ticket, colleague: User) -> None:
    address = f"/desk/{ticket.pk}/change/assign"
    outsider = SignedInContactFactory.create().user
    assert desk.post(address, {"assignee": outsider.pk}).status_code == 422
    assert desk.post(address, {"assignee": colleague.pk}).status_code == 303
    assert fresh(ticket).assignee == colleague
    assert desk.post(address, {"assignee": ""}).status_code == 303
    assert fresh(ticket).assignee is None


def test_section_contact_reopening_and_telling_otherwise(desk: Client, ticket: Ticket, agent: User) -> None:
    n = ticket.pk
    subsystem = SubsystemFactory.create()
    desk.post(f"/desk/{n}/change/subsystem", {"subsystem": subsystem.pk})
    assert fresh(ticket).subsystem == subsystem
    other = SignedInContactFactory.create()
    assert desk.post(f"/desk/{n}/contact", {"contact": "0"}).status_code == 422
    desk.post(f"/desk/{n}/contact", {"contact": other.pk})
    assert fresh(ticket).contact == other
    closing.close(n, resolution=Resolution.SOLVED, text="Да.", by=agent, at=timezone.now())
    assert desk.post(f"/desk/{n}/take").status_code == 409
    key = str(uuid.uuid4())
    assert desk.post(f"/desk/{n}/change/told", {"text": "По телефону", "key": key}).status_code == 303
    assert not fresh(ticket).undelivered
    assert desk.post(f"/desk/{n}/change/reopen", {"text": "Снова", "key": str(uuid.uuid4())}).status_code == 303
    assert fresh(ticket).status == "in_progress"


def test_a_specialist_writes_a_request_for_somebody(desk: Client) -> None:
    contact = SignedInContactFactory.create()
    typed = {"contact": contact.pk, "subject": "Звонок", "text": "Не печатает.", "type": "defect", "priority": "urgent"}
    assert desk.post("/desk/new", typed | {"key": ""}).status_code == 422
    typed["key"] = str(uuid.uuid4())
    answer = desk.post("/desk/new", typed)
    made = Ticket.objects.get(subject="Звонок")
    assert answer["Location"] == f"/desk/{made.pk}"
    assert (made.contact, made.customer, made.priority) == (contact, contact.customer, "urgent")
    assert desk.post("/desk/new", typed)["Location"] == f"/desk/{made.pk}"
    assert Ticket.objects.filter(subject="Звонок").count() == 1


def test_search_finds_stems_notes_names_and_numbers_and_marks_them_safely(
    desk: Client, ticket: Ticket, agent: User
) -> None:
    work.note(ticket.pk, text="<script>alert(1)</script> подозреваю сервер печати", by=agent, at=timezone.now())
    answer = desk.get("/desk/search?q=подозревал серверы")
    assert "<mark>" in answer.text
    assert "<script>alert" not in answer.text
    for typed in ("показание", str(ticket.pk), f"№ {ticket.pk}", "Константинопольская", ticket.contact_email):
        found = desk.get("/desk/search", {"q": typed}).context["found"]
        assert [hit.row.number for hit in found.hits] == [ticket.pk], typed
    assert desk.get("/desk/search?q=небывальщина").context["found"].hits == []


def test_the_pulse_is_silent_while_nothing_happens(
    desk: Client, ticket: Ticket, colleague: User, django_assert_max_num_queries: Any
) -> None:
    Ticket.objects.update(touched_at=timezone.now() - HOUR)
    now = str(int(timezone.now().timestamp() * 1_000_000))
    with django_assert_max_num_queries(3):  # session, user, whatever was touched
        assert desk.get(f"/desk/pulse?since={now}").status_code == 204
    seen = ticket.events.latest("pk").pk
    work.reply(ticket.pk, text="Ответ", by=colleague, at=timezone.now())
    told = desk.get(f"/desk/pulse?since={now}&view=open&n={ticket.pk}&seen={seen}").json()
    assert [row["number"] for row in told["rows"]] == [ticket.pk]
    assert told["rows"][0]["belongs"]
    assert len(told["news"]) == 2  # taken into work, answered
    assert told["counters"]["open"]["text"] == "1"


def test_nothing_of_a_note_reaches_the_requester(client: Client, ticket: Ticket, agent: User) -> None:
    secret = "тайное-слово"
    note = work.note(
        ticket.pk, text=secret, by=agent, at=timezone.now(), files=[NewFile(f"{secret}.png", "image/png", PNG)]
    )
    file = note.attachments.get()
    assert ticket.contact is not None and ticket.contact.user is not None
    client.force_login(ticket.contact.user)
    page = client.get(reverse("requests:show", args=[ticket.pk]))
    assert page.status_code == 200
    assert secret not in page.text
    assert secret not in client.get(reverse("requests:index"), {"q": secret}).text.replace(f'value="{secret}"', "")
    for name in ("files:download", "files:preview"):
        assert client.get(reverse(name, args=[file.pk])).status_code == 404
    for name in ("files:letter", "files:letter_page"):
        assert client.get(reverse(name, args=[note.pk])).status_code == 404


def test_files_leave_as_what_they_are_not(client: Client, agent: User) -> None:
    """Always an attachment of no type; a picture to look at only by its own first bytes."""
    ticket = make_ticket(
        at=timezone.now(),
        files=[
            NewFile("счёт; за «воду».html", "text/html", b"<script>alert(1)</script>"),
            NewFile("снимок.png", "image/png", PNG + b"..."),
            NewFile("хитрость.png", "image/png", b"<svg onload=alert(1)>"),
            NewFile("большой.bin", "image/png", b"x" * 200_000),
        ],
    )
    kept = {file.name: file.pk for file in ticket.messages.get().attachments.all()}
    assert ticket.contact is not None and ticket.contact.user is not None
    stranger = SignedInContactFactory.create().user
    for user, expected in ((agent, 200), (ticket.contact.user, 200), (stranger, 404)):
        client.force_login(user)
        for key in kept.values():
            answer = client.get(reverse("files:download", args=[key]))
            assert answer.status_code == expected
            if expected == 200:
                assert answer["Content-Type"] == "application/octet-stream"
                assert answer["Content-Disposition"].startswith("attachment")
                assert answer["X-Content-Type-Options"] == "nosniff"
                assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    client.force_login(agent)
    name = client.get(reverse("files:download", args=[kept["счёт; за «воду».html"]]))["Content-Disposition"]
    assert name == (
        "attachment; filename*=utf-8''%D1%81%D1%87%D1%91%D1%82%3B%20%D0%B7%D0%B0%20"
        "%C2%AB%D0%B2%D0%BE%D0%B4%D1%83%C2%BB.html"
    )
    shown = {title: client.get(reverse("files:preview", args=[key])) for title, key in kept.items()}
    assert {title: answer.status_code for title, answer in shown.items()} == {
        "счёт; за «воду».html": 404,
        "снимок.png": 200,
        "хитрость.png": 404,
        "большой.bin": 404,
    }
    picture = shown["снимок.png"]
    assert picture["Content-Type"] == "image/png"
    assert picture["Content-Disposition"].startswith("inline")
    assert picture["Content-Security-Policy"] == "default-src 'none'; sandbox"
    client.logout()
    assert client.get(reverse("files:download", args=[kept["снимок.png"]])).status_code == 302


def test_a_letter_is_shown_alone_and_harmless(desk: Client, ticket: Ticket) -> None:
    message = Message.objects.create(
        ticket=ticket, kind=MessageKind.ANSWER, channel="email", at=timezone.now(), html="<p>Письмо <b>было</b></p>"
    )
    answer = desk.get(reverse("files:letter_page", args=[message.pk]))
    assert "<b>было</b>" in answer.text
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy
    assert desk.get(reverse("files:letter", args=[message.pk])).status_code == 404  # it came by no letter


def test_a_person_s_own_notices_under_the_bell(client: Client, agent: User, colleague: User) -> None:
    for user in (agent, colleague):
        notify([user], key="k", text=f"Для {user.login}", at=timezone.now(), url="/desk/")
    notify([agent], key="evil", text="Наружу", at=timezone.now(), url="//evil.example/")
    client.force_login(agent)
    page = client.get("/notices/").text
    assert f"Для {agent.login}" in page
    assert f"Для {colleague.login}" not in page
    mine, evil = Notice.objects.get(user=agent, key="k"), Notice.objects.get(user=agent, key="evil")
    assert client.post(f"/notices/{Notice.objects.get(user=colleague).pk}").status_code == 404
    assert client.post(f"/notices/{mine.pk}")["Location"] == "/desk/"
    assert client.post(f"/notices/{evil.pk}")["Location"] == "/notices/"
    assert not Notice.objects.filter(user=agent, read_at=None).exists()
    client.post("/notices/read")
    assert Notice.objects.filter(user=colleague, read_at=None).exists()
