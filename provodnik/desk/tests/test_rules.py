"""Corners of the regulation that the plain way does not pass: late closings, clocks set back, forms sent again,
contacts set right, texts that a database refuses."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from provodnik.channels.models import Channel
from provodnik.core import files
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.desk import checks
from provodnik.desk.actions import base, closing, facts, incoming, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.actions.opening import NewTicket, open_ticket
from provodnik.desk.models import Attachment, EventKind, Message, MessageKind, Ticket
from provodnik.desk.search import found_by
from provodnik.desk.states import Priority, Resolution, TicketType
from provodnik.desk.tests.factories import (
    HOUR,
    MINUTE,
    NOW,
    ContactFactory,
    ContractFactory,
    SignedInContactFactory,
    SpecialistFactory,
    UserFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def specialist():
    return SpecialistFactory.create()


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("contract__calendar", "contact").get(pk=ticket.pk)


def sound() -> None:
    for check in (checks.deadlines, checks.histories, checks.wholeness):
        assert [finding.text for finding in check() if finding.level != "ok"] == []


class TestDeadlines:
    def test_closing_in_clarification_ends_the_pause(self, specialist):
        """I2, I3: the time excluded until the closing moves the deadline, or a closing in time would count as late."""
        ticket = make_ticket()
        work.ask(ticket.pk, text="Что?", by=specialist, at=NOW + HOUR)
        done = closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=specialist, at=NOW + 30 * HOUR)
        assert done.due_at == NOW + (24 + 29) * HOUR
        sound()

    def test_withdrawal_in_clarification_ends_the_pause(self, specialist):
        ticket = make_ticket()
        work.ask(ticket.pk, text="Что?", by=specialist, at=NOW + HOUR)
        done = closing.withdraw(ticket.pk, by=ticket.contact.user, at=NOW + 30 * HOUR)
        assert done.due_at == NOW + (24 + 29) * HOUR
        sound()

    def test_several_clarifications_reopening_and_priority_keep_the_cache_right(self, specialist):
        ticket = make_ticket()
        for start in (1, 5):
            work.ask(ticket.pk, text="Что?", by=specialist, at=NOW + start * HOUR)
            incoming.answer(ticket.pk, text="То", by=ticket.contact.user, at=NOW + (start + 1) * HOUR, key=uuid.uuid4())
            work.take(ticket.pk, by=specialist, at=NOW + (start + 2) * HOUR)
            sound()
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=specialist, at=NOW + 10 * HOUR)
        incoming.answer(ticket.pk, text="Нет", by=ticket.contact.user, at=NOW + 20 * HOUR, key=uuid.uuid4())
        facts.change_priority(
            ticket.pk, priority=Priority.MEDIUM, reason="Не срочно", by=specialist, at=NOW + 21 * HOUR
        )
        assert fresh(ticket).due_at == NOW + (48 + 2 + 2 + 10) * HOUR
        sound()

    def test_other_customers_contract_moves_the_deadline(self, specialist):
        ticket = make_ticket()
        contract = ContractFactory.create(high_allowance=timedelta(hours=5))
        changed = facts.change_contact(
            ticket.pk, contact=ContactFactory.create(customer=contract.customer), by=specialist, at=NOW + HOUR
        )
        assert changed.due_at == NOW + 5 * HOUR
        sound()


class TestClocksSetBack:
    """Facts stand in the order in which they were recorded, whatever the machine's clock says (safety F40)."""

    def test_a_move_is_never_earlier_than_the_one_before(self, specialist):
        ticket = make_ticket()
        work.take(ticket.pk, by=specialist, at=NOW + 2 * HOUR)
        work.ask(ticket.pk, text="Что?", by=specialist, at=NOW + HOUR)
        work.take(ticket.pk, by=specialist, at=NOW - 24 * HOUR)
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=specialist, at=NOW)
        done = fresh(ticket)
        assert done.closed_at == NOW + 2 * HOUR
        kinds = list(ticket.events.order_by("at", "id").values_list("kind", flat=True))
        assert kinds == ["registered", "taken", "asked", "taken", "closed"]
        sound()

    def test_the_time_to_reopen_is_judged_by_the_message_itself(self, specialist):
        ticket = make_ticket()
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=specialist, at=NOW)
        work.note(ticket.pk, text="Потом", by=specialist, at=NOW + timedelta(days=8))
        again = incoming.answer(
            ticket.pk, text="Снова", by=ticket.contact.user, at=NOW + timedelta(days=7), key=uuid.uuid4()
        )
        assert (again.pk, again.status) == (ticket.pk, "in_progress")
        sound()


