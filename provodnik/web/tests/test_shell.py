"""What every frame shows, for who has news and who has none."""

from __future__ import annotations

import pytest
from django.urls import reverse

from provodnik.desk.tests.factories import NOW, SignedInContactFactory
from provodnik.notify.models import Notice

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("news", [0, 1, 2, 5])
def test_the_bell_counts_news(client, news):
    contact = SignedInContactFactory.create()
    for number in range(news):
        Notice.objects.create(user=contact.user, key=str(number), text="Ответ поддержки", at=NOW)
    client.force_login(contact.user)
    page = client.get(reverse("requests:index")).content.decode()
    assert ("unread-dot" in page) is bool(news)


def test_home_leads_to_the_first_line_of_the_menu(client):
    client.force_login(SignedInContactFactory.create().user)
    assert client.get("/").url == reverse("requests:index")


def test_home_asks_a_stranger_to_sign_in(client):
    assert client.get("/").url == reverse("accounts:sign_in")
