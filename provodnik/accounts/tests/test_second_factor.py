"""The second factor: who gets in, who does not, what is told (safety A50–A54, A57, A71; CVE-2026-24038)."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pyotp
import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from provodnik.accounts import announce, codes, tokens
from provodnik.accounts.actions import factors
from provodnik.accounts.devices import TRUSTED_COOKIE
from provodnik.accounts.models import (
    JournalEntry,
    PrintedCode,
    Session,
    SignInFailure,
    Totp,
    TrustedDevice,
)
from provodnik.accounts.module import PART
from provodnik.accounts.tokens import Purpose
from provodnik.accounts.views.confirm import confirm_address
from provodnik.core.decisions import Refused
from provodnik.desk.tests.factories import PASSWORD, AdministratorFactory, UserFactory

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SECOND = "/sign-in/second/"


@pytest.fixture(autouse=True)
def quick(settings):
    """What a hash costs is tested elsewhere."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user():
    made = UserFactory.create(login="anna", email="anna@chv.example")
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def app(user, clock):
    """Anna has an app; a first code was used to set it up, a step ago."""
    factors.add_totp(user, secret=SECRET, code=code(), session_key=None, at=timezone.now())
    clock.shift(codes.STEP)
    return user


def code(steps: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(timezone.now(), counter_offset=steps)


def enter(client: Client, login="anna", password=PASSWORD, **more):
    return client.post("/sign-in/", {"login": login, "password": password, **more})


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


class TestArithmetic:
    @pytest.mark.parametrize("steps", [-1, 0, 1])
    def test_one_step_of_slack(self, steps):
        now = timezone.now()
        typed = pyotp.TOTP(SECRET).at(now, counter_offset=steps)
        assert codes.matching_step(SECRET, typed, at=now, after=-1) == int(now.timestamp()) // 30 + steps

    @pytest.mark.parametrize("steps", [-3, -2, 2, 3])
    def test_no_more(self, steps):
        now = timezone.now()
        assert codes.matching_step(SECRET, pyotp.TOTP(SECRET).at(now, counter_offset=steps), at=now, after=-1) is None

    def test_a_step_is_good_once(self):
        now = timezone.now()
        step = int(now.timestamp()) // 30
        assert codes.matching_step(SECRET, pyotp.TOTP(SECRET).at(now), at=now, after=step) is None

    @pytest.mark.parametrize(
        "typed", [None, "", "None", "null", "undefined", [], ["123456"], {}, 123456, b"123456", "１２３４５６",
                  "12345", "1234567", "-12345", "1e5000", " " * 6, "\x00" * 6, "абвгде"]
    )  # fmt: skip
    @pytest.mark.parametrize("secret", [SECRET, "", None])
    def test_nothing_equals_nothing(self, typed, secret):
        """CVE-2026-24038: an absent code was equal to an absent code."""
        assert codes.matching_step(secret, typed, at=timezone.now(), after=-1) is None

    def test_typed_in_groups(self):
        now = timezone.now()
        typed = pyotp.TOTP(SECRET).at(now)
        assert codes.matching_step(SECRET, f" {typed[:3]} {typed[3:]}\u00a0", at=now, after=-1) is not None

    def test_the_picture_has_no_style_and_no_script(self):
        drawn = codes.picture(codes.address(SECRET, '"><script>alert(1)</script>'))
        assert drawn.startswith("<svg") and "style" not in drawn and "script" not in drawn

    def test_a_sheet(self):
        sheet = codes.new_sheet()
        assert len(set(sheet)) == 10 and all(re.fullmatch("[0-9]{10}", one) for one in sheet)
        assert codes.digest(1, sheet[0]) != codes.digest(2, sheet[0])


class TestHalfWay:
    def test_the_password_alone_opens_nothing(self, client, app):
        response = enter(client, next="/profile/")
        assert response.url == SECOND
        assert not is_in(client)
        for address in ("/", "/requests/", "/profile/", "/profile/second-factor/", "/notices/", "/confirm/"):
            assert client.get(address).url.startswith("/sign-in/"), address
        assert client.post("/profile/password/", {}).url.startswith("/sign-in/?next=")
        assert Session.objects.get().user_id is None

    def test_the_code_opens_and_the_session_is_another(self, client, app):
        client.get("/sign-in/")
        enter(client, next="/profile/")
        half = client.session.session_key
        response = client.post(SECOND, {"code": code()})
        assert response.url == "/profile/" and is_in(client)
        assert client.session.session_key != half
        assert not Session.objects.filter(session_key=half).exists()

    NONSENSE = (
        [{}, {"code": ""}, {"code": "None"}, {"code": ["", ""]}, {"code": "000000 000000"}, {"code": "\x00"},
                 {"code": "9" * 4000}, {"code[]": "1"}, {"credential": ""}, {"credential": "null"},
                 {"credential": "{}"}, {"credential": "[" * 9000}, {"credential": '{"id": null}'},
                 {"credential": '{"id":"","rawId":"","type":"public-key","response":{}}'}, {"credential": "x" * 30000}]
    )  # fmt: skip

    def test_nothing_and_nonsense_do_not(self, client, app, clock):
        for sent in self.NONSENSE:
            enter(client)
            clock.shift(timedelta(days=1))
            enter(client)
            assert client.post(SECOND, sent).status_code == 422, sent
            assert not is_in(client)

    def test_nobody_is_half_way_without_a_password(self, client, app):
        assert client.get(SECOND).url == "/sign-in/"
        assert client.post(SECOND, {"code": code()}).url == "/sign-in/"
        assert not is_in(client)

    def test_another_persons_code(self, client, app):
        other = UserFactory.create(login="olga")
        other.set_password(PASSWORD)
        other.save()
        theirs = codes.new_secret()
        first = pyotp.TOTP(theirs).at(timezone.now())
        factors.add_totp(other, secret=theirs, code=first, session_key=None, at=timezone.now())
        enter(client, "olga")
        assert client.post(SECOND, {"code": code()}).status_code == 422

    def test_a_code_is_good_once(self, client, app):
        enter(client)
        used = code()
        assert client.post(SECOND, {"code": used}).status_code == 302
        second = Client()
        enter(second)
        assert second.post(SECOND, {"code": used}).status_code == 422
        assert not is_in(second)

    def test_it_lasts_ten_minutes(self, client, app, clock):
        enter(client)
        clock.shift(timedelta(minutes=11))
        assert client.post(SECOND, {"code": code()}).url == "/sign-in/"

    def test_it_ends_with_the_password_and_with_the_account(self, client, app):
        enter(client)
        app.set_password("совсем другой пароль тут")
        app.save()
        assert client.post(SECOND, {"code": code()}).url == "/sign-in/"
        app.set_password(PASSWORD)
        app.save()
        enter(client)
        type(app).objects.update(is_active=False)
        assert client.post(SECOND, {"code": code()}).url == "/sign-in/"

    def test_a_link_from_a_letter_is_no_way_round(self, client, app):
        link = f"/reset/{tokens.make(app, Purpose.RESET)}/"
        typed = {"new": "труба сорок вентиль", "again": "труба сорок вентиль"}
        assert client.post(link, typed).url == SECOND
        assert not is_in(client)

    def test_a_wrong_password_says_nothing_of_a_second_factor(self, client, app):
        """A51: whoever has not the password does not learn whether there is a second step."""
        UserFactory.create(login="olga").set_password(PASSWORD)
        told = [enter(Client(), login, "неверный пароль").text for login in ("anna", "olga", "nobody")]
        plain = [
            re.sub(r'(csrfmiddlewaretoken|value|name="now" content|id|for|labelledby)="[^"]*"', "", one) for one in told
        ]
        assert plain[0] == plain[1] == plain[2]


class TestGuessing:
    def test_waits_grow_and_a_right_code_waits_too(self, client, app):
        enter(client)
        for _ in range(3):
            assert client.post(SECOND, {"code": "000000"}).status_code == 422
        response = client.post(SECOND, {"code": code()})
        assert response.status_code == 429 and response["Retry-After"] == "1"

    def test_after_five_the_password_is_asked_for_again(self, client, app, clock):
        enter(client)
        for _ in range(4):
            client.post(SECOND, {"code": "000000"})
            clock.shift(60)
        assert client.post(SECOND, {"code": "000000"}).url == "/sign-in/"
        assert client.post(SECOND, {"code": code()}).url == "/sign-in/"

    def test_the_owner_is_not_kept_out_by_an_attack_from_elsewhere(self, client, app, clock):
        enter(client)
        client.post(SECOND, {"code": code()})
        client.post("/sign-out/")
        clock.shift(60)
        attacker = Client(REMOTE_ADDR="203.0.113.7")
        enter(attacker)
        for _ in range(3):
            attacker.post(SECOND, {"code": "000000"})
        assert attacker.post(SECOND, {"code": "000000"}).status_code == 429
        enter(client)
        assert client.post(SECOND, {"code": code()}).status_code == 302
        assert is_in(client)

    def test_the_owner_is_told(self, client, app, clock):
        for _ in range(5):
            enter(client)
            client.post(SECOND, {"code": "000000"})
            clock.shift(timedelta(minutes=3))
        assert asked("wrong_codes") == 1


def asked(verb: str) -> int:
    return ProcrastinateJob.objects.filter(task_name="accounts.factor_changed", args__verb=verb).count()


class TestPrinted:
    def test_good_once_and_told(self, client, app):
        sheet = factors.make_codes(app, session_key=None, at=timezone.now())
        enter(client)
        typed = f"{sheet[0][:5]} {sheet[0][5:]}"
        assert client.post(SECOND, {"code": typed, "remember": "on"}).status_code == 302
        assert PrintedCode.objects.filter(used_at=None).count() == 9
        assert asked("printed_used") == 1
        assert not TrustedDevice.objects.exists()  # a lost phone is no moment to trust a device for a month
        again = Client()
        enter(again)
        assert again.post(SECOND, {"code": sheet[0]}).status_code == 422

    def test_kept_as_digests(self, app):
        sheet = factors.make_codes(app, session_key=None, at=timezone.now())
        kept = set(PrintedCode.objects.values_list("digest", flat=True))
        assert not kept & set(sheet) and len(kept) == 10

    def test_a_new_sheet_ends_the_old_one(self, app):
        old = factors.make_codes(app, session_key=None, at=timezone.now())
        factors.make_codes(app, session_key=None, at=timezone.now())
        assert factors.use_code(app, old[0], at=timezone.now()) == ""

    def test_not_anothers(self, app):
        sheet = factors.make_codes(app, session_key=None, at=timezone.now())
        other = UserFactory.create()
        assert factors.use_code(other, sheet[0], at=timezone.now()) == ""

    def test_only_beside_a_factor(self, user):
        with pytest.raises(Refused):
            factors.make_codes(user, session_key=None, at=timezone.now())

    def test_seen_until_put_away(self, client, app):
        client.force_login(app)
        client.post("/profile/second-factor/codes/")
        page = client.get("/profile/second-factor/codes/").text
        assert len(re.findall(r"<li>\d{5} \d{5}</li>", page)) == 10
        client.post("/profile/second-factor/codes/", {"kept": "1"})
        assert (
            "<li>"
            not in client.get("/profile/second-factor/codes/").text.partition("main")[2].partition("code-sheet")[2]
        )


class TestDevices:
    def remembered(self, client, app):
        enter(client)
        client.post(SECOND, {"code": code(), "remember": "on"})
        client.post("/sign-out/")

    def test_not_asked_for_thirty_days(self, client, app, clock):
        self.remembered(client, app)
        assert enter(client).url == "/" and is_in(client)
        client.post("/sign-out/")
        clock.shift(timedelta(days=31))
        assert enter(client).url == SECOND

    def test_not_without_the_password(self, client, app):
        self.remembered(client, app)
        assert enter(client, password="wrong").status_code == 422

    def test_forgotten_by_its_owner(self, client, app):
        self.remembered(client, app)
        factors.forget_device(TrustedDevice.objects.get(), by=app)
        assert enter(client).url == SECOND

    def test_another_persons_mark_and_a_made_up_one(self, client, app):
        self.remembered(client, app)
        cookie = client.cookies[TRUSTED_COOKIE].value
        other = UserFactory.create(login="olga")
        other.set_password(PASSWORD)
        other.save()
        totp = Totp(user=other, last_step=0, created_at=timezone.now(), used_at=timezone.now())
        totp.secret = SECRET
        totp.save()
        assert enter(client, "olga").url == SECOND
        for made_up in ("", "None", cookie[:-2] + "xx", "e30:x:y"):
            thief = Client()
            thief.cookies[TRUSTED_COOKIE] = made_up
            assert enter(thief).url == SECOND

    @pytest.mark.parametrize("change", ["totp", "password", "reset"])
    def test_dies_with_a_change(self, client, app, change):
        self.remembered(client, app)
        if change == "totp":
            factors.make_codes(app, session_key=None, at=timezone.now())
        elif change == "password":
            app.refresh_from_db()
            client.post(f"/reset/{tokens.make(app, Purpose.RESET)}/", {"new": PASSWORD + "!", "again": PASSWORD + "!"})
        else:
            factors.reset_factors(app, by=AdministratorFactory.create(), at=timezone.now())
        assert not TrustedDevice.objects.exists()


class TestSettingUp:
    def test_by_the_first_right_code(self, client, user, clock):
        client.force_login(user)
        page = client.get("/profile/second-factor/app/").text
        key = re.search(r'data-testid="key">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
        assert client.post("/profile/second-factor/app/", {"code": "000000"}).status_code == 422
        assert not Totp.objects.exists()
        right = pyotp.TOTP(key).at(timezone.now())
        assert client.post("/profile/second-factor/app/", {"code": right}).url == "/profile/second-factor/codes/"
        kept = Totp.objects.get()
        assert kept.secret == key and key not in kept.sealed
        assert key not in str(client.session.items())
        assert JournalEntry.objects.filter(verb="totp_added").count() == 1
        assert asked("totp_added") == 1

    def test_the_page_keeps_to_the_policy(self, client, user):
        client.force_login(user)
        response = client.get("/profile/second-factor/app/")
        assert "style=" not in response.text and "no-store" in response["Cache-Control"]

    def test_other_sessions_end(self, client, user, clock):
        client.force_login(user)
        other = Client()
        other.force_login(user)
        factors.add_totp(user, secret=SECRET, code=code(), session_key=client.session.session_key, at=timezone.now())
        assert is_in(client) and not is_in(other)

    def test_the_letter(self, user):
        announce.send_factor_changed.func(user.pk, "factors_reset", timezone.now().isoformat(), "", 0)
        announce.send_factor_changed.func(user.pk, "passkey_added", timezone.now().isoformat(), "Ключ\r\nBcc: x@x", 0)
        assert [one.to for one in mail.outbox] == [["anna@chv.example"]] * 2
        assert "сбросил" in mail.outbox[0].body and "\nBcc" not in mail.outbox[1].body


class TestConfirming:
    """A57: asked again before what matters."""

    @pytest.mark.parametrize(
        "address", ["/profile/second-factor/app/", "/profile/second-factor/passkeys/new/",
                    "/profile/second-factor/codes/"]
    )  # fmt: skip
    def test_an_old_session_is_asked(self, client, user, clock, address):
        client.force_login(user)
        assert client.get(address).status_code == 200
        clock.shift(timedelta(minutes=16))
        response = client.get(address)
        assert response.url == confirm_address(address)
        assert client.post(address, {}).url.startswith("/confirm/")
        assert client.post("/confirm/", {"password": "wrong", "next": address}).status_code == 422
        assert client.post("/confirm/", {"next": address}).status_code == 422
        assert client.post("/confirm/", {"password": PASSWORD, "next": address}).url == address
        assert client.get(address).status_code == 200

    def test_with_a_factor_the_password_is_not_enough(self, client, app, clock):
        client.force_login(app)
        clock.shift(timedelta(minutes=16))
        assert client.post("/profile/second-factor/app/remove/").url.startswith("/confirm/")
        assert client.post("/confirm/", {"password": PASSWORD}).status_code == 422
        assert client.post("/profile/password/", {"old": PASSWORD}).url.startswith("/confirm/")
        assert client.post("/confirm/", {"code": code()}).status_code == 302
        client.post("/profile/second-factor/app/remove/")
        assert not Totp.objects.exists()

    def test_guessing_is_slow(self, client, user, clock):
        client.force_login(user)
        for _ in range(3):
            client.post("/confirm/", {"password": "wrong"})
        assert client.post("/confirm/", {"password": PASSWORD}).status_code == 429

    def test_an_administrator_before_he_changes_a_way_in(self, client, user, clock):
        administrator = AdministratorFactory.create()
        client.force_login(administrator)
        clock.shift(timedelta(minutes=16))
        address = f"/settings/users/{user.pk}/"
        typed = {"full_name": "Новое Имя", "login": "anna", "email": "anna@chv.example", "roles": []}
        assert client.post(address, typed).url == address
        for change in ({"email": "evil@chv.example"}, {"login": "olga"}, {"roles": ["administrator"]}):
            assert client.post(address, typed | change).url == confirm_address(address)
        user.refresh_from_db()
        assert (user.full_name, user.email, user.login, user.roles) == ("Новое Имя", "anna@chv.example", "anna", [])

    @pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "javascript:alert(1)"])
    def test_leads_nowhere_else(self, client, user, to):
        client.force_login(user)
        assert client.post("/confirm/", {"password": PASSWORD, "next": to}).url == "/profile/"