class TestFormsSentAgain:
    def test_a_repeated_form_is_no_conflict_with_itself(self, specialist):
        """F59: its own first sending has raised the revision that its page was made from."""
        ticket = make_ticket()
        for act in (work.reply, work.ask):
            revision, key = fresh(ticket).revision, uuid.uuid4()
            for _ in range(2):
                act(ticket.pk, text="Что?", by=specialist, at=NOW, key=key, revision=revision)
        revision, key = fresh(ticket).revision, uuid.uuid4()
        for _ in range(2):
            closing.close(
                ticket.pk, resolution=Resolution.SOLVED, text="Вот", by=specialist, at=NOW, key=key, revision=revision
            )
        assert Message.objects.filter(author=specialist).count() == 3

    def test_another_page_is_still_a_conflict(self, specialist):
        ticket = make_ticket()
        work.take(ticket.pk, by=specialist, at=NOW)
        for act in (work.reply, work.ask):
            with pytest.raises(ChangedMeanwhile):
                act(ticket.pk, text="Что?", by=specialist, at=NOW, key=uuid.uuid4(), revision=ticket.revision)
        with pytest.raises(ChangedMeanwhile):
            closing.close(
                ticket.pk, resolution=Resolution.SOLVED, text="Вот", by=specialist, at=NOW, revision=ticket.revision
            )

    def test_a_used_form_does_nothing_else(self, specialist):
        """Its key stands for one deed on one request: elsewhere it would say «sent» of what was not."""
        ticket, other, key = make_ticket(), make_ticket(), uuid.uuid4()
        work.reply(ticket.pk, text="Смотрим", by=specialist, at=NOW, key=key)
        for number, act in ((other.pk, work.reply), (ticket.pk, work.note), (ticket.pk, work.ask)):
            with pytest.raises(Refused):
                act(number, text="Что?", by=specialist, at=NOW, key=key)
        with pytest.raises(Refused):
            closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Вот", by=specialist, at=NOW, key=key)
        with pytest.raises(Refused):
            work.reply(ticket.pk, text="Смотрим", by=SpecialistFactory.create(), at=NOW, key=key)
        with pytest.raises(Refused):
            closing.withdraw(ticket.pk, text="Не надо", by=ticket.contact.user, at=NOW, key=key)

    def test_reopened_twice_by_one_form_is_reopened_once(self, specialist):
        ticket, key = make_ticket(), uuid.uuid4()
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Вот", by=specialist, at=NOW)
        for _ in range(2):
            closing.reopen(ticket.pk, text="Ошибся", by=specialist, at=NOW, key=key)
        assert ticket.events.filter(kind=EventKind.REOPENED).count() == 1

    def test_a_requesters_form_belongs_to_its_request(self):
        contact = SignedInContactFactory.create()
        first, second, key = make_ticket(contact=contact), make_ticket(contact=contact), uuid.uuid4()
        incoming.answer(first.pk, text="То", by=contact.user, at=NOW, key=key)
        with pytest.raises(Refused):
            incoming.answer(second.pk, text="То", by=contact.user, at=NOW, key=key)


