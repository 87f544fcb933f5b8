"""Reading 1C by OData: against a real server that speaks it, and that misbehaves."""

from __future__ import annotations

import ssl
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from provodnik.core import outbound
from provodnik.core.decisions import Refused
from provodnik.desk.tests.factories import NOW, AdministratorFactory
from provodnik.exchange.actions import fetching, opening, receiving
from provodnik.exchange.actions.deciding import tidy
from provodnik.exchange.forms import ODataForm
from provodnik.exchange.models import Base, Batch, LeaveBalance, ODataAccess
from provodnik.exchange.odata import client, mapping, words
from provodnik.exchange.odata.client import Door, Trouble, keeps_keys
from provodnik.exchange.odata.hours import is_due
from provodnik.exchange.odata.mapping import Told, day_of, guid_of, number_of
from provodnik.exchange.odata.sets import CHOICES, SETS, sets_of
from provodnik.exchange.queries.reading import readings
from provodnik.exchange.tests import zup
from provodnik.exchange.tests.factories import Sender, take, told
from provodnik.exchange.tests.zup import PASSWORD, USER, Zup
from provodnik.people.models import Absence, Employment, Organisation, Person, Position, Unit
from tests.servers.certificates import Certificates

pytestmark = pytest.mark.django_db


def access_to(base: Base, address: str, *, password: str = PASSWORD, **values: Any) -> ODataAccess:
    access = ODataAccess(base=base, address=address, user=USER, reads=list(CHOICES), changed_at=NOW, is_on=True)
    access.password = password
    for name, value in values.items():
        setattr(access, name, value)
    access.save()
    return access


def read(base: Base, at: datetime, *, size: int = 2, patience: float = client.A_PAGE) -> Batch:
    """A reading from its beginning to its end, as the jobs would go through it."""
    batch = fetching.start(base.pk, by=None, at=at)
    fetching.read(batch, now=at, size=size, patience=patience)
    return take(batch)


def lacks(batch: Batch) -> dict[str, str]:
    return {note["set"]: note["code"] for note in batch.notes if words.is_lack(note)}


@pytest.fixture
def base(sender: Sender) -> Base:
    return sender.base


def test_what_1c_tells_becomes_people(base: Base) -> None:
    with Zup(zup.town()) as onec:
        access_to(base, onec.address)
        batch = read(base, NOW)
        assert (batch.state, batch.carrier, batch.is_full, lacks(batch)) == ("done", "odata", True, {}), batch.words
        assert {note["set"]: note["rows"] for note in batch.notes} == {"balances": 1, "contacts": 1}
        # pages of two, each asked for by its own address, in a stable order, with a condition; all of them kept
        asked = [options for path, options in onec.asked if path == "Catalog_ФизическиеЛица" and options["$top"] == "2"]
        assert [one["$skip"] for one in asked] == ["0", "2", "4", "6"]
        assert {one["$orderby"] for one in asked} == {"Ref_Key"} and {one["$format"] for one in asked} == {"json"}
        assert any(
            "datetime'" in options.get("$filter", "") for path, options in onec.asked if path == "Document_Отпуск"
        )
        kept = [file.name for file in batch.files.all()]
        assert "persons.0004.json" in kept and "objects.jsonl" in kept and batch.raw is not None
        house = Organisation.objects.get()
        assert (house.name, house.short_name, house.inn) == ("ООО «Чистая вода»", "Чистая вода", "6658123451")
        assert [len(unit.path) for unit in Unit.objects.order_by("name")] == [2, 1]
        assert Person.objects.count() == 5  # a candidate stays in 1C
        lev = Person.objects.get(keys__guid=zup.guid(zup.PERSON, 0))
        assert (lev.full_name, lev.birth_date, lev.phone, lev.email) == (
            "Родников Лев Ильич0", None, "+79123456789", "lev@voda.example",
        )  # fmt: skip
        works = {one.personnel_number: one for one in Employment.objects.select_related("unit", "position")}
        assert str(works["0000"].unit) == "Цех" and str(works["0000"].position) == "Слесарь"
        assert [str(one.ends_on) for number, one in sorted(works.items())] == ["None", "2026-01-31", *["None"] * 3]
        away = {(one.employment.personnel_number, one.kind, str(one.ends_on)) for one in Absence.objects.all()}
        assert away == {("0000", "Отпуск", "2026-02-15"), ("0003", "Больничный", "None")}
        balances = {(one.name, str(one.days), str(one.on)) for one in LeaveBalance.objects.all()}
        assert balances == {("Основной", "18.6700", "2026-02-01"), ("За вредность", "7.0000", "2026-02-01")}

        # the same again does nothing; an older reading never overwrites what came after it
        again = read(base, NOW + timedelta(hours=1))
        assert {name for found in again.diff.values() for name in found} == {"same"} and again.total == 0
        onec.sets["Catalog_Должности"][0] = zup.ref(zup.POSITION, 0, Description="Было")
        late = fetching.start(base.pk, by=None, at=NOW + timedelta(hours=2))
        newer = int((NOW + timedelta(hours=3)).timestamp() * 1000)
        pushed = told("position", zup.guid(zup.POSITION, 0), newer, name="Стало")
        fetching.read(late, now=NOW, size=2)
        receiving.push(base, uuid.uuid4(), [pushed], by=AdministratorFactory.create(), at=NOW)
        assert take(late).diff["position"] == {"older": 1, "same": 2}
        assert Position.objects.get(guid=zup.guid(zup.POSITION, 0)).name == "Стало"
        # a cancelled leave is taken back, a hired anew is no dismissed one
        onec.sets["Document_Отпуск"][0] = {**onec.sets["Document_Отпуск"][0], "DeletionMark": True}
        onec.sets["Document_Увольнение"][0] = {**onec.sets["Document_Увольнение"][0], "Posted": False}
        read(base, NOW + timedelta(hours=4))
        assert [one.kind for one in Absence.objects.all()] == ["Больничный"]
        assert Employment.objects.get(personnel_number="0001").ends_on is None


