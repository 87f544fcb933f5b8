"""Two installations, and two robots, pointed at each other fall silent (RFC 3834, I9, safety A08)."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.utils import make_msgid

import pytest
from django.utils import timezone

from provodnik.channels import outgoing
from provodnik.channels.models import Outgoing
from provodnik.desk import intake
from provodnik.desk.actions import work
from provodnik.desk.models import Message, Ticket
from provodnik.desk.tests.factories import ContactFactory, SpecialistFactory
from tests.mail import letter, mailbox_on, run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(smtp_catcher, monkeypatch):
    """Two desks in one database, told apart by whose turn it is: each signs by its own key, knows its own address,
    and its mail goes into the mailbox of the other."""
    desks = {name: mailbox_on(smtp=smtp_catcher, address=f"support@{name}.example") for name in ("a", "b")}
    whose = {"name": "a"}
    monkeypatch.setattr(outgoing, "loop_id", lambda: f"installation-{whose['name']}")
    monkeypatch.setattr(outgoing, "token_key", lambda: hashlib.sha256(whose["name"].encode()).digest())
    monkeypatch.setattr("provodnik.desk.matching.token_key", lambda: outgoing.token_key())
    monkeypatch.setattr(
        "provodnik.channels.policies.own_addresses", lambda: frozenset({f"support@{whose['name']}.example"})
    )

    def carry() -> int:
        """Take every letter to whom it is written; how many there were."""
        caught, smtp_catcher.messages[:] = list(smtp_catcher.messages), []
        for one in caught:
            whose["name"] = one.recipients[0].split("@")[1].split(".")[0]
            if whose["name"] in desks:
                box = desks[whose["name"]]
                intake.take_raw(box, one.raw, envelope_from=one.sender, now=timezone.now())
                run_jobs()
        return len(caught)

    return desks, whose, carry


def test_two_installations_fall_silent(two):
    desks, whose, carry = two
    whose["name"] = "a"
    raw = letter("Начало", sender="support@b.example", to="support@a.example")
    intake.take_raw(desks["a"], raw, envelope_from="support@b.example", now=timezone.now())
    run_jobs()
    rounds = [carry() for _ in range(6)]
    assert rounds[-3:] == [0, 0, 0] and sum(rounds) <= 2
    assert Ticket.objects.count() <= 3


def test_a_specialists_word_is_heard_by_the_other_and_then_it_is_silent(two):
    desks, whose, carry = two
    whose["name"] = "a"
    raw = letter("Начало", sender="support@b.example", to="support@a.example")
    intake.take_raw(desks["a"], raw, envelope_from="support@b.example", now=timezone.now())
    ticket = Ticket.objects.get()
    run_jobs()
    carry()
    whose["name"] = "a"
    work.reply(ticket.pk, text="Смотрим", by=SpecialistFactory.create(), at=timezone.now())
    run_jobs()
    rounds = [carry() for _ in range(6)]
    assert rounds[-2:] == [0, 0]
    assert Message.objects.filter(text__contains="Смотрим").count() >= 2


def test_a_robot_without_a_single_mark_is_answered_a_bounded_number_of_times(smtp_catcher):
    """Another desk that confirms everything as a new letter and says nowhere that it is a robot."""
    box = mailbox_on(smtp=smtp_catcher)
    ContactFactory.create(email="robot@other.example")
    answered = 0
    raw = letter("Заявка принята", sender="robot@other.example", subject="Заявка 1")
    for number in range(2, 60):
        intake.take_raw(box, raw, envelope_from="robot@other.example", now=timezone.now())
        run_jobs()
        if not smtp_catcher.messages:
            break
        answered += len(smtp_catcher.messages)
        smtp_catcher.messages.clear()
        message = EmailMessage()
        message["From"], message["Subject"] = "robot@other.example", f"Заявка {number}"
        message["Message-ID"] = make_msgid(domain="other.example")
        message.set_content(f"Заявка принята {number}")
        raw = message.as_bytes()
    assert answered == Outgoing.objects.count() == 20
    assert Message.objects.count() == 21, "and nothing of it is lost"