class TestWhoMay:
    def test_only_the_desk_or_a_living_contact_writes_a_request(self):
        contact = SignedInContactFactory.create()
        new = NewTicket(text="Не открывается", channel=Channel.PORTAL, customer=contact.customer, contact=contact)
        stranger, neighbour = UserFactory.create(), SignedInContactFactory.create(customer=contact.customer)
        for user in (stranger, neighbour.user):
            with pytest.raises(Refused):
                open_ticket(new, key=uuid.uuid4(), by=user, at=NOW)
        assert open_ticket(new, key=uuid.uuid4(), by=SpecialistFactory.create(), at=NOW).contact == contact
        assert open_ticket(new, key=uuid.uuid4(), by=contact.user, at=NOW).contact == contact

    def test_a_stranger_learns_nothing_of_a_withdrawn_request(self):
        ticket = make_ticket()
        closing.withdraw(ticket.pk, by=ticket.contact.user, at=NOW)
        with pytest.raises(Refused):
            closing.withdraw(ticket.pk, by=SignedInContactFactory.create().user, at=NOW)

    @pytest.mark.parametrize("status", ["created", "in_progress", "clarification"])
    def test_withdrawn_from_every_open_status(self, specialist, status):
        ticket = make_ticket()
        if status == "in_progress":
            work.take(ticket.pk, by=specialist, at=NOW)
        if status == "clarification":
            work.ask(ticket.pk, text="Что?", by=specialist, at=NOW)
        assert fresh(ticket).status == status
        assert closing.withdraw(ticket.pk, by=ticket.contact.user, at=NOW).status == "done"

    def test_refusal_after_the_priority_became_low(self, specialist):
        ticket = make_ticket()
        refuse = {"resolution": Resolution.REFUSED, "text": "Не будем", "by": specialist, "at": NOW}
        with pytest.raises(Refused):
            closing.close(ticket.pk, **refuse)
        facts.change_priority(ticket.pk, priority=Priority.LOW, reason="Пожелание", by=specialist, at=NOW)
        assert closing.close(ticket.pk, **refuse).resolution == "refused"
        with pytest.raises(Refused):  # and what was refused is no graver afterwards
            facts.change_priority(ticket.pk, priority=Priority.HIGH, reason="Всё же", by=specialist, at=NOW)

    @pytest.mark.parametrize(("days", "same"), [(0, False), (1, True), (3, True), (4, False)])
    def test_days_to_reopen_are_the_contracts(self, specialist, days, same):
        contract = ContractFactory.create(reopen_days=0 if days == 0 else 3)
        ticket = make_ticket(contact=SignedInContactFactory.create(customer=contract.customer))
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Вот", by=specialist, at=NOW)
        at = NOW + timedelta(days=days) + (MINUTE if days == 0 else timedelta())
        again = incoming.answer(ticket.pk, text="Снова", by=ticket.contact.user, at=at, key=uuid.uuid4())
        assert (again.pk == ticket.pk) is same


class TestTheAnsweredMark:
    def test_stays_while_another_takes_over_and_goes_with_the_answer(self, specialist):
        ticket = make_ticket()
        work.take(ticket.pk, by=specialist, at=NOW)
        incoming.answer(ticket.pk, text="Вот ещё", by=ticket.contact.user, at=NOW + HOUR, key=uuid.uuid4())
        incoming.answer(ticket.pk, text="И ещё", by=ticket.contact.user, at=NOW + 2 * HOUR, key=uuid.uuid4())
        assert fresh(ticket).answered_at == NOW + HOUR
        other = SpecialistFactory.create()
        assert work.take(ticket.pk, by=other, at=NOW + 3 * HOUR).answered_at == NOW + HOUR
        work.note(ticket.pk, text="Смотрю", by=other, at=NOW + 3 * HOUR)
        assert fresh(ticket).queue_rank == 0
        work.reply(ticket.pk, text="Спасибо", by=other, at=NOW + 4 * HOUR)
        assert (fresh(ticket).answered_at, fresh(ticket).queue_rank) == (None, 1)

    def test_goes_when_the_answer_is_taken_up(self, specialist):
        ticket = make_ticket()
        work.ask(ticket.pk, text="Что?", by=specialist, at=NOW)
        incoming.answer(ticket.pk, text="То", by=ticket.contact.user, at=NOW + HOUR, key=uuid.uuid4())
        assert work.take(ticket.pk, by=specialist, at=NOW + 2 * HOUR).answered_at is None


