"""A new installation, in which there is nothing but the first administrator: every page that needs no thing opens.

Lists, reports, forms and their next steps are mostly written by people whose own world is full.
"""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from tests.matrix import ROWS

pytestmark = pytest.mark.django_db
# Leads on, gives a file or a fragment of what there is not yet; each says so by another status than 200.
ELSEWHERE = {
    "accounts:sign_in": 302,
    "accounts:sign_in_second": 302,
    "desk:pulse": 204,
    "entry:password": 302,
    "people:me": 404,
    "web:home": 302,
}


def pages(person: str) -> list[tuple[str, str]]:
    """The routes without a thing that give this person something."""
    return [
        (name, reverse(name)) for name, row in ROWS.items() if "GET" in row.methods and person in row.things.get("", ())
    ]


@pytest.mark.parametrize("person", ["administrator", "lead", "specialist"])
def test_every_page_of_an_empty_installation(person: str) -> None:
    call_command("create_administrator", "admin")
    user = User.objects.get()
    if person != "administrator":
        user.roles = [Role.LEAD.value, Role.SPECIALIST.value] if person == "lead" else [Role.SPECIALIST.value]
        user.save()
    client = Client()
    client.force_login(user)
    asked = pages(person)
    if person == "administrator":
        asked.append(("settings:user", reverse("settings:user", args=[user.pk])))
    wrong = []
    for name, address in asked:
        status = client.get(address).status_code
        if status != ELSEWHERE.get(name, 200):
            wrong.append(f"{name}: {status}")
    assert not wrong, "\n".join(wrong)
    assert len(asked) > 30
