"""The demo's own pages: its mail, one press to sign in; none of them where there is no demo."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from threading import Thread

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from provodnik.channels.models import Inbound, InboundState, Mailbox
from provodnik.core.models import Blob
from provodnik.demo import sending
from provodnik.demo.mailserver import DemoMailServer
from provodnik.demo.models import DemoLetter
from provodnik.demo.people import SUPPORT
from provodnik.demo.postbox import deliver
from provodnik.desk.models import Message, Ticket
from provodnik.desk.tests.factories import ContactFactory, CustomerFactory, SignedInContactFactory, UserFactory

ANNA = "a.rozhdestvenskaya@chv.example"
LETTER = """From: =?utf-8?b?0JDQvdC90LA=?= <{sender}>
To: {to}
Subject: [#7] Hello
Date: Mon, 23 Nov 2026 09:12:00 +0300
Message-ID: <one@chv.example>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p>Портал не <b>открывается</b><script>alert(1)</script></p>
"""


def raw(sender: str = ANNA, to: str = SUPPORT) -> bytes:
    return LETTER.format(sender=sender, to=to).replace("\n", "\r\n").encode()


@pytest.fixture
def desk(demo):
    """The demo's mailbox and one of its people."""
    mailbox = Mailbox.objects.create(name="Поддержка", address=SUPPORT, smtp_host="127.0.0.1", smtp_port=1)
    contact = ContactFactory.create(email=ANNA, customer=CustomerFactory.create(domains=["chv.example"]))
    return mailbox, contact


@pytest.fixture
def offered(desk, monkeypatch) -> Iterator[list[tuple[str, list[str], bytes]]]:
    """A demo mail server on the mailbox's port; what it takes is only written down."""
    taken: list[tuple[str, list[str], bytes]] = []

    def keep(*, envelope_from: str, recipients: list[str], raw: bytes) -> None:
        taken.append((envelope_from, recipients, raw))

    server = DemoMailServer(keep, port=0)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(server.start())
    thread = Thread(target=loop.run_forever)
    thread.start()
    Mailbox.objects.update(smtp_port=server.port)
    yield taken
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_a_letter_to_the_desk_becomes_a_request(desk):
    _mailbox, contact = desk
    deliver(envelope_from=ANNA, recipients=["Support+tag@chv.example"], raw=raw())
    row = Inbound.objects.get()
    assert row.state == InboundState.STORED
    assert Ticket.objects.get().contact == contact
    assert DemoLetter.objects.get().recipients == ["support+tag@chv.example"]


def test_a_letter_to_a_person_stays_on_the_page(desk):
    deliver(envelope_from=SUPPORT, recipients=[ANNA], raw=raw(SUPPORT, ANNA))
    assert not Inbound.objects.exists()
    assert DemoLetter.objects.get().sender == SUPPORT


def test_offered_again_it_is_one_request(desk):
    for _time in range(2):
        deliver(envelope_from=ANNA, recipients=[SUPPORT], raw=raw())
    assert Ticket.objects.count() == 1 and Message.objects.count() == 1


def test_the_page_lists_reads_and_shows_safely(desk, client: Client):
    deliver(envelope_from=SUPPORT, recipients=[ANNA], raw=raw(SUPPORT, ANNA))
    letter = DemoLetter.objects.get()
    assert "[#7] Hello" in client.get(reverse("demo:mail"), {"box": ANNA}).content.decode()
    assert "[#7] Hello" not in client.get(reverse("demo:mail"), {"box": "nobody@chv.example"}).content.decode()
    page = client.get(reverse("demo:letter", args=[letter.pk]))
    assert "Портал не открывается" in page.content.decode().replace("\xa0", " ")
    look = client.get(reverse("demo:look", args=[letter.pk]))
    # The desk's own letter keeps its styles; that it runs nothing is the policy's doing.
    assert look["Content-Security-Policy"].startswith("default-src 'none'")
    assert look["Content-Security-Policy"].endswith("sandbox") and "script-src" not in look["Content-Security-Policy"]


def test_a_strangers_letter_is_cleaned_before_it_is_shown(desk, client: Client):
    deliver(envelope_from="x@far.example", recipients=[ANNA], raw=raw("x@far.example", ANNA))
    look = client.get(reverse("demo:look", args=[DemoLetter.objects.get().pk]))
    assert "alert(1)" not in look.content.decode()
    assert "sandbox" in look["Content-Security-Policy"] and "script-src" not in look["Content-Security-Policy"]


def test_empty_page_and_strange_questions(demo, client: Client):
    assert client.get(reverse("demo:mail")).status_code == 200
    assert client.get(reverse("demo:mail"), {"before": "x" * 40, "box": "\x00"}).status_code == 200
    assert client.get(reverse("demo:letter", args=[10**15])).status_code == 404


def test_an_answer_goes_by_smtp_and_threads(desk, offered, client: Client):
    deliver(envelope_from=SUPPORT, recipients=[ANNA], raw=raw(SUPPORT, ANNA))
    address = reverse("demo:letter", args=[DemoLetter.objects.get().pk])
    key = client.get(address).context["form"].initial["key"]
    assert client.post(address, {"key": key, "text": "Да, помогло"}).status_code == 302
    ((envelope, recipients, sent),) = offered
    assert (envelope, recipients) == (ANNA, [SUPPORT])
    assert b"In-Reply-To: <one@chv.example>" in sent and b"Re: [#7] Hello" in sent


def test_what_was_typed_stays_when_the_server_is_away(desk, client: Client, monkeypatch):
    monkeypatch.setattr(sending, "PATIENCE", 1.0)
    form = {"key": "7b1f1e56-3a9e-4e9b-8f0e-0f3f5f5a5a5a", "sender": ANNA, "subject": "", "text": "Не открывается"}
    page = client.post(reverse("demo:write"), form)
    assert page.status_code == 422 and "Не открывается" in page.content.decode()


def test_a_new_letter_comes_from_whomever(desk, offered, client: Client):
    form = {
        "key": "7b1f1e56-3a9e-4e9b-8f0e-0f3f5f5a5a5a",
        "sender": "kto@pochta.example",
        "subject": "Тема",
        "text": "Текст",
    }
    assert client.post(reverse("demo:write"), form).status_code == 302
    assert offered[0][:2] == ("kto@pochta.example", [SUPPORT])


def test_the_desks_own_mailbox_is_not_answered_from_here(desk, client: Client):
    deliver(envelope_from=ANNA, recipients=[SUPPORT], raw=raw())
    page = reverse("demo:letter", args=[DemoLetter.objects.get().pk])
    assert client.get(page).context["may_reply"] is False
    assert client.post(page, {"key": "7b1f1e56-3a9e-4e9b-8f0e-0f3f5f5a5a5a", "text": "x"}).status_code == 404


def test_one_press_signs_in_only_as_the_shown(demo, client: Client):
    anna = SignedInContactFactory.create(user=UserFactory.create(login="anna")).user
    UserFactory.create(login="boris")
    assert client.get(reverse("demo:enter")).status_code == 405
    assert client.post(reverse("demo:enter"), {"login": "boris"}).status_code == 404
    assert "demo/enter" in client.get(reverse("accounts:sign_in")).content.decode()
    assert client.post(reverse("demo:enter"), {"login": "anna"}).status_code == 302
    assert client.session["_auth_user_id"] == str(anna.pk)
    guarded = Client(enforce_csrf_checks=True)
    assert guarded.post(reverse("demo:enter"), {"login": "anna"}).status_code in (403, 404)


@pytest.mark.django_db
def test_without_the_demo_there_is_nothing_of_it(client: Client):
    with pytest.raises(NoReverseMatch):
        reverse("demo:mail")
    for path in ("/demo/mail/", "/demo/enter/", "/demo/mail/write/"):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    assert "demo" not in client.get(reverse("accounts:sign_in")).content.decode()
    assert not Blob.objects.exists()