class TestAddresses:
    def test_another_contact_does_not_leave_the_notices_with_the_first(self, specialist):
        """I12: what is told of the request goes to whose it is."""
        ticket, other = make_ticket(), ContactFactory.create(email="Other@Else.example")
        assert facts.change_contact(ticket.pk, contact=other, by=specialist, at=NOW).contact_email == (
            "other@else.example"
        )

    def test_an_address_written_in_the_request_stays_within_its_customer(self, specialist):
        ticket = make_ticket(contact_email="shift@chv.example")
        colleague = ContactFactory.create(customer=ticket.customer)
        changed = facts.change_contact(ticket.pk, contact=colleague, by=specialist, at=NOW)
        assert changed.contact_email == "shift@chv.example"
        stranger = ContactFactory.create(email="")
        assert facts.change_contact(ticket.pk, contact=stranger, by=specialist, at=NOW).contact_email == ""

    def test_an_unknown_senders_address_stays_when_he_becomes_known(self, specialist):
        new = NewTicket(text="Не открывается", channel=Channel.EMAIL, contact_email="home@mail.example")
        ticket = open_ticket(new, key=uuid.uuid4(), by=None, at=NOW)
        changed = facts.change_contact(ticket.pk, contact=ContactFactory.create(), by=specialist, at=NOW)
        assert changed.contact_email == "home@mail.example"

    def test_are_kept_in_one_form(self):
        assert make_ticket(contact_email=" Ivanova@CHV.Example ").contact_email == "ivanova@chv.example"

    @pytest.mark.parametrize(
        "wrong", ["", "нет", "a@b", "a" * 250 + "@chv.example", "a\x00@chv.example", "a@\ud800.example"]
    )
    def test_impossible_ones_are_refused_in_words(self, specialist, wrong):
        with pytest.raises(Refused) as refused:
            facts.change_email(make_ticket().pk, email=wrong, by=specialist, at=NOW)
        assert refused.value.field == "email"

    def test_a_new_address_is_found(self, specialist):
        ticket = make_ticket()
        facts.change_email(ticket.pk, email="smena@chv.example", by=specialist, at=NOW)
        assert Ticket.objects.filter(found_by("smena@chv.example", desk=True)).get() == ticket


IMPOSSIBLE = "до\x00между\ud800после\udfff"
POSSIBLE = "до\ufffdмежду\ufffdпосле\ufffd"


