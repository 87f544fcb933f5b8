"""Tokens: whose they are, what they open, when they end, how fast they may ask; their pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from provodnik.accounts import actions, api_tokens
from provodnik.accounts.models import ApiToken, JournalEntry, User
from provodnik.accounts.roles import Role
from provodnik.accounts.scopes import Scope
from provodnik.api import docs, pace
from provodnik.api.schema import openapi
from provodnik.api.tests.speaking import Program, told
from provodnik.core.decisions import Refused
from provodnik.desk.models import Contact
from provodnik.desk.tests.factories import AdministratorFactory, SignedInContactFactory, SpecialistFactory, make_ticket

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_only_a_sum_is_kept():
    program = Program(SpecialistFactory.create())
    row = ApiToken.objects.get()
    secret = program.key.rsplit("_", 1)[1]
    kept = " ".join(str(getattr(row, field.attname)) for field in row._meta.concrete_fields)
    assert secret not in kept and program.key.startswith(f"pvd_{row.prefix}_")
    assert secret not in str(JournalEntry.objects.filter(kind="accounts.apitoken").values_list("data", "title"))


@pytest.mark.parametrize(
    "header",
    [
        "", "Bearer", "Bearer ", "Basic {key}", "Token {key}", "{key}", "Bearer {key}x", "Bearer x{key}",
        "Bearer {cut}",
        "Bearer {other}", "bearer  {key}", "Bearer {key} {key}", "Bearer pvd_000000000000_" + "a" * 43, "Bearer \u00e9",
        "Bearer " + "a" * 5000,
    ],
)  # fmt: skip
def test_anything_else_is_no_token(header):
    program = Program(SpecialistFactory.create())
    other = program.key[:-1] + ("A" if program.key[-1] != "A" else "B")
    header = header.format(key=program.key, cut=program.key[:-1], other=other)
    answer = program.get("/me", Authorization=header)
    assert answer.status_code == 401 and told(answer) and answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_ends_with_its_time_its_revocation_and_its_owner():
    owner, administrator = SpecialistFactory.create(), AdministratorFactory.create()
    program, other = Program(owner), Program(owner)
    assert program.get("/me").status_code == 200
    ApiToken.objects.filter(pk=program.token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert program.get("/me").status_code == 401
    api_tokens.revoke(other.token, by=owner, at=NOW)
    api_tokens.revoke(other.token, by=owner, at=NOW)  # twice is once
    assert other.get("/me").status_code == 401
    assert JournalEntry.objects.filter(verb="revoked").count() == 1
    third = Program(owner)
    actions.switch_off(owner, by=administrator, at=NOW)
    assert third.get("/me").status_code == 401
    actions.switch_on(owner, by=administrator, at=NOW)
    assert third.get("/me").status_code == 200


def test_a_token_has_never_more_than_its_owner_at_this_moment():
    contact = SignedInContactFactory.create()
    ticket, program = make_ticket(contact=contact), Program(contact.user)
    desk = Program(SpecialistFactory.create())
    assert program.get(f"/requests/{ticket.pk}").status_code == 200
    Contact.objects.filter(pk=contact.pk).update(is_active=False)
    assert program.get(f"/requests/{ticket.pk}").status_code == 404
    assert desk.get(f"/desk/requests/{ticket.pk}").status_code == 200
    User.objects.filter(pk=desk.owner.pk).update(roles=[])
    assert desk.get(f"/desk/requests/{ticket.pk}").status_code == 404
    User.objects.filter(pk=desk.owner.pk).update(
        roles=[Role.SPECIALIST.value], second_factor_due=timezone.now() - timedelta(days=1)
    )
    answer = desk.get("/me")
    assert answer.status_code == 403 and "второй фактор" in told(answer)["detail"]


def test_who_asks_too_fast_waits(settings):
    settings.API_RATE = 60
    program = Program(SpecialistFactory.create())
    statuses = [program.get("/me").status_code for _n in range(14)]
    assert statuses[:10] == [200] * 10 and statuses[-1] == 429
    answer = program.get("/me")
    assert 1 <= int(answer.headers["Retry-After"]) <= 2 and told(answer)
    assert Program(SpecialistFactory.create()).get("/me").status_code == 200  # nobody else's matter


def test_the_pace_by_the_clock():
    token = Program(SpecialistFactory.create()).token

    def asked(at):
        return pace.spend(token, rate=60, now=at)

    assert [bool(asked(NOW)) for _n in range(12)] == [False] * 11 + [True]
    assert asked(NOW) == timedelta(seconds=1) and not asked(NOW + timedelta(seconds=1))
    assert asked(NOW + timedelta(seconds=1))
    assert not asked(NOW + timedelta(minutes=5))
    assert not asked(NOW - timedelta(days=1))  # a clock that was set back locks nobody out


def test_nobody_has_too_many_and_a_form_makes_one():
    owner = SpecialistFactory.create()
    given = {"owner": owner, "name": "Обмен", "scopes": [Scope.NOTICES], "lasts": None, "at": NOW}
    for _n in range(api_tokens.MOST_OF_ONE):
        api_tokens.make(**given)
    with pytest.raises(Refused):
        api_tokens.make(**given)
    for wrong in ({"name": " "}, {"scopes": []}, {"lasts": timedelta(days=400)}, {"lasts": timedelta(0)}):
        with pytest.raises(Refused):
            api_tokens.make(**{**given, **wrong})


def test_the_pages(client):
    specialist, administrator = SpecialistFactory.create(), AdministratorFactory.create()
    client.force_login(specialist)
    form = client.get("/profile/tokens/new/")
    key = str(form.context["form"]["key"].value())
    typed = {"key": key, "name": "Обмен с 1С", "scopes": ["desk:read"], "lasts": "90"}
    assert client.post("/profile/tokens/new/", typed).status_code == 302
    client.post("/profile/tokens/new/", typed)  # a double click
    token = ApiToken.objects.get()
    assert token.scopes == ["desk:read"] and token.expires_at > timezone.now() + timedelta(days=89)
    shown = client.get("/profile/tokens/").content.decode()
    assert f"pvd_{token.prefix}_" in shown and shown.count(f"pvd_{token.prefix}_") == 2
    assert client.get("/profile/tokens/").content.decode().count(f"pvd_{token.prefix}_") == 1
    assert "Читать заказчиков" in form.content.decode()
    client.force_login(SignedInContactFactory.create().user)
    assert "как служба поддержки" not in client.get("/profile/tokens/new/").content.decode()
    assert client.post("/profile/tokens/new/", {**typed, "scopes": ["desk:write"]}).status_code == 422
    assert client.post(f"/profile/tokens/{token.pk}/revoke/").status_code == 404
    client.force_login(administrator)
    assert "Обмен с 1С" in client.get("/settings/tokens/").content.decode()
    client.post(f"/profile/tokens/{token.pk}/revoke/", {"from": "all"})
    token.refresh_from_db()
    assert token.revoked_by == administrator


def test_the_page_of_the_api_holds_everything_and_no_script(client):
    client.force_login(SpecialistFactory.create())
    answer = client.get("/api/v1/docs")
    page = answer.content.decode()
    for word in ("/api/v1/requests/{number}/messages", "Idempotency-Key", "problem-not-found", "webhooks"):
        assert word in page
    told = {one.name for group in docs.groups() for one in group.operations}
    assert told == {one["operationId"] for methods in openapi()["paths"].values() for one in methods.values()}
    for group in docs.groups():
        link = f'/api/v1/docs/{group.name}#{group.operations[0].name}"'
        assert link in page
    whole = client.get("/api/v1/docs/work").content.decode()
    assert 'id="take"' in whole and "curl " in whole and "Idempotency-Key" in whole
    assert all("style=" not in one and "<script>" not in one for one in (page, whole))
    schema = client.get("/api/v1/openapi.json")
    assert schema.status_code == 200 and "max-age" in schema.headers["Cache-Control"]
    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": schema.headers["ETag"]}).status_code == 304
