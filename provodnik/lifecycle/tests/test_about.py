"""«О программе»: what it tells and to whom; a reminder only where one was asked for (R3, R16)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import provodnik
from provodnik.accounts.models import JournalEntry
from provodnik.core.decisions import Refused
from provodnik.core.versions import Version
from provodnik.desk.tests.factories import AdministratorFactory, SignedInContactFactory
from provodnik.lifecycle.about import reminder, version, views
from provodnik.lifecycle.about.licences import IN_ASSETS, grouped, is_spdx, licences
from provodnik.lifecycle.about.version import Running, running
from provodnik.lifecycle.models import Reminder
from provodnik.lifecycle.notes import Change, Notes, Section

ROOT = Path(provodnik.__file__).resolve().parent.parent
NEW = Section("Что нового", (Change("Кнопка <b> и `имя <i>`.", (17, 18)),))
FIRST_ASKED = datetime(2026, 12, 21, tzinfo=UTC)
FIRST = Notes(Version(1, 0), date(2026, 11, 23), (Change("Ничего."),), ())
TOLD = Running(
    Version(1, 1), Notes(Version(1, 1), date(2026, 12, 20), (Change("Остановите обмен."),), (NEW,)), (FIRST,)
)


def test_what_is_told_of_ages() -> None:
    assert TOLD.one_step_until == date(2027, 12, 20)
    assert not TOLD.is_old(date(2028, 6, 19)) and TOLD.is_old(date(2028, 6, 20))
    preparing = Running(Version(1, 2), None, ())
    assert preparing.one_step_until is None and not preparing.is_old(date(2090, 1, 1))


def test_the_notes_travel_with_the_package() -> None:
    told = running()
    assert str(told.version) == provodnik.__version__
    assert told.notes is not None and told.notes.before
    assert version.CHANGES.read_bytes() == (ROOT / "CHANGELOG.md").read_bytes()


def test_licences() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert {name: lock[f"node_modules/{name}"]["license"] for name in IN_ASSETS} == dict(IN_ASSETS)
    found = dict(licences())
    assert "Django" in found["BSD-3-Clause"] and "provodnik" not in {name for names in found.values() for name in names}
    assert grouped([("b", "MIT"), ("A", "MIT"), ("provodnik", "X")]) == [("MIT", ["A", "b"])]
    assert is_spdx("MIT OR Apache-2.0") and not is_spdx("Dual License, see the file")


@pytest.mark.django_db
def test_the_page_and_the_reminder(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "running", lambda: TOLD)
    monkeypatch.setattr(reminder, "running", lambda: TOLD)
    page = reverse("about:about")
    contact, administrator = SignedInContactFactory.create(), AdministratorFactory.create()
    client.force_login(contact.user)
    text = client.get(page).content.decode()
    assert (
        "1.1" in text
        and "17, 18" in text
        and "&lt;b&gt;" in text
        and "<code>имя &lt;i&gt;</code>" in text
        and reverse("requests:new") in text
    )
    assert "Остановите обмен" not in text and reverse("about:reminder") not in text
    assert client.post(reverse("about:reminder"), {"wanted": "1"}).status_code == 404
    with pytest.raises(Refused):
        reminder.ask(True, by=contact.user, at=FIRST_ASKED)

    client.force_login(administrator)
    text = client.get(page).content.decode()
    assert "Остановите обмен" in text and "полтора года" in text
    monkeypatch.setattr(reminder.timezone, "localdate", lambda: date(2028, 6, 20))
    reminder.forget()
    assert "больше полутора лет" not in client.get(page).content.decode()  # nobody asked
    for _twice in range(2):
        assert client.post(reverse("about:reminder"), {"wanted": "1"}).status_code == 302
    assert Reminder.objects.count() == 1
    assert "больше полутора лет" in client.get(page).content.decode()
    client.post(reverse("about:reminder"), {"wanted": "0"})
    assert "больше полутора лет" not in client.get(page).content.decode()
    noted = JournalEntry.objects.filter(kind="lifecycle.reminder").order_by("pk")
    assert [entry.verb for entry in noted] == ["added", "removed"]
