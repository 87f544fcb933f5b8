"""Sign-in by a directory: a real OpenLDAP, and one that misbehaves (safety A56)."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts.actions import people
from provodnik.accounts.models import Session, User
from provodnik.accounts.roles import Role
from provodnik.core import outbound
from provodnik.core.decisions import Refused
from provodnik.desk.tests.factories import PASSWORD as LOCAL
from provodnik.desk.tests.factories import AdministratorFactory, UserFactory
from provodnik.federation import health, module, schedule
from provodnik.federation.actions import identities
from provodnik.federation.backends import DirectoryBackend, is_password_of
from provodnik.federation.ldap import client, entries, filters
from provodnik.federation.ldap.client import Address, Setup, Trouble
from provodnik.federation.models import Directory, GroupRole, Identity
from provodnik.federation.setups import setup_of
from provodnik.federation.states import Security
from provodnik.people.tests.factories import House
from tests.servers.certificates import Certificates
from tests.servers.ldap_misbehaving import LdapMisbehaving
from tests.servers.slapd import BASE, PASSWORD, SERVICE, SERVICE_PASSWORD, Slapd

NOW = timezone.now()
EMPTY = ["", " ", "\0"]
# Of the usual lists of injections (fuzzdb, OWASP testing guide): none may find anybody.
INJECTIONS = [
    "*", "**", "pet*", "petrova*", "*)(uid=*", "*)(uid=*))(|(uid=*", ")(uid=*))(|(uid=*", "petrova)(uid=*",
    "petrova)(|(uid=*", "petrova)(&)", "petrova))(&(1=0", "*)(&", "*))%00", "petrova\0", "\0petrova", "petrova\\",
    "petrova\\2a", "\\2a", "\\00", "(", ")", "()", "!(", "|(uid=*)", "&(uid=*)", "*(|(mail=*))", "*(|(objectclass=*))",
    "*)(objectClass=*", "x*)(|(cn=*", "admin*)((|userpassword=*)", "uid=petrova,ou=people",
    f"uid=petrova,ou=people,{BASE}", "petrova,ou=people", "petrova+cn=x", 'petrova"', "petrova;", "petrova<",
    "petrova>", "petrova=", "#petrova", "/petrova", "petrova/..", "%2a", "%28", "＊", "рetrova", "petrova\n",
    "petrova\r\nuid: x", "petrova ", "\ud800",
]  # fmt: skip


@pytest.fixture
def setup(slapd: Slapd) -> Setup:
    return Setup(
        servers=[Address("127.0.0.1", slapd.port)],
        security=Security.NONE,
        base=f"ou=people,{BASE}",
        narrow="(objectClass=person)",
        logins=["uid"],
        bind_dn=SERVICE,
        bind_password=SERVICE_PASSWORD,
        wanted=("cn", "employeeNumber", "mail", "telephoneNumber"),
    )


@pytest.fixture
def directory(slapd: Slapd) -> Iterator[Directory]:
    row = Directory(
        name="Каталог",
        is_active=True,
        servers=f"127.0.0.1:{slapd.port}",
        security="none",
        base=f"ou=people,{BASE}",
        narrow="(objectClass=person)",
        logins=["uid", "mail"],
        bind_dn=SERVICE,
        number_attribute="employeeNumber",
    )
    row.bind_password = SERVICE_PASSWORD
    row.save()
    health.rested()
    yield row
    health.rested()


@pytest.fixture
def bad() -> Iterator[Callable[..., LdapMisbehaving]]:
    made: list[LdapMisbehaving] = []

    def start(mode: str, **more: str) -> LdapMisbehaving:
        made.append(LdapMisbehaving(mode, **more))
        return made[-1]

    yield start
    for server in made:
        server.stop()


def sign_in(login: str, password: str = PASSWORD) -> Any:
    one = Client()
    answer = one.post(reverse("accounts:sign_in"), {"login": login, "password": password})
    return one if answer.status_code == 302 else answer.content.decode()


def who(one: Any) -> User:
    assert isinstance(one, Client), one
    return User.objects.get(pk=one.session["_auth_user_id"])


@pytest.mark.server
class TestClient:
    def test_a_right_password_and_what_is_no_password(self, setup: Setup, slapd: Slapd) -> None:
        found = client.prove(setup, "petrova", PASSWORD, now=NOW)
        assert found is not None and found.values["employeeNumber"] == "00712" and not found.is_shut
        assert found.subject == str(uuid.uuid5(uuid.NAMESPACE_DNS, "petrova"))
        for password in ["wrong", PASSWORD + " ", PASSWORD.upper(), "*", "x" * 100_000]:
            assert client.prove(setup, "petrova", password, now=NOW) is None
        # This very server calls an empty password a success (RFC 4513, 5.1.2), and we never ask it.
        dn = f"uid=petrova,ou=people,{BASE}"
        request = b"\x02\x01\x03\x04" + bytes([len(dn)]) + dn.encode() + b"\x80\x00"
        message = b"\x02\x01\x01\x60" + bytes([len(request)]) + request
        with socket.create_connection(("127.0.0.1", slapd.port), timeout=10) as raw:
            raw.sendall(b"\x30" + bytes([len(message)]) + message)
            assert b"\x0a\x01\x00" in raw.recv(100)  # resultCode: success
        assert client.prove(setup, "petrova", "", now=NOW) is None
        assert client.prove(setup, "", PASSWORD, now=NOW) is None

    def test_nothing_typed_is_a_filter(self, setup: Setup) -> None:
        found = {typed for typed in INJECTIONS if client.find(setup, typed, now=NOW)}
        assert found <= {"petrova ", "petrova\n"}  # only what is the name, with a gap behind it
        assert len(INJECTIONS) > 35
        for typed in INJECTIONS:
            told = filters.of_typed("(objectClass=person)", ["uid"], typed)
            assert told.count("(") == 4 == told.count(")") and "*" not in told and "\0" not in told

    def test_everything_is_escaped_whatever_it_is(self) -> None:
        assert filters.escaped("a*()\\\0я") == "a\\2a\\28\\29\\5c\\00\\d1\\8f"
        assert filters.escaped(bytes(range(256))).count("\\") == 256 - 62

    def test_tls_and_starttls_are_checked_for_the_name_and_the_authority(
        self,
        setup: Setup,
        slapd: Slapd,
        certificates: Certificates,
        other_certificates: Certificates,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        right, wrong = certificates.ca.read_text(), other_certificates.ca.read_text()
        for security, port in ((Security.TLS, slapd.tls_port), (Security.STARTTLS, slapd.port)):
            for host, ca, code in (("localhost", right, ""), ("localhost", wrong, "tls"), ("localhost", "", "tls")):
                one = Setup(**{**_fields(setup), "security": security, "servers": [Address(host, port)], "ca": ca})
                assert _code(one) == code, (security, host)
            monkeypatch.setattr(outbound, "addresses_of", lambda host, port, deadline: ["127.0.0.1"])
            servers = [Address("directory.example", port)]  # the same server, under a foreign name
            one = Setup(**{**_fields(setup), "security": security, "servers": servers, "ca": right})
            assert _code(one) == "tls"

    def test_a_wrong_base_account_or_filter_is_told_apart(self, setup: Setup) -> None:
        assert _code(Setup(**{**_fields(setup), "bind_password": "wrong"})) == "bind"
        assert _code(Setup(**{**_fields(setup), "bind_dn": "cn=nobody,dc=x"})) == "bind"
        assert _code(Setup(**{**_fields(setup), "base": "ou=nowhere,dc=utility,dc=example"})) == "no_base"
        [step] = client.check(setup, now=NOW)
        assert (step.code, step.count, step.detail) == ("", 4, "")

    def test_groups_and_standing(self, setup: Setup) -> None:
        group = f"cn=helpdesk,ou=groups,{BASE}"
        assert client.in_groups(setup, f"uid=ivanov,ou=people,{BASE}", [group, "cn=none,dc=x"]) == [group]
        assert client.in_groups(setup, f"uid=petrova,ou=people,{BASE}", [group]) == []
        assert client.in_groups(setup, "uid=*)(cn=*", [group]) == []
        subjects = [str(uuid.uuid5(uuid.NAMESPACE_DNS, uid)) for uid in ("petrova", "sidorov", "nobody")]
        found = client.standing(setup, subjects, now=NOW)
        assert {key: one.is_shut for key, one in found.items()} == {subjects[0]: False, subjects[1]: True}

    def test_the_next_server_is_asked(self, setup: Setup, bad: Callable[..., LdapMisbehaving]) -> None:
        broken = Address("127.0.0.1", bad("closes").port)
        one = Setup(**{**_fields(setup), "servers": [broken, *setup.servers]})
        assert client.prove(one, "petrova", PASSWORD, now=NOW) is not None

    @pytest.mark.parametrize(
        ("mode", "codes"),
        [
            ("hang", {"late"}),
            ("closes", {"broken", "no_connection"}),
            ("garbage", {"broken", "late"}),
            ("drips", {"late"}),
            ("huge", {"late", "broken"}),
            ("no_tls", {"tls", "broken"}),
        ],
    )
    def test_a_server_that_misbehaves_is_left_in_time(
        self, setup: Setup, bad: Callable[..., LdapMisbehaving], mode: str, codes: set[str]
    ) -> None:
        security = Security.STARTTLS if mode == "no_tls" else Security.NONE
        fields = {"servers": [Address("127.0.0.1", bad(mode).port)], "deadline": 0.5, "security": security}
        assert _code(Setup(**{**_fields(setup), **fields})) in codes | {"late"}  # on a slow machine time comes first

    def test_a_referral_is_followed_by_nobody(self, setup: Setup, bad: Callable[..., LdapMisbehaving]) -> None:
        evil = bad("hang")
        sender = bad("referral", elsewhere=f"ldap://127.0.0.1:{evil.port}/dc=x")
        assert _code(Setup(**{**_fields(setup), "servers": [Address("127.0.0.1", sender.port)]})) in {
            "referral",
            "broken",
        }
        assert evil.connections == 0

    @pytest.mark.parametrize("host", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254", "fe80::1"])
    def test_where_no_directory_stands_nobody_knocks(self, setup: Setup, host: str) -> None:
        assert _code(Setup(**{**_fields(setup), "servers": [Address(host, 389)]})) == "forbidden"


def _fields(setup: Setup) -> dict[str, Any]:
    return {name: getattr(setup, name) for name in Setup.__dataclass_fields__}


def _code(setup: Setup) -> str:
    try:
        assert client.prove(setup, "petrova", PASSWORD, now=NOW) is not None
    except Trouble as trouble:
        return trouble.code
    return ""


class TestEntries:
    @pytest.mark.parametrize(
        ("attributes", "shut"),
        [
            ({}, False),
            ({"userAccountControl": [b"512"]}, False),
            ({"userAccountControl": [b"514"]}, True),
            ({"userAccountControl": [b"66050"]}, True),
            ({"userAccountControl": [b"nonsense"]}, False),
            ({"accountExpires": [b"0"]}, False),
            ({"accountExpires": [b"9223372036854775807"]}, False),
            ({"accountExpires": [b"132000000000000000"]}, True),
            ({"accountExpires": [b"9000000000000000000"]}, False),
            ({"nsAccountLock": [b"TRUE"]}, True),
            ({"pwdAccountLockedTime": [b"000001010000Z"]}, True),
        ],
    )
    def test_what_shuts_an_account(self, attributes: Any, shut: bool) -> None:
        assert entries.read("cn=x", attributes, [], now=NOW).is_shut is shut

    def test_a_subject_is_a_uuid_or_nothing(self) -> None:
        one = uuid.uuid4()
        for told in ({"objectGUID": [one.bytes_le]}, {"entryUUID": [str(one).encode()]}):
            assert entries.read("cn=x", told, [], now=NOW).subject == str(one)  # type: ignore[arg-type]
        for nothing in ({}, {"objectGUID": [b"short"]}, {"entryUUID": [b"x"]}, {"entryUUID": [b"\xff", b"\xfe"]}):
            assert entries.read("cn=x", nothing, [], now=NOW).subject == ""  # type: ignore[arg-type]


@pytest.mark.server
@pytest.mark.django_db
class TestSignIn:
    def test_a_number_links_a_person_once_and_a_new_name_stays_him(self, directory: Directory, slapd: Slapd) -> None:
        worker = House().hire("Петрова Анна", personnel_number="712", birth_date="1985-03-07")
        first = who(sign_in("petrova"))
        worker.person.refresh_from_db()
        assert worker.person.user == first and first.is_external and not first.has_usable_password() and not first.roles
        assert worker.person.work_phone == "21-15" and worker.person.sources["work_phone"] == "ldap"
        row = Identity.objects.get()
        assert (row.issuer, row.how) == (f"ldap:{directory.pk}", "number")
        slapd.rename("petrova", "smirnova")
        assert who(sign_in("smirnova")) == first
        assert isinstance(sign_in("petrova"), str)
        assert User.objects.count() == 1
        # Somebody else who is called so from now on is somebody else.
        slapd.rename("ivanov", "petrova")
        assert isinstance(sign_in("petrova"), str) and Identity.objects.count() == 1

    def test_neither_a_name_nor_an_address_links_anybody(self, directory: Directory) -> None:
        local = UserFactory.create(login="petrova", email="petrova@utility.example")
        assert isinstance(sign_in("petrova"), str)
        assert not Identity.objects.exists()
        directory.admits = "everybody"
        directory.save()
        new = who(sign_in("petrova"))
        assert new != local and new.login == "petrova-2" and new.email == "" and not new.roles

    def test_who_has_rights_is_never_linked_by_a_number(self, directory: Directory) -> None:
        worker = House().hire("Ведущая Ольга", personnel_number="9001")
        lead = UserFactory.create(roles=[Role.LEAD.value])
        worker.person.user = lead
        worker.person.save()
        assert isinstance(sign_in("lead"), str) and not Identity.objects.exists()
        by = AdministratorFactory.create()
        [found] = client.find(setup_of(directory), "lead", now=NOW)
        told = identities.Proved(subject=found.subject, name="lead", roles=frozenset())
        identities.link(directory, lead, told, how=identities.How.HAND, by=by, at=NOW)
        assert who(sign_in("lead")) == lead

    def test_disabled_people_stay_out_and_go_out_within_a_minute(self, directory: Directory, slapd: Slapd) -> None:
        directory.admits = "everybody"
        directory.save()
        assert "отключена" in sign_in("sidorov")
        inside = sign_in("ivanov")
        user = who(inside)
        slapd.replace("ivanov", userAccountControl="514")
        assert schedule.look_at(directory, at=NOW + timedelta(minutes=1)) == 1
        assert not Session.objects.filter(user=user).exists()
        assert isinstance(sign_in("ivanov"), str)
        assert inside.get(reverse("accounts:profile")).status_code == 302
        slapd.replace("ivanov", userAccountControl="512")
        assert schedule.look_at(directory, at=NOW + timedelta(minutes=2)) == 0
        assert who(sign_in("ivanov")) == user

    def test_whom_an_administrator_has_switched_off_no_directory_lets_back(
        self, directory: Directory, slapd: Slapd
    ) -> None:
        directory.admits = "everybody"
        directory.save()
        user, administrator = who(sign_in("ivanov")), AdministratorFactory.create()
        slapd.replace("ivanov", userAccountControl="514")
        schedule.look_at(directory, at=NOW + timedelta(minutes=1))
        people.switch_on(user, by=administrator, at=NOW)
        people.switch_off(user, by=administrator, at=NOW)
        slapd.replace("ivanov", userAccountControl="512")
        schedule.look_at(directory, at=NOW + timedelta(minutes=2))
        assert isinstance(sign_in("ivanov"), str)
        user.refresh_from_db()
        assert not user.is_active

    def test_half_of_all_gone_at_once_is_a_wrong_filter(self, directory: Directory, monkeypatch: Any) -> None:
        monkeypatch.setattr(schedule, "FEW", 0)
        directory.admits = "everybody"
        directory.save()
        who(sign_in("ivanov"))
        directory.narrow = "(objectClass=organizationalUnit)"
        directory.save()
        assert schedule.look_at(directory, at=NOW) == 0
        directory.refresh_from_db()
        assert directory.error == "many_gone" and User.objects.get().is_active

    def test_groups_give_and_take_roles_and_leave_what_a_hand_gave(self, directory: Directory, slapd: Slapd) -> None:
        directory.admits = "everybody"
        directory.save()
        GroupRole.objects.create(directory=directory, group=f"cn=helpdesk,ou=groups,{BASE}", role="specialist")
        user = who(sign_in("ivanov"))
        assert user.roles == ["specialist"]
        User.objects.filter(pk=user.pk).update(roles=["lead", "specialist"])
        slapd.set_members("helpdesk", ["petrova"])
        assert who(sign_in("ivanov")).roles == ["lead"]

    def test_when_it_is_down_a_local_administrator_gets_in(
        self, directory: Directory, bad: Callable[..., LdapMisbehaving]
    ) -> None:
        administrator = AdministratorFactory.create()
        administrator.set_password(LOCAL)
        administrator.save()
        directory.servers = f"127.0.0.1:{bad('closes').port}"
        directory.save()
        told = {sign_in(login, "wrong-password-1") for login in ("petrova", "nobody", administrator.login)}
        assert all("каталог" in words.lower() and "не отвечает" in words for words in told)
        assert who(sign_in(administrator.login, LOCAL)) == administrator
        directory.refresh_from_db()
        assert directory.error in {"broken", "no_connection"}
        [first, *_rest] = list(module.check_sources())
        assert first.level == "warning" and "Каталог" in first.text
        health.rested()

    def test_a_stranger_costs_the_directory_what_a_colleague_costs(
        self, directory: Directory, monkeypatch: Any
    ) -> None:
        """A51: the same binds, the same search, for who is there and who is not."""
        House().hire("Петрова Анна", personnel_number="712")
        asked: list[str] = []
        bind, search = client._bind, client._search
        monkeypatch.setattr(client, "_bind", lambda *a: (asked.append("bind"), bind(*a))[1])
        monkeypatch.setattr(client, "_search", lambda *a, **k: (asked.append("search"), search(*a, **k))[1])
        costs = []
        for login in ("petrova", "nobody", "petrova@utility.example", "*"):
            asked.clear()
            assert DirectoryBackend().authenticate(None, username=login, password="wrong") is None
            costs.append(tuple(asked))
        assert set(costs) == {("bind", "search", "bind")}

    def test_no_password_of_ours_is_set_for_them_and_theirs_confirms(self, directory: Directory) -> None:
        directory.admits = "everybody"
        directory.save()
        user = who(sign_in("ivanov"))
        assert is_password_of(user, PASSWORD) and not is_password_of(user, "wrong") and not is_password_of(user, "")
        with pytest.raises(Refused):
            identities.unlink(Identity.objects.get(), by=user, at=NOW)
        identities.unlink(Identity.objects.get(), by=AdministratorFactory.create(), at=NOW)
        user.refresh_from_db()
        assert not user.is_external
