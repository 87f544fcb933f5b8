"""Messages to phones by a gateway: a real HTTP server here, its whims, limits, and what must never leak."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts import texting
from provodnik.core.decisions import Refused
from provodnik.desk.tests.factories import AdministratorFactory
from provodnik.sms import actions, announce, filling, module
from provodnik.sms.forms import GatewayForm
from provodnik.sms.models import Gateway, Sms

NOW = timezone.now()
NUMBER, SECRET = "+79123456789", "s3cret-of-the-gateway"


class Catcher:
    """`answers`: (status, body) of the next requests, the last for all that follow."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = [(200, b'{"status":"ok"}')]
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.command, self.path, dict(self.headers.items()), body))
                status, said = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def catcher(settings: Any) -> Iterator[Catcher]:
    settings.OUTBOUND_ALLOWED = ["127.0.0.1"]
    one = Catcher()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def gateway(db: None, catcher: Catcher) -> Gateway:
    row = Gateway(
        pk=1,
        is_active=True,
        address=f"http://127.0.0.1:{catcher.server.server_port}/send?to={{digits}}",
        headers="Authorization: Bearer {secret}",
        body='{"to": "{phone}", "text": "{text}"}',
        most_a_number=3,
        most_a_day=5,
    )
    row.secret = SECRET
    row.save()
    return row


def ask(text: str = "1234567 — ваш код", *, key: str = "k", number: str = NUMBER, kind: str = "code") -> Sms:
    return actions.send(number, text, key=key, kind=kind, at=NOW)


def test_a_message_goes_once_and_leaves_no_number_behind(gateway: Gateway, catcher: Catcher) -> None:
    text = '«"код\\\n{secret}'
    row = ask(text)
    assert ask(text).pk == row.pk and NUMBER not in row.sealed
    announce.send(row.pk, at=NOW)
    announce.send(row.pk, at=NOW)
    [(method, path, headers, body)] = catcher.asked
    assert (method, path) == ("POST", "/send?to=79123456789") and headers["Authorization"] == f"Bearer {SECRET}"
    assert json.loads(body) == {"to": NUMBER, "text": text}  # what is put in is not looked at again
    row.refresh_from_db()
    assert (row.state, row.sealed, row.shown) == ("sent", "", "+7912···89") and SECRET not in str(vars(row))
    assert texting.is_on() and texting.fates(["k", "no"]) == {"k": "sent"}


def test_a_gateway_that_stumbles_is_asked_again_while_it_is_of_use(
    gateway: Gateway, catcher: Catcher, caplog: pytest.LogCaptureFixture
) -> None:
    catcher.answers = [(503, b""), (429, b"later"), (200, b"ok")]
    row = ask()
    at = NOW
    for state in ("pending", "pending", "sent"):
        announce.send(row.pk, at=at)
        row.refresh_from_db()
        assert row.state == state
        announce.send(row.pk, at=at)  # not before its time
        at = row.next_try_at or at
    assert len(catcher.asked) == 3 and row.pk not in announce.waiting(at)

    catcher.answers = [(503, b"")]
    stale = ask(key="2")
    announce.send(stale.pk, at=NOW)
    announce.send(stale.pk, at=NOW + timedelta(minutes=11))
    stale.refresh_from_db()
    assert (stale.state, stale.error, stale.sealed) == ("dead", "stale", "")
    assert NUMBER not in caplog.text and "1234567" not in caplog.text and SECRET not in caplog.text


@pytest.mark.parametrize(
    ("answer", "wanted", "state", "error"),
    [
        ((200, b"OK 17"), "OK", "sent", ""),
        ((200, b"ERROR 3"), "OK", "pending", "words"),
        ((400, b"bad"), "", "dead", "status"),
        ((401, b""), "", "dead", "status"),
        ((302, b""), "", "pending", "status"),
        ((200, b"x" * 2_000_000), "", "pending", "too_large"),
        ((200, b"\xff\xfe"), "", "sent", ""),
    ],
)
def test_what_counts_as_sent(
    gateway: Gateway, catcher: Catcher, answer: tuple[int, bytes], wanted: str, state: str, error: str
) -> None:
    gateway.wanted = wanted
    gateway.save()
    catcher.answers = [answer]
    row = ask()
    announce.send(row.pk, at=NOW)
    row.refresh_from_db()
    assert (row.state, row.error) == (state, error)


