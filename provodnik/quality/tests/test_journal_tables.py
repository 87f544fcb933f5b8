"""The journal as a file: made in the background like the other tables, whole, harmless, an administrator's."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts import journal
from provodnik.accounts.models import JournalEntry, User
from provodnik.core import files
from provodnik.core.text import formula_safe
from provodnik.desk.queries import journal as queries
from provodnik.desk.tests.factories import AdministratorFactory, CustomerFactory, LeadFactory
from provodnik.quality.actions import exports
from provodnik.quality.models import Export

pytestmark = pytest.mark.django_db
NOW = timezone.now() - timedelta(hours=1)


@pytest.fixture
def administrator(client):
    made = AdministratorFactory.create(full_name="=1+1")
    client.force_login(made)
    return made


def asked(client, kind="csv", query=""):
    form = {"key": str(uuid.uuid4()), "kind": kind}
    assert client.post(f"{reverse('quality:ask_journal')}?{query}", form).status_code == 302
    return Export.objects.latest("pk")


def content(export) -> bytes:
    exports.make(export.pk)
    export.refresh_from_db()
    assert (export.state, export.reason, export.done) == (Export.State.DONE, "", export.total)
    return files.read(export.blob)


def rows(export):
    return list(csv.reader(io.StringIO(content(export).decode("utf-8-sig"), newline=""), delimiter=";"))


def test_whole_in_batches_harmless_and_a_line_itself(client, administrator, monkeypatch):
    monkeypatch.setattr(queries, "BATCH", 3)
    for number in range(8):
        journal.note(administrator, "changed", by=administrator, at=NOW - timedelta(seconds=number // 2),
                     full_name=["=1+1", "@x"])  # fmt: skip
    journal.note(CustomerFactory.create(name="=HYPERLINK(0)"), "added", by=None, at=NOW)
    found = rows(asked(client))
    assert len(found) == 1 + 9 and JournalEntry.objects.filter(verb="exported").count() == 1
    assert not any(cell[:1] in "=+-@" for row in found for cell in row if cell)
    assert any("'=1+1" in row for row in found) and any("=1+1 → @x" in cell for row in found for cell in row)
    book = openpyxl.load_workbook(io.BytesIO(content(asked(client, "xlsx"))))
    assert all(cell.data_type != "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    assert book.worksheets[0].max_row >= 1 + 9 and book.worksheets[0]["A2"].is_date


def test_narrowed_like_the_page(client, administrator):
    journal.note(administrator, "changed", by=administrator, at=NOW)
    journal.looked(administrator, "desk.ticket", 7, at=NOW, ticket=7)
    query = f"group=deeds&kind=accounts.user&since={NOW - timedelta(days=1):%Y-%m-%d}&customer=%00&ticket=x"
    export = asked(client, query=query)
    assert set(export.query) == {"group", "kind", "since"}
    assert len(rows(export)) == 2
    page = client.get(f"{reverse('quality:journal')}?{query}").text
    assert "Кто что делал" in page and reverse("quality:download", args=[export.pk]) in page


def test_only_while_an_administrator(client, administrator):
    journal.note(administrator, "changed", by=administrator, at=NOW)
    waiting, made = asked(client), asked(client)
    assert "hx-trigger" in client.get(reverse("quality:journal")).text
    content(made)
    address = reverse("quality:download", args=[made.pk])
    response = client.get(address)
    assert response.status_code == 200 and response["Content-Disposition"].startswith("attachment")
    User.objects.filter(pk=administrator.pk).update(roles=["lead"])
    assert client.get(address).status_code == 404
    exports.make(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == Export.State.FAILED and waiting.blob is None
    client.force_login(LeadFactory.create())
    assert client.get(address).status_code == client.get(reverse("quality:journal")).status_code == 404


@pytest.mark.parametrize("text", ["=1", " =1", "\t=1", "+1", "-1", "@x", "＝1", "\u200b=1", "\r=1", "\ufeff@x"])
def test_no_formula(text):
    assert formula_safe(text) == f"'{text}"
    assert formula_safe("1-й квартал") == "1-й квартал"
