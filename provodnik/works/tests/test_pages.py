"""The pages of works: steps, forms that keep what was typed, lists of bounded cost, what outsiders are not told."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.desk.tests.factories import (
    HOUR,
    ContactFactory,
    CustomerFactory,
    LeadFactory,
    SignedInContactFactory,
    SubsystemFactory,
    make_ticket,
)
from provodnik.works.actions import leading, personal, tying
from provodnik.works.models import Silence, Work
from provodnik.works.queries import board, pages
from provodnik.works.states import Kind
from provodnik.works.tests.factories import DAY, make_announced, make_draft, make_incident, new_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client: Client) -> User:
    user: User = LeadFactory.create()
    client.force_login(user)
    return user


def typed(**fields: Any) -> dict[str, Any]:
    return {
        "key": str(uuid.uuid4()),
        "kind": "planned",
        "title": "Обновление базы",
        "starts_at": "2031-03-01T02:00",
        "ends_at": "01.03.2031 06:00",
        "text": "",
        **fields,
    }


class TestForm:
    def test_a_draft_from_the_form_twice_sent_once_made(self, client: Client, lead: User) -> None:
        customer, section = CustomerFactory.create(), SubsystemFactory.create()
        form = typed(customers=[customer.pk], subsystems=[section.pk], release="3.4", unavailable="on")
        for _try in range(2):
            assert client.post("/works/new", form).status_code == 302
        work = Work.objects.get()
        assert (work.state, work.unavailable, work.release, work.responsible) == ("draft", True, "3.4", lead)
        assert timezone.localtime(work.starts_at).strftime("%d.%m.%Y %H:%M") == "01.03.2031 02:00"
        assert (list(work.customers.all()), list(work.subsystems.all())) == ([customer], [section])

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ""),
            ("starts_at", "вчера"),
            ("starts_at", "0001-01-01T00:00"),
            ("ends_at", ""),
            ("ends_at", "2031-03-01T01:00"),
            ("release", "3"),
            ("kind", "magic"),
            ("customers", "999999"),
            ("title", "\x00" * 10),
            ("text", "я" * 20_001),
        ],
    )
    def test_bad_input_is_told_and_what_was_typed_is_kept(
        self, client: Client, lead: User, field: str, value: str
    ) -> None:
        response = client.post("/works/new", typed(text="Прочее остаётся.") | {field: value})
        assert response.status_code == 422
        assert "field-error" in response.content.decode()
        assert not Work.objects.exists()

    def test_a_change_of_what_people_know_asks_why(self, client: Client, lead: User) -> None:
        now = timezone.now()
        work = make_announced(by=lead, at=now, starts_at=now + 5 * DAY, ends_at=now + 6 * DAY)
        address = f"/works/{work.pk}/change"
        assert 'name="reason"' in client.get(address).content.decode()
        form = typed(revision=work.revision)
        assert client.post(address, form).status_code == 422
        assert client.post(address, form | {"reason": "Перенесли."}).status_code == 302
        assert client.post(address, form | {"reason": "Ещё раз.", "title": "Старое"}).status_code == 422  # revision
        assert Work.objects.get(pk=work.pk).title == "Обновление базы"

    def test_an_incident_begins_from_the_request(self, client: Client, lead: User) -> None:
        section = SubsystemFactory.create()
        page = client.get("/works/new", {"kind": "incident", "subsystem": section.pk}).content.decode()
        assert 'value="incident" required class="radio radio-primary radio-sm" id="id_kind_2" checked' in page or (
            page.count("checked") >= 2
        )
        for nonsense in ("x", "9" * 30):
            assert client.get("/works/new", {"kind": nonsense, "subsystem": nonsense}).status_code == 200


class TestSteps:
    def test_each_step_says_whom_it_writes_to_and_is_taken(self, client: Client, lead: User) -> None:
        ContactFactory.create_batch(3, customer=CustomerFactory.create())
        now = timezone.now()
        work = make_draft(by=lead, at=now, starts_at=now + 5 * DAY, ends_at=now + 6 * DAY)
        for what, state in (("announce", "announced"), ("begin", "going"), ("news", "going"), ("end", "ended")):
            address = f"/works/{work.pk}/step/{what}"
            assert "3 человека" in client.get(address).content.decode()
            assert client.post(address, {"reason": "Слово."}).status_code == 302
            assert Work.objects.get(pk=work.pk).state == state
        assert client.get(f"/works/{work.pk}/step/begin").status_code == 302  # told why not, on its page

    def test_late_is_said_before_and_demanded(self, client: Client, lead: User) -> None:
        now = timezone.now()
        work = make_draft(by=lead, at=now, starts_at=now + HOUR, ends_at=now + 2 * HOUR)
        address = f"/works/{work.pk}/step/announce"
        assert "Позже, чем положено" in client.get(address).content.decode()
        assert client.post(address, {"reason": ""}).status_code == 422
        assert client.post(address, {"reason": "Ждали поставщика."}).status_code == 302
        contact = SignedInContactFactory.create()
        client.force_login(contact.user)
        assert "Ждали поставщика." in client.get(f"/works/{work.pk}").content.decode()

    def test_no_such_step(self, client: Client, lead: User) -> None:
        work = make_draft(by=lead)
        assert client.get(f"/works/{work.pk}/step/destroy").status_code == 404

    def test_two_people_at_one_step(self, client: Client, lead: User) -> None:
        now = timezone.now()
        work = make_announced(by=lead, at=now, starts_at=now + 5 * DAY, ends_at=now + 6 * DAY)
        leading.change(work.pk, new_work(text="Иначе."), reason="Так.", by=lead, at=now)
        response = client.post(f"/works/{work.pk}/step/cancel", {"reason": "Нет.", "revision": work.revision})
        assert response.status_code == 422


class TestLooking:
    def test_outsiders_are_not_told_whom_else_it_concerns_nor_who_answers(self, client: Client) -> None:
        boss: User = LeadFactory.create(full_name="Громова-Тайная Руководительница")
        own = SignedInContactFactory.create()
        other = CustomerFactory.create(name="Секретный водоканал")
        work = make_incident(by=boss, at=timezone.now(), customers=[own.customer, other])
        new = new_work(kind=Kind.INCIDENT, starts_at=work.starts_at, ends_at=None, customers=[own.customer])
        leading.change(work.pk, new, reason="Сузили.", by=boss, at=timezone.now())
        ticket = make_ticket()
        client.force_login(own.user)
        page = client.get(f"/works/{work.pk}").content.decode()
        assert "Сузили." in page
        for hidden in ("Секретный водоканал", "Громова", f"/desk/{ticket.pk}"):
            assert hidden not in page

    def test_the_list_costs_the_same_however_long(
        self, client: Client, lead: User, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(pages.PAGE + 5):
            work = make_incident(by=lead, at=timezone.now(), subsystems=[SubsystemFactory.create()])
            if number > 2:
                leading.end(work.pk, text="Всё.", by=lead, at=timezone.now())
        board.keep(())
        with django_assert_max_num_queries(12):
            page = client.get("/works/")
        cursor = pages.listing(lead).older
        assert f"?before={cursor}" in page.content.decode()
        assert len(pages.listing(lead, cursor).past) == 2
        for nonsense in ("x", "1.1", "9" * 17 + ".1", "\x00"):
            assert client.get("/works/", {"before": nonsense}).status_code == 200

    def test_the_page_costs_the_same_however_many_are_tied(
        self, client: Client, lead: User, django_assert_max_num_queries: Any
    ) -> None:
        work = make_incident(by=lead, at=timezone.now())
        for _number in range(4):
            tying.tie(work.pk, make_ticket().pk, by=lead, at=timezone.now())
        board.keep(())
        with django_assert_max_num_queries(16):
            assert client.get(f"/works/{work.pk}").status_code == 200

    def test_letters_and_calendar_are_ones_own(self, client: Client) -> None:
        contact = SignedInContactFactory.create()
        client.force_login(contact.user)
        client.post("/works/silence", {"letters": "0"})
        assert Silence.objects.get().contact_id == contact.pk
        assert "/status/calendar/" not in client.get("/works/").content.decode()
        client.post("/works/address")
        assert "/status/calendar/" in client.get("/works/").content.decode()
        client.post("/works/silence", {"letters": "1"})
        assert not Silence.objects.exists()

    def test_going_works_are_counted_in_the_menu_also_when_put_away(self, client: Client, lead: User) -> None:
        work = make_incident(by=lead, at=timezone.now())
        personal.put_away(work, by=lead)
        assert 'class="banners' not in client.get("/works/").content.decode()
        assert 'rail-count tone-warning">1<' in client.get("/works/").content.decode()
