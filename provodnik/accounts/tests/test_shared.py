"""Somebody else's device: five minutes, nothing kept, nothing remembered."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from provodnik.accounts import devices
from provodnik.accounts.models import Session
from provodnik.desk.tests.factories import NOW, PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_somebody_elses_device() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        user = UserFactory.create()
        user.set_password(PASSWORD)
        user.save()
        client = Client()
        page = client.get("/sign-in/")
        assert 'name="shared"' in page.text
        client.post("/sign-in/", {"login": user.login, "password": PASSWORD, "shared": "on"})
        assert devices.COOKIE not in client.cookies  # no mark of a known device
        for _four_minutes in range(3):  # whoever works there stays in
            clock.shift(4 * MINUTE)
            page = client.get("/profile/")
            assert page.status_code == 200 and page["Cache-Control"] == "no-store"
            assert 'data-drafts="off"' in page.text
        assert client.get("/profile/second-factor/passkeys/new/").status_code == 302
        clock.shift(4 * MINUTE)
        assert client.get("/profile/", headers={"hx-request": "true"}).status_code == 200  # asked by the page itself
        clock.shift(2 * MINUTE)
        assert client.get("/profile/").headers["Location"].startswith("/sign-in/")

        client.post("/sign-in/", {"login": user.login, "password": PASSWORD, "shared": "on"})
        left = client.post("/sign-out/")
        assert left["Clear-Site-Data"] == '"cache", "cookies", "storage"'

        # one's own device is as it was
        client = Client()
        client.post("/sign-in/", {"login": user.login, "password": PASSWORD})
        assert devices.COOKIE in client.cookies
        assert Session.objects.get(session_key=client.session.session_key).expire_date > NOW + timedelta(days=13)
        assert 'data-drafts="off"' not in client.get("/profile/").text
        assert client.post("/sign-out/")["Clear-Site-Data"] == '"cache"'
