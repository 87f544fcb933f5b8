"""How much one person sends in a day (safety A25): by form, by answer, by API, by letter."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.core import volume
from provodnik.core.models import Volume
from provodnik.core.volume import TooMuch
from provodnik.desk import intake
from provodnik.desk.actions import sending, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Attachment, Message
from provodnik.desk.tests.factories import MailboxFactory, SignedInContactFactory, SpecialistFactory, make_ticket
from tests.mail import letter

pytestmark = pytest.mark.django_db


def files(count: int, size: int = 1) -> list[NewFile]:
    return [NewFile(f"{number}.txt", "text/plain", b"x" * size) for number in range(count)]


def test_a_form_beyond_the_day_is_refused_in_words_and_counts_nothing(client: Client, settings: Any) -> None:
    settings.DAILY_FILES, settings.DAILY_BYTES = 3, 1000
    contact = SignedInContactFactory.create()
    assert contact.user is not None
    client.force_login(contact.user)

    def sent(count: int, size: int = 1) -> Any:
        uploads = [SimpleUploadedFile(f"{number}.txt", b"x" * size) for number in range(count)]
        data = {"key": uuid.uuid4(), "text": "Не открывается", "impact": "question", "contact_email": "a@b.example"}
        return client.post(reverse("requests:new"), {**data, "files": uploads})

    assert sent(2).status_code == 302
    refused = sent(2)
    page = refused.content.decode().replace("\xa0", " ")
    assert refused.status_code == 422 and "файлов — 3" in page and "Не открывается" in page
    assert sent(1, size=999).status_code == 422  # bytes are counted as well
    assert sent(0).status_code == 302 == sent(1).status_code
    assert Attachment.objects.count() == 3
    assert [(row.who, row.files, row.bytes) for row in Volume.objects.all()] == [(f"user:{contact.user.pk}", 3, 3)]
    settings.DAILY_FILES = settings.DAILY_BYTES = 0
    assert sent(5).status_code == 302


def test_the_desk_and_the_next_day(settings: Any) -> None:
    settings.DAILY_FILES, settings.DAILY_BYTES = 3, 0
    specialist, at = SpecialistFactory.create(), timezone.now()
    ticket = make_ticket(at=at - timedelta(hours=1))
    work.take(ticket.pk, by=specialist, at=at)
    work.note(ticket.pk, text="a", files=files(2), key=uuid.uuid4(), by=specialist, at=at)
    written = sending.Written(mode="reply", text="b", key=uuid.uuid4(), files=files(2))
    with pytest.raises(TooMuch) as refused:
        sending.hold(ticket.pk, written, by=specialist, at=at, seconds=10)
    assert 0 < refused.value.seconds <= 25 * 3600 and refused.value.field == "files"
    written = sending.Written(mode="reply", text="b", key=uuid.uuid4(), files=files(1))
    held = sending.hold(ticket.pk, written, by=specialist, at=at, seconds=10)
    assert held is not None and Volume.objects.get().files == 3
    sending.release(held.pk, now=at + timedelta(seconds=11))  # what was counted when it was kept is not counted again
    assert Volume.objects.get().files == 3 and Attachment.objects.count() == 3
    tomorrow = at + timedelta(days=1)
    work.note(ticket.pk, text="c", files=files(3), key=uuid.uuid4(), by=specialist, at=tomorrow)
    assert Volume.objects.count() == 2
    assert volume.forget(timezone.localdate(at) + timedelta(days=8)) == 1


def test_a_letter_is_kept_and_marked(client: Client, settings: Any) -> None:
    settings.DAILY_FILES = 1
    box, contact = MailboxFactory.create(address="support@desk.example"), SignedInContactFactory.create()
    for number in range(2):
        raw = letter(sender=contact.email, subject=f"Письмо {number}", files=(("a.txt", b"x"),))
        assert intake.take_raw(box, raw, envelope_from=contact.email, now=timezone.now()).state == "stored"
    first, second = Message.objects.order_by("pk")
    assert "over_volume" not in first.verdict and second.verdict["over_volume"] is True
    assert Attachment.objects.count() == 2
    client.force_login(SpecialistFactory.create())
    assert "файлов больше дневного предела" in client.get(
        reverse("desk:ticket", args=[second.ticket_id])
    ).content.decode().replace("\xa0", " ")
    # who forges an address uses up no day but the address's own
    make_ticket(contact=contact, at=timezone.now(), files=files(1))
