"""Letters that cannot be understood, and letters that are too large."""

# ruff: noqa: F811 - fixtures of the module beside this one are arguments here

from __future__ import annotations

import psycopg
import pytest
from django.db import OperationalError
from django.utils import timezone

from provodnik.channels import intake as channel_intake
from provodnik.channels.email.sandbox import NotUnderstood
from provodnik.channels.models import Inbound, InboundState, Mailbox, Outgoing
from provodnik.core import files
from provodnik.desk import intake
from provodnik.desk.intake import deciding, reading
from provodnik.desk.models import Ticket
from provodnik.desk.tests.test_intake import ANNA, anna, box, take  # noqa: F401 - fixtures
from tests.mail import letter

pytestmark = pytest.mark.django_db


class TestQuarantine:
    """What cannot be understood or settled is kept whole, shown and can be tried again; the others go on."""

    def kept(self, box: Mailbox, *texts: str) -> list[int]:
        now = timezone.now()
        return channel_intake.keep(
            box, [channel_intake.Incoming(letter(text, sender=ANNA, subject=text), now) for text in texts], now=now
        )

    @pytest.mark.parametrize("reason", ["time", "crash", "protocol", "not_understood"])
    def test_not_understood(self, box, anna, monkeypatch, reason):
        good = reading._reader()

        class Reader:
            def understand(self, raw, names):
                if "Беда".encode() in raw or b"0JHQtdC00LA" in raw:
                    raise NotUnderstood(reason)
                return good.understand(raw, names)

        with monkeypatch.context() as patch:
            patch.setattr(reading, "_reader", Reader)
            ids = self.kept(box, "Раз", "Беда", "Два")
            intake.accept_all(ids)
        one, bad, two = (Inbound.objects.get(pk=pk) for pk in ids)
        assert (one.state, bad.state, two.state) == ("stored", "quarantined", "stored")
        assert bad.reason == str(intake.REASONS[reason]) and bad.subject == "Беда" and bad.raw.size
        again = intake.retry(bad.pk)
        assert (again.state, again.reason) == ("stored", "")
        assert Ticket.objects.count() == 3

    def test_a_mistake_of_ours_stops_no_other_letter(self, box, anna, monkeypatch, caplog):
        real = deciding.register_letter

        def faulty(new, **more):
            if new.subject == "Беда":
                raise ValueError("секрет письма")
            return real(new, **more)

        with monkeypatch.context() as patch:
            patch.setattr(deciding, "register_letter", faulty)
            ids = self.kept(box, "Раз", "Беда", "Два")
            intake.accept_all(ids)
        found = list(Inbound.objects.order_by("pk").values_list("state", flat=True))
        assert found == ["stored", "quarantined", "stored"]
        assert "ValueError" in caplog.text and "секрет" not in caplog.text
        assert "ValueError" in Inbound.objects.get(pk=ids[1]).reason
        assert Ticket.objects.count() == 2
        assert intake.retry(ids[1]).state == "stored"

    def test_a_database_that_is_away_leaves_the_letter_for_later(self, box, anna, monkeypatch):
        def away(*_args, **_more):
            raise OperationalError("gone")

        ids = self.kept(box, "Раз")
        with monkeypatch.context() as patch:
            patch.setattr(deciding, "register_letter", away)
            with pytest.raises(OperationalError):
                intake.accept_all(ids)
        assert Inbound.objects.get().state == "received"
        intake.accept_all(ids)
        intake.accept_all(ids)
        assert Inbound.objects.get().state == "stored" and Ticket.objects.count() == 1

    @pytest.mark.parametrize(
        ("sqlstate", "states"),
        [
            ("55P03", ["stored", "received", "stored"]),  # somebody holds its request: later
            ("54000", ["stored", "quarantined", "stored"]),  # it asks for more than a row can hold: never
        ],
    )
    def test_what_the_database_refuses_one_letter_stops_no_other(self, box, anna, monkeypatch, sqlstate, states):
        real = deciding.register_letter

        def refused(new, **more):
            if new.subject == "Беда":
                cause = psycopg.errors.lookup(sqlstate)("no")
                raise OperationalError("no") from cause
            return real(new, **more)

        ids = self.kept(box, "Раз", "Беда", "Два")
        with monkeypatch.context() as patch:
            patch.setattr(deciding, "register_letter", refused)
            intake.accept_all(ids)
        assert list(Inbound.objects.order_by("pk").values_list("state", flat=True)) == states

    def test_a_letter_whose_file_is_gone_stops_no_other(self, box, anna, monkeypatch):
        ids = self.kept(box, "Раз", "Беда", "Два")
        lost, real = Inbound.objects.get(pk=ids[1]).raw, files.read

        def read(blob):
            if blob.pk == lost.pk:
                raise FileNotFoundError
            return real(blob)

        with monkeypatch.context() as patch:
            patch.setattr(files, "read", read)
            intake.accept_all(ids)
        found = list(Inbound.objects.order_by("pk").values_list("state", flat=True))
        assert found == ["stored", "quarantined", "stored"]
        assert intake.retry(ids[1]).state == "stored"

    def test_only_what_is_in_quarantine_is_tried_again(self, box, anna):
        row = take(box, letter(sender=ANNA))
        with pytest.raises(Inbound.DoesNotExist):
            intake.retry(row.pk)

    def test_a_hostile_letter_is_kept_and_the_next_one_settled(self, box, anna):
        bomb = b"From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + (
            b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 20_000
        )
        first = take(box, bomb)
        second = take(box, letter(sender=ANNA))
        assert first.state in ("stored", "quarantined") and second.state == "stored"
        assert files.read(first.raw).endswith(bomb)


class TestTooLarge:
    def test_killed_before_the_sender_was_told_he_is_told_later(self, box, anna):
        now = timezone.now()
        big = channel_intake.Incoming(letter(sender=ANNA), now, rejected=channel_intake.TOO_LARGE)
        (pk,) = channel_intake.keep(box, [big], now=now)
        assert Inbound.objects.get().state == "received"  # here it was killed
        intake.accept(pk)
        intake.accept(pk)
        assert Inbound.objects.get().state == "rejected" and Inbound.objects.get().reason
        assert Outgoing.objects.filter(key=f"too-large:{pk}").count() == 1 and not Ticket.objects.exists()

    @pytest.mark.parametrize(("headers", "told"), [({}, True), ({"Auto-Submitted": "auto-generated"}, False)])
    def test_the_sender_is_told_where_he_may_be(self, box, anna, settings, headers, told):
        settings.UPLOAD_LIMIT = 2 * 1024 * 1024
        row = take(box, letter("x" * 2_500_000, sender=ANNA, subject="Большое", headers=headers))
        assert row.state == InboundState.REJECTED and Ticket.objects.count() == 0
        sent = list(Outgoing.objects.filter(key=f"too-large:{row.pk}"))
        assert len(sent) == told
        for one in sent:
            assert one.recipient == ANNA and "2" in one.text and "Большое" in one.text