def test_nobody_pumps_messages(gateway: Gateway) -> None:
    for number in range(gateway.most_a_number):
        ask(key=f"n{number}")
    with pytest.raises(Refused):
        ask(key="one too many")
    for other in range(gateway.most_a_day - gateway.most_a_number):
        ask(key=f"o{other}", number=f"+7912000000{other}")
    with pytest.raises(Refused):
        ask(key="the day is full", number="+79990000000")
    with pytest.raises(Refused) as refused:
        ask(key="dear", number="+8821612345678")
    assert refused.value.field == "value" and actions.left_today(NOW) == 0
    gateway.is_active = False
    gateway.save()
    with pytest.raises(Refused):
        ask(key="off")


def test_inside_is_not_knocked_at(gateway: Gateway, catcher: Catcher, settings: Any) -> None:
    settings.OUTBOUND_ALLOWED = []
    row = ask()
    announce.send(row.pk, at=NOW)
    row.refresh_from_db()
    assert (row.state, row.error) == ("dead", "inside") and not catcher.asked


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "http://169.254.169.254/"), ("address", "https://{phone}.example/"), ("address", "ftp://x/"),
        ("address", "https://user:pw@x.example/"), ("address", "javascript:alert(1)"), ("address", "{secret}://x/"),
        ("address", "http://2130706433/"), ("headers", "Host: evil"), ("headers", "X: a\x07b"), ("headers", "no colon"),
        ("headers", "A: 1\nA: 2"), ("body", "{not json}"), ("body", '{"to": {digits}}'), ("body", '{"to": "{digits}"}'),
        ("prefixes", ""), ("prefixes", "7"), ("prefixes", "+0"), ("most_a_day", "-1"),
    ],
)  # fmt: skip
def test_settings_that_would_do_harm_are_refused(field: str, value: str) -> None:
    data = {
        "method": "POST", "address": "https://sms.example/?to={digits}", "kind": "json", "prefixes": "+7",
        "body": '{"to": "{digits}", "text": "{text}"}', "most_a_number": "5", "most_a_day": "50",
    }  # fmt: skip
    assert GatewayForm(data, instance=Gateway()).is_valid()
    assert not GatewayForm(data | {field: value}, instance=Gateway()).is_valid()


def test_placeholders_are_encoded_for_where_they_stand() -> None:
    asked = filling.request(
        method="GET", address="https://x.example/{digits}?t={text}", headers="X-Key: {secret}\nX: {text}", kind="form",
        body="p={phone}&t={text}", secret="a\r\nEvil: 1", number=NUMBER, text="а&б=в/?#\r\n{secret}",
    )  # fmt: skip
    assert asked.address.count("?") == 1 and "#" not in asked.address and "{secret}" not in asked.address
    assert "\r" not in asked.headers["X-Key"] and "\n" not in asked.headers["X"]
    assert asked.body.count(b"&") == 1 and b"%2B79123456789" in asked.body


def test_the_page_keeps_the_secret_and_tells_what_became_of_messages(gateway: Gateway, catcher: Catcher) -> None:
    one = Client()
    one.force_login(AdministratorFactory.create())
    assert one.post(reverse("sms:test"), {"number": "8 (912) 345-67-89"}).status_code == 302
    announce.send(Sms.objects.get().pk, at=timezone.now())
    page = one.get(reverse("sms:index")).content.decode()
    assert SECRET not in page and "+7912···89" in page and NUMBER not in page and "принято шлюзом" in page
    moved = {
        "method": "POST", "address": "https://other.example/", "kind": "json", "prefixes": "+7", "is_active": "on",
        "body": '{"to": "{digits}", "text": "{text}"}', "most_a_number": "5", "most_a_day": "50",
    }  # fmt: skip
    assert one.post(reverse("sms:index"), moved).status_code == 422  # a secret does not travel to another address
    assert one.post(reverse("sms:index"), moved | {"secret": "new"}).status_code == 302
    assert Gateway.objects.get().secret == "new"


def test_doctor_tells_what_is_wrong_and_nothing_of_what_is_off(gateway: Gateway) -> None:
    assert [one.level for one in module.check_messages()] == ["ok"]
    for number in range(5):
        Sms.objects.create(
            key=f"d{number}", kind="code", number="d", shown="+7···", good_until=NOW, created_at=NOW,
            state="dead" if number else "pending",
        )  # fmt: skip
    Sms.objects.filter(state="pending").update(created_at=NOW - timedelta(hours=1))
    assert [one.level for one in module.check_messages()] == ["warning"] * 3  # given up, waiting, the day is full
    Gateway.objects.update(is_active=False)
    assert list(module.check_messages()) == []
