"""Letters out: sent once, tried again, given up with a reason; the server may say what it likes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone

from provodnik.channels import actions, checks, outgoing, queries
from provodnik.channels.models import Mailbox, Outgoing, OutgoingState
from provodnik.channels.outgoing import send_later
from provodnik.channels.policies import ABOUT_ONE_AN_HOUR, TO_ONE_AN_HOUR, may_write_automatically
from provodnik.core.decisions import Refused
from tests.mail import mailbox_on, run_jobs

NOW = datetime(2026, 11, 23, 6, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


def queue(key: str = "test:1", **fields) -> Outgoing:
    serial = "".join(c for c in key if c.isalnum())
    fields = {
        "recipient": "anna@voda.example",
        "subject": "Обращение",
        "text": "Текст",
        "at": NOW,
        "message_id": outgoing.message_id_for(kind="reply", number=7, serial=serial, mailbox=None),
        **fields,
    }
    return send_later(key=key, **fields)


def deliver(row: Outgoing, at: datetime = NOW) -> Outgoing:
    outgoing.deliver(row.pk, now=lambda: at)
    row.refresh_from_db()
    return row


@pytest.fixture
def box(smtp_catcher) -> Mailbox:
    return mailbox_on(smtp=smtp_catcher)


class TestSending:
    def test_sent_once(self, box, smtp_catcher):
        row = deliver(queue())
        deliver(row)
        (caught,) = smtp_catcher.messages
        assert (row.state, row.sent_at, row.error) == (OutgoingState.SENT, NOW, "")
        assert (caught.sender, caught.recipients) == ("support@desk.example", ("anna@voda.example",))
        assert caught.letter["Message-ID"] == row.message_id
        assert caught.letter["X-Provodnik-Loop"] == outgoing.loop_id()

    def test_the_same_key_is_one_letter(self, box):
        assert queue().pk == queue(text="иначе").pk

    def test_it_exists_exactly_when_its_fact_does(self, box, smtp_catcher):
        class Undone(Exception):
            pass

        with pytest.raises(Undone), transaction.atomic():
            queue(at=timezone.now())
            raise Undone
        run_jobs()
        assert not Outgoing.objects.exists() and not smtp_catcher.messages
        queue(at=timezone.now())
        run_jobs()
        assert len(smtp_catcher.messages) == 1

    def test_one_connection_carries_what_waits(self, box, smtp_catcher):
        rows = [queue(f"test:{i}", mailbox=box) for i in range(5)]
        deliver(rows[3])
        assert len(smtp_catcher.messages) == 5
        assert {row.state for row in Outgoing.objects.all()} == {OutgoingState.SENT}

    def test_what_a_person_wrote_is_not_called_automatic(self, box, smtp_catcher):
        deliver(queue("test:1", automatic=True))
        deliver(queue("test:2", automatic=False))
        assert [one.letter["Auto-Submitted"] for one in smtp_catcher.messages] == ["auto-generated", None]

    @pytest.mark.parametrize("evil", ["x\r\nBcc: evil@x.example", "x\nBcc: evil@x.example", "x\u2028Bcc: e@x.example"])
    def test_no_text_adds_a_header_or_a_recipient(self, box, smtp_catcher, evil):
        deliver(queue(subject=evil))
        (caught,) = smtp_catcher.messages
        assert caught.recipients == ("anna@voda.example",) and caught.letter["Bcc"] is None


class TestFailures:
    def test_not_now_is_tried_again_with_growing_pauses(self, box, smtp_catcher):
        row, at, pauses = queue(), NOW, []
        for _ in range(5):
            smtp_catcher.script.data.append("450 4.2.1 mailbox busy")
            row = deliver(row, at)
            assert row.state == OutgoingState.PENDING and "450" in row.error
            pauses.append(row.next_try_at - at)
            at = row.next_try_at
        assert pauses == sorted(pauses) and pauses[0] < timedelta(minutes=2) and pauses[-1] >= timedelta(hours=1)
        assert deliver(row, at).state == OutgoingState.SENT

    def test_before_its_time_nothing_is_tried(self, box, smtp_catcher):
        smtp_catcher.script.data.append("450 4.2.1 mailbox busy")
        row = deliver(queue())
        deliver(row, NOW + timedelta(seconds=5))
        assert not smtp_catcher.messages

    def test_given_up_after_days(self, box, smtp_catcher):
        row = queue()
        smtp_catcher.script.data.append("451 4.3.0 later")
        row = deliver(row, NOW + timedelta(days=6))
        assert row.state == OutgoingState.DEAD and "451" in row.error

    @pytest.mark.parametrize("reply", ["550 5.1.1 no such user", "552 5.2.2 full for ever", "554 5.7.1 spam"])
    def test_never_is_dead_with_the_reason(self, box, smtp_catcher, reply):
        smtp_catcher.script.recipients["anna@voda.example"] = reply
        row = deliver(queue())
        assert row.state == OutgoingState.DEAD and reply[:3] in row.error
        assert list(checks.outgoing()) == []
        assert list(queries.undelivered_letters()) == [row]

    def test_an_address_that_is_none_is_dead_at_once(self, box):
        row = deliver(queue(recipient="не адрес"))
        assert row.state == OutgoingState.DEAD and row.error

    def test_taken_and_cut_off_it_goes_once_more_under_the_same_id(self, box, smtp_catcher):
        smtp_catcher.script.drop_after_data = 1
        row = deliver(queue())
        assert row.state == OutgoingState.PENDING
        deliver(row, row.next_try_at)
        assert smtp_catcher.deliveries == {row.message_id: 2}

    def test_killed_between_250_and_the_mark_it_goes_once_more_under_the_same_id(self, box, smtp_catcher, monkeypatch):
        class Killed(BaseException):
            pass

        def die(*_args, **_more):
            raise Killed

        row = queue()
        with monkeypatch.context() as patch:
            patch.setattr(outgoing, "_finish", die)
            with pytest.raises(Killed):
                deliver(row)
        assert deliver(row).state == OutgoingState.SENT
        assert smtp_catcher.deliveries == {row.message_id: 2}

    @pytest.mark.parametrize("mode", ["hang", "garbage", "busy", "no_service", "no_starttls", "cut", "endless_line"])
    def test_a_sick_server_holds_everything_back_and_loses_nothing(self, misbehaving, monkeypatch, mode):
        monkeypatch.setattr("provodnik.channels.email.mailboxes.SILENCE", 0.3)
        monkeypatch.setattr("provodnik.channels.email.mailboxes.EXCHANGE", 1.0)
        server = misbehaving("smtp", mode)
        box = Mailbox.objects.create(
            name="x",
            address="support@desk.example",
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_security="starttls" if mode == "no_starttls" else "none",
        )
        rows = [queue(f"test:{i}", mailbox=box) for i in range(3)]
        deliver(rows[0])
        found = list(Outgoing.objects.order_by("pk"))
        assert {row.state for row in found} == {OutgoingState.PENDING}
        assert found[0].error and found[0].next_try_at > NOW
        if mode not in ("cut",):  # there the account works and each letter has its own failure
            assert server.connections == 1
            assert all(row.next_try_at > NOW for row in found)
        assert list(checks.outgoing())

    def test_without_a_mailbox_it_waits_and_says_why(self):
        row = deliver(queue())
        assert row.state == OutgoingState.PENDING and row.error and row.next_try_at > NOW

    def test_an_administrator_may_have_it_sent_again(self, box, smtp_catcher):
        smtp_catcher.script.recipients["anna@voda.example"] = "550 5.1.1 no such user"
        row = deliver(queue())
        smtp_catcher.script.recipients.clear()
        actions.send_again(row.pk, at=NOW)
        assert deliver(row).state == OutgoingState.SENT
        with pytest.raises(Refused):
            actions.send_again(row.pk, at=NOW)


class TestBreaker:
    def test_one_address(self, box):
        for i in range(TO_ONE_AN_HOUR):
            assert may_write_automatically("anna@voda.example", about="", now=NOW)
            queue(f"test:{i}")
        assert not may_write_automatically("anna@voda.example", about="", now=NOW)
        assert may_write_automatically("boris@voda.example", about="", now=NOW)
        assert may_write_automatically("anna@voda.example", about="", now=NOW + timedelta(hours=2))

    def test_one_request(self, box):
        for i in range(ABOUT_ONE_AN_HOUR):
            assert may_write_automatically("anna@voda.example", about="ticket:7", now=NOW)
            queue(f"test:{i}", recipient=f"a{i}@voda.example", about="ticket:7")
        assert not may_write_automatically("anna@voda.example", about="ticket:7", now=NOW)


class TestDjangosWay:
    def test_a_letter_of_django_goes_the_same_way(self, box, smtp_catcher, settings):
        settings.EMAIL_BACKEND = "provodnik.channels.email.backend.OutgoingBackend"
        letter = EmailMultiAlternatives("Приглашение", "Войдите", to=["anna@voda.example", "boris@voda.example"])
        letter.attach_alternative("<p>Войдите</p>", "text/html")
        assert letter.send() == 1
        run_jobs()
        assert sorted(one.recipients for one in smtp_catcher.messages) == [
            ("anna@voda.example",),
            ("boris@voda.example",),
        ]
        told = smtp_catcher.messages[0].letter
        assert told["Subject"] == "Приглашение"
        assert "<p>Войдите</p>" in told.get_body(("html",)).get_content()
