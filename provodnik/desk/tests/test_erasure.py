"""Erasure by rule and on demand, and the only door through what is written once (152-FZ; docs/adr/0018)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts import journal
from provodnik.accounts.models import JournalEntry, User
from provodnik.channels import intake as ledger
from provodnik.channels.models import Inbound, Outgoing
from provodnik.core import erasure, files
from provodnik.core.decisions import Refused
from provodnik.core.models import Blob, ErasureAct, ErasureStep
from provodnik.desk import checks, intake, letter_checks
from provodnik.desk.actions import closing, forgetting, retention, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.actions.erasure import erase_requests, figures_of, in_steps
from provodnik.desk.models import (
    Attachment,
    Contact,
    LegalHold,
    Message,
    RetentionRule,
    Ticket,
    TicketEvent,
    TicketSearch,
)
from provodnik.desk.models.retention import What
from provodnik.desk.queries import retention as queries
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    AdministratorFactory,
    ContractFactory,
    LeadFactory,
    MailboxFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db
CANARY = "канарейка"
NAME = "Канарейкина Анна"
NOW = timezone.now()
OLD = NOW - timedelta(days=400)
BIG = b"\x89PNG" + b"x" * (files.IN_ROW + 1)


def always() -> bool:
    return True


@pytest.fixture
def contact():
    made = SignedInContactFactory.create(name=NAME, email="kanareyka@chv.example", phone="+7 900")
    ContractFactory.create(customer=made.customer, starts_on=(OLD - timedelta(days=100)).date(), number="14-П")
    return made


@pytest.fixture
def specialist():
    return SpecialistFactory.create()


def closed(contact, specialist, at=OLD, **fields):
    """A request with everything that erasure has to find, closed."""
    ticket = make_ticket(
        contact=contact, at=at, subject=f"Не печатается {CANARY}", text=f"Не печатается {CANARY}.",
        files=[NewFile(f"{CANARY}.png", "image/png", BIG)], **fields,
    )  # fmt: skip
    work.take(ticket.pk, by=specialist, at=at)
    work.reply(ticket.pk, text=f"Смотрим {CANARY}", by=specialist, at=at)
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text=f"Готово, {CANARY}", by=specialist, at=at)
    Outgoing.objects.update(state="sent")
    return Ticket.objects.get(pk=ticket.pk)


def by_letter(contact, specialist):
    mailbox = MailboxFactory.create()
    raw = (
        f"From: {contact.email}\r\nTo: {mailbox.address}\r\nMessage-ID: <a@x.example>\r\nSubject: {CANARY}\r\n"
        f"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>{CANARY}</p>\r\n"
    ).encode()
    row = ledger.take_raw(mailbox, raw, envelope_from=contact.email, now=OLD)
    intake.accept(row.pk)
    again = ledger.take_raw(mailbox, raw, envelope_from=contact.email, now=OLD)
    intake.accept(again.pk)
    ticket = Ticket.objects.get(messages__inbound=row)
    work.take(ticket.pk, by=specialist, at=OLD)
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=specialist, at=OLD)
    Ticket.objects.filter(pk=ticket.pk).update(closed_at=OLD)
    Outgoing.objects.update(state="sent")
    return Ticket.objects.get(pk=ticket.pk)


def everything() -> str:
    """All that is kept of requests and letters, as text."""
    tables = [
        "desk_ticket", "desk_message", "desk_ticketevent", "desk_attachment", "desk_ticketsearch", "channels_inbound",
        "channels_outgoing", "channels_outgoingfile", "notify_notice", "desk_ticketfields", "desk_unsent",
        "core_erasureact", "core_erasurestep",
    ]  # fmt: skip
    told = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            told += [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT convert_from(content, 'UTF8') FROM core_blob WHERE content IS NOT NULL")
        told += [row[0] for row in cursor.fetchall()]
    return "\n".join(told)


def rule(contract=None, **months):
    return RetentionRule.objects.create(contract=contract, **months)


def errors() -> list[str]:
    found = []
    for check in (checks.wholeness, checks.deadlines, checks.histories, checks.bytes_of_files, letter_checks.stored):
        found += [one.text for one in check() if one.level == "error"]
    return found


class TestByRule:
    def test_words_and_names_go_and_figures_stay(self, contact, specialist):
        ticket = closed(contact, specialist)
        before = {name: getattr(ticket, name) for name in
                  ("customer_id", "priority", "status", "resolution", "registered_at", "due_at", "closed_at",
                   "assignee_id", "type")}  # fmt: skip
        moves = list(ticket.events.order_by("pk").values_list("kind", "at", "by_id", "status_to"))
        assert CANARY in everything() and contact.email in everything()
        rule(ticket.contract, texts_months=12)
        act = retention.run(now=NOW, go_on=always)
        told = everything()
        for word in (CANARY, CANARY[:8], contact.email, NAME, "анна"):
            assert word not in told, word
        ticket.refresh_from_db()
        assert {name: getattr(ticket, name) for name in before} == before
        assert ticket.erased_at == NOW and ticket.contact_id is None
        left = ticket.events.exclude(kind="erased").order_by("pk")
        assert list(left.values_list("kind", "at", "by_id", "status_to")) == moves
        assert act.counts["requests"] == 1 and act.counts["files"] == 1 and act.counts["messages"] == 3
        assert act.state == "done" and act.asked["rules"][0]["months"] == 12

    def test_doctor_stays_clean(self, contact, specialist):
        closed(contact, specialist)
        by_letter(contact, specialist)
        assert errors() == []
        rule(texts_months=1)
        retention.run(now=NOW, go_on=always)
        assert CANARY not in everything()
        assert errors() == []

    def test_pages_live_on(self, client, contact, specialist):
        ticket = closed(contact, specialist)
        rule(texts_months=1)
        retention.run(now=NOW, go_on=always)
        client.force_login(specialist)
        page = client.get(reverse("desk:ticket", args=[ticket.pk]))
        assert page.status_code == 200 and "удалены" in page.text
        assert client.get(reverse("desk:queue") + "?state=done").status_code == 200

    def test_bytes_go_when_nobody_refers_to_them(self, contact, specialist):
        ticket, other = closed(contact, specialist), closed(contact, specialist, at=NOW)
        blob = Attachment.objects.get(message__ticket=ticket).blob
        path = Path(settings.FILES_DIR) / blob.name[:2] / blob.name
        Attachment.objects.filter(message__ticket=other).update(blob=blob)
        rule(files_months=6)
        retention.run(now=NOW, go_on=always)
        assert Blob.objects.filter(pk=blob.pk).exists() and path.exists()
        Ticket.objects.filter(pk=other.pk).update(closed_at=OLD)
        retention.run(now=NOW, go_on=always)
        assert not Blob.objects.filter(pk=blob.pk).exists()
        files.sweep(now=NOW + timedelta(hours=2))
        assert not path.exists()

    def test_files_and_letters_may_go_first(self, contact, specialist):
        ticket = by_letter(contact, specialist)
        closed(contact, specialist)
        rule(files_months=3, letters_months=3)
        act = retention.run(now=NOW, go_on=always)
        assert not Attachment.objects.exists()
        assert not Inbound.objects.exclude(raw__size=0).exists()  # the duplicate has lost its bytes, too
        assert CANARY in ticket.messages.earliest("at", "pk").text
        assert act.counts["files"] == 1 and act.counts["letters"] == 2
        assert Ticket.objects.filter(erased_at=None).count() == 2
        assert retention.run(now=NOW, go_on=always) is None  # nothing is left: no act
        assert errors() == []

    def test_only_what_its_own_rule_names(self, contact, specialist):
        own, young = closed(contact, specialist), closed(contact, specialist, at=NOW - timedelta(days=20))
        opened = make_ticket(contact=contact, at=OLD)
        stranger = closed(SignedInContactFactory.create(), specialist)
        rule(own.contract, texts_months=12)
        retention.run(now=NOW, go_on=always)
        assert list(Ticket.objects.exclude(erased_at=None)) == [own]
        rule(texts_months=2)
        retention.run(now=NOW, go_on=always)
        assert set(Ticket.objects.filter(erased_at=None)) == {young, opened}
        assert Ticket.objects.get(pk=stranger.pk).erased_at == NOW

    def test_without_rules_nothing_goes(self, contact, specialist):
        closed(contact, specialist)
        assert retention.run(now=NOW, go_on=always) is None
        assert not ErasureAct.objects.exists()

    def test_the_forecast_says_what_the_night_does(self, contact, specialist):
        closed(contact, specialist)
        made = rule(texts_months=12, files_months=6)
        told = [queries.forecast(part) for part in queries.parts_of(made, now=NOW)]
        assert [(one.requests, one.files, one.bytes) for one in told] == [(1, 1, len(BIG)), (1, 1, len(BIG))]
        assert not ErasureAct.objects.exists()

    def test_in_steps_that_stop_and_go_on(self, contact, specialist):
        for _ in range(3):
            closed(contact, specialist)
        rule(texts_months=1)
        turns = iter([True, False])
        numbers = list(Ticket.objects.values_list("pk", flat=True))
        act = erasure.begin(ErasureAct.Kind.RULE, at=NOW, total=3)
        in_steps(numbers, lambda some: erase_requests(act, some, What.TEXTS, at=NOW), size=2, go_on=lambda: next(turns))
        act.refresh_from_db()
        assert act.done == 2 and Ticket.objects.filter(erased_at=None).count() == 1
        retention.run(now=NOW, go_on=always)
        assert not Ticket.objects.filter(erased_at=None).exists()

    def test_a_night_that_was_killed_is_over(self, contact, specialist):
        closed(contact, specialist)
        killed = erasure.begin(ErasureAct.Kind.RULE, at=OLD, total=9)
        rule(texts_months=1)
        act = retention.run(now=NOW, go_on=always)
        killed.refresh_from_db()
        assert (killed.state, act.state) == ("failed", "done")

    def test_a_letter_of_no_request(self, contact):
        mailbox = MailboxFactory.create()
        row = ledger.take_raw(mailbox, f"Subject: {CANARY}\r\n\r\n{CANARY}".encode(), envelope_from="x@x", now=OLD)
        Inbound.objects.filter(pk=row.pk).update(state="rejected", settled_at=OLD, subject=CANARY, sender="x@x.example")
        rule(strays_months=6)
        act = retention.run(now=NOW, go_on=always)
        assert act.counts == {"strays": 1} and CANARY not in everything() and errors() == []

    @pytest.mark.parametrize(
        ("at", "months", "then"),
        [("2026-03-31", 1, "2026-02-28"), ("2024-03-30", 1, "2024-02-29"), ("2026-01-15", 1, "2025-12-15"),
         ("2026-12-31", 12, "2025-12-31"), ("2026-06-01", 30, "2023-12-01")],
    )  # fmt: skip
    def test_months(self, at, months, then):
        assert f"{queries.months_before(timezone.datetime.fromisoformat(at), months):%Y-%m-%d}" == then

    def test_facts_keep_codes_alone(self):
        kept = figures_of("customer", {"old": NAME, "new": NAME, "customer": "Чистая вода", "new_due": "2026", "n": 1})
        assert kept == {"customer": "Чистая вода", "new_due": "2026", "n": 1}
        assert figures_of("priority", {"old": "low", "new": "high", "reason": NAME}) == {"old": "low", "new": "high"}
        assert figures_of("undelivered", {"error": "<a@x> unknown", "permanent": True}) == {"permanent": True}


class TestHold:
    def test_what_is_held_stays_whole(self, contact, specialist):
        ticket = closed(contact, specialist)
        administrator = AdministratorFactory.create()
        made = retention.hold(ticket.pk, reason="Суд", by=administrator, at=NOW)
        rule(texts_months=1)
        assert retention.run(now=NOW, go_on=always) is None
        act = erasure.begin(ErasureAct.Kind.RULE, at=NOW)
        assert erase_requests(act, [ticket.pk], What.TEXTS, at=NOW) == 0
        retention.lift(made, by=administrator, at=NOW)
        retention.run(now=NOW, go_on=always)
        assert Ticket.objects.get(pk=ticket.pk).erased_at
        assert [line.verb for line in JournalEntry.objects.filter(ticket=ticket.pk).order_by("id")] == [
            "held",
            "lifted",
        ]

    def test_the_database_itself_keeps_it(self, contact, specialist):
        ticket = closed(contact, specialist)
        LegalHold.objects.create(ticket=ticket, reason="Суд", by=specialist, since=NOW)
        with pytest.raises(IntegrityError), erasure.step(erasure.begin(ErasureAct.Kind.RULE, at=NOW)) as lines:
            Message.objects.filter(ticket=ticket).update(text="")
            lines.append({})

    def test_once_and_with_a_reason_and_by_whom(self, contact, specialist):
        ticket, administrator = closed(contact, specialist), AdministratorFactory.create()
        with pytest.raises(Refused):
            retention.hold(ticket.pk, reason=" ", by=administrator, at=NOW)
        with pytest.raises(Refused):
            retention.hold(ticket.pk, reason="Суд", by=LeadFactory.create(), at=NOW)
        with pytest.raises(Refused):
            retention.hold(10**9, reason="Суд", by=administrator, at=NOW)
        retention.hold(ticket.pk, reason="Суд", by=administrator, at=NOW)
        with pytest.raises(Refused):
            retention.hold(ticket.pk, reason="Суд", by=administrator, at=NOW)


class TestTheDoor:
    """Nothing but a committed step of an act opens it, and it lets through nothing but blanking."""

    @pytest.fixture
    def ticket(self, contact, specialist):
        return closed(contact, specialist)

    def refused(self, change):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()

    def open(self, change, kind=ErasureAct.Kind.RULE):
        with erasure.step(erasure.begin(kind, at=NOW)) as lines:
            change()
            lines.append({})

    def blank(self):
        Message.objects.update(text="")

    def test_shut_without_an_act(self, ticket):
        self.refused(self.blank)
        self.refused(lambda: TicketEvent.objects.update(by_name=""))
        self.refused(lambda: TicketEvent.objects.update(data={}))

    @pytest.mark.parametrize("setting", ["provodnik.erasing", "core.erasing", "session_replication_role.x"])
    def test_no_setting_opens_it(self, ticket, setting):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT set_config('{setting}', 'on', true)")
        self.refused(self.blank)

    def test_a_step_of_another_transaction_does_not(self, ticket):
        act = erasure.begin(ErasureAct.Kind.RULE, at=NOW)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE core_erasurestep DISABLE TRIGGER core_erasure_step_guard")
            cursor.execute(
                "INSERT INTO core_erasurestep (act_id, scope, lines, at, txid) VALUES (%s, 'rule', '[]',"
                " now() - interval '1 second', txid_current()), (%s, 'rule', '[]', now(), txid_current() - 1)",
                [act.pk, act.pk],
            )
        self.refused(self.blank)

    def test_a_claimed_transaction_is_not_believed(self, ticket):
        act = erasure.begin(ErasureAct.Kind.RULE, at=NOW)
        step = ErasureStep.objects.create(act=act, scope="rule", at=OLD, txid=1)
        step.refresh_from_db()
        assert step.txid != 1 and step.at != OLD

    def test_of_another_scope_does_not(self, ticket):
        with pytest.raises(IntegrityError):
            self.open(self.blank, ErasureAct.Kind.JOURNAL)

    def test_open_it_only_blanks(self, ticket):
        message = ticket.messages.earliest("at", "pk")
        for change in (
            {"text": "другое"}, {"at": NOW}, {"kind": "note"}, {"author": None, "author_name": "кто-то"},
            {"ticket": make_ticket()}, {"verdict": {"spf": "pass"}}, {"channel": "email"},
            {"contact": SignedInContactFactory.create()},
        ):  # fmt: skip
            with pytest.raises(IntegrityError), transaction.atomic():
                self.open(lambda change=change: Message.objects.filter(pk=message.pk).update(**change))
        event = ticket.events.earliest("at", "pk")
        for change in ({"kind": "taken"}, {"at": NOW}, {"data": {"due": "другое"}}, {"by_name": "кто-то"},
                       {"status_to": "done"}):  # fmt: skip
            with pytest.raises(IntegrityError), transaction.atomic():
                self.open(lambda change=change: TicketEvent.objects.filter(pk=event.pk).update(**change))
        for rows in (Message.objects.filter(pk=message.pk), TicketEvent.objects.filter(pk=event.pk)):
            with pytest.raises(IntegrityError), transaction.atomic():
                self.open(lambda rows=rows: rows._raw_delete(rows.db))

    def test_open_it_blanks(self, ticket):
        self.open(self.blank)
        assert not Message.objects.exclude(text="").exists()

    def test_a_step_is_written_once(self, ticket):
        act = erasure.begin(ErasureAct.Kind.RULE, at=NOW)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE core_erasurestep DISABLE TRIGGER core_erasure_step_guard")
            cursor.execute(
                "INSERT INTO core_erasurestep (act_id, scope, lines, at, txid) VALUES (%s, 'rule', '[]', now(), 1)",
                [act.pk],
            )
            cursor.execute("ALTER TABLE core_erasurestep ENABLE TRIGGER core_erasure_step_guard")
        self.refused(lambda: ErasureStep.objects.update(lines=[1]))
        self.refused(lambda: ErasureStep.objects.all()._raw_delete("default"))

    def test_nothing_else_in_the_sources_writes_a_step(self):
        """The one place that opens the door; the erasing of it is called from the actions of erasure alone."""
        root = Path(erasure.__file__).parents[1]
        writers, users = set(), set()
        for path in root.rglob("*.py"):
            if "tests" in path.parts or "migrations" in path.parts:
                continue
            text = path.read_text()
            name = path.relative_to(root).as_posix()
            if re.search(r"core_erasurestep|ErasureStep\.objects\.(bulk_)?create|ErasureStep\(", text):
                writers.add(name)
            if re.search(r"erasure\.step\(", text):
                users.add(name)
        assert writers - {"core/models.py"} == {"core/erasure.py"}
        assert users == {"desk/actions/erasure.py", "desk/actions/forgetting.py", "desk/actions/retention.py"}


class TestTheJournal:
    def lines(self, administrator, *days):
        for ago in days:
            journal.note(administrator, "changed", by=administrator, at=NOW - timedelta(days=ago), login=["a", "b"])

    def test_its_own_retention(self):
        self.lines(AdministratorFactory.create(), 10, 300, 700)
        rule(journal_months=18)
        retention.run(now=NOW, go_on=always)
        assert JournalEntry.objects.count() == 2
        assert ErasureAct.objects.get(kind="journal").counts == {"journal": 1}

    def test_young_lines_stay_whatever_is_asked(self):
        self.lines(AdministratorFactory.create(), 10, 100)
        act = erasure.begin(ErasureAct.Kind.JOURNAL, at=NOW)
        with pytest.raises(IntegrityError), erasure.step(act):
            JournalEntry.objects.all()._raw_delete("default")
        with pytest.raises(Refused):
            retention.keep_rule(RetentionRule(journal_months=3), by=AdministratorFactory.create(), at=NOW)

    def test_only_in_its_own_scope_and_never_rewritten(self):
        self.lines(AdministratorFactory.create(), 700)
        for kind in (ErasureAct.Kind.RULE, ErasureAct.Kind.PERSON):
            with pytest.raises(IntegrityError), transaction.atomic(), erasure.step(erasure.begin(kind, at=NOW)):
                JournalEntry.objects.all()._raw_delete("default")
        with pytest.raises(IntegrityError), erasure.step(erasure.begin(ErasureAct.Kind.PERSON, at=NOW)):
            JournalEntry.objects.update(title="другое")


class TestOnDemand:
    def forget(self, contact, texts):
        administrator = AdministratorFactory.create()
        act = forgetting.ask(contact, texts=texts, reason="Заявление от 1 ноября", by=administrator, at=NOW)
        assert forgetting.carry_out(act, at=NOW, go_on=always)
        return act

    def test_texts_may_stay(self, contact, specialist):
        ticket, other = closed(contact, specialist), closed(SignedInContactFactory.create(name="Другая"), specialist)
        user = contact.user
        journal.note(contact, "added", by=specialist, at=NOW, name=["", NAME])
        act = self.forget(contact, texts=False)
        told = everything()
        assert CANARY in told and NAME not in told and contact.email not in told
        contact.refresh_from_db()
        assert contact.name == f"Стёртый контакт № {contact.pk}" and not (contact.email or contact.phone)
        user = User.objects.get(pk=user.pk)
        assert not user.is_active and user.login == f"erased-{user.pk}" and not user.has_usable_password()
        assert Ticket.objects.get(pk=ticket.pk).contact_id == contact.pk
        assert Ticket.objects.get(pk=other.pk).requester_name == "Другая"
        assert NAME not in str(list(JournalEntry.objects.values_list("title", "data")))
        assert act.counts["requests"] == 1 and act.counts["person"] == 1 and act.reason
        assert errors() == []

    def test_or_go(self, contact, specialist):
        closed(contact, specialist)
        by_letter(contact, specialist)
        self.forget(contact, texts=True)
        told = everything()
        assert CANARY not in told and NAME not in told and contact.email not in told
        assert errors() == []

    def test_not_while_something_is_open_or_held(self, contact, specialist):
        administrator = AdministratorFactory.create()
        ticket = make_ticket(contact=contact)
        with pytest.raises(Refused, match=str(ticket.pk)):
            forgetting.ask(contact, texts=True, reason="Заявление", by=administrator, at=NOW)
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=specialist, at=NOW)
        retention.hold(ticket.pk, reason="Суд", by=administrator, at=NOW)
        with pytest.raises(Refused, match=str(ticket.pk)):
            forgetting.ask(contact, texts=True, reason="Заявление", by=administrator, at=NOW)

    def test_not_without_a_reason_nor_by_anybody(self, contact):
        for by, reason in ((AdministratorFactory.create(), ""), (LeadFactory.create(), "Заявление")):
            with pytest.raises(Refused):
                forgetting.ask(contact, texts=True, reason=reason, by=by, at=NOW)

    def test_goes_on_where_it_was_stopped(self, contact, specialist):
        closed(contact, specialist)
        administrator = AdministratorFactory.create()
        act = forgetting.ask(contact, texts=True, reason="Заявление", by=administrator, at=NOW)
        assert not forgetting.carry_out(act, at=NOW, go_on=lambda: False)
        assert Contact.objects.get(pk=contact.pk).name == NAME
        assert forgetting.carry_out(ErasureAct.objects.get(pk=act.pk), at=NOW, go_on=always)
        assert Contact.objects.get(pk=contact.pk).name != NAME

    def test_search_no_longer_knows(self, contact, specialist):
        ticket = closed(contact, specialist)
        self.forget(contact, texts=True)
        row = TicketSearch.objects.get(ticket=ticket)
        assert row.public is None and row.full is None
