"""The line of a mailbox, and what doctor says of letters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from provodnik.channels import checks, intake, queries
from provodnik.channels.models import Inbound, InboundState, Mailbox, Outgoing, OutgoingState
from provodnik.core.models import Blob
from tests.mail import letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def box() -> Mailbox:
    return Mailbox.objects.create(name="x", address="support@desk.example", imap_host="mx", smtp_host="mx")


def test_a_line_for_each_state(box):
    now = timezone.now()
    cases = [
        ({"tried_at": now}, "ok"),
        ({"tried_at": None}, "warning"),
        ({"tried_at": now - timedelta(hours=2)}, "error"),
        ({"tried_at": now, "error": "login_refused"}, "error"),
        ({"tried_at": now, "error": "letters_left"}, "warning"),
        ({"tried_at": now, "error": "", "is_active": False}, "off"),
        ({"is_active": True, "imap_host": "", "smtp_host": ""}, "off"),
        ({"smtp_host": "mx"}, "ok"),
    ]
    for fields, level in cases:
        Mailbox.objects.update(**fields)
        (line,) = queries.mailbox_health(now=now)
        assert line.level == level and line.told, fields


def test_counts_what_waits_for_a_person(box):
    now = timezone.now()
    ids = intake.keep(box, [intake.Incoming(letter(str(i)), now) for i in range(4)], now=now)
    Inbound.objects.filter(pk__in=ids[:2]).update(state=InboundState.QUARANTINED, settled_at=now, reason="x")
    Inbound.objects.filter(pk=ids[2]).update(state=InboundState.REJECTED, settled_at=now, reason="x")
    (line,) = queries.mailbox_health(now=now)
    assert (line.quarantined, line.rejected) == (2, 1)
    assert [row.pk for row in queries.quarantined()] == [ids[1], ids[0]]
    assert queries.ledger(box)["fetched"] == 4
    assert [finding.level for finding in checks.ledger()] == ["warning"]


def test_doctor_sees_a_letter_that_nobody_settles(box):
    now = timezone.now()
    intake.keep(box, [intake.Incoming(letter(), now)], now=now)
    assert list(checks.ledger()) == []
    Blob.objects.update(created_at=now - timedelta(minutes=11))
    assert [finding.level for finding in checks.ledger()] == ["error"]


def test_doctor_sees_a_damaged_letter(box):
    now = timezone.now()
    intake.keep(box, [intake.Incoming(letter(), now)], now=now)
    assert list(checks.raw_letters()) == []
    Inbound.objects.update(content_hash="0" * 64)
    assert [finding.level for finding in checks.raw_letters()] == ["error"]


@pytest.mark.parametrize(
    ("fields", "levels"),
    [
        ({"state": OutgoingState.SENT, "sent_at": timezone.now()}, []),
        ({"state": OutgoingState.SENT}, ["error"]),
        ({"state": OutgoingState.DEAD}, ["error"]),
        ({"state": OutgoingState.DEAD, "error": "550"}, []),
        ({"next_try_at": None}, ["error"]),
        ({"next_try_at": timezone.now() - timedelta(hours=2)}, ["error"]),
        ({"next_try_at": timezone.now() + timedelta(hours=2), "attempts": 1, "error": "450"}, ["warning"]),
    ],
)
def test_doctor_sees_a_letter_in_no_clear_state(fields, levels):
    fields = {"created_at": timezone.now(), **fields}
    Outgoing.objects.create(
        key="k", recipient="a@x.example", subject="s", text="t", message_id="<1@x.example>", **fields
    )
    assert [finding.level for finding in checks.outgoing()] == levels
