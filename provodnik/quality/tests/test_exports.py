"""Tables as files: nothing in them is a formula, nobody else's hands, no more than two at once, killed and repeated."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl.utils.escape import unescape

from provodnik.accounts.models import User
from provodnik.core import files
from provodnik.core.decisions import Refused
from provodnik.core.models import Blob
from provodnik.desk.models import Ticket
from provodnik.desk.tests.factories import (
    NOW,
    ContractFactory,
    LeadFactory,
    SignedInContactFactory,
    SubsystemFactory,
    make_ticket,
)
from provodnik.quality import periods
from provodnik.quality.actions import cases, exports
from provodnik.quality.models import Export
from provodnik.quality.policies import Scope, scope_of
from provodnik.quality.queries import exports as queries
from provodnik.quality.queries.filters import Filters
from provodnik.quality.sheets import writers
from provodnik.quality.sheets.columns import Kind, columns
from provodnik.quality.tests.test_cases import closed

pytestmark = pytest.mark.django_db
MONTH = periods.read("2026-11")
assert MONTH is not None
# safety A63: what a spreadsheet would take for a formula
EVIL = [
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("http://evil.example","x")',
    "=cmd|' /C calc'!A0",
    "＝1+1",
    " =1",
    "https://evil.example",
    "{=1}",
    "00123",
    'a;b"c\nd',
]


def scope(user: User) -> Scope:
    found = scope_of(user)
    assert found is not None
    return found


def asked(user: User, kind: Export.Kind = Export.Kind.XLSX, **filters: str) -> Export:
    assert MONTH is not None
    wanted = Filters(period=MONTH, **filters)  # type: ignore[arg-type]
    return exports.ask(scope(user), wanted, kind, key=uuid.uuid4(), at=timezone.now())


def made(export: Export) -> bytes:
    exports.make(export.pk)
    export.refresh_from_db()
    assert (export.state, export.reason) == (Export.State.DONE, "") and export.blob is not None
    assert export.done == export.total
    return files.read(export.blob)


@pytest.fixture
def evil_requests() -> list[int]:
    """Closed requests whose every text is a trap."""
    contact = SignedInContactFactory.create()
    numbers = [make_ticket(contact=contact).pk for _ in EVIL]
    subsystem = SubsystemFactory.create(name="=1+1")
    type(contact.customer).objects.filter(pk=contact.customer_id).update(name="=2+2")
    for number, text in zip(numbers, EVIL, strict=True):
        Ticket.objects.filter(pk=number).update(subject=text, requester_name=text, subsystem=subsystem)
    cases.refresh([*numbers, closed().pk])
    return numbers


def test_xlsx_has_texts_and_numbers_and_no_formula(evil_requests):
    content = made(asked(LeadFactory.create(full_name="=1+1")))
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
            assert all(cell.hyperlink is None for cell in row)
    sheet = book.worksheets[0]
    head = [cell.value for cell in sheet[1]]
    subjects = [unescape(row[head.index("Тема")].value) for row in sheet.iter_rows(min_row=2)]
    assert subjects[: len(EVIL)] == EVIL
    last = dict(zip(head, sheet[sheet.max_row], strict=True))
    assert last["В счёт, ч"].value == 1.33 and last["В счёт, ч"].data_type == "n"
    assert last["Норматив, ч"].value == 24 and last["В срок"].value == "да"
    assert last["Записано"].is_date and last["Записано"].value.hour == timezone.localtime(NOW).hour
    assert last["Номер"].data_type == "n"


def test_csv_is_for_a_russian_spreadsheet_and_harmless(evil_requests):
    content = made(asked(LeadFactory.create(), Export.Kind.CSV))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == len(EVIL) + 1
    for row, text in zip(rows, EVIL, strict=False):
        assert row["Тема"] in (text, f"'{text}")
        for value in row.values():
            assert not value.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    assert rows[-1]["В счёт, ч"] == "1,33"


def test_a_sheet_that_is_full_goes_on_in_another(tmp_path, monkeypatch):
    monkeypatch.setattr(writers, "LAST_ROW", 4)
    chosen = columns(scope(LeadFactory.create()))[:2]
    assert [column.kind for column in chosen] == [Kind.WHOLE, Kind.TEXT]
    writer = writers.Xlsx(tmp_path / "x.xlsx", chosen, [("Период", "ноябрь")])
    for number in range(7):
        writer.row([number, "x"])
    writer.close()
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert [sheet.max_row for sheet in book.worksheets] == [4, 4, 2, 1]


def test_everybody_gets_what_he_may_read():
    contract = ContractFactory.create()
    coordinator = SignedInContactFactory.create(customer=contract.customer, is_coordinator=True)
    own, foreign = closed(contact=coordinator), closed()
    cases.refresh([own.pk, foreign.pk])
    specialist = User.objects.get(pk=own.assignee_id)
    tables = {}
    for name, user, filters in (
        ("lead", LeadFactory.create(), {}),
        ("specialist", specialist, {"mine": True}),
        ("coordinator", coordinator.user, {}),
    ):
        content = made(asked(user, Export.Kind.CSV, **filters)).decode("utf-8-sig")
        tables[name] = list(csv.DictReader(io.StringIO(content), delimiter=";"))
    assert [row["Номер"] for row in tables["lead"]] == [str(own.pk), str(foreign.pk)]
    assert [row["Номер"] for row in tables["specialist"]] == [str(own.pk)]
    assert [row["Номер"] for row in tables["coordinator"]] == [str(own.pk)]
    assert "Специалист" in tables["lead"][0] and "Специалист" not in tables["specialist"][0]
    assert "Специалист" not in tables["coordinator"][0]


def test_two_at_once_and_a_form_asks_once():
    lead = LeadFactory.create()
    first = asked(lead)
    key = uuid.uuid4()
    assert MONTH is not None
    ask = {"key": key, "at": NOW}
    again = [exports.ask(scope(lead), Filters(period=MONTH), Export.Kind.CSV, **ask).pk for _ in range(2)]
    assert again[0] == again[1]
    with pytest.raises(Refused, match="Дождитесь"):
        asked(lead)
    asked(LeadFactory.create())  # another person has his own two
    with pytest.raises(Refused):
        exports.ask(scope(LeadFactory.create()), Filters(period=MONTH), Export.Kind.CSV, **ask)
    exports.cancel(first.pk, by=lead, at=NOW)
    asked(lead)


def test_cancelled_while_it_is_made(monkeypatch):
    lead = LeadFactory.create()
    cases.refresh([make_ticket().pk for _ in range(3)])
    export = asked(lead)
    real = queries.batches

    def batches(*args, **options):
        for batch in real(*args, size=1):
            exports.cancel(export.pk, by=lead, at=NOW)
            yield batch

    monkeypatch.setattr(queries, "batches", batches)
    exports.make(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.CANCELLED and export.blob is None and not Blob.objects.exists()
    assert list((Path(settings.FILES_DIR) / "exports").iterdir()) == []
    exports.make(export.pk)  # the job again: nothing
    assert not Blob.objects.exists()


def test_the_right_goes_while_it_is_made(monkeypatch):
    lead = LeadFactory.create()
    cases.refresh([make_ticket().pk for _ in range(2)])
    export = asked(lead)
    real = queries.batches

    def batches(*args, **options):
        for batch in real(*args, size=1):
            User.objects.filter(pk=lead.pk).update(roles=["specialist"])
            yield batch

    monkeypatch.setattr(queries, "batches", batches)
    exports.make(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.FAILED and export.reason == str(exports.LOST) and export.blob is None


def test_killed_in_the_middle_and_made_again(monkeypatch):
    cases.refresh([make_ticket().pk for _ in range(3)])
    export = asked(LeadFactory.create())
    real = queries.batches

    def killed(*args, **options):
        yield next(real(*args, size=1))
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr(queries, "batches", killed)
        with pytest.raises(KeyboardInterrupt):
            exports.make(export.pk)
    export.refresh_from_db()
    assert (export.state, export.done) == (Export.State.RUNNING, 1)
    assert made(export) and export.done == 3
    assert Blob.objects.count() == 1
    exports.make(export.pk)  # repeated once more
    assert Blob.objects.count() == 1


def test_the_file_is_the_askers_while_he_has_the_right():
    lead, other = LeadFactory.create(), LeadFactory.create()
    export = asked(lead)
    content = made(export)
    address = reverse("quality:download", args=[export.pk])
    mine, theirs = Client(), Client()
    mine.force_login(lead)
    theirs.force_login(other)
    response = mine.get(address)
    got = b"".join(response.streaming_content) if response.streaming else response.content
    assert got == content
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert theirs.get(address).status_code == 404
    User.objects.filter(pk=lead.pk).update(roles=["specialist"])  # now he would see less than the file holds
    assert mine.get(address).status_code == 404


def test_old_files_go():
    export = asked(LeadFactory.create())
    made(export)
    assert exports.throw_away(timezone.now()) == 0
    assert exports.throw_away(timezone.now() + exports.KEPT + timedelta(hours=1)) == 1
    assert not Export.objects.exists() and not Blob.objects.exists()


def test_the_page_asks_once_and_tells_how_far_it_is():
    lead, client = LeadFactory.create(), Client()
    client.force_login(lead)
    cases.refresh([make_ticket().pk])
    page, ask = reverse("quality:files") + "?period=2026-11", reverse("quality:ask") + "?period=2026-11"
    form = {"key": str(uuid.uuid4()), "kind": "csv"}
    assert client.post(ask, form).status_code == client.post(ask, form).status_code == 302
    export = Export.objects.get()
    Export.objects.update(state="running", done=3, total=10)
    told = client.get(page, headers={"hx-request": "true"}).content.decode()
    assert "3 из 10" in told and 'hx-trigger="every 2s"' in told and "<html" not in told
    client.post(reverse("quality:cancel", args=[export.pk]))
    assert "hx-trigger" not in client.get(page).content.decode()
    client.post(ask, {"key": str(uuid.uuid4()), "kind": "xlsx"})
    client.post(ask, {"key": str(uuid.uuid4()), "kind": "xlsx"})
    refused = client.post(ask, {"key": str(uuid.uuid4()), "kind": "xlsx"})
    assert refused.status_code == 422 and "Дождитесь" in refused.content.decode()