class TestImpossibleText:
    """PostgreSQL stores neither NUL nor half a surrogate pair: each place that takes text replaces them (A11, A74)."""

    def test_of_a_request(self):
        contact = SignedInContactFactory.create()
        new = NewTicket(
            text=IMPOSSIBLE,
            subject=IMPOSSIBLE,
            channel=Channel.EMAIL,
            customer=contact.customer,
            contact=contact,
            requester_name=IMPOSSIBLE,
            contact_email=f"{IMPOSSIBLE}@x.example",
            quoted=IMPOSSIBLE,
            html=IMPOSSIBLE,
            verdict={IMPOSSIBLE: [IMPOSSIBLE, {"a": IMPOSSIBLE}]},
            context={"page": IMPOSSIBLE},
            files=[NewFile(IMPOSSIBLE, IMPOSSIBLE, b"\x00", content_id=IMPOSSIBLE)],
        )
        ticket = open_ticket(new, key=uuid.uuid4(), by=None, at=NOW)
        message = fresh(ticket).messages.get()
        assert (message.text, message.quoted, message.html) == (POSSIBLE, POSSIBLE, POSSIBLE)
        assert message.verdict == {POSSIBLE: [POSSIBLE, {"a": POSSIBLE}]}
        assert (ticket.subject, ticket.requester_name) == (POSSIBLE, POSSIBLE)
        assert Attachment.objects.get().name == POSSIBLE

    def test_of_all_that_follows(self, specialist):
        ticket = make_ticket()
        said = incoming.Said(
            text=IMPOSSIBLE,
            channel=Channel.EMAIL,
            contact=ticket.contact,
            author_name=IMPOSSIBLE,
            quoted=IMPOSSIBLE,
            html=IMPOSSIBLE,
            verdict={"notes": [IMPOSSIBLE]},
            subject=IMPOSSIBLE,
        )
        incoming.hear(ticket.pk, said, key=uuid.uuid4(), at=NOW)
        work.reply(ticket.pk, text=IMPOSSIBLE, by=specialist, at=NOW)
        work.note(ticket.pk, text=IMPOSSIBLE, by=specialist, at=NOW)
        work.ask(ticket.pk, text=IMPOSSIBLE, by=specialist, at=NOW)
        facts.change_priority(ticket.pk, priority=Priority.LOW, reason=IMPOSSIBLE, by=specialist, at=NOW)
        facts.change_type(ticket.pk, type_=TicketType.QUESTION, reason=IMPOSSIBLE, by=specialist, at=NOW)
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text=IMPOSSIBLE, by=specialist, at=NOW)
        closing.rate(ticket.pk, rating=2, text=IMPOSSIBLE, by=ticket.contact.user, at=NOW)
        closing.told_otherwise(ticket.pk, text=IMPOSSIBLE, by=specialist, at=NOW)
        closing.reopen(ticket.pk, text=IMPOSSIBLE, by=specialist, at=NOW)
        closing.withdraw(ticket.pk, text=IMPOSSIBLE, by=ticket.contact.user, at=NOW)
        assert set(ticket.messages.exclude(kind=MessageKind.REQUEST).values_list("text", flat=True)) == {POSSIBLE}
        rated = ticket.events.get(kind=EventKind.RATED).data
        assert rated == {"rating": 2, "old": None, "text": POSSIBLE, "by_letter": False}
        sound()


class TestLongTexts:
    def test_a_conversation_may_outgrow_the_index(self, specialist):
        """A tsvector holds a mebibyte; a longer conversation goes on, and what came first stays findable."""
        ticket = make_ticket()
        for part in range(8):
            text = " ".join(f"слово{part}{number}" + "ы" * 130 for number in range(2500))
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(base, "SEARCHED_TEXT", 300_000)
                base.add_words(ticket, [text], public=True)
        work.reply(ticket.pk, text="Отвечаем", by=specialist, at=NOW)
        assert Ticket.objects.filter(found_by("показания", desk=False)).exists()

    def test_names_of_files_are_found_behind_a_long_text(self, specialist):
        ticket = make_ticket()
        work.reply(
            ticket.pk,
            text="слово " * 10_000,
            by=specialist,
            at=NOW,
            files=[NewFile("протокол.pdf", "application/pdf", b"x")],
        )
        assert Ticket.objects.filter(found_by("протокол.pdf", desk=False)).get() == ticket


class TestFilesThatCannotBeKept:
    def test_a_full_disk_is_told_in_words_and_changes_nothing(self, specialist, monkeypatch):
        """Safety F23: the text is not lost, the person is told what to do."""
        ticket = make_ticket()

        def full(*_args: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(files, "_write", full)
        large = NewFile("снимок.png", "image/png", b"x" * (files.IN_ROW + 1))
        with pytest.raises(Refused) as refused:
            work.reply(ticket.pk, text="Смотрим", by=specialist, at=NOW, files=[large])
        assert refused.value.field == "files"
        assert fresh(ticket).status == "created"
