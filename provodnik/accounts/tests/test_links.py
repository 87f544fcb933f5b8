"""Links that set a password: one use, an end, one owner (safety A51, A53)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from provodnik.accounts import announce, tokens
from provodnik.accounts.models import User
from provodnik.accounts.tokens import Purpose
from provodnik.core.secrets import seal
from provodnik.desk.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NEW = "Труба 40 мм, вентиль слева"


@pytest.fixture
def user():
    made = UserFactory.create(login="anna", email="anna@chv.example")
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def newcomer():
    return User.objects.create_user("boris", email="boris@chv.example", full_name="Луговой Борис")


def set_by(client, path, new=NEW, again=None):
    return client.post(path, {"new": new, "again": new if again is None else again})


def path_of(user, purpose):
    return f"/{'welcome' if purpose is Purpose.INVITATION else 'reset'}/{tokens.make(user, purpose)}/"


class TestLetter:
    def test_reset_leads_to_the_address_of_the_settings(self, user, settings):
        settings.BASE_URL = "https://portal.chv.example"
        announce.send_reset(sealed=seal("anna"))
        [letter] = mail.outbox
        assert letter.to == ["anna@chv.example"]
        [link] = re.findall(r"https?://\S+", letter.body)
        assert link.startswith("https://portal.chv.example/reset/")

    def test_a_foreign_host_is_refused(self, user):
        assert Client().post("/forgot/", {"login": "anna"}, HTTP_HOST="evil.example").status_code == 400

    @pytest.mark.parametrize("typed", ["nemo", "", "nemo@chv.example"])
    def test_nobody_gets_nothing(self, user, typed):
        announce.send_reset(sealed=seal(typed))
        assert mail.outbox == []

    def test_not_the_switched_off(self, user):
        User.objects.update(is_active=False)
        announce.send_reset(sealed=seal("anna"))
        assert mail.outbox == []

    def test_nobodys_mail_is_flooded(self, user):
        for _ in range(5):
            announce.send_reset(sealed=seal("anna"))
        assert len(mail.outbox) == 1
        with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
            announce.send_reset(sealed=seal("anna"))
        assert len(mail.outbox) == 2

    def test_invitation(self, newcomer):
        announce.send_invitation(user_id=newcomer.pk)
        [letter] = mail.outbox
        assert "/welcome/" in letter.body
        assert "boris" in letter.body


class TestUse:
    @pytest.mark.parametrize("purpose", list(Purpose))
    def test_sets_the_password_and_signs_in(self, client, newcomer, purpose):
        assert set_by(client, path_of(newcomer, purpose)).status_code == 302
        assert client.get("/profile/").status_code == 200
        newcomer.refresh_from_db()
        assert newcomer.check_password(NEW)

    @pytest.mark.parametrize("purpose", list(Purpose))
    def test_once(self, user, purpose):
        path = path_of(user, purpose)
        assert set_by(Client(), path).status_code == 302
        assert set_by(Client(), path, "Другой пароль на завтра").status_code == 410
        user.refresh_from_db()
        assert user.check_password(NEW)

    def test_looking_at_it_does_not_use_it_up(self, client, newcomer):
        """Mail scanners open every link of a letter."""
        path = path_of(newcomer, Purpose.INVITATION)
        for _ in range(3):
            assert client.get(path).status_code == 200
        assert set_by(client, path).status_code == 302

    @pytest.mark.parametrize(
        ("purpose", "lives", "dies"),
        [
            (Purpose.RESET, timedelta(hours=23), timedelta(hours=25)),
            (Purpose.INVITATION, timedelta(days=13), timedelta(days=15)),
        ],
    )
    def test_has_an_end(self, user, purpose, lives, dies):
        path = path_of(user, purpose)
        with time_machine.travel(timezone.now() + lives, tick=False):
            assert Client().get(path).status_code == 200
        with time_machine.travel(timezone.now() + dies, tick=False):
            assert Client().get(path).status_code == 410
            assert set_by(Client(), path).status_code == 410

    def test_signing_in_or_a_changed_address_kills_it(self, user):
        path = path_of(user, Purpose.RESET)
        User.objects.update(email="other@chv.example")
        assert Client().get(path).status_code == 410
        user.refresh_from_db()
        path = path_of(user, Purpose.RESET)
        User.objects.update(last_login=timezone.now())
        assert Client().get(path).status_code == 410

    def test_the_other_kind_and_another_user_do_not_fit(self, user, newcomer):
        token = tokens.make(user, Purpose.RESET)
        assert tokens.read(token, Purpose.INVITATION) is None
        stolen = tokens.make(newcomer, Purpose.RESET).split(":", 1)[0] + ":" + token.split(":", 1)[1]
        assert tokens.read(stolen, Purpose.RESET) is None

    @pytest.mark.parametrize("token", ["x", "x:y:z", "%00", "None", "[]", "a" * 5000, "W10:1abc:def"])
    def test_nonsense_is_a_page_in_words(self, client, token):
        assert client.get(f"/reset/{token}/").status_code == 410

    def test_ends_every_session(self, client, user):
        client.force_login(user)
        set_by(Client(), path_of(User.objects.get(pk=user.pk), Purpose.RESET))
        assert client.get("/profile/").status_code == 302

    @pytest.mark.parametrize(
        ("new", "again"),
        [("short", "short"), (NEW, "another"), ("", ""), ("п" * 1001, "п" * 1001), ("пароль12345", "пароль12345")],
    )
    def test_a_bad_password_is_told_and_the_link_lives(self, client, newcomer, new, again):
        path = path_of(newcomer, Purpose.INVITATION)
        response = set_by(client, path, new, again)
        assert response.status_code == 422
        assert "field-error" in response.text
        assert client.get(path).status_code == 200
