"""The door: who gets in, what a stranger learns, what becomes of sessions (safety A36, A50–A52)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from provodnik.accounts import actions, throttle
from provodnik.accounts.devices import COOKIE
from provodnik.accounts.models import Session, SignInFailure
from provodnik.accounts.queries import session_name
from provodnik.desk.tests.factories import PASSWORD, AdministratorFactory, UserFactory

pytestmark = pytest.mark.django_db
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.fixture
def user():
    made = UserFactory.create(login="anna", email="anna@chv.example")
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def still():
    """The clock stands: on a busy machine a try takes longer than the first waits last."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def enter(client: Client, login="anna", password=PASSWORD, **more):
    return client.post("/sign-in/", {"login": login, "password": password, **more}, HTTP_USER_AGENT=CHROME)


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def body_of(response) -> str:
    """The page without what differs from one answer to the next by itself."""
    return re.sub(r'(csrfmiddlewaretoken" value=|name="now" content=|id="|labelledby=|for=)"?[^"]*"', "", response.text)


class TestIn:
    @pytest.mark.parametrize("name", ["anna", "ANNA", " anna ", "anna@chv.example", "Anna@CHV.example"])
    def test_by_login_or_email_in_any_case(self, client, user, name):
        assert enter(client, name).status_code == 302
        assert is_in(client)

    @pytest.mark.parametrize("password", ["wrong", "", "\x00", PASSWORD + " ", "я" * 1001, PASSWORD.upper()])
    def test_not_with_another_password(self, client, user, password):
        response = enter(client, password=password)
        assert response.status_code == 422
        assert not is_in(client)

    @pytest.mark.parametrize("login", ["", "\x00", "a" * 255, "'; DROP TABLE", "%", "anna\x00"])
    def test_strange_logins_are_an_error_in_words(self, client, login):
        response = enter(client, login)
        assert response.status_code == 422
        assert "Traceback" not in response.text

    def test_what_was_typed_is_kept_except_the_password(self, client, user):
        page = enter(client, "anna@chv.example", "неверный пароль").text
        assert 'value="anna@chv.example"' in page
        assert "неверный пароль" not in page

    def test_a_switched_off_account_is_a_wrong_password(self, client, user):
        user.is_active = False
        user.save()
        assert enter(client).status_code == 422

    def test_signed_in_people_are_sent_on(self, client, user):
        client.force_login(user)
        assert client.get("/sign-in/?next=/profile/").url == "/profile/"


class TestNext:
    @pytest.mark.parametrize("path", ["/profile/", "/requests/?page=2", "/desk/1847/#m5"])
    def test_own_paths_are_followed(self, client, user, path):
        assert enter(client, next=path).url == path

    @pytest.mark.parametrize(
        "path",
        ["//evil.example", "https://evil.example", "https:evil.example", "/\\evil.example", "\\\\evil.example",
         "\t//evil.example", "/\t/evil.example", "javascript:alert(1)", "///evil.example", "http:///evil.example",
         " /x", "evil.example", "/\n/evil.example", "http://testserver/x", "/" + "x" * 3000],
    )  # fmt: skip
    def test_other_places_are_not(self, client, user, path):
        assert enter(client, next=path).url == "/"
        assert "evil.example" not in Client().get("/sign-in/", {"next": path}).text


@pytest.mark.usefixtures("still")
class TestGuessing:
    def test_the_page_says_how_long_to_wait(self, client, user):
        for _ in range(throttle.FREE):
            assert enter(client, password="wrong").status_code == 422
        response = enter(client, password="wrong")
        assert response.status_code == 429
        assert response["Retry-After"] == "1"
        assert "Подождите 1 секунду" in response.text

    def test_even_the_right_password_waits(self, client, user):
        for _ in range(throttle.FREE):
            enter(client, password="wrong")
        assert enter(client).status_code == 429
        SignInFailure.objects.update(at=timezone.now() - timedelta(minutes=1))
        assert enter(client).status_code == 302

    def test_a_device_known_to_us_is_not_delayed_by_an_attack(self, client, user):
        enter(client)
        client.post("/sign-out/")
        attacker = Client()
        for _ in range(5):
            enter(attacker, password="wrong")
        assert enter(attacker).status_code == 429
        assert enter(client).status_code == 302

    def test_a_forged_device_mark_is_none(self, user):
        client = Client()
        client.cookies[COOKIE] = '{"1": "aaaa"}'
        for _ in range(throttle.FREE):
            enter(client, password="wrong")
        assert enter(client).status_code == 429

    def test_a_forged_forwarded_for_changes_nothing(self, client, user):
        answers = [
            client.post("/sign-in/", {"login": "anna", "password": "no"}, HTTP_X_FORWARDED_FOR=f"9.9.9.{n}").status_code
            for n in range(5)
        ]
        assert answers == [422, 422, 422, 429, 429]
        assert set(SignInFailure.objects.values_list("address", flat=True)) == {"127.0.0.1"}

    def test_login_and_email_share_one_counter(self, client, user):
        for name in ("anna", "anna@chv.example", "ANNA"):
            enter(client, name, "wrong")
        assert enter(client, "Anna@chv.example", "wrong").status_code == 429