# how «Catalog_Должности» misbehaves → what the journal says of it
ILLS = {
    "404": "absent", "403": "rights", "500": "server", "400": "fields", "418": "answer", "hang": "late",
    "cut": "unreadable", "later": "server", "repeats": "repeats", "whole": "repeats", "half": "half",
    "endless": "endless", "huge": "too_large", "raw:": "unreadable", "raw:<html>": "unreadable",
    "raw:[]": "unreadable", 'raw:{"value": [1]}': "unreadable", 'raw:{"value": [], "value": []}': "unreadable",
    'raw:{"value": [{"Ref_Key": NaN}]}': "unreadable", "raw:" + "[" * 100_000: "unreadable",
    'raw:{"value": [{"Ref_Key": "\\ud800"}]}': "unreadable", 'raw:{"value": [{"a": 1e400}]}': "unreadable",
}  # fmt: skip


def test_a_set_that_misbehaves_changes_nothing_of_it_and_is_told(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_PAGES", 4)
    monkeypatch.setattr(client, "LARGEST_PAGE", 200_000)
    with Zup(zup.town(2)) as onec:
        access_to(base, onec.address, reads=["organisations", "positions"])
        read(base, NOW)
        onec.sets["Catalog_Должности"] = [
            zup.ref(zup.POSITION, number, Description=f"Иначе {number}") for number in range(3)
        ]
        for number, (ill, code) in enumerate(ILLS.items(), start=1):
            onec.ills["Catalog_Должности"] = ill
            batch = read(base, NOW + timedelta(hours=number), patience=0.5 if ill == "hang" else 30)
            assert (batch.state, lacks(batch)) == ("done", {"positions": code}), ill[:40]
            assert set(batch.diff) == {"organisation"} and not batch.is_full, ill[:40]
        del onec.ills["Catalog_Должности"]
        assert read(base, NOW + timedelta(days=2)).diff["position"] == {"changed": 3}
    # a base that is gone, or knows nobody of that name, is asked once, and says why
    assert words.trouble("no_connection") == read(base, NOW + timedelta(days=3)).words
    assert [one.level for one in readings(NOW + timedelta(days=3))] == ["error"]
    assert [one.level for one in readings(NOW + timedelta(days=9))] == ["error"]


def test_a_base_that_refuses_is_not_asked_on(base: Base) -> None:
    with Zup(zup.town(1)) as onec:
        access = access_to(base, onec.address, password="нет")
        batch = read(base, NOW)
        assert (batch.state, batch.words, len(onec.asked)) == ("refused", words.trouble("password"), 1)
        access.password = PASSWORD
        access.save()
        onec.ills["Catalog_Организации"] = "elsewhere"  # to another host: never followed
        batch = read(base, NOW + timedelta(hours=1))
        assert (batch.state, batch.words) == ("refused", words.trouble("elsewhere"))
        onec.ills.clear()
        # nobody works there: nothing is dismissed by it, and it does not count as everything
        onec.sets |= {"Catalog_Сотрудники": [], "InformationRegister_ТекущиеКадровыеДанныеСотрудников": []}
        batch = read(base, NOW + timedelta(hours=2))
        assert lacks(batch) == {"employees": "empty", "current": "empty"} and not batch.is_full
        # killed in the middle, it is begun anew; one that was killed for good is given up by the next
        left = fetching.start(base.pk, by=None, at=NOW + timedelta(hours=3))
        assert fetching.start(base.pk, by=None, at=NOW + timedelta(hours=3)) == left
        fetching.read(left, now=NOW)
        files = left.files.count()
        Batch.objects.filter(pk=left.pk).update(state="reading")
        fetching.fetch.func(left.pk)
        left.refresh_from_db()
        assert (left.state, left.files.count()) == ("received", files)
        Batch.objects.filter(pk=left.pk).update(state="reading")
        fetching.start(base.pk, by=None, at=NOW + timedelta(hours=9))
        left.refresh_from_db()
        assert (left.state, left.words) == ("refused", words.trouble("gave_up"))
        assert tidy(now=NOW + timedelta(days=60)) >= 3 and not left.files.filter(blob__isnull=False).exists()
    Base.objects.update(is_active=False)
    with pytest.raises(Refused):
        fetching.start(base.pk, by=None, at=NOW)


def test_over_tls_the_base_is_known_by_its_authority(certificates: Certificates) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    with Zup({"Catalog_Должности": []}, context=context) as onec:
        ca = certificates.ca.read_text()
        assert client.Client(Door(onec.address, USER, PASSWORD, ca)).published() == ["Catalog_Должности"]
        with pytest.raises(Trouble) as trouble:
            client.Client(Door(onec.address, USER, PASSWORD)).published()
        assert (trouble.value.code, trouble.value.ends) == ("tls", True)


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://1c.local/zup", True), ("http://10.0.0.5:8080/zup", True), ("http://127.0.0.1/zup", True),
        ("https://1c.local/zup/odata/standard.odata/", True), ("https://1c.local/база", True),
        ("http://169.254.169.254/latest", False), ("http://[::ffff:169.254.169.254]/", False),
        ("http://[fd00:ec2::254]/", False), ("http://100.100.100.200/", False), ("http://[fe80::1]/", False),
        ("http://[2002:a9fe:a9fe::]/", False), ("ftp://1c.local/zup", False), ("file:///etc/passwd", False),
        ("https://user:pass@1c.local/zup", False), ("https://1c.local:22/zup", False), ("http://2130706433/", False),
        ("https://1c.local/zup?a=1", False), ("https://1c.local/a b", False), ("", False), ("zup", False),
    ],
)  # fmt: skip
def test_which_addresses_are_asked(address: str, good: bool) -> None:
    values = {"address": address, "user": USER, "password": PASSWORD, "hour": "3", "reads": ["units"]}
    form = ODataForm(values)
    assert form.is_valid() is good, form.errors
    if good:
        assert form.cleaned_data["address"].endswith("/odata/standard.odata")


