"""What every request passes, whatever page it asks for."""

from __future__ import annotations

import os
import subprocess
import sys
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.contrib.messages.middleware import MessageMiddleware
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.urls import reverse
from psycopg_pool import PoolTimeout

from provodnik.desk.tests.factories import SignedInContactFactory
from provodnik.web.middleware import BelieveOnlyOwnProxies
from provodnik.web.views import home

pytestmark = pytest.mark.django_db
ASKED = {"impact": "question", "text": "Не печатается.", "contact_email": "a@chv.example"}
AWAY = [OperationalError("gone"), InterfaceError("closed"), PoolTimeout("none free")]


def fails(error: Exception):
    def fail(*_args: object, **_more: object) -> None:
        raise error

    return fail


class TestWhileTheDatabaseIsAway:
    """Safety F12-F16: 503, when to come again, and no traceback."""

    @pytest.mark.parametrize("error", AWAY)
    def test_a_view_that_meets_it(self, client, monkeypatch, error):
        monkeypatch.setattr(home, "connection", type("Gone", (), {"cursor": fails(error)})())
        response = client.get(reverse("web:health"))
        assert (response.status_code, response["Retry-After"]) == (503, "5")

    @pytest.mark.parametrize("error", AWAY)
    def test_a_middleware_that_meets_it(self, monkeypatch, error):
        """Django turns its error into a 500 before any middleware around it could see it."""
        monkeypatch.setattr(MessageMiddleware, "process_response", fails(error))
        response = Client(raise_request_exception=False).get(reverse("web:health"))
        assert (response.status_code, response["Retry-After"]) == (503, "5")

    def test_one_that_takes_no_changes_is_read_and_says_so_to_who_writes(self, client):
        client.force_login(SignedInContactFactory.create().user)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET TRANSACTION READ ONLY")
        assert client.get(reverse("requests:index")).status_code == 200
        response = client.post(reverse("requests:new"), ASKED | {"key": str(uuid4())})
        assert (response.status_code, response["Retry-After"]) == (503, "5")

    def test_our_own_mistakes_stay_500(self, monkeypatch):
        monkeypatch.setattr(MessageMiddleware, "process_response", fails(KeyError("x")))
        response = Client(raise_request_exception=False).get(reverse("web:health"))
        assert response.status_code == 500
        assert "KeyError" not in response.content.decode()


class TestTooLarge:
    def test_is_refused_before_it_is_read(self, client, settings):
        client.force_login(SignedInContactFactory.create().user)
        settings.LARGEST_REQUEST = 1000
        response = client.post(reverse("requests:new"), {"text": "x" * 2000})
        assert response.status_code == 413
        assert "Слишком много за один раз" in response.content.decode().replace("\xa0", " ").replace("&nbsp;", " ")

    def test_all_files_of_a_message_fit(self):
        assert django_settings.LARGEST_REQUEST > django_settings.FILES_LIMIT * django_settings.UPLOAD_LIMIT

    @pytest.mark.parametrize("length", ["", "-5", "x", "9" * 30])
    def test_odd_lengths(self, client, length):
        response = client.get(reverse("web:health"), CONTENT_LENGTH=length)
        assert response.status_code in (200, 413)


class TestHeaders:
    def test_of_every_page(self, client):
        client.force_login(SignedInContactFactory.create().user)
        for url in (reverse("requests:index"), reverse("requests:new"), "/nothing/here/"):
            response = client.get(url)
            policy = response["Content-Security-Policy"]
            assert "'unsafe" not in policy
            for part in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
                assert part in policy
            assert response["Cache-Control"] == "private, no-store"
            assert response["X-Frame-Options"] == "DENY"
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["Referrer-Policy"] == "same-origin"

    def test_the_session_cookie_is_for_the_server_alone(self):
        assert django_settings.SESSION_COOKIE_HTTPONLY is True
        assert django_settings.SESSION_COOKIE_SAMESITE == "Lax"

    def test_health_tells_nothing_but_health(self, client):
        response = client.get(reverse("web:health"))
        assert response.json() == {"status": "ok"}
        assert client.post(reverse("web:health")).status_code == 405
        assert "Set-Cookie" not in response


def test_pages_give_a_statement_up_and_jobs_do_not():
    """Safety F17: the web process alone has a limit."""
    asks = "from django.db import connection; cursor = connection.cursor();"
    asks += "cursor.execute('SHOW statement_timeout'); print(cursor.fetchone())"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "provodnik.config.settings"}
    for first, answer in (("import provodnik.config.wsgi", "('15s',)"), ("import django; django.setup()", "('0',)")):
        done = subprocess.run(
            [sys.executable, "-c", f"{first}; {asks}"], capture_output=True, text=True, env=environment, check=True
        )
        assert done.stdout.strip().endswith(answer)


@pytest.mark.parametrize(
    ("trusted", "secure"), [([], False), (["10.0.0.0/8"], False), (["127.0.0.1"], True), (["нет"], False)]
)
def test_https_is_believed_of_our_own_proxies_alone(rf, settings, trusted, secure):
    settings.TRUSTED_PROXIES = trusted
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    seen = []
    asked = rf.get("/", headers={"x-forwarded-proto": "https"}, REMOTE_ADDR="127.0.0.1")
    BelieveOnlyOwnProxies(lambda request: seen.append(request.is_secure()))(asked)
    assert seen == [secure]
