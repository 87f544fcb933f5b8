"""Thresholds and who decides, the journal and the reconciliation as personnel see them, the push over HTTPS."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client

from provodnik.accounts.scopes import Scope
from provodnik.api.tests.speaking import Program
from provodnik.desk.tests.factories import NOW, AdministratorFactory
from provodnik.exchange import contract
from provodnik.exchange.limits import Allowed, Would, stops
from provodnik.exchange.models import Batch, Limit, Stage, Thing
from provodnik.exchange.states import Stop
from provodnik.exchange.tests.factories import TODAY, Sender, crowd, guid, person, take, told
from provodnik.people.actions import employments, persons
from provodnik.people.models import Employment, Organisation, Person, StaffMember
from provodnik.people.queries import looks
from provodnik.people.states import Source, StaffRole

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("would", "allowed", "rules"),
    [
        (Would(1, 100, 5, 0, 0), Allowed(), []),
        (Would(1, 20, 5, 0, 0), Allowed(), []),  # five people never stop anything
        (Would(1, 20, 6, 0, 0), Allowed(), [(Stop.DISMISSALS, 6, 20, 10)]),
        (Would(1, 100, 10, 0, 0), Allowed(), []),  # exactly the threshold
        (Would(1, 91, 1, 9, 0), Allowed(), []),
        (Would(1, 90, 2, 10, 0), Allowed(), [(Stop.DISMISSALS, 12, 100, 10)]),  # with what the day brought already
        (Would(1, 90, 0, 50, 0), Allowed(), []),  # dismisses nobody
        (Would(1, 100, 0, 0, 51), Allowed(), [(Stop.CHANGES, 51, 100, 50)]),
        (Would(1, 10, 10, 0, 10), Allowed(100, 100, 0), []),
    ],
)
def test_thresholds(would: Would, allowed: Allowed, rules: list[Any]) -> None:
    assert stops(would, allowed) == rules


@pytest.fixture
def town(sender: Sender) -> Any:
    """Ten people work; a personnel officer of their organisation, one of another, an administrator."""
    with time_machine.travel(NOW, tick=False):
        sender.send([*crowd(10), told("organisation", "Чужая", name="Чужая")], full=True)
        yield sender


def hr(name: str = "Чистая вода") -> Client:
    user = AdministratorFactory.create(roles=[], is_employee=True)
    house = Organisation.objects.get(name=name)
    StaffMember.objects.create(user=user, organisation=house, role=StaffRole.HR.value, since=NOW)
    return signed_in(user)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read(client: Client, address: str) -> str:
    """A page, with plain spaces."""
    return client.get(address).content.decode().replace("\xa0", " ")


def test_a_mass_dismissal_waits_for_personnel(town: Sender) -> None:
    ours, theirs = hr(), hr("Чужая")
    batch = town.send(crowd(9, version=2, ends_on="2026-01-31"))
    assert batch.state == "held" and batch.stops[0]["would"] == 9 and Stage.objects.exists()
    assert not Employment.objects.filter(ends_on__isnull=False).exists()
    assert take(batch).state == "held"  # the job again decides nothing
    page = read(ours, f"/exchange/batches/{batch.pk}")
    assert "будут уволены 9 из 10" in page and "90" in page and "Всё верно, принять" in page
    assert "Всё верно" not in read(theirs, f"/exchange/batches/{batch.pk}")
    assert theirs.post(f"/exchange/batches/{batch.pk}/decide").status_code == 404
    assert "ждёт вашего решения" in read(ours, "/exchange/")
    ours.post(f"/exchange/batches/{batch.pk}/decide", {"what": "drop"})
    batch.refresh_from_db()
    assert batch.state == "dropped" and not Stage.objects.exists()
    # sent again it is asked about again; let go for the day, and the next is not asked about
    again = town.send(crowd(9, version=2, ends_on="2026-01-31"))
    ours.post(f"/exchange/batches/{again.pk}/decide", {"what": "go", "today": "on"})
    assert take(again).state == "done"
    assert Employment.objects.filter(ends_on__isnull=False).count() == 9
    assert Limit.objects.get().open_until is not None
    assert town.send(person(9, version=2, ends_on="2026-01-31")).state == "done"
    page = read(ours, f"/exchange/batches/{again.pk}")
    assert "Места работы" in page


def test_limits_are_personnel_s(town: Sender) -> None:
    ours, house = hr(), Organisation.objects.get(name="Чистая вода")
    address, typed = f"/exchange/limits/{house.pk}", {f"{house.pk}-changes": 50, f"{house.pk}-least": 0}
    assert ours.post(address, {**typed, f"{house.pk}-dismissals": 0}).status_code == 422
    assert ours.post(address, {**typed, f"{house.pk}-dismissals": 5}).status_code == 302
    assert ours.get("/exchange/limits").status_code == 200
    assert town.send(person(0, version=2, ends_on="2026-01-31")).state == "held"


def test_what_was_not_taken_and_what_differs_is_told_in_words(town: Sender, django_assert_max_num_queries: Any) -> None:
    ours, theirs, administrator = hr(), hr("Чужая"), signed_in(AdministratorFactory.create())
    bad = [
        person(0, version=2)[1] | {"personnel_number": "0001"},
        told("person", "x", 2, surname="Петров", birth_date="0001-01-01"),
        person(77)[1] | {"person": guid("person", "x")},
    ]
    town.send(bad)
    with django_assert_max_num_queries(16):
        page = read(ours, "/exchange/problems")
    for words in ("№ 0001", "кто ведёт ЗУП", "Исправьте в 1С", "Ждёт, когда из 1С придёт физическое лицо", "Петров"):
        assert words in page, words
    assert "Петров" not in read(theirs, "/exchange/problems")
    assert "Петров" in read(administrator, "/exchange/problems?actor=sender")
    thing = Thing.objects.get(kind="employment", standing="refused")
    assert theirs.post(f"/exchange/problems/{thing.pk}/again").status_code == 404
    Employment.objects.filter(guid=guid("employment", "Чистая вода/1")).update(personnel_number="0500")
    ours.post(f"/exchange/problems/{thing.pk}/again")
    thing.refresh_from_db()
    assert (thing.standing, thing.sealed, thing.reason) == ("taken", "", "")
    # what a hand has corrected, what 1C is silent about, two with one phone
    one = Person.objects.get(keys__guid=guid("person", "Чистая вода/3"))
    user = StaffMember.objects.filter(organisation__name="Чистая вода").get().user
    persons.correct(one.pk, {"surname": "Исправленный"}, by=user, at=NOW, on=TODAY)
    Person.objects.filter(keys__guid__in=[guid("person", f"Чистая вода/{n}") for n in (4, 5)]).update(
        phone="+79120000001"
    )
    town.send(crowd(9, version=5), full=True)
    with django_assert_max_num_queries(20):
        page = read(ours, "/exchange/differences")
    assert "Исправленный" in page and "Родников" in page
    # whose fields personnel has seen here reads it among the looks; who was not on the page does not
    assert [look.what for look in looks.page(one).looks] == ["расхождения портала и 1С («Сверка»)"]
    assert not looks.page(Person.objects.get(keys__guid=guid("person", "Чистая вода/4"))).looks
    assert "Исправленный" not in read(theirs, "/exchange/differences")
    silent = read(ours, "/exchange/differences?what=unheard")
    assert "Ильич9" in silent and "Ильич8" not in silent
    assert "Ильич5" in read(ours, "/exchange/differences?what=shared")
    assert administrator.get("/exchange/differences").status_code == 404
    place = Employment.objects.get(guid=guid("employment", "Чистая вода/3"))
    employments.dismiss(place.pk, last_day=TODAY, source=Source.HAND, at=NOW, on=TODAY, by=user)
    town.send([person(3, version=9, ends_on=None)[1]])
    assert "Ильич3" in read(ours, "/exchange/differences?what=places")
    assert ours.get("/exchange/differences?what=structure").status_code == 200


def test_bases_and_their_keys() -> None:
    client = signed_in(AdministratorFactory.create())
    page = client.post("/exchange/bases", {"code": "zup-2", "name": "ЗУП филиала"}).content.decode()
    assert "Скопируйте" in page
    assert client.post("/exchange/bases", {"code": "zup-2", "name": "Ещё"}).status_code == 422
    assert client.post("/exchange/bases", {"code": "../x", "name": "Ещё"}).status_code == 422
    assert "Скопируйте" not in read(client, "/exchange/bases")
    schema = Client().get("/exchange/schema.json").json()
    assert set(schema["$defs"]) == set(contract.KINDS)


def test_a_push_is_taken_once_and_tells_of_each_object(town: Sender, settings: Any) -> None:
    settings.API_RATE = 100_000
    owner = AdministratorFactory.create()
    program, key = Program(owner, [Scope.EXCHANGE]), str(uuid.uuid4())
    objects = [
        *person(20),
        told("person", "y", surname=""),
        person(21)[1],
        told("unit", "Чистая вода", 0, name="Старое"),
    ]
    body = {"base": "zup", "batch": key, "objects": objects}
    found = [program.post("/exchange/batches", body).json() for _twice in range(2)]
    assert found[0] == found[1] and found[0]["state"] == "done"
    assert [one["result"] for one in found[0]["results"]] == ["taken", "taken", "refused", "waiting", "older"]
    assert found[0]["results"][2]["field"] == "surname" and found[0]["results"][2]["detail"]
    assert program.get(f"/exchange/zup/batches/{key}").json() == found[0]
    assert Batch.objects.filter(carrier="push").count() == 1
    for wrong, status, field in (
        ({**body, "objects": objects[:1]}, 422, "batch"),
        ({**body, "batch": str(uuid.uuid4()), "objects": [{"type": "salary"}]}, 422, "objects.0"),
        ({**body, "batch": str(uuid.uuid4()), "objects": objects[:1] * 151}, 422, "objects"),
        ({**body, "base": "nowhere"}, 422, "base"),
        ({**body, "batch": 5}, 422, "batch"),
    ):
        answer = program.post("/exchange/batches", wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    # a thousand small batches are judged like one large one
    states = []
    for number in range(7):
        small = {"base": "zup", "batch": str(uuid.uuid4()), "objects": person(number, version=9, ends_on="2026-01-31")}
        states.append(program.post("/exchange/batches", small).json()["state"])
    assert states == ["done"] * 5 + ["held"] * 2
    assert Program(owner, [Scope.DESK_READ]).post("/exchange/batches", body).status_code == 403
    assert Program(hr_user()).post("/exchange/batches", body).status_code == 404


def hr_user() -> Any:
    hr()
    return StaffMember.objects.latest("pk").user


def test_a_person_told_twice_is_joined_by_his_personnel_alone(town: Sender) -> None:
    """A second reference with the SNILS of somebody who is known (a second base, a slip in 1C)."""
    known = guid("person", "Чистая вода/3")
    snils = {"surname": "Родников", "snils": "112-233-445 95"}
    job = {
        "person": guid("person", "x"),
        "organisation": guid("organisation", "Чистая вода"),
        "starts_on": "2026-01-09",
    }
    town.send(
        [told("person", "Чистая вода/3", 2, **snils), told("person", "x", **snils), told("employment", "x", **job)]
    )
    thing = Thing.objects.get(guid=guid("person", "x"))
    person_id = Person.objects.get(keys__guid=known).pk
    assert thing.standing == "refused" and thing.twin == person_id
    again = f"/exchange/problems/{thing.pk}/again"
    signed_in(AdministratorFactory.create()).post(again, {"join": "1"})
    assert Person.objects.filter(keys__guid=thing.guid).count() == 0
    assert "Это тот же человек" in hr().get("/exchange/problems").content.decode()
    hr().post(again, {"join": "1"})
    assert set(Person.objects.get(pk=person_id).keys.values_list("guid", flat=True)) == {uuid.UUID(known), thing.guid}
    thing.refresh_from_db()
    assert thing.standing == "taken" and Person.objects.count() == 10
    assert Employment.objects.filter(person=person_id).count() == 2  # what waited for him came along
