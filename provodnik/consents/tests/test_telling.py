"""1C is told of what it has not heard, once, by versions; it answers; a change that crosses an answer is not lost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from provodnik.accounts.models import User
from provodnik.consents.actions import ending, telling
from provodnik.consents.models import Consent
from provodnik.consents.queries.telling import untold
from provodnik.consents.states import About
from provodnik.consents.tests.factories import SIGNED, a_consent, an_edition
from provodnik.core.decisions import Refused
from provodnik.desk.tests.factories import NOW, AdministratorFactory, UserFactory
from provodnik.exchange import contract
from provodnik.exchange.actions import giving
from provodnik.exchange.models import Base, Parcel
from provodnik.exchange.tests.factories import TODAY, Sender, crowd, guid
from provodnik.exchange.tests.test_giving import answer, out
from provodnik.notify.models import Notice
from provodnik.people.models import Employment, Organisation, StaffMember
from provodnik.people.tests.factories import account

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class Town:
    """Three people whom the base knows; what is given is told, minute by minute."""

    def __init__(self, sender: Sender) -> None:
        self.sender, self.at, self.names = sender, NOW, iter(map(str, range(1000)))
        sender.send(crowd(3))
        self.house = Organisation.objects.get()
        self.hr: User = UserFactory.create(is_employee=True)
        StaffMember.objects.create(user=self.hr, organisation=self.house, role="hr", since=NOW)
        self.edition = an_edition(self.house.pk, self.hr)
        self.places = list(Employment.objects.order_by("personnel_number"))
        giving.choose_way(sender.base.pk, "folder", by=AdministratorFactory.create(), at=NOW)

    def tell(self) -> list[dict[str, Any]]:
        """A minute passes."""
        self.at += MINUTE
        giving.collect(at=self.at)
        giving.put_down(Base.objects.get(), at=self.at)
        return out(self.sender)

    def say(self, *objects: dict[str, Any]) -> None:
        self.sender.send(list(objects), name=f"a{next(self.names)}")


@pytest.fixture
def town(sender: Sender) -> Town:
    return Town(sender)


def test_from_the_mark_to_the_end_each_change_is_told_once(town: Town) -> None:
    place = town.places[0]
    row = a_consent(place, town.edition, town.hr)
    (one,) = town.tell()
    assert {name: one[name] for name in one if name not in ("guid", "version")} == {
        "type": "consent", "person": guid("person", "Чистая вода/0"), "about": "data", "given_on": "2025-09-15",
        "organisation": guid("organisation", "Чистая вода"), "edition": "Редакция от 01.09.2025", "withdrawn_on": None,
    }  # fmt: skip
    fields = {name: value for name, value in one.items() if name not in contract.ENVELOPE}
    shaped = contract.Object(one["type"], one["guid"], one["version"], False, fields)
    assert contract.complaints(shaped, contract.TOLD) == [] and not town.tell()
    town.say(answer(one))
    row.refresh_from_db()
    assert (row.heard, row.untold_since) == ("taken", None) and not list(untold()) and not town.tell()
    town.say(answer(one))  # the same again
    # taken back: a greater version of the same object, once more until it is answered
    ending.withdraw(row.pk, date(2026, 1, 15), "письмо", by=town.hr, at=town.at, on=TODAY)
    (end,) = town.tell()
    assert end["guid"] == one["guid"] and end["version"] > one["version"] and end["withdrawn_on"] == "2026-01-15"
    town.say(answer(one), answer(end, "refused", reason="Нет такого документа"))
    row.refresh_from_db()
    assert (row.heard, row.heard_words, row.untold_since) == ("refused", "Нет такого документа", None)
    assert Notice.objects.filter(user=town.hr, text__contains="не приняла").count() == 1 and not town.tell()
    telling.again(row.pk, by=town.hr, at=town.at)
    with pytest.raises(Refused):
        telling.again(row.pk, by=town.hr, at=town.at)
    (third,) = town.tell()
    town.say(answer(third))
    row.refresh_from_db()
    assert row.heard == "taken" and [step.did for step in row.steps.all()] == [
        "marked", "taken", "withdrawn", "refused", "again", "taken"
    ]  # fmt: skip


def test_a_change_that_crosses_an_answer_is_told_all_the_same(town: Town) -> None:
    rows = [a_consent(place, town.edition, town.hr) for place in town.places]
    told = {one["guid"]: one for one in town.tell()}
    first, second, third = (told[str(row.key)] for row in rows)
    at = town.at + timedelta(seconds=1)
    ending.withdraw(rows[0].pk, TODAY, by=town.hr, at=at, on=TODAY)
    ending.call_a_mistake(rows[1].pk, "не тот человек", by=town.hr, at=at)
    ending.call_a_mistake(rows[2].pk, "не тот человек", by=town.hr, at=at)
    town.say(answer(first), answer(second))  # of before; the third is silent
    assert Consent.objects.get(pk=rows[0].pk).untold_since is not None
    then = {one["guid"]: one for one in town.tell()}
    assert then[first["guid"]]["withdrawn_on"] == TODAY.isoformat()
    assert then[second["guid"]]["deleted"] and then[third["guid"]]["deleted"] and len(then) == 3
    town.say(*(answer(one) for one in then.values()))
    assert not town.tell() and not list(untold())
    # what 1C has never heard of and was a mistake is none of its business
    fourth = a_consent(town.places[1], town.edition, town.hr, at=town.at)
    giving.collect(at=town.at)
    ending.call_a_mistake(fourth.pk, "снова не он", by=town.hr, at=town.at + timedelta(seconds=1))
    assert not town.tell() and not Parcel.objects.filter(guid=fourth.key).exists()


def test_another_edition_takes_its_place(town: Town) -> None:
    old = a_consent(town.places[0], town.edition, town.hr)
    newer = an_edition(town.house.pk, town.hr, name="Редакция от 01.01.2026", since=date(2026, 1, 1))
    new = a_consent(town.places[0], newer, town.hr, given_on=date(2026, 1, 12))
    (one,) = town.tell()  # what was replaced before 1C heard of it is not told
    assert one["guid"] == str(new.key) and Consent.objects.get(pk=old.pk).standing == "replaced"


def test_what_it_costs_does_not_grow_with_what_1c_knows(town: Town) -> None:
    for about in (About.KEDO, About.SIGNATURE):
        edition = an_edition(town.house.pk, town.hr, about)
        for place in town.places:
            a_consent(place, edition, town.hr)
        town.say(*(answer(one) for one in town.tell()))
    a_consent(town.places[0], town.edition, town.hr)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(list(untold())) == 1
    assert len(asked) == 3
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        rows = Consent.objects.filter(organisation__in=[town.house.pk], untold_since__isnull=False)
        assert "consent_to_tell" in rows.order_by("untold_since", "pk").explain()
    giving.choose_way(town.sender.base.pk, "", by=AdministratorFactory.create(), at=NOW)
    assert not list(untold())  # nobody listens: nothing is read


def test_who_is_no_longer_there_is_told_of_too(town: Town) -> None:
    """A worker takes back what he gave: personnel and 1C hear of it."""
    place = town.places[2]
    worker = account(place)
    row = a_consent(place, town.edition, town.hr, given_on=SIGNED)
    ending.withdraw_own(row.pk, "передумал", by=worker, at=town.at, on=TODAY)
    assert Notice.objects.filter(user=town.hr, text__startswith="Отзыв").count() == 1
    (one,) = town.tell()
    assert one["withdrawn_on"] == TODAY.isoformat()
    with pytest.raises(Consent.DoesNotExist):
        ending.withdraw_own(row.pk, by=town.hr, at=town.at, on=TODAY)
    with pytest.raises(Refused):
        ending.withdraw_own(row.pk, by=worker, at=town.at, on=TODAY)
