"""1C about leave on the worker's own page: with its day, never rounded, each place of work apart (B-check 15)."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client

from provodnik.desk.tests.factories import NOW
from provodnik.exchange.tests.factories import Sender, crowd, guid, told
from provodnik.people.models import Employment
from provodnik.people.tests.factories import account

pytestmark = pytest.mark.django_db


@time_machine.travel(NOW, tick=False)
def test_a_worker_sees_his_days_each_place_apart_and_nobody_elses(sender: Sender) -> None:
    first, second = guid("employment", "Чистая вода/0"), guid("employment", "второе")
    whom = {"person": guid("person", "Чистая вода/0"), "organisation": guid("organisation", "Чистая вода")}
    days = [{"name": "Основной", "days": "18.667"}, {"name": "Северный", "days": "20"}]
    sender.send(
        [
            *crowd(2),
            told("employment", second, **whom, kind="internal", starts_on="2026-03-24"),
            told("leave_balance", first, on="2026-01-31", balances=days),
        ]
    )
    worker, colleague = (
        account(Employment.objects.get(guid=key)) for key in (first, guid("employment", "Чистая вода/1"))
    )
    client = Client()
    client.force_login(worker)
    said = client.get("/people/me", follow=True).content.decode().replace("\xa0", " ")
    assert "18,667 дн." in said and "20 дн." in said and "на 31 января 2026" in said
    assert "Заработано с приёма около 18,67 дн." in said  # of the second place 1C has told nothing; nothing is added
    client.force_login(colleague)
    person = Employment.objects.get(guid=first).person_id
    assert "18,667" not in client.get(f"/people/{person}").content.decode()
