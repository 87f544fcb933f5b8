"""The administrator's pages of directories and providers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from provodnik.accounts.models import JournalEntry
from provodnik.desk.tests.factories import AdministratorFactory, UserFactory
from provodnik.federation import health
from provodnik.federation.models import Directory, GroupRole, Identity, Provider
from tests.servers.certificates import Certificates
from tests.servers.slapd import BASE, SERVICE, SERVICE_PASSWORD, Slapd

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Client:
    found = Client()
    found.force_login(AdministratorFactory.create())
    return found


def directory(**more: str) -> dict[str, str]:
    return {
        "name": "Каталог", "kind": "ldap", "servers": "localhost", "security": "tls", "base": f"ou=people,{BASE}",
        "narrow": "(objectClass=person)", "logins": "uid, mail", "position": "0", "admits": "known",
        "bind_dn": SERVICE, "bind_password": SERVICE_PASSWORD, "name_attribute": "cn",
        "groups": f"cn=helpdesk,ou=groups,{BASE} => specialist", **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("servers", ""), ("servers", "a:b"), ("servers", "http://x/"), ("servers", "x:0"), ("servers", "x:99999"),
        ("servers", "a b c d e f"), ("narrow", "objectClass=person"), ("narrow", "(a=b)(c=d)"), ("narrow", "(a=b"),
        ("narrow", "(" * 30 + "a=b" + ")" * 30), ("logins", ""), ("logins", "uid)(cn"), ("logins", "a b c d e f"),
        ("ca", "not a certificate"), ("bind_password", ""), ("groups", "helpdesk => specialist"),
        ("groups", "cn=x => god"), ("groups", "cn=x"), ("number_attribute", "a*b"), ("admits", "nobody"),
        ("security", "ssl2"), ("kind", "x"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_told_beside_its_field(one: Client, field: str, value: str) -> None:
    answer = one.post(reverse("federation:add_directory"), directory(**{field: value}))
    assert answer.status_code == 422 and not Directory.objects.exists()
    assert "aria-invalid" in answer.text and SERVICE_PASSWORD not in answer.text


@pytest.mark.server
def test_a_directory_is_saved_checked_moved_and_removed(one: Client, slapd: Slapd, certificates: Certificates) -> None:
    right = directory(servers=f"localhost:{slapd.tls_port}", ca=certificates.ca.read_text())
    assert one.post(reverse("federation:add_directory"), right).status_code == 302
    row = Directory.objects.get()
    assert row.bind_password == SERVICE_PASSWORD and SERVICE_PASSWORD not in row.bind_secret
    assert row.logins == ["uid", "mail"] and GroupRole.objects.get().role == "specialist"
    page = reverse("federation:directory", args=[row.pk])
    assert SERVICE_PASSWORD not in one.get(page).text
    assert SERVICE_PASSWORD not in str(list(JournalEntry.objects.values("data")))
    check = reverse("federation:check_directory", args=[row.pk])
    assert "Найдено 4" in one.post(check).text.replace("\xa0", " ")
    moved = right | {"servers": "evil.example", "bind_password": ""}
    assert one.post(page, moved).status_code == 422  # a kept password does not travel to another server
    assert one.post(page, right | {"bind_password": "", "groups": ""}).status_code == 302
    assert not GroupRole.objects.exists() and Directory.objects.get().bind_password == SERVICE_PASSWORD
    Directory.objects.update(base="ou=nowhere,dc=utility,dc=example")
    assert "нет" in one.post(check).text and Directory.objects.get().error == "no_base"
    user = UserFactory.create(is_external=True)
    Identity.objects.create(
        user=user,
        directory=row,
        issuer=row.issuer,
        subject="x",
        how="number",
        linked_at=row.error_at or user.created_at,
    )
    assert one.post(reverse("federation:remove_directory", args=[row.pk])).status_code == 302
    user.refresh_from_db()
    assert not Directory.objects.exists() and not user.is_external
    health.rested()


@pytest.mark.parametrize(
    "issuer",
    [
        "http://id.example", "https://user:x@id.example", "ftp://x", "javascript:alert(1)", "https://id.example/?x=1",
        "https://id.example/#x", "", "https://2130706433/", "http://127.0.0.1/",
    ],
)  # fmt: skip
def test_an_issuer_is_an_address_over_tls(one: Client, issuer: str) -> None:
    data = {"name": "Вход", "issuer": issuer, "client_id": "p", "scopes": "profile", "position": "0", "admits": "known"}
    answer = one.post(reverse("federation:add_provider"), data)
    assert answer.status_code == 422 and not Provider.objects.exists()


def test_a_provider_keeps_its_secret(one: Client) -> None:
    data: dict[str, Any] = {
        "name": "Вход", "issuer": "https://id.example", "client_id": "p", "scopes": "profile", "position": "0",
        "admits": "known", "client_secret": "s3cret",
    }  # fmt: skip
    assert one.post(reverse("federation:add_provider"), data).status_code == 302
    row = Provider.objects.get()
    assert row.client_secret == "s3cret" and row.scopes == "openid profile"
    page = reverse("federation:provider", args=[row.pk])
    assert "s3cret" not in one.get(page).text + row.client_secret_sealed
    assert one.post(page, data | {"issuer": "https://evil.example", "client_secret": ""}).status_code == 422
    assert one.post(reverse("federation:add_provider"), data).status_code == 422  # an issuer is there once
