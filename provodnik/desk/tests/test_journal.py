"""Who did and who looked: lines, sentences, filters, pages by key, the table (safety A33, A63)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts import journal
from provodnik.accounts.models import JournalEntry
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Attachment
from provodnik.desk.queries import journal as queries
from provodnik.desk.tests.factories import (
    AdministratorFactory,
    CustomerFactory,
    LeadFactory,
    SpecialistFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def ticket():
    return make_ticket(files=[NewFile("снимок.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40)])


@pytest.fixture
def administrator(client):
    made = AdministratorFactory.create()
    client.force_login(made)
    return made


class TestLooking:
    def test_at_a_request_once_a_quarter_of_a_day(self, client, ticket):
        specialist = SpecialistFactory.create()
        client.force_login(specialist)
        for _ in range(3):
            client.get(reverse("desk:ticket", args=[ticket.pk]))
        line = JournalEntry.objects.get(verb="looked")
        assert (line.by, line.kind, line.ticket, line.customer) == (
            specialist, "desk.ticket", ticket.pk, ticket.customer_id,
        )  # fmt: skip
        journal.looked(specialist, "desk.ticket", ticket.pk, at=NOW + timedelta(hours=7), ticket=ticket.pk)
        assert JournalEntry.objects.filter(verb="looked").count() == 2

    def test_costs_a_page_one_statement_and_the_queue_none(self, client, ticket):
        client.force_login(SpecialistFactory.create())
        for address, most in ((reverse("desk:ticket", args=[ticket.pk]), 1), (reverse("desk:queue"), 0)):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                client.get(address)
            assert sum("accounts_journalentry" in one["sql"] for one in asked) == most

    def test_what_is_no_look(self, client, ticket):
        client.force_login(SpecialistFactory.create())
        client.head(reverse("desk:ticket", args=[ticket.pk]))
        client.get(reverse("desk:ticket", args=[ticket.pk]) + "?stream=1", headers={"HX-Request": "true"})
        client.get(reverse("desk:ticket", args=[10**9]))
        assert not JournalEntry.objects.exists()

    def test_by_the_requester_and_at_files(self, client, ticket):
        client.force_login(ticket.contact.user)
        file = Attachment.objects.get()
        client.get(reverse("requests:show", args=[ticket.pk]))
        client.get(reverse("files:preview", args=[file.pk]))
        client.get(reverse("files:download", args=[file.pk]))
        told = set(JournalEntry.objects.values_list("verb", "kind", "ticket"))
        assert told == {
            ("looked", "desk.ticket", ticket.pk), ("looked", "desk.attachment", ticket.pk),
            ("downloaded", "desk.attachment", ticket.pk),
        }  # fmt: skip

    def test_a_line_holds_no_word_of_the_request(self, client, ticket):
        client.force_login(SpecialistFactory.create())
        client.get(reverse("desk:ticket", args=[ticket.pk]))
        line = JournalEntry.objects.get()
        assert line.title == "" and line.data == {}


class TestPage:
    def test_sentences(self, client, administrator, ticket):
        journal.looked(administrator, "desk.attachment", "x", at=NOW, ticket=ticket.pk, verb="downloaded")
        journal.note(administrator, "factors_reset", by=administrator, at=NOW)
        page = client.get("/settings/journal/").text
        assert f"Файл обращения № {ticket.pk}: скачан" in page.replace("\u00a0", " ")
        assert "второй фактор сброшен" in page

    def test_filters(self, client, administrator, ticket):
        other, customer = SpecialistFactory.create(full_name="Другая Ольга"), CustomerFactory.create(name="Озёра")
        journal.note(customer, "changed", by=other, at=NOW - timedelta(days=3), name=["Было", "Озёра"])
        journal.looked(other, "desk.ticket", ticket.pk, at=NOW, ticket=ticket.pk, customer=ticket.customer_id)
        journal.note(administrator, "switched_off", by=administrator, at=NOW)
        for query, count in (
            ("", 3), ("who=ольга", 2), ("who=никого", 0), ("group=looks", 1), ("group=deeds", 2), ("group=access", 1),
            ("kind=desk.customer", 1), (f"ticket={ticket.pk}", 1), (f"customer={ticket.customer_id}", 1),
            ("q=озёра", 1), (f"until={(NOW - timedelta(days=2)):%Y-%m-%d}", 1), ("since=2099-01-01", 0),
            (f"who=ольга&group=deeds&kind=desk.customer&until={NOW + timedelta(days=1):%Y-%m-%d}", 1),
        ):  # fmt: skip
            response = client.get(f"/settings/journal/?{query}")
            assert len(response.context["lines"]) == count, query

    @pytest.mark.parametrize(
        "query", ["ticket=x", "ticket=-1", "ticket=99999999999999999999", "since=2026-13-45", "until=99999-12-31",
                  "before=x", "before=9.9", "before=99999999999999999.1", "customer=x", "kind='--", "group=%00",
                  "who=%00", "q=%00", "before=", "kind=password"]
    )  # fmt: skip
    def test_nonsense_is_left_out(self, client, administrator, query):
        assert client.get(f"/settings/journal/?{query}").status_code == 200

    def test_by_keys_nothing_twice_nothing_left_out(self, administrator):
        for number in range(queries.PER_PAGE * 2 + 7):
            journal.note(administrator, "changed", by=administrator, at=NOW - timedelta(seconds=number // 3))
        seen, before = [], ""
        while True:
            page = queries.page(queries.entries(queries.Filters()), before)
            seen += [row.pk for row in page.rows]
            before = page.older
            if not before:
                break
        assert len(seen) == len(set(seen)) == queries.PER_PAGE * 2 + 7

    def test_costs_the_same_however_long(self, client, administrator, django_assert_max_num_queries):
        for number in range(60):
            journal.note(CustomerFactory.create(), "added", by=administrator, at=NOW - timedelta(seconds=number))
        with django_assert_max_num_queries(12):
            client.get("/settings/journal/")

    def test_each_narrowing_has_its_index_in_the_order_of_the_page(self):
        """What the planner makes of a table of five rows says nothing: that the index is there does."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'accounts_journalentry'")
            made = dict(cursor.fetchall())
        for column, index in (
            ("by_id", "journal_by_person"), ("ticket", "journal_of_ticket"),
            ("customer", "journal_of_customer"), ("slot IS NULL", "journal_of_deeds"),
        ):  # fmt: skip
            assert column in made[index] and "at DESC, id DESC" in made[index], made[index]


class TestOfALead:
    def test_who_looked_and_what_was_done(self, client, ticket):
        lead, other = LeadFactory.create(), SpecialistFactory.create(full_name="Смотрящая Ольга")
        client.force_login(lead)
        journal.looked(other, "desk.ticket", ticket.pk, at=timezone.now(), ticket=ticket.pk)
        journal.note(lead, "changed", by=lead, at=NOW)
        page = client.get("/desk/journal").text
        assert "Смотрящая Ольга" in page and page.count("<time") == 1
        page = client.get(f"/desk/journal?ticket={ticket.pk}").text
        assert "Смотрящая Ольга" in page and page.count("<time") > 1

    def test_nobody_elses(self, client):
        for person in (SpecialistFactory.create(), AdministratorFactory.create()):
            client.force_login(person)
            assert client.get("/desk/journal").status_code == 404
