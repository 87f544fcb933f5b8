"""A file before the antivirus, as people meet it: marked, not given out, not sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.channels import outgoing
from provodnik.channels.email.smtp_answers import PermanentFailure, TemporaryFailure
from provodnik.channels.models import Mailbox
from provodnik.core.models import Blob
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Attachment
from provodnik.desk.tests.factories import SignedInContactFactory, SpecialistFactory, make_ticket


@pytest.mark.django_db
def test_what_the_antivirus_says_is_what_people_get(client: Client, settings: Any) -> None:
    settings.SCANNER, settings.UNSCANNED = "unix:/nowhere", "give"
    contact, specialist = SignedInContactFactory.create(), SpecialistFactory.create()
    ticket = make_ticket(contact=contact, files=[NewFile("счёт.zip", "application/zip", b"PK")])
    file = Attachment.objects.select_related("blob").get()
    assert file.blob.scan == "waiting"
    download = reverse("files:download", args=[file.pk])
    pages = {
        contact.user: reverse("requests:show", args=[ticket.pk]),
        specialist: reverse("desk:ticket", args=[ticket.pk]),
    }
    # state, what stands beside the name, whether it is given, and whether by an installation that waits for a verdict
    table = [
        ("waiting", "на вирусы ещё не проверен", True, False),
        ("failed", "не удалось проверить на вирусы", True, False),
        ("infected", "заражён, не отдаётся", False, False),
        ("clean", "", True, True),
    ]
    for state, words, given, given_by_the_strict in table:
        Blob.objects.update(scan=state, scan_told="Eicar" if state == "infected" else "")
        for person, page in pages.items():
            assert person is not None
            client.force_login(person)
            shown = client.get(page).content.decode().replace("\xa0", " ")
            assert words in shown and ("вирус" in shown or "заражён" in shown) == bool(words), (state, page)
            for policy, expected in (("give", given), ("hold", given_by_the_strict)):
                settings.UNSCANNED = policy
                told = client.get(download)
                assert told.status_code == (200 if expected else 403), (state, policy)
                if not expected:
                    assert "Файл не отдаётся" in told.content.decode() and told.content != b"PK"
            settings.UNSCANNED = "give"
    client.force_login(SignedInContactFactory.create().user)  # a stranger learns nothing: there is no such file
    Blob.objects.update(scan="infected")
    assert client.get(download).status_code == 404


@pytest.mark.django_db
def test_no_letter_carries_it_out(settings: Any) -> None:
    settings.SCANNER, settings.UNSCANNED = "unix:/nowhere", "hold"
    mailbox = Mailbox.objects.create(name="Служба", address="desk@example.org", smtp_host="127.0.0.1")
    blob = Blob.objects.create(size=2, content=b"PK", scan="waiting")
    attached = [outgoing.File(blob, "a.zip", "application/zip")]
    row = outgoing.send_later(
        mailbox=mailbox, key="k", recipient="a@example.org", subject="s", text="t", at=timezone.now(),
        message_id="<a@example.org>", attached=attached,
    )  # fmt: skip
    with pytest.raises(TemporaryFailure):
        outgoing.composed(row, mailbox)
    Blob.objects.update(scan="infected")
    with pytest.raises(PermanentFailure):
        outgoing.composed(row, mailbox)
    Blob.objects.update(scan="clean")
    assert b"a.zip" in outgoing.composed(row, mailbox)
