"""What needs no sign-in: the status page, calendars (RFC 5545), silence by a letter's link."""

from __future__ import annotations

import uuid

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from icalendar import Calendar, Event

from provodnik.accounts.models import User
from provodnik.desk.tests.factories import (
    HOUR,
    NOW,
    CustomerFactory,
    LeadFactory,
    SignedInContactFactory,
    SubsystemFactory,
)
from provodnik.works.actions import leading, personal
from provodnik.works.models import Silence, Work
from provodnik.works.queries import calendar as calendars
from provodnik.works.queries.status import HISTORY, status
from provodnik.works.tests.factories import DAY, make_announced, make_draft, make_incident, new_work
from provodnik.works.tokens import calendar_token, letters_token
from provodnik.works.views import public

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> User:
    user: User = LeadFactory.create(full_name="Громова-Тайная Руководительница Первая")
    return user


def events(content: bytes) -> list[Event]:
    calendar = Calendar.from_ical(content)
    assert calendar["VERSION"] == "2.0"
    return list(calendar.walk("VEVENT"))


class TestStatusPage:
    def test_only_public_works_and_no_names(self, client: Client, lead: User) -> None:
        customer = CustomerFactory.create(name="Секретный водоканал")
        now = timezone.now()
        make_incident(by=lead, at=now, title="Видно всем", public=True, customers=[customer])
        make_incident(by=lead, at=now, title="Видно своим")
        make_draft(by=lead, title="Не объявлено", public=True)
        response = client.get("/status/")
        page = response.content.decode()
        assert "Видно всем" in page
        for hidden in ("Видно своим", "Не объявлено", "Секретный водоканал", "Громова"):
            assert hidden not in page
        assert response.headers["Cache-Control"] == "public, max-age=30"

    def test_it_is_the_same_for_everybody_and_asks_nobody_who_he_is(self, client: Client, lead: User) -> None:
        client.force_login(lead)
        response = client.get("/status/")
        assert "Cookie" not in response.headers.get("Vary", "")
        assert not response.cookies
        assert "csrfmiddlewaretoken" not in response.content.decode()
        again = client.get("/status/", headers={"if-none-match": response.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_it_costs_nothing_for_some_seconds(
        self, client: Client, lead: User, django_assert_num_queries: object, django_assert_max_num_queries: object
    ) -> None:
        for _number in range(5):
            make_incident(by=lead, at=timezone.now(), public=True, subsystems=[SubsystemFactory.create()])
        with django_assert_max_num_queries(3):  # type: ignore[operator]
            client.get("/status/")
        with django_assert_num_queries(0):  # type: ignore[operator]
            client.get("/status/")

    def test_it_stands_while_the_database_is_away(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(now: object) -> object:
            raise OperationalError("gone")

        before = client.get("/status/").content
        monkeypatch.setattr(public, "_made", {name: (0.0, made) for name, (_until, made) in public._made.items()})
        monkeypatch.setattr(public.status, "status", away)
        assert client.get("/status/").content == before
        public.forget()
        assert client.get("/status/").status_code == 503

    def test_switched_off_it_does_not_exist(self, client: Client, settings: object) -> None:
        settings.STATUS_PAGE = False  # type: ignore[attr-defined]
        assert client.get("/status/").status_code == 404
        assert client.get("/status/works.ics").status_code == 404

    def test_ninety_days(self, lead: User) -> None:
        old = make_incident(by=lead, public=True, at=NOW - HISTORY - 2 * DAY)
        leading.end(old.pk, text="Всё.", by=lead, at=NOW - HISTORY - DAY)
        lately = make_incident(by=lead, public=True, at=NOW - 2 * DAY)
        leading.end(lately.pk, text="Всё.", by=lead, at=NOW - 2 * DAY + HOUR)
        found = status(NOW)
        assert list(found.past) == [lately]
        assert len(found.days) == 90
        assert [day.tone for day in found.days[-4:]] == ["success", "error", "success", "success"]
        assert found.worst == "success"

    @pytest.mark.parametrize(
        ("fields", "worst", "partly"),
        [({"unavailable": True}, "error", False), ({"unavailable": False}, "warning", True)],
    )
    def test_what_it_says_first(self, lead: User, fields: dict[str, bool], worst: str, partly: bool) -> None:
        make_incident(by=lead, public=True, **fields)
        assert (status(NOW).worst, status(NOW).partly) == (worst, partly)

    def test_the_way_of_a_change_names_no_customer(self, client: Client, lead: User) -> None:
        customer = CustomerFactory.create(name="Секретный водоканал")
        work = make_announced(
            by=lead, at=timezone.now(), starts_at=NOW + 3000 * DAY, ends_at=NOW + 3001 * DAY, public=True
        )
        new = new_work(starts_at=work.starts_at, ends_at=work.ends_at, public=True, text="Иначе.", customers=[customer])
        leading.change(work.pk, new, reason="Уточнили.", by=lead, at=timezone.now())
        page = client.get("/status/").content.decode()
        assert "Уточнили." in page
        assert "Секретный водоканал" not in page


class TestCalendar:
    def test_a_version_of_an_event_has_the_same_uid_and_a_greater_sequence(self, lead: User) -> None:
        work = make_announced(by=lead)
        (first,) = events(calendars.personal(lead, NOW))
        moved = new_work(starts_at=NOW + 6 * DAY, ends_at=NOW + 6 * DAY + HOUR)
        leading.change(work.pk, moved, reason="Праздник.", by=lead, at=NOW + HOUR)
        (second,) = events(calendars.personal(lead, NOW))
        assert first["UID"] == second["UID"] == calendars.uid(Work.objects.get(pk=work.pk))
        assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
        assert second.decoded("DTSTAMP") == NOW + HOUR
        assert second.decoded("DTSTART") == NOW + 6 * DAY
        leading.cancel(work.pk, reason="Нет сборки.", by=lead, at=NOW + 2 * HOUR)
        (third,) = events(calendars.personal(lead, NOW))
        assert (third["STATUS"], third["SEQUENCE"], third["UID"]) == ("CANCELLED", 2, first["UID"])

    def test_what_was_real_replaces_what_was_planned(self, lead: User) -> None:
        work = make_incident(by=lead)
        (going,) = events(calendars.personal(lead, NOW))
        assert "DTEND" not in going
        leading.end(work.pk, text="Всё.", by=lead, at=NOW + HOUR)
        (over,) = events(calendars.personal(lead, NOW))
        assert (over.decoded("DTSTART"), over.decoded("DTEND")) == (NOW, NOW + HOUR)

    def test_lines_are_folded_and_texts_escaped(self, lead: User) -> None:
        text = "Точка; запятая, черта \\ и\nновая строка. " * 20
        make_announced(by=lead, text=text, title="BEGIN:VEVENT; в названии")
        content = calendars.personal(lead, NOW)
        assert all(len(line) <= 75 for line in content.split(b"\r\n"))  # RFC 5545, 3.1: octets
        assert content.endswith(b"END:VCALENDAR\r\n")
        (event,) = events(content)
        assert str(event["DESCRIPTION"]).startswith(text.strip())
        assert event["SUMMARY"].endswith("BEGIN:VEVENT; в названии")

    def test_by_a_secret_address_only_what_concerns_its_owner(self, client: Client, lead: User) -> None:
        own, other = SignedInContactFactory.create(), SignedInContactFactory.create()
        now = timezone.now()
        make_incident(by=lead, at=now, title="Своё", customers=[own.customer])
        make_incident(by=lead, at=now, title="Чужое", customers=[other.customer])
        make_draft(by=lead, title="Черновик", starts_at=now + DAY, ends_at=now + 2 * DAY)
        address = personal.calendar_address(own.user, at=NOW)
        token = calendar_token(address)
        response = client.get(f"/status/calendar/{token}.ics")
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert [str(one["SUMMARY"]) for one in events(response.content)] == ["Аварийная ситуация: Своё"]
        for wrong in ("x", token[:-1], token.replace("-", "-0", 1), "1-2~3", "%00", "я" * 300):
            assert client.get(f"/status/calendar/{wrong}.ics").status_code == 404
        personal.new_calendar_address(own.user, at=NOW)
        assert client.get(f"/status/calendar/{token}.ics").status_code == 404
        fresh = calendar_token(personal.calendar_address(own.user, at=NOW))
        User.objects.filter(pk=own.user.pk).update(is_active=False)
        assert client.get(f"/status/calendar/{fresh}.ics").status_code == 404

    def test_the_public_one_shows_what_the_status_page_shows(self, client: Client, lead: User) -> None:
        make_incident(by=lead, at=timezone.now(), title="Всем", public=True)
        make_incident(by=lead, at=timezone.now(), title="Своим")
        public.forget()
        found = events(client.get("/status/works.ics").content)
        assert [str(one["SUMMARY"]) for one in found] == ["Аварийная ситуация: Всем"]
        assert found[0]["URL"].endswith("/status/")


class TestSilenceByALetter:
    def test_looking_changes_nothing_a_button_does(self, client: Client) -> None:
        contact = SignedInContactFactory.create()
        address = f"/status/letters/{letters_token(contact)}"
        assert client.get(address).status_code == 200
        assert not Silence.objects.exists()
        client.post(address, {"letters": "0"})
        assert Silence.objects.get().contact_id == contact.pk
        client.post(address, {"letters": "1"})
        assert not Silence.objects.exists()

    def test_a_forged_one_is_nothing(self, client: Client) -> None:
        contact = SignedInContactFactory.create()
        for wrong in ("x", f"{contact.pk}~AAAA", f"{contact.pk}", str(uuid.uuid4())):
            assert client.get(f"/status/letters/{wrong}").status_code == 404