@pytest.mark.usefixtures("still")
class TestNothingIsLearned:
    def test_known_and_unknown_names_get_the_same_page(self, user):
        for attempt in range(5):
            known = enter(Client(), "anna", "wrong")
            unknown = enter(Client(), "nemo", "wrong")
            assert known.status_code == unknown.status_code, attempt
            assert body_of(known).replace("anna", "nemo") == body_of(unknown)
            assert len(known.content) == len(unknown.content)

    def test_the_same_hashing_is_done(self, user, monkeypatch):
        """By counting, not by a stopwatch: one derivation of the key, whoever is asked for."""
        from django.contrib.auth.hashers import ScryptPasswordHasher

        done = []
        original = ScryptPasswordHasher.encode
        monkeypatch.setattr(ScryptPasswordHasher, "encode", lambda *a, **k: (done.append(1), original(*a, **k))[1])
        UserFactory.create(login="invited").set_password(None)
        off = UserFactory.create(login="off", is_active=False)
        off.set_password(PASSWORD)
        off.save()
        costs = []
        for name in ("anna", "nemo", "invited", "off"):
            done.clear()
            enter(Client(), name, "wrong")
            costs.append(len(done))
        assert costs == [1, 1, 1, 1]

    def test_a_forgotten_password_gets_one_answer(self, client, user):
        known = client.post("/forgot/", {"login": "anna"})
        unknown = client.post("/forgot/", {"login": "nemo"})
        assert (known.status_code, known.url) == (unknown.status_code, unknown.url) == (302, "/forgot/sent/")


class TestSessions:
    def test_a_session_id_from_before_does_not_become_mine(self, client, user):
        client.cookies[django_settings.SESSION_COOKIE_NAME] = "a" * 32
        enter(client)
        assert client.cookies[django_settings.SESSION_COOKIE_NAME].value != "a" * 32

    def test_signing_in_anew_takes_a_new_id(self, client, user):
        enter(client)
        first = client.session.session_key
        enter(client)
        assert client.session.session_key != first
        assert not Session.objects.filter(pk=first).exists()

    def test_device_and_address_are_known(self, client, user):
        enter(client)
        session = Session.objects.get(user=user)
        assert (session.address, session.device) == ("127.0.0.1", CHROME)
        page = client.get("/profile/").text
        assert "Chrome, Windows" in page
        assert session.session_key not in page

    def test_saving_a_session_again_keeps_its_row(self, client, user):
        enter(client)
        before = Session.objects.get(user=user)
        session = client.session
        session["more"] = 1
        session.save()
        after = Session.objects.get(user=user)
        assert (after.created_at, after.seen_at, after.address) == (before.created_at, before.seen_at, before.address)

    def test_seen_at_moves_every_five_minutes(self, client, user, django_assert_num_queries):
        enter(client)
        old = timezone.now() - timedelta(minutes=6)
        Session.objects.update(seen_at=old)
        client.get("/profile/")
        seen = Session.objects.get(user=user).seen_at
        assert seen > old
        client.get("/profile/")
        assert Session.objects.get(user=user).seen_at == seen

    def test_out_is_a_post_and_ends_the_session(self, client, user):
        enter(client)
        assert client.get("/sign-out/").status_code == 405
        assert is_in(client)
        stolen = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        client.post("/sign-out/")
        thief = Client()
        thief.cookies[django_settings.SESSION_COOKIE_NAME] = stolen
        assert not is_in(thief)

    def test_one_and_all_others_can_be_ended(self, client, user):
        enter(client)
        phone, tablet = Client(), Client()
        enter(phone)
        enter(tablet)
        client.post(f"/profile/sessions/{session_name(phone.session.session_key)}/end/")
        assert (is_in(client), is_in(phone), is_in(tablet)) == (True, False, True)
        client.post("/profile/sessions/end/")
        assert (is_in(client), is_in(tablet)) == (True, False)

    def test_somebody_elses_session_does_not_exist(self, client, user):
        stranger = UserFactory.create()
        client.force_login(stranger)
        other = Client()
        enter(other)
        name = session_name(other.session.session_key)
        assert client.post(f"/profile/sessions/{name}/end/").status_code == 404
        assert is_in(other)

    def test_a_new_password_ends_the_others(self, client, user):
        enter(client)
        thief = Client()
        thief.cookies[django_settings.SESSION_COOKIE_NAME] = client.session.session_key
        other = Client()
        enter(other)
        response = client.post(
            "/profile/password/", {"old": PASSWORD, "new": "Труба 40 мм, вентиль", "again": "Труба 40 мм, вентиль"}
        )
        assert response.status_code == 302
        assert (is_in(client), is_in(other), is_in(thief)) == (True, False, False)

    def test_the_old_password_is_asked_for(self, client, user):
        enter(client)
        new = {"new": "Труба 40 мм, вентиль", "again": "Труба 40 мм, вентиль"}
        assert client.post("/profile/password/", {"old": "wrong", **new}).status_code == 422
        user.refresh_from_db()
        assert user.check_password(PASSWORD)

    def test_dismissal_ends_everything_at_once(self, client, user):
        enter(client)
        actions.switch_off(user, by=AdministratorFactory.create(), at=timezone.now())
        assert not is_in(client)
        assert not Session.objects.filter(user=user).exists()

    def test_even_without_the_action_a_dead_account_opens_nothing(self, client, user):
        enter(client)
        type(user).objects.filter(pk=user.pk).update(is_active=False)
        assert not is_in(client)

    def test_headers_of_a_proxy_sign_nobody_in(self, client, user):
        for name in ("HTTP_X_REMOTE_USER", "HTTP_X_FORWARDED_USER", "REMOTE_USER", "HTTP_REMOTE_USER"):
            assert client.get("/profile/", **{name: "anna"}).status_code == 302

    def test_without_a_token_nothing_happens(self, user):
        strict = Client(enforce_csrf_checks=True)
        assert enter(strict).status_code == 403
        strict.force_login(user)
        assert strict.post("/sign-out/").status_code == 403
        assert is_in(strict)
