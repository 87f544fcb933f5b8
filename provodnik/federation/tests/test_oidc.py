"""Sign-in by a provider: a real one that runs here, and one whose answers are forged (safety A55)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from oidc_provider_mock import User as Told
from oidc_provider_mock import run_server_in_thread

from provodnik.accounts.models import Session, User
from provodnik.core import outbound
from provodnik.core.outbound import Answer, Unreachable
from provodnik.desk.tests.factories import AdministratorFactory, UserFactory
from provodnik.federation.models import Identity, Provider
from provodnik.federation.oidc import provider as oidc
from provodnik.federation.oidc import tokens
from provodnik.federation.oidc.tokens import Wrong
from provodnik.people.tests.factories import House

ISSUER, OTHER = "https://id.example", "https://evil.example"
RSA, SECOND = RSAKey.generate_key(2048, {"kid": "a"}), RSAKey.generate_key(2048, {"kid": "a"})
CURVE = ECKey.generate_key("P-256", {"kid": "c"})
KEYS = [RSA.as_dict(private=False), CURVE.as_dict(private=False)]
NOW = timezone.now()


def claims(**more: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    told = {"iss": ISSUER, "sub": "u1", "aud": "portal", "exp": at + 300, "iat": at, "nonce": "n"}
    return {name: value for name, value in (told | more).items() if value is not None}


def signed(told: dict[str, Any], key: Any = RSA, alg: str = "RS256", **header: Any) -> str:
    return jws.serialize_compact({"alg": alg, "kid": "a", **header}, json.dumps(told), key, algorithms=[alg])


def b64(told: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


def read(token: object, **more: Any) -> dict[str, Any]:
    return tokens.id_token(token, KEYS, **{"issuer": ISSUER, "client_id": "portal", "nonce": "n", "now": NOW} | more)


def hs256(told: dict[str, Any], secret: bytes) -> str:
    """By hand: joserfc itself refuses a public key as a secret."""
    text = f"{b64({'alg': 'HS256', 'kid': 'a'})}.{b64(told)}"
    made = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def public_pem() -> bytes:
    return RSA.public_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class TestTokens:
    def test_a_right_one(self) -> None:
        assert read(signed(claims()))["sub"] == "u1"
        assert read(signed(claims(), CURVE, "ES256", kid="c"))["sub"] == "u1"
        assert read(signed(claims(aud=["portal", "x"], azp="portal")))["sub"] == "u1"

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"iss": OTHER}, "iss"), ({"iss": ISSUER + "/"}, "iss"), ({"iss": None}, "iss"), ({"iss": [ISSUER]}, "iss"),
            ({"aud": "other"}, "aud"), ({"aud": None}, "aud"), ({"aud": []}, "aud"), ({"aud": ["portal", "x"]}, "azp"),
            ({"aud": {"portal": 1}}, "aud"), ({"azp": "other"}, "azp"), ({"azp": ["portal"]}, "azp"),
            ({"exp": int(NOW.timestamp()) - 61}, "exp"), ({"exp": None}, "exp"), ({"exp": "9999999999"}, "exp"),
            ({"exp": True}, "exp"), ({"iat": int(NOW.timestamp()) - 601}, "iat"), ({"iat": None}, "iat"),
            ({"iat": int(NOW.timestamp()) + 61}, "iat"), ({"nbf": int(NOW.timestamp()) + 61}, "nbf"),
            ({"nonce": None}, "nonce"), ({"nonce": ""}, "nonce"), ({"nonce": "N"}, "nonce"),
            ({"sub": None}, "sub"), ({"sub": ""}, "sub"), ({"sub": 1}, "sub"), ({"sub": "x" * 256}, "sub"),
            ({"sub": "a\nb"}, "sub"),
        ],
    )  # fmt: skip
    def test_a_wrong_claim(self, more: dict[str, Any], code: str) -> None:
        with pytest.raises(Wrong) as wrong:
            read(signed(claims(**more)))
        assert wrong.value.code == code

    def test_no_algorithm_but_a_signature_by_a_public_key(self) -> None:
        body = b64(claims())
        forged = [
            f"{b64({'alg': alg})}.{body}." for alg in ("none", "None", "NONE", "nOnE", "", None, 0, ["RS256"], "HS256")
        ]
        forged += [
            hs256(claims(), public_pem()),
            hs256(claims(), b"secret of the client"),
            hs256(claims(), b""),
            signed(claims(), SECOND),  # somebody else's key under the same kid
            signed(claims(), SECOND, jwk=SECOND.as_dict(private=False)),  # which the token brings along
            signed(claims(), SECOND, jku="https://evil.example/keys", x5u="https://evil.example/x"),
            signed(claims(), kid="../../../dev/null"),
            signed(claims(), kid="' OR 1=1"),
            signed(claims(), CURVE, "ES256", kid="a"),  # the kid of a key of another kind
            signed(claims(), RSA, "RS256")[:-4] + "AAAA",
            ".".join([*signed(claims()).split(".")[:2], ""]),
            signed(claims()).replace(".", "..", 1),
            signed(claims()) + ".x",
            signed(claims()) + "=",
            signed(claims()).replace(body[:10], b64({"sub": "admin"})[:10], 1),
            "", "a.b.c", "...", "x" * 100_000,
        ]  # fmt: skip
        first, _second, third = signed(claims()).split(".")
        forged += [
            f"{first}.{b64(claims(sub='admin'))}.{third}",
            f"{b64({'alg': 'RS256', 'crit': ['x']})}.{body}.{third}",
        ]
        twice = base64.urlsafe_b64encode(b'{"alg":"RS256","alg":"none"}').rstrip(b"=").decode()
        for token in [*forged, f"{twice}.{body}.{third}", None, 1, [], {}, b"x"]:
            with pytest.raises(Wrong):
                read(token)

    def test_a_key_that_is_no_signing_key_signs_nothing(self) -> None:
        for told in (
            {"use": "enc"}, {"alg": "PS512"}, {"kty": "oct"}, {"n": "AQAB"}, {"n": None}, {"e": []}, {"kty": None},
        ):  # fmt: skip
            with pytest.raises(Wrong):
                tokens.verified(signed(claims()), [RSA.as_dict(private=False) | told])
        assert tokens.verified(signed(claims()), [{}, {"kty": "RSA"}, *KEYS])["sub"] == "u1"

    def test_a_logout_token_is_no_id_token_and_the_other_way_round(self) -> None:
        expected = {"issuer": ISSUER, "client_id": "portal", "now": NOW}
        out = claims(nonce=None, jti="1", events={tokens.LOGOUT: {}})
        assert tokens.logout_token(signed(out), KEYS, **expected) == ("u1", "1")  # type: ignore[arg-type]
        for wrong in (claims(), out | {"nonce": "n"}, out | {"events": {}}, out | {"jti": ""}, out | {"sub": None}):
            with pytest.raises(Wrong):
                tokens.logout_token(signed(wrong), KEYS, **expected)  # type: ignore[arg-type]
        with pytest.raises(Wrong):
            read(signed(out))


@dataclass
class Fake:
    """A provider by its answers alone. `make`: claims of the next token, from those that a good one would tell."""

    issuer: str = ISSUER
    metadata: dict[str, Any] = field(default_factory=dict)
    make: Callable[[dict[str, Any]], Any] = lambda told: signed(told)
    answer: Callable[[str], Answer | None] = lambda address: None
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    nonce: str = ""
    verifier_of: str = ""

    def send(self, method: str, address: str, **more: Any) -> Answer:
        self.asked.append((method, address, more.get("body", b"")))
        said = self.answer(address)
        if said is not None:
            return said
        if address.endswith(oidc.WELL_KNOWN):
            told = {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/a", "jwks_uri": f"{self.issuer}/k"}
            return ok(told | {"token_endpoint": f"{self.issuer}/t"} | self.metadata)
        if address.endswith("/k"):
            return ok({"keys": KEYS})
        at = int(time.time())
        return ok({"id_token": self.make(claims(iss=self.issuer, nonce=self.nonce, iat=at, exp=at + 60))})


def ok(told: Any) -> Answer:
    return Answer(200, {}, told if isinstance(told, bytes) else json.dumps(told).encode())


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    one = Fake()
    monkeypatch.setattr(outbound, "send", lambda *a, **k: one.send(*a, **k))
    oidc.known.forget()
    yield one
    oidc.known.forget()


@pytest.fixture
def provider(db: None) -> Provider:
    return Provider.objects.create(
        name="Вход", issuer=ISSUER, client_id="portal", is_active=True, admits="everybody", number_claim="number"
    )


def begin(one: Client, provider: Provider, fake: Fake, **query: str) -> dict[str, str]:
    answer = one.get(reverse("federation:start", args=[provider.pk]), query)
    assert answer.status_code == 302, answer.content.decode()
    asked = {name: value[0] for name, value in parse_qs(urlsplit(answer["Location"]).query).items()}
    fake.nonce = asked["nonce"]
    return asked


def come_back(one: Client, provider: Provider, **query: Any) -> Any:
    return one.get(reverse("federation:back", args=[provider.pk]), query)


def is_in(one: Client) -> bool:
    return "_auth_user_id" in one.session


class TestFlow:
    def test_there_and_back(self, provider: Provider, fake: Fake) -> None:
        one = Client()
        asked = begin(one, provider, fake, next="/people/")
        assert asked["code_challenge_method"] == "S256" and asked["response_type"] == "code"
        assert len(asked["state"]) >= 43 and len(asked["nonce"]) >= 43
        before = one.session.session_key
        answer = come_back(one, provider, state=asked["state"], code="c1")
        assert answer.status_code == 302 and answer["Location"] == "/people/" and one.session.session_key != before
        sent = {name: value[0] for name, value in parse_qs(fake.asked[-1][2].decode()).items()} or {
            name: value[0] for name, value in parse_qs(fake.asked[-2][2].decode()).items()
        }
        assert oidc.challenge(sent["code_verifier"]) == asked["code_challenge"]
        row = Identity.objects.get()
        assert (row.issuer, row.subject, row.how) == (ISSUER, "u1", "new") and not row.user.roles
        # The same person again is the same account; the answer once more is nobody.
        assert not is_in(Client()) and come_back(Client(), provider, state=asked["state"], code="c1").status_code == 422
        two = Client()
        again = begin(two, provider, fake)
        come_back(two, provider, state=again["state"], code="c2")
        assert is_in(two) and User.objects.count() == 1

    @pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
    def test_no_way_to_somebody_else(self, provider: Provider, fake: Fake, to: str) -> None:
        one = Client()
        asked = begin(one, provider, fake, next=to)
        assert "evil" not in json.dumps(asked)
        assert come_back(one, provider, state=asked["state"], code="c")["Location"] == "/"

    def test_a_strangers_answer_signs_nobody_in(self, provider: Provider, fake: Fake) -> None:
        """Login CSRF: state of another browser, none, twice, an old one, a stranger's code."""
        evil, victim = Client(), Client()
        asked = begin(evil, provider, fake)
        mine = begin(victim, provider, fake)
        for query in (
            {"state": asked["state"], "code": "c"}, {"code": "c"}, {"state": "", "code": "c"},
            {"state": [mine["state"], asked["state"]], "code": "c"}, {"state": "x" * 5000, "code": "c"},
            {"state": "\u0451", "code": "c"},
        ):  # fmt: skip
            assert come_back(victim, provider, **query).status_code == 422 and not is_in(victim)
        assert all(address.endswith(oidc.WELL_KNOWN) for _method, address, _body in fake.asked)  # no code was redeemed
        # And the nonce: the victim's state with a token that was made for another sign-in.
        fake.nonce = asked["nonce"]
        assert come_back(victim, provider, state=mine["state"], code="c").status_code == 422 and not is_in(victim)

    def test_a_code_is_good_once_and_a_flow_too(self, provider: Provider, fake: Fake) -> None:
        one, two = Client(), Client()
        asked = begin(one, provider, fake)
        assert come_back(one, provider, state=asked["state"], code="same").status_code == 302
        again = begin(two, provider, fake)
        assert come_back(two, provider, state=again["state"], code="same").status_code == 422 and not is_in(two)
        assert come_back(two, provider, state=again["state"], code="new").status_code == 422 and not is_in(two)

    def test_two_providers_are_not_mixed_up(self, provider: Provider, fake: Fake) -> None:
        other = Provider.objects.create(name="Другой", issuer=OTHER, client_id="portal", is_active=True)
        one = Client()
        asked = begin(one, provider, fake)
        told = len(fake.asked)
        assert come_back(one, other, state=asked["state"], code="c").status_code == 422
        assert len(fake.asked) == told and not is_in(one)  # the other one never saw the code
        for iss in (OTHER, "", ISSUER + "/"):
            asked = begin(one, provider, fake)
            assert come_back(one, provider, state=asked["state"], code=f"c{iss}", iss=iss).status_code == 422
        fake.metadata = {"authorization_response_iss_parameter_supported": True}
        oidc.known.forget()
        asked = begin(one, provider, fake)
        assert come_back(one, provider, state=asked["state"], code="c5").status_code == 422 and not is_in(one)
        asked = begin(one, provider, fake)
        assert come_back(one, provider, state=asked["state"], code="c6", iss=ISSUER).status_code == 302

    @pytest.mark.parametrize(
        "make",
        [
            lambda told: signed(told | {"aud": "other"}),
            lambda told: signed(told | {"iss": OTHER}),
            lambda told: signed(told, SECOND),
            lambda told: f"{b64({'alg': 'none'})}.{b64(told)}.",
            lambda told: None,
            lambda told: {"a": 1},
        ],
    )
    def test_a_forged_token_signs_nobody_in(self, provider: Provider, fake: Fake, make: Any) -> None:
        fake.make = make
        one = Client()
        asked = begin(one, provider, fake)
        answer = come_back(one, provider, state=asked["state"], code="c")
        assert answer.status_code == 422 and not is_in(one) and not Identity.objects.exists()
        provider.refresh_from_db()
        assert provider.error

    @pytest.mark.parametrize(
        "said",
        [
            Answer(500, {}, b""), Answer(302, {"location": "http://127.0.0.1/"}, b""), ok(b""), ok(b"[]"), ok(b"{"),
            ok(b'{"issuer":"x"}'), ok(b"[" * 100_000), ok(b'{"a":' * 50 + b"1" + b"}" * 50), ok(b" " * 300_000),
            ok(b"\xff\xfe"), ok({"issuer": ISSUER, "authorization_endpoint": "javascript:alert(1)"}),
            ok({"issuer": ISSUER, "authorization_endpoint": "http://id.example/a", "token_endpoint": 1}),
        ],
    )  # fmt: skip
    def test_nonsense_is_told_in_words(self, provider: Provider, fake: Fake, said: Answer) -> None:
        fake.answer = lambda address: said
        assert Client().get(reverse("federation:start", args=[provider.pk])).status_code == 422
        fake.answer = lambda address: None
        one = Client()
        asked = begin(one, provider, fake)
        fake.answer = lambda address: None if address.endswith(oidc.WELL_KNOWN) else said
        assert come_back(one, provider, state=asked["state"], code="c").status_code == 422 and not is_in(one)

    def test_silence_is_told_in_words(self, provider: Provider, fake: Fake) -> None:
        def silent(address: str) -> Answer:
            raise Unreachable("late")

        fake.answer = silent
        assert Client().get(reverse("federation:start", args=[provider.pk])).status_code == 422
        provider.refresh_from_db()
        assert provider.error == "late"

    def test_neither_an_address_nor_a_name_links_anybody(self, provider: Provider, fake: Fake) -> None:
        victim = UserFactory.create(login="boss", email="boss@utility.example")
        more = {"email": victim.email, "email_verified": True, "preferred_username": "boss", "name": "Boss"}
        fake.make = lambda told: signed(told | more)
        one = Client()
        asked = begin(one, provider, fake)
        come_back(one, provider, state=asked["state"], code="c")
        new = Identity.objects.get().user
        assert new != victim and new.email == "" and new.login == "boss-2"
        # and another subject with the same address is another person still
        fake.make = lambda told: signed(told | more | {"sub": "u2"})
        two = Client()
        asked = begin(two, provider, fake)
        come_back(two, provider, state=asked["state"], code="c2")
        assert Identity.objects.count() == 2 and len(set(Identity.objects.values_list("user", flat=True))) == 2

    def test_a_number_links_an_employee_and_nobody_else_gets_in(self, provider: Provider, fake: Fake) -> None:
        provider.admits = "known"
        provider.save()
        worker = House().hire("Петрова Анна", personnel_number="712")
        one = Client()
        asked = begin(one, provider, fake)
        assert come_back(one, provider, state=asked["state"], code="c").status_code == 422 and not is_in(one)
        fake.make = lambda told: signed(told | {"number": "00712"})
        asked = begin(one, provider, fake)
        come_back(one, provider, state=asked["state"], code="c2")
        worker.person.refresh_from_db()
        assert is_in(one) and worker.person.user == Identity.objects.get().user

    def test_ones_own_account_is_linked_by_ones_own_act(self, provider: Provider, fake: Fake) -> None:
        user = AdministratorFactory.create()
        one = Client()
        one.force_login(user)
        mine = reverse("federation:mine")
        assert one.post(reverse("federation:link", args=[provider.pk]))["Location"] == mine
        page = one.get(mine).content.decode()
        assert ISSUER in page and ISSUER not in one.get(mine).content.decode()
        [state] = one.session["_flows"]
        fake.nonce = one.session["_flows"][state]["nonce"]
        # A stranger's browser with this answer links nothing; the owner's links it to himself alone.
        assert come_back(Client(), provider, state=state, code="x").status_code == 422
        assert come_back(one, provider, state=state, code="c")["Location"] == mine
        row = Identity.objects.get()
        assert (row.user, row.how) == (user, "own") and not User.objects.get(pk=user.pk).is_external
        assert one.post(reverse("federation:unlink_own", args=[row.pk])).status_code == 302
        assert not Identity.objects.exists()

    def test_who_leaves_is_told_that_the_provider_still_knows_him(self, provider: Provider, fake: Fake) -> None:
        fake.metadata = {"end_session_endpoint": f"{ISSUER}/bye?x=1"}
        one = Client()
        asked = begin(one, provider, fake)
        come_back(one, provider, state=asked["state"], code="c")
        left = one.post(reverse("accounts:sign_out"))["Location"]
        page = one.get(left).text
        assert f"{ISSUER}/bye?x=1&amp;client_id=portal" in page and not is_in(one)
        other = Client()
        other.force_login(UserFactory.create())
        assert other.post(reverse("accounts:sign_out"))["Location"] == reverse("accounts:sign_in")

    def test_a_session_that_ends_there_ends_here_once(self, provider: Provider, fake: Fake) -> None:
        one = Client()
        asked = begin(one, provider, fake)
        come_back(one, provider, state=asked["state"], code="c")
        out = reverse("federation:out", args=[provider.pk])
        at = int(time.time())
        good = signed(claims(nonce=None, jti="j1", iat=at, exp=at + 60, events={tokens.LOGOUT: {}}))
        for wrong in ("", "x", signed(claims(jti="j1")), good + "x"):
            assert Client().post(out, {"logout_token": wrong}).status_code == 400
        assert Session.objects.filter(user__isnull=False).exists()
        assert Client(enforce_csrf_checks=True).post(out, {"logout_token": good}).status_code == 200
        assert not Session.objects.filter(user__isnull=False).exists()
        assert Client().post(out, {"logout_token": good}).status_code == 400  # a replay


