"""The ledger on a real IMAP server: every letter once, whatever is delivered twice, cut off or killed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import DataError, connection
from django.utils import timezone

from provodnik.channels import checks, intake, queries
from provodnik.channels.email.imap import ImapSession
from provodnik.channels.email.imap_letters import Temporary
from provodnik.channels.email.reasons import said
from provodnik.channels.models import Inbound, InboundState, Mailbox, Security
from provodnik.core import files
from tests.mail import letter, mailbox_on

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]


def settle(ids: Sequence[int]) -> None:
    """In the place of the desk: everything is stored, but what has a reason not to be."""
    rows = Inbound.objects.filter(pk__in=ids, state=InboundState.RECEIVED)
    rows.exclude(reason="").update(state=InboundState.REJECTED, settled_at=timezone.now())
    rows.filter(reason="").update(state=InboundState.STORED, settled_at=timezone.now())


def fetch(box: Mailbox, accept: intake.Accept = settle) -> intake.Taken:
    return intake.fetch(box, now=timezone.now(), accept=accept)


def states(box: Mailbox) -> list[str]:
    return list(box.letters.order_by("uid").values_list("state", flat=True))


@pytest.fixture
def box(dovecot, mail_user) -> Mailbox:
    return mailbox_on(dovecot, mail_user)


class Killed(BaseException):
    """The process ends here."""


class TestLedger:
    def test_whole_and_in_order(self, box, dovecot, mail_user):
        raws = [letter(f"Письмо {i}", message_id=f"<{i}@x.example>") for i in range(3)]
        for raw in raws:
            dovecot.append(mail_user, raw)
        taken = fetch(box)
        rows = list(box.letters.order_by("uid"))
        assert (taken.kept, taken.error) == (3, "")
        assert [files.read(row.raw) for row in rows] == raws
        assert [row.message_id for row in rows] == ["<0@x.example>", "<1@x.example>", "<2@x.example>"]
        assert all(row.flagged and row.sender == "anna@voda.example" for row in rows)
        assert all("\\Seen" in flags for flags in dovecot.flags(mail_user).values())
        box.refresh_from_db()
        assert (box.error, box.waiting, box.done_below) == ("", 0, 3)
        assert queries.ledger(box) == {
            "fetched": 3,
            "stored": 3,
            "received": 0,
            "duplicate": 0,
            "rejected": 0,
            "quarantined": 0,
        }
        assert list(checks.ledger()) == list(checks.raw_letters()) == []

    def test_seen_by_a_person_before_us_is_taken_all_the_same(self, box, dovecot, mail_user):
        uid = dovecot.append(mail_user, letter())
        client = dovecot.client(mail_user)
        client.select()
        client.uid("STORE", str(uid), "+FLAGS", "(\\Seen)")
        client.logout()
        fetch(box)
        assert states(box) == [InboundState.STORED]

    def test_nothing_twice_in_the_next_look(self, box, dovecot, mail_user):
        dovecot.append(mail_user, letter())
        fetch(box)
        assert fetch(box).kept == 0
        dovecot.append(mail_user, letter("Второе"))
        assert fetch(box).kept == 1

    def test_registered_when_the_server_took_it(self, box, dovecot, mail_user):
        now = timezone.now()
        cases = {-2: -2, -24 * 8: 0, 5: 0}  # hours from now as the server tells → as we count
        client = dovecot.client(mail_user)
        fetch(box)  # so that the mailbox is not new to us
        for hours in cases:
            client.append("INBOX", "", now + timedelta(hours=hours), letter(str(hours)))
        client.logout()
        intake.fetch(box, now=now, accept=settle)
        moments = box.letters.order_by("uid").values_list("received_at", flat=True)
        counted = [round((at - now) / timedelta(hours=1)) for at in moments]
        assert counted == list(cases.values())

    def test_a_new_mailbox_is_not_read_back_to_its_beginning(self, box, dovecot, mail_user):
        client = dovecot.client(mail_user)
        client.append("INBOX", "", timezone.now() - timedelta(days=30), letter("Давнее"))
        client.append("INBOX", "", timezone.now() - timedelta(hours=3), letter("Ночное"))
        client.logout()
        assert fetch(box).kept == 1

    def pour(self, dovecot, mail_user, *letters: tuple[str, int]) -> None:
        client = dovecot.client(mail_user)
        for text, days in letters:
            raw = letter(text, message_id=f"<{abs(hash(text))}@x.example>", subject=text)
            client.append("INBOX", "", timezone.now() - timedelta(days=days), raw)
        client.logout()

    def test_age_does_not_follow_numbers(self, box, dovecot, mail_user):
        """An old letter copied into the folder last has the highest number: the young ones before it are taken."""
        self.pour(dovecot, mail_user, ("Свежее", 0), ("Из архива", 400))
        fetch(box)
        assert [row.subject for row in box.letters.all()] == ["Свежее"]
        assert fetch(box).kept == 0
        self.pour(dovecot, mail_user, ("Перенесли нам потом", 400))
        assert fetch(box).kept == 1

    def test_numbered_anew_what_was_before_us_is_still_before_us(self, box, dovecot, mail_user):
        self.pour(dovecot, mail_user, ("Давнее", 400), ("Свежее", 0))
        fetch(box)
        Mailbox.objects.filter(pk=box.pk).update(uidvalidity=1)  # as if the server had numbered them otherwise before
        box.letters.update(uidvalidity=1)
        box.refresh_from_db()
        fetch(box)
        assert sorted(states(box)) == ["duplicate", "stored"]
        assert {row.subject for row in box.letters.all()} == {"Свежее"}

    def test_the_administrator_says_since_when(self, box, dovecot, mail_user):
        self.pour(dovecot, mail_user, ("Давнее", 400), ("Недельное", 6), ("Свежее", 0))
        box.taken_since = timezone.now() - timedelta(days=10)
        box.save()
        fetch(box)
        assert {row.subject for row in box.letters.all()} == {"Недельное", "Свежее"}

    def test_a_first_look_that_was_cut_off_knows_again_what_was_before_us(self, box, dovecot, mail_user):
        self.pour(dovecot, mail_user, ("Свежее", 0), ("Из архива", 400))

        def die(_ids):
            raise Killed

        with pytest.raises(Killed):
            fetch(box, die)
        fetch(box)
        assert [(row.subject, row.state) for row in box.letters.all()] == [("Свежее", "stored")]

    def test_a_letter_that_cannot_be_kept_stops_no_other(self, box, dovecot, mail_user, monkeypatch):
        self.pour(dovecot, mail_user, ("Раз", 0), ("Беда", 0), ("Два", 0))
        real = Inbound.objects.bulk_create

        def refuse(rows):
            rows = list(rows)
            if any(row.subject == "Беда" for row in rows):
                raise DataError("the row is too large")
            return real(rows)

        with monkeypatch.context() as patch:
            patch.setattr(Inbound.objects, "bulk_create", refuse)
            assert fetch(box).failed == {2}
            box.refresh_from_db()
            assert (box.error, box.waiting, states(box)) == ("letters_left", 1, ["stored", "stored"])
        fetch(box)
        box.refresh_from_db()
        assert (box.error, states(box)) == ("", ["stored"] * 3)

    def test_a_folder_that_may_not_be_marked_gives_its_letters_all_the_same(self, box, dovecot, mail_user, monkeypatch):
        self.pour(dovecot, mail_user, ("Раз", 0))

        def refuse(*_args, **_more):
            raise Temporary("server_said_no")

        with monkeypatch.context() as patch:
            patch.setattr(ImapSession, "mark_done", refuse)
            fetch(box)
            self.pour(dovecot, mail_user, ("Два", 0))
            assert fetch(box).kept == 1
        assert [(one.level, one.told) for one in queries.mailbox_health(now=timezone.now())] == [
            ("warning", said("not_marked"))
        ]
        fetch(box)
        assert states(box) == ["stored", "stored"] and all(box.letters.values_list("flagged", flat=True))

    def test_a_full_disk_leaves_the_letters_in_the_mailbox_and_says_so(self, box, dovecot, mail_user, monkeypatch):
        dovecot.append(mail_user, letter("x" * 200_000))

        def full(*_args):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(files, "_write", full)
            fetch(box)
        box.refresh_from_db()
        assert (box.error, states(box)) == ("not_kept", [])
        assert [(line.level, line.told) for line in queries.mailbox_health(now=timezone.now())] == [
            ("error", said("not_kept"))
        ]
        assert all("\\Seen" not in flags for flags in dovecot.flags(mail_user).values())
        fetch(box)
        assert states(box) == ["stored"]

    def test_an_envelope_sender_is_read_from_the_top(self, box, dovecot, mail_user):
        dovecot.append(mail_user, b"Return-Path: <real@x.example>\r\n" + letter())
        fetch(box)
        assert box.letters.get().envelope_from == "real@x.example"


class TestDuplicates:
    def test_the_same_letter_again_is_a_duplicate_that_shares_its_bytes(self, box, dovecot, mail_user):
        raw = letter()
        for _ in range(2):
            dovecot.append(mail_user, raw)
        fetch(box)
        dovecot.append(mail_user, raw)
        fetch(box)
        first, second, third = box.letters.order_by("uid")
        assert (second.duplicate_of, third.duplicate_of) == (first, first)
        assert states(box) == ["stored", "duplicate", "duplicate"]
        assert {row.raw_id for row in (first, second, third)} == {first.raw_id}

    def test_by_another_way_it_is_a_duplicate_with_its_own_bytes(self, box, dovecot, mail_user):
        raw = letter(message_id="<a@x.example>")
        dovecot.append(mail_user, raw)
        dovecot.append(mail_user, b"Received: from elsewhere\r\n" + raw)
        fetch(box)
        first, second = box.letters.order_by("uid")
        assert second.duplicate_of == first and second.raw_id != first.raw_id

    def test_the_same_id_with_other_words_is_another_letter(self, box, dovecot, mail_user):
        for text in ("Одно", "Другое"):
            dovecot.append(mail_user, letter(text, message_id="<same@x.example>"))
        fetch(box)
        assert states(box) == ["stored", "stored"]

    def test_without_an_id_the_content_names_it(self, box, dovecot, mail_user):
        raw = b"From: a@x.example\r\nSubject: s\r\n\r\ntext\r\n"
        for _ in range(2):
            dovecot.append(mail_user, raw)
        dovecot.append(mail_user, raw + b"more\r\n")
        fetch(box)
        assert states(box) == ["stored", "duplicate", "stored"]

    def test_two_mailboxes_each_have_their_own(self, box, dovecot, mail_user):
        other = mailbox_on(dovecot, f"{mail_user}-other", address="other@desk.example")
        raw = letter()
        dovecot.append(mail_user, raw)
        dovecot.append(f"{mail_user}-other", raw)
        fetch(box)
        fetch(other)
        assert states(box) == states(other) == ["stored"]

    def test_numbered_anew_nothing_is_taken_twice(self, box, dovecot, mail_user):
        for i in range(3):
            dovecot.append(mail_user, letter(str(i), message_id=f"<{i}@x.example>"))
        fetch(box)
        dovecot.change_uidvalidity(mail_user)
        fetch(box)
        ledger = queries.ledger(box)
        assert (ledger["stored"], ledger["duplicate"], ledger["fetched"]) == (3, 3, 6)
        assert list(checks.ledger()) == []


class TestSize:
    def test_too_large_is_rejected_with_its_headers(self, box, dovecot, mail_user, settings):
        settings.UPLOAD_LIMIT = 2000
        dovecot.append(mail_user, letter("x" * 5000, subject="Большое"))
        dovecot.append(mail_user, letter("Малое"))
        seen: list[int] = []
        fetch(box, lambda ids: (seen.extend(ids), settle(ids))[0])
        large, small = box.letters.order_by("uid")
        assert (large.state, small.state) == (InboundState.REJECTED, InboundState.STORED)
        assert large.reason and large.subject == "Большое" and large.raw.size < 2000
        assert seen == [large.pk, small.pk]


class TestKills:
    """Killed between any two steps, the next look goes on from there: one letter, flagged at the end."""

    @pytest.mark.parametrize("step", ["keep", "accept", "mark_done", "flag"])
    def test_the_next_run_ends_what_was_begun(self, box, dovecot, mail_user, monkeypatch, step):
        for i in range(3):
            dovecot.append(mail_user, letter(str(i), message_id=f"<{i}@x.example>"))

        def die(*_args, **_more):
            raise Killed

        accept = settle
        with monkeypatch.context() as patch:
            if step == "keep":
                patch.setattr(Inbound.objects, "bulk_create", die)
            elif step == "accept":
                accept = die
            elif step == "mark_done":
                patch.setattr(ImapSession, "mark_done", die)
            else:
                told = ImapSession.mark_done

                def mark_and_die(self, *args, **more):
                    told(self, *args, **more)
                    raise Killed

                patch.setattr(ImapSession, "mark_done", mark_and_die)
            with pytest.raises(Killed):
                fetch(box, accept)
        fetch(box)
        assert states(box) == ["stored"] * 3
        assert all(box.letters.values_list("flagged", flat=True))
        assert all("\\Seen" in flags for flags in dovecot.flags(mail_user).values())

    def test_nothing_is_flagged_before_it_is_settled(self, box, dovecot, mail_user):
        dovecot.append(mail_user, letter())

        def look(ids: Sequence[int]) -> None:
            assert all("\\Seen" not in flags for flags in dovecot.flags(mail_user).values())
            assert Inbound.objects.filter(pk__in=ids).count() == 1
            settle(ids)

        fetch(box, look)

    def test_what_was_never_settled_is_settled_later(self, box, dovecot, mail_user):
        dovecot.append(mail_user, letter())
        fetch(box, lambda ids: None)
        assert states(box) == ["received"] and "\\Seen" not in dovecot.flags(mail_user)[1]
        fetch(box)
        assert states(box) == ["stored"] and "\\Seen" in dovecot.flags(mail_user)[1]

    def test_two_at_once_the_second_leaves(self, box, dovecot, mail_user):
        dovecot.append(mail_user, letter())
        inside, go = Event(), Event()

        def slowly(ids: Sequence[int]) -> None:
            inside.set()
            assert go.wait(20)
            settle(ids)

        def run() -> None:
            fetch(box, slowly)
            connection.close()

        thread = Thread(target=run)
        thread.start()
        assert inside.wait(20)
        second = fetch(Mailbox.objects.get(pk=box.pk))
        go.set()
        thread.join(20)
        assert second.busy and second.kept == 0
        assert states(box) == ["stored"]


class TestMisbehaviour:
    """A server that lies or breaks off: what it gave is kept, what it did not is asked for again, the line says so."""

    @pytest.fixture
    def ill(self, misbehaving, monkeypatch):
        monkeypatch.setattr("provodnik.channels.email.mailboxes.SILENCE", 0.5)
        monkeypatch.setattr("provodnik.channels.email.mailboxes.EXCHANGE", 2.0)

        def make(mode: str):
            server = misbehaving("imap", mode)
            server.letters = {i: letter(str(i), message_id=f"<{i}@x.example>") for i in (1, 2, 3)}
            box = Mailbox.objects.create(
                name="x",
                address="ill@desk.example",
                imap_host="127.0.0.1",
                imap_port=server.port,
                imap_security=Security.NONE,
                imap_username="u",
            )
            return server, box

        return make

    @pytest.mark.parametrize("mode", ["hang", "garbage", "binary", "busy", "endless_line", "hang_late", "cut"])
    def test_its_fault_is_told_and_healed(self, ill, mode):
        server, box = ill(mode)
        fetch(box)
        box.refresh_from_db()
        assert box.error and box.tried_at and len(box.error) <= 300
        assert queries.mailbox_health(now=timezone.now())[0].level in ("error", "warning")
        server.mode = "good"
        fetch(box)
        box.refresh_from_db()
        assert (states(box), box.error) == (["stored"] * 3, "")

    def test_one_bad_letter_stops_no_other(self, ill):
        server, box = ill("bad_letter")
        fetch(box)
        box.refresh_from_db()
        assert (states(box), box.waiting, box.done_below) == (["stored", "stored"], 1, 1)
        server.mode = "good"
        fetch(box)
        box.refresh_from_db()
        assert (states(box), box.waiting, box.done_below) == (["stored"] * 3, 0, 2)
        assert fetch(box).kept == 0

    def test_more_than_was_announced_is_too_large(self, ill):
        _server, box = ill("huge")
        fetch(box)
        assert states(box) == ["rejected"] * 3

    def test_letters_named_twice_are_taken_once(self, ill):
        _server, box = ill("duplicates")
        fetch(box)
        assert states(box) == ["stored"] * 3

    def test_a_wrong_password_is_a_line_and_not_a_secret(self, box):
        Mailbox.objects.filter(pk=box.pk).update(imap_secret="not sealed by us")
        fetch(box)
        box.refresh_from_db()
        assert box.error == "bad_credentials"


class TestOffered:
    def test_by_smtp_with_its_envelope(self, box):
        row = intake.take_raw(box, letter(), envelope_from="a@x.example", now=datetime(2026, 11, 23, tzinfo=UTC))
        assert (row.state, row.envelope_from, row.received_at.day) == ("received", "a@x.example", 23)
        assert files.read(row.raw).startswith(b"Return-Path: <a@x.example>\r\nFrom:")

    def test_twice_is_a_duplicate(self, box):
        raw = letter()
        now = timezone.now()
        first = intake.take_raw(box, raw, envelope_from="a@x.example", now=now)
        second = intake.take_raw(box, raw, envelope_from="b@x.example", now=now)
        assert second.duplicate_of == first

    @pytest.mark.parametrize("envelope", ["a\r\nBcc: x@evil.example", "<a>", "ю@пример.рф"])
    def test_no_envelope_adds_a_header(self, box, envelope):
        row = intake.take_raw(box, letter(), envelope_from=envelope, now=timezone.now())
        assert files.read(row.raw).split(b"\r\n")[1].startswith(b"From:")