def test_a_name_that_leads_to_keys_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for answer in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "0.0.0.0"):
        monkeypatch.setattr(outbound, "resolve", lambda host, port, answer=answer: [answer])
        with pytest.raises(Trouble) as trouble:
            client.Client(Door("http://1c.local/zup", USER, PASSWORD)).published()
        assert trouble.value.code == "forbidden" and (keeps_keys(answer) or answer == "0.0.0.0")


def test_values_of_1c() -> None:
    zero = "00000000-0000-0000-0000-000000000000"
    good = "ABCDEF00-0000-4000-8000-000000000001"
    assert [guid_of(one) for one in (zero, good, good[:-1], "", None, 7, f"{good}\n")] == [
        None, good.lower(), None, None, None, None, None,
    ]  # fmt: skip
    days = ["0001-01-01T00:00:00", "2026-02-01T00:00:00", "2026-02-01", "", None, "вчера"]
    assert [day_of(one) for one in days] == [None, "2026-02-01", "2026-02-01", None, None, "вчера"]
    numbers = [18.67, 7, "18,67", "7.50", 0, -3, True, None, "NaN", "1e400", "много", 10**12]
    assert [number_of(one) for one in numbers] == [
        "18.67", "7", "18.67", "7.5", "0", "-3", None, None, None, None, None, None,
    ]  # fmt: skip
    # rows without a reference are passed over and counted; a day of leaving before the day of hiring is a former one
    person, work = zup.guid(zup.PERSON), zup.guid(zup.WORK)
    rows: dict[str, list[Any]] = {
        "positions": [zup.ref(1) | {"Ref_Key": zero, "Description": "x"}, {"Ref_Key": "нет"}],
        "employees": [zup.ref(zup.WORK, Code=" 7 ", ФизическоеЛицо_Key=person), zup.ref(9, ФизическоеЛицо_Key=zero)],
        "current": [zup.current(0, ДатаУвольнения="2019-01-01"), zup.current(5), zup.current(0)],
        "dismissals": [],
        "away": [{**zup.ref(5), "Posted": True, "Сотрудник_Key": zero, "ДатаНачала": "2026-02-01"}],
    }
    found = Told(1)
    lines = list(mapping.lines({name: (lambda rows=rows: rows) for name, rows in rows.items()}, found))
    assert len(lines) == 1 and work in lines[0].decode() and b'"ends_on": null' in lines[0]
    assert dict(found.passed) == {"positions": 2, "employees": 1, "away": 1}
    assert set(sets_of(CHOICES)) == set(SETS)