@pytest.mark.server
class TestRealProvider:
    @pytest.fixture
    def real(self, db: None, settings: Any) -> Iterator[Provider]:
        people = [Told(sub="anna", claims={"name": "Анна Петрова", "email": "anna@utility.example"})]
        oidc.known.forget()
        with run_server_in_thread(user_claims=people, require_nonce=True) as server:
            settings.OUTBOUND_ALLOWED = ["localhost", "127.0.0.1", "::1"]
            row = Provider(
                name="Вход", issuer=f"http://localhost:{server.server_port}", client_id="portal", is_active=True,
                admits="everybody",
            )  # fmt: skip
            row.client_secret = "secret of the client"
            row.save()
            yield row
        oidc.known.forget()

    def there(self, one: Client, real: Provider) -> dict[str, str]:
        """The person signs in at the provider; what it sends the browser back with."""
        address = one.get(reverse("federation:start", args=[real.pk]))["Location"]
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            opener.open(urllib.request.Request(address, data=urllib.parse.urlencode({"sub": "anna"}).encode()))
        except urllib.error.HTTPError as answer:
            location = answer.headers["Location"]
            assert urlsplit(location).path == reverse("federation:back", args=[real.pk])
            return {name: value[0] for name, value in parse_qs(urlsplit(location).query).items()}
        raise AssertionError("the provider sends nobody back")

    def test_a_whole_sign_in(self, real: Provider) -> None:
        one = Client()
        query = self.there(one, real)
        answer = come_back(one, real, **query)
        assert answer.status_code == 302, answer.content.decode()
        row = Identity.objects.get()
        assert is_in(one) and (row.issuer, row.subject) == (real.issuer, "anna")

    def test_inside_and_without_tls_only_where_it_was_opened(self, real: Provider, settings: Any) -> None:
        settings.OUTBOUND_ALLOWED = []
        oidc.known.forget()
        assert Client().get(reverse("federation:start", args=[real.pk])).status_code == 422
        real.refresh_from_db()
        assert real.error == "inside"
        assert oidc.why_no_address(real.issuer) == "no_tls"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **more: Any) -> None:
        return None