def test_no_secret_is_ever_logged(client, app, caplog):
    """A71: neither codes nor keys in a log line, whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    sheet = factors.make_codes(app, session_key=None, at=timezone.now())
    enter(client)
    client.post(SECOND, {"code": "424242"})
    client.post(SECOND, {"credential": '{"id":"KANAREIKA","rawId":"KANAREIKA"}'})
    client.post(SECOND, {"code": sheet[0]})
    told = caplog.text
    assert not any(word in told for word in (SECRET, "424242", "KANAREIKA", sheet[0], PASSWORD))
    assert SignInFailure.objects.count() == 0


def test_on_the_server(app, capsys):
    """The last administrator lost his phone."""
    call_command("reset_second_factor", "ANNA")
    assert not Totp.objects.exists() and asked("factors_reset") == 1
    assert JournalEntry.objects.get(verb="factors_reset").by is None
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody")


def test_the_day_is_told_above_every_page_until_then(client, user, clock, django_assert_num_queries):
    factors.set_rules({"requester": 5}, by=AdministratorFactory.create(), at=timezone.now())
    client.force_login(user)
    assert "второй фактор нужен к" in client.get("/profile/").text
    request = client.get("/profile/").wsgi_request
    user.refresh_from_db()
    request.user = user
    with django_assert_num_queries(0):
        assert len(PART.banners(request)) == 1
