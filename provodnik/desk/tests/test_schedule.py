"""Whose turn it is, and what a killed process has left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from provodnik.channels import intake as letters
from provodnik.channels.models import Inbound, InboundState, Mailbox
from provodnik.core.models import Blob
from provodnik.desk import schedule
from provodnik.desk.models import Ticket
from provodnik.desk.tests.factories import MailboxFactory
from tests.mail import letter

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"imap_host": "mx"}, True),
        ({"imap_host": "mx", "tried": 25}, True),
        ({"imap_host": "mx", "tried": 5}, False),
        ({"imap_host": ""}, False),
        ({"imap_host": "mx", "is_active": False}, False),
    ],
)
def test_a_mailbox_is_looked_into_every_so_often(fields, due, settings):
    settings.MAIL_POLL = 20
    now = timezone.now()
    tried = fields.pop("tried", None)
    tried_at = now - timedelta(seconds=tried) if tried is not None else None
    box = MailboxFactory.create(tried_at=tried_at, **fields)
    assert schedule.mailboxes_due(now) == ([box.pk] if due else [])


def test_a_mailbox_that_is_gone_or_switched_off_is_left_alone():
    box = MailboxFactory.create(imap_host="mx.invalid", is_active=False)
    schedule.fetch(box.pk)
    schedule.fetch(box.pk + 1)
    assert Mailbox.objects.get().tried_at is None


def test_letters_that_a_killed_process_left_are_settled():
    box = MailboxFactory.create()
    now = timezone.now()
    letters.keep(box, [letters.Incoming(letter("Раз"), now), letters.Incoming(letter("Два"), now)], now=now)
    schedule.settle_left(timestamp=0)
    assert set(Inbound.objects.values_list("state", flat=True)) == {InboundState.RECEIVED}, "somebody may be at it"
    Blob.objects.update(created_at=now - timedelta(minutes=1))
    schedule.settle_left(timestamp=0)
    assert set(Inbound.objects.values_list("state", flat=True)) == {InboundState.STORED}
    assert Ticket.objects.count() == 2
