"""Contacts, requests and instructions of another desk: understood, tried, taken over once."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from provodnik.accounts.models import User
from provodnik.articles.models import Article
from provodnik.core.decisions import Refused
from provodnik.desk import checks
from provodnik.desk.models import Contact, EventKind, Message, MessageKind, Ticket, TicketSearch
from provodnik.desk.search import words_query
from provodnik.desk.tests.factories import AdministratorFactory, ContactFactory, CustomerFactory
from provodnik.notify.models import Notice
from provodnik.quality.actions import cases
from provodnik.quality.models import Case
from provodnik.transfer.actions import running
from provodnik.transfer.models import Transfer
from provodnik.transfer.reading import knowledge, tables, zammad
from provodnik.transfer.reading.values import Mistake, PastContact, PastRequest, Unreadable, moment, priority
from provodnik.transfer.states import Kind, State
from tests.mail import run_jobs

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REQUESTS = """номер;тема;текст;зарегистрировано;закрыто;заявитель;почта;заказчик;приоритет;решение
17;Нет листка;Не вижу расчётный листок;01.10.2026 09:00;02.10.2026 10:30;Анна;anna@vk.example;;Высокий;Права выданы
18;Открытая;Ещё не решили;20.11.2026 12:00;;Пётр;petr@nowhere.example;;низкий;
19;Чужая;Кому это;20.11.2026 12:00;;Пётр;x@nowhere.example;Неизвестный водоканал;;
20;Кривая;;когда-то;;;;;;
""".encode()
ZAMMAD = json.dumps(
    [
        {
            "id": 5, "number": "22005", "title": "Пароль", "state": "closed", "priority": "2 normal",
            "created_at": "2026-10-05T08:00:00.000Z", "close_at": "2026-10-05T11:00:00.000Z",
            "customer": "anna@vk.example", "organization": "",
            "articles": [
                {"from": "Анна <anna@vk.example>", "sender": "Customer", "internal": False, "content_type": "text/html",
                 "body": "<p>Забыла <b>пароль</b><script>x</script></p>", "created_at": "2026-10-05T08:00:00Z"},
                {"from": "Служба", "sender": "Agent", "internal": True, "content_type": "text/plain",
                 "body": "проверил почту", "created_at": "2026-10-05T09:00:00Z"},
                {"from": "Служба", "sender": "Agent", "internal": False, "content_type": "text/plain",
                 "body": "Ссылка отправлена", "created_at": "2026-10-05T10:00:00Z"},
            ],
        },
        "не обращение",
    ]
).encode()  # fmt: skip


@pytest.fixture
def administrator(db: None) -> User:
    return AdministratorFactory.create()


@pytest.fixture
def anna(db: None) -> Contact:
    return ContactFactory.create(email="anna@vk.example", customer=CustomerFactory.create(domains=["vk.example"]))


def brought(content: bytes, kind: Kind, by: User, *, source: str = "старая служба") -> Transfer:
    file = SimpleUploadedFile("a.csv", content)
    made = running.bring(file, name="a.csv", kind=kind, source=source, key=uuid.uuid4(), by=by, at=timezone.now())
    running.run(made.pk)
    made.refresh_from_db()
    return made


def taken(transfer: Transfer, by: User) -> Transfer:
    running.take(transfer.pk, by=by, at=timezone.now())
    running.run(transfer.pk)
    transfer.refresh_from_db()
    return transfer


def test_a_file_is_first_only_looked_through(administrator: User, anna: Contact) -> None:
    looked = brought(REQUESTS, Kind.REQUESTS, administrator)
    assert (looked.state, looked.new, looked.known, looked.refused) == (State.LOOKED.value, 2, 0, 2)
    assert not Ticket.objects.exists()
    words = dict(looked.lines.values_list("external", "words"))
    assert "Неизвестный водоканал" in words["19"] and "когда-то" in words["20"]


def test_requests_come_with_their_instants_and_are_told_to_nobody(administrator: User, anna: Contact) -> None:
    done = taken(brought(REQUESTS, Kind.REQUESTS, administrator), administrator)
    assert (done.state, done.new, done.refused) == (State.DONE.value, 2, 2)
    closed = Ticket.objects.get(context__imported__number="17")
    assert closed.contact == anna and closed.customer == anna.customer and closed.priority == "high"
    assert closed.registered_at == datetime(2026, 10, 1, 9, tzinfo=MOSCOW)
    assert closed.closed_at == datetime(2026, 10, 2, 10, 30, tzinfo=MOSCOW)
    assert closed.status == "done" and closed.resolution == "solved" and not closed.undelivered
    assert [one.text for one in closed.messages.order_by("at", "id")] == ["Не вижу расчётный листок", "Права выданы"]
    opened = Ticket.objects.get(context__imported__number="18")
    assert opened.is_open and opened.contact is None and opened.contact_email == "petr@nowhere.example"
    run_jobs()
    assert not Notice.objects.exists()
    assert not closed.events.filter(kind=EventKind.CONFIRMED).exists()
    assert TicketSearch.objects.filter(full=words_query("права")).exists()
    found = [*checks.wholeness(), *checks.histories(), *checks.deadlines()]
    assert [finding.text for finding in found if finding.level == "error"] == []


def test_they_stand_in_no_figure_of_quality(administrator: User, anna: Contact) -> None:
    taken(brought(REQUESTS, Kind.REQUESTS, administrator), administrator)
    cases.catch_up_all()
    assert Case.objects.count() == 2 and not Case.objects.filter(left_out=False).exists()


def test_the_same_number_is_taken_over_once(administrator: User, anna: Contact) -> None:
    taken(brought(REQUESTS, Kind.REQUESTS, administrator), administrator)
    before = list(Ticket.objects.order_by("pk").values_list("pk", "revision"))
    again = taken(brought(REQUESTS, Kind.REQUESTS, administrator), administrator)
    assert (again.new, again.known) == (0, 2)
    assert list(Ticket.objects.order_by("pk").values_list("pk", "revision")) == before
    other = brought(REQUESTS, Kind.REQUESTS, administrator, source="другая служба")
    assert other.new == 2  # the same number of another desk is another request


def test_after_a_kill_it_goes_on_behind_the_last_line(
    administrator: User, anna: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer = brought(REQUESTS, Kind.REQUESTS, administrator)
    running.take(transfer.pk, by=administrator, at=timezone.now())
    real, seen = running._settle, []

    def killed(*args: Any) -> bool:
        if len(seen) == 1:
            raise KeyboardInterrupt
        seen.append(args)
        return real(*args)

    monkeypatch.setattr(running, "_settle", killed)
    with pytest.raises(KeyboardInterrupt):
        running.run(transfer.pk)
    monkeypatch.setattr(running, "_settle", real)
    running.run(transfer.pk)
    transfer.refresh_from_db()
    assert (transfer.state, transfer.done, transfer.new) == (State.DONE.value, 4, 2)
    assert Ticket.objects.count() == 2


def test_stopped_nothing_more_is_written(administrator: User, anna: Contact) -> None:
    transfer = brought(REQUESTS, Kind.REQUESTS, administrator)
    running.take(transfer.pk, by=administrator, at=timezone.now())
    running.stop(transfer.pk, by=administrator, at=timezone.now())
    running.run(transfer.pk)
    transfer.refresh_from_db()
    assert transfer.state == State.CANCELLED.value and not Ticket.objects.exists()
    with pytest.raises(Refused):
        running.take(transfer.pk, by=administrator, at=timezone.now())


def test_an_erased_file_is_not_taken_over(administrator: User, anna: Contact) -> None:
    transfer = brought(REQUESTS, Kind.REQUESTS, administrator)
    Transfer.objects.update(blob=None)
    with pytest.raises(Refused, match="стёрт"):
        running.take(transfer.pk, by=administrator, at=NOW)
    transfer.refresh_from_db()
    assert transfer.state == State.LOOKED.value


def test_zammads_tickets_come_with_their_conversation(administrator: User, anna: Contact) -> None:
    done = taken(brought(ZAMMAD, Kind.ZAMMAD, administrator), administrator)
    assert (done.new, done.refused) == (1, 1)
    ticket = Ticket.objects.get()
    assert ticket.contact == anna and ticket.subject == "Пароль" and ticket.priority == "medium"
    said = list(Message.objects.filter(ticket=ticket).order_by("at", "id"))
    assert [one.kind for one in said] == [MessageKind.REQUEST, MessageKind.NOTE, MessageKind.REPLY]
    assert "пароль" in said[0].text and "<" not in said[0].text
    assert said[2].at == datetime(2026, 10, 5, 10, tzinfo=UTC) and said[2].author_name == "Служба"
    public = TicketSearch.objects.filter(ticket=ticket, public=words_query("проверил"))
    assert not public.exists()  # a note stays the desk's


def test_contacts_by_domain_or_name_of_the_customer(administrator: User, anna: Contact) -> None:
    content = (
        "ФИО;E-mail;Телефон;Заказчик\nПётр Луговой;PETR@vk.example;+7 900;\n"
        f"Олег;oleg@other.example;;{anna.customer.name.upper()}\n"
        "Никто;none@nowhere.example;;\nАнна;ANNA@vk.example;;\nБез почты;нет;;\n"
    ).encode("cp1251")
    done = taken(brought(content, Kind.CONTACTS, administrator), administrator)
    assert (done.new, done.known, done.refused) == (2, 1, 2)
    assert Contact.objects.get(email="petr@vk.example").customer == anna.customer
    assert Contact.objects.get(email="oleg@other.example").customer == anna.customer


def test_zammads_people_come_by_its_table_and_by_its_list(administrator: User, anna: Contact) -> None:
    table = b"login,firstname,lastname,email,organization\nx,Ivan,Kulibin,ivan@vk.example,\ny,,,no@vk.example,\n"
    done = taken(brought(table, Kind.CONTACTS, administrator), administrator)
    assert (done.new, done.refused) == (1, 1)
    people = [
        {"firstname": "Ольга", "lastname": "Луг", "email": "Olga@vk.example", "mobile": "+7 9", "roles": ["Customer"]},
        {"firstname": "Иннокентий", "lastname": "Верх", "email": "agent@vk.example", "roles": ["Agent"]},
        {"firstname": "-", "email": ["список"]}, 7,
    ]  # fmt: skip
    done = taken(brought(json.dumps(people).encode(), Kind.CONTACTS, administrator), administrator)
    assert (done.new, done.refused) == (1, 3)
    olga = Contact.objects.get(email="olga@vk.example")
    assert (olga.name, olga.phone, olga.customer) == ("Луг Ольга", "+7 9", anna.customer)
    assert Contact.objects.get(email="ivan@vk.example").name == "Kulibin Ivan"
    for wrong in (b"[", b"[" * 100_000, b'["a"'):
        assert brought(wrong, Kind.CONTACTS, administrator).state == State.FAILED.value


def test_instructions_come_as_drafts(administrator: User) -> None:
    content = (
        "заголовок;текст;раздел\nКак войти;Откройте страницу входа;\nБез текста;;\nЧужая;Текст;Нет такого\n".encode()
    )
    done = taken(brought(content, Kind.ARTICLES, administrator), administrator)
    assert (done.new, done.refused) == (1, 2)
    assert Article.objects.get().state == "draft"


@pytest.mark.parametrize(
    "content", [b"", b"a;b\n", b"\x00\x01", b"{", b"[" * 100_000, "тема\nпусто\n".encode("utf-16")]
)
def test_a_file_that_is_none_is_told_in_words(administrator: User, content: bytes) -> None:
    for kind in (Kind.REQUESTS, Kind.ZAMMAD, Kind.CONTACTS):
        failed = brought(content, kind, administrator)
        assert failed.state == State.FAILED.value and failed.words


def test_an_enormous_cell_spoils_its_own_line_alone(administrator: User, anna: Contact) -> None:
    content = b"number,subject,created\n1,ok,2026-10-01\n2," + b"x" * 300_000 + b",2026-10-01\n3,ok,2026-10-01\n"
    looked = brought(content, Kind.REQUESTS, administrator)
    assert (looked.new, looked.refused) == (2, 1)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("23.11.2026 14:05", datetime(2026, 11, 23, 14, 5, tzinfo=MOSCOW)),
        ("2026-11-23T11:05:00Z", datetime(2026, 11, 23, 11, 5, tzinfo=UTC)),
        ("11/23/2026 2:05 PM", datetime(2026, 11, 23, 14, 5, tzinfo=MOSCOW)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=MOSCOW)),
        ("0001-01-01", None),
        ("31.02.2026", None),
        ("99999-12-31", None),
        ("", None),
    ],
)
def test_moments(typed: str, expected: datetime | None) -> None:
    assert moment(typed, MOSCOW) == expected


def test_priorities_by_their_words() -> None:
    words = ["Экстренный", "3 high", "2 normal", "1 low", "", "Emergency", "Средний"]
    assert [priority(one).value for one in words] == ["urgent", "high", "medium", "low", "low", "urgent", "medium"]


@given(
    st.binary(max_size=300), st.sampled_from(["contacts", "articles", "requests", "osticket", "zammad", "knowledge"])
)
def test_no_bytes_break_a_reader(content: bytes, kind: str) -> None:
    prefix = {"contacts": b"name;email\n", "articles": b"title;text\n", "zammad": b""}.get(
        kind, b"number;subject;created\n"
    )
    try:
        if kind == "zammad":
            found = list(zammad.tickets(content, zone=MOSCOW, now=NOW))
        elif kind == "knowledge":
            found = list(knowledge.articles(content))
        elif kind in ("contacts", "articles"):
            found = list(getattr(tables, kind)(prefix + content))
        else:
            found = list(getattr(tables, kind)(prefix + content, zone=MOSCOW, now=NOW))
    except Unreadable as error:
        assert str(error)
    else:
        assert all(isinstance(place, int) and thing is not None for place, _external, thing in found)


def test_the_page_from_the_file_to_the_report(administrator: User, anna: Contact, client: Client) -> None:
    client.force_login(administrator)
    page = client.get(reverse("transfer:index"))
    key = page.context["form"]["key"].value()

    def sent() -> Any:
        upload = SimpleUploadedFile("../../a.csv", REQUESTS)
        data = {"key": key, "kind": "requests", "source": "=служба", "file": upload}
        return client.post(reverse("transfer:index"), data)

    assert sent().status_code == 302 == sent().status_code
    transfer = Transfer.objects.get()
    assert transfer.name == "a.csv"
    running.run(transfer.pk)
    shown = client.get(reverse("transfer:show", args=[transfer.pk]))
    assert "Неизвестный водоканал" in shown.content.decode() and "Перенести новые: 2" in shown.content.decode()
    client.post(reverse("transfer:take", args=[transfer.pk]))
    client.post(reverse("transfer:take", args=[transfer.pk]))
    running.run(transfer.pk)
    report = b"".join(client.get(reverse("transfer:report", args=[transfer.pk])).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert report.count("\r\n") == 5 and '"17";"новое"' in report
    empty = client.post(reverse("transfer:index"), {"key": key, "kind": "requests", "source": ""})
    assert empty.status_code == 422


def test_found_values_are_plain() -> None:
    (_place, external, found), = tables.contacts("имя;почта\nАнна;a@b.ru\n".encode())  # fmt: skip
    assert external == "a@b.ru" and found == PastContact("Анна", "a@b.ru")
    ((_p, number, request),) = tables.requests(b"number;subject;created\n7;x;2026-10-01\n", zone=MOSCOW, now=NOW)
    assert number == "7" and isinstance(request, PastRequest) and request.text == "x"
    future = list(tables.requests(b"number;subject;created\n7;x;2036-10-01\n", zone=MOSCOW, now=NOW))
    assert isinstance(future[0][2], Mistake)
