"""Each statement takes 200 ms longer (safety F20): a page waits for few of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from provodnik.desk.actions import work
from provodnik.desk.tests.factories import NOW, SignedInContactFactory, SpecialistFactory, make_ticket
from tests.injected.slow import slow_database

LATE = 0.2  # seconds of each way to the database and back
LONGEST = 2.0  # seconds of a page, of which the database's answers are nearly all
OF_A_REQUEST = 2.4  # of a page of one request, which says more than any other: twelve ways there and back


@pytest.mark.django_db(transaction=True)
def test_pages_wait_for_few_of_its_answers(server_folder: Path, record_property: Callable[[str, object], None]) -> None:
    if not Path(connection.settings_dict["HOST"]).is_absolute():
        pytest.skip("the tests' database is another's, not behind a socket of ours")
    contact, specialist = SignedInContactFactory.create(), SpecialistFactory.create()
    numbers = [make_ticket(contact=contact).pk for _ in range(3)]
    work.take(numbers[0], by=specialist, at=NOW)
    pages = [
        (specialist, reverse("desk:queue"), LONGEST),
        (specialist, reverse("desk:ticket", args=[numbers[0]]), OF_A_REQUEST),
        (contact.user, reverse("requests:index"), LONGEST),
        (contact.user, reverse("requests:show", args=[numbers[0]]), OF_A_REQUEST),
    ]
    with slow_database(server_folder) as way:
        for user, address, longest in pages:
            client = Client()
            client.force_login(user)
            assert client.get(address).status_code == 200  # what a process keeps is there from now on
            trips = []
            for late in (0.0, LATE if os.environ.get("PROVODNIK_SWEEP") == "whole" else LATE / 20):
                before, way.delay = way.trips, late
                assert client.get(address).status_code == 200
                trips.append(way.trips - before)
                way.delay = 0.0
            # what a process keeps for some seconds may have run out during one of the two
            assert 0 < min(trips) * LATE < longest + LATE / 2, f"{address}: {trips}"
    record_property("faults", len(pages))