@pytest.mark.parametrize(
    ("since", "now", "due"),
    [
        ((1, 12), (2, 3, 0), True), ((1, 12), (2, 2, 59), False), ((1, 12), (2, 5, 59), True),
        ((1, 12), (2, 6, 0), False), ((2, 3, 0), (2, 3, 10), False), ((2, 2), (2, 3, 10), True),
        ((1, 12), (1, 15), False), ((1, 2), (1, 12), False),
    ],
)  # fmt: skip
def test_the_hour_of_the_night(since: tuple[int, ...], now: tuple[int, ...], due: bool) -> None:
    assert is_due(3, datetime(2026, 2, *since, tzinfo=UTC), datetime(2026, 2, *now, tzinfo=UTC)) is due


def test_what_an_administrator_sets_up(base: Base) -> None:
    user = AdministratorFactory.create()
    browser = Client()
    browser.force_login(user)
    page = f"/exchange/bases/{base.pk}/odata"
    assert "Проверить" not in browser.get(page).content.decode()
    with Zup(zup.town(2)) as onec:
        del onec.sets["Document_Командировка"]
        onec.ills["Document_Отпуск"] = "403"
        typed = {"address": onec.address, "user": USER, "password": PASSWORD, "hour": "4", "is_on": "on", "ca": ""}
        assert browser.post(page, typed).status_code == 422  # nothing is chosen
        assert browser.post(page, {**typed, "reads": list(CHOICES)}).status_code == 302
        access = ODataAccess.objects.get()
        assert PASSWORD not in access.password_sealed and access.password == PASSWORD
        browser.post(f"{page}/check")
        shown = browser.get(page).content.decode().replace("\xa0", " ")
        for told_words in (
            "не всё открыто",
            "Не открыто в 1С",
            "Пользователю нельзя",
            "Document_Командировка",
        ):
            assert told_words in shown, told_words
        assert PASSWORD not in shown
        # another host does not get the password that was meant for this one
        kept = {**typed, "reads": ["units"], "password": ""}
        assert browser.post(page, kept).status_code == 302
        assert browser.post(page, {**kept, "address": "https://elsewhere.example/zup"}).status_code == 422
        # read now: the page of the batch shows how far it is, and then what was not read
        where = browser.post(f"{page}/read").headers["Location"]
        assert "читается из 1С" in browser.get(where).content.decode().replace("\xa0", " ")
        batch = Batch.objects.get()
        onec.ills["Catalog_ПодразделенияОрганизаций"] = "500"
        fetching.read(batch, now=NOW)
        batch.refresh_from_db()
        shown = browser.get(where).content.decode().replace("\xa0", " ")
        assert "Не прочитано из 1С" in shown and "Catalog_ПодразделенияОрганизаций" in shown
    browser.post(f"{page}/check")
    assert words.trouble("no_connection") in browser.get(page).content.decode().replace("\xa0", " ")
    night = datetime(2100, 1, 1, 4, 10, tzinfo=UTC)
    assert len(opening.start_due(now=night)) == 1 and opening.start_due(now=night) == []
