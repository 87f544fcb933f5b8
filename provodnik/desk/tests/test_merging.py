"""One request goes on in another: what moves, what stays, who reads what, and two at once."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provodnik.channels import outgoing
from provodnik.channels.models import Channel, Outgoing
from provodnik.core.decisions import Refused
from provodnik.desk import checks, intake, policies
from provodnik.desk.actions import closing, incoming, linking, merging, work
from provodnik.desk.announce import telling, watching
from provodnik.desk.models import EventKind, Merge, Message, Ticket, TicketEvent, TicketLink, Watcher
from provodnik.desk.queries import requester as own
from provodnik.desk.queries import ticket_page
from provodnik.desk.states import Priority, Resolution, TicketType
from provodnik.desk.tests.factories import (
    HOUR,
    NOW,
    ContactFactory,
    CustomerFactory,
    MailboxFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)
from provodnik.notify.models import Notice
from tests.mail import letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def specialist():
    return SpecialistFactory.create()


@pytest.fixture
def contact():
    return SignedInContactFactory.create()


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("contract__calendar", "contact", "customer").get(pk=ticket.pk)


def whole() -> None:
    for check in (checks.wholeness, checks.histories, checks.deadlines):
        assert [found for found in check() if found.level == "error"] == []


class TestMerge:
    def test_it_is_closed_and_leads_to_the_target_whose_clock_is_untouched(self, specialist, contact):
        first = make_ticket(contact=contact)
        second = make_ticket(contact=contact, at=NOW + HOUR, text="Всё ещё не сохраняется")
        before = fresh(first)
        merging.merge([second.pk], into=first.pk, by=specialist, at=NOW + 2 * HOUR)
        merged, target = fresh(second), fresh(first)
        assert (merged.status, merged.resolution, merged.undelivered) == ("done", "solved", False)
        assert policies.goes_on_in(merged) == first.pk
        assert (target.status, target.due_at, target.priority) == (before.status, before.due_at, before.priority)
        assert target.answered_at == NOW + 2 * HOUR  # nobody has read the second one yet
        assert [event.kind for event in target.events.order_by("pk")][-1] == EventKind.MERGED
        whole()

    def test_its_messages_stand_in_the_conversation_with_their_number(self, specialist, contact):
        first, second = make_ticket(contact=contact), make_ticket(contact=contact, at=NOW + HOUR, text="Ещё раз")
        work.note(second.pk, text="Только для нас", by=specialist, at=NOW + HOUR)
        merging.merge([second.pk], into=first.pk, by=specialist, at=NOW + 2 * HOUR)
        ticket = ticket_page.ticket_for(specialist, first.pk)
        said = [item.message for item in ticket_page.stream(specialist, ticket).items if item.message]
        assert {one.ticket_id for one in said} == {first.pk, second.pk}
        assert "Только для нас" in {one.text for one in said}
        told = own.conversation(contact.user, fresh(first))
        texts = [one.text for one in told.items if isinstance(one, Message)]
        assert "Ещё раз" in texts and "Только для нас" not in texts

    def test_several_at_once_or_none(self, specialist, contact):
        first, *rest = (make_ticket(contact=contact, at=NOW + n * HOUR) for n in range(4))
        stranger = make_ticket(at=NOW + 5 * HOUR)
        with pytest.raises(Refused) as refused:
            merging.merge([one.pk for one in (*rest, stranger)], into=first.pk, by=specialist, at=NOW + 6 * HOUR)
        assert str(stranger.pk) in str(refused.value)
        assert Merge.objects.count() == 0
        merging.merge([one.pk for one in rest], into=first.pk, by=specialist, at=NOW + 6 * HOUR)
        assert Merge.objects.filter(target=first).count() == 3
        merging.merge([rest[0].pk], into=first.pk, by=specialist, at=NOW + 7 * HOUR)  # once more: nothing
        assert fresh(first).events.filter(kind=EventKind.MERGED).count() == 3

    def test_a_merged_one_takes_along_what_was_merged_into_it(self, specialist, contact):
        first, second, third = (make_ticket(contact=contact, at=NOW + n * HOUR) for n in range(3))
        merging.merge([third.pk], into=second.pk, by=specialist, at=NOW + 3 * HOUR)
        merging.merge([second.pk], into=first.pk, by=specialist, at=NOW + 4 * HOUR)
        assert dict(Merge.objects.values_list("ticket_id", "target_id")) == {third.pk: first.pk, second.pk: first.pk}
        whole()

    @pytest.mark.parametrize("case", ["closed", "target_closed", "older", "customer", "reader", "itself", "missing"])
    def test_what_is_refused_says_why(self, specialist, contact, case):
        first = make_ticket(contact=contact)
        second = make_ticket(contact=contact, at=NOW + HOUR)
        number, into = second.pk, first.pk
        if case in ("closed", "target_closed"):
            closing.close(
                {"closed": number, "target_closed": into}[case],
                resolution=Resolution.SOLVED, text="Исправлено", by=specialist, at=NOW + HOUR,
            )  # fmt: skip
        elif case == "older":
            number, into = into, number
        elif case == "customer":
            number = make_ticket(at=NOW + HOUR).pk
        elif case == "reader":
            number = make_ticket(contact=SignedInContactFactory.create(customer=contact.customer), at=NOW + HOUR).pk
        elif case == "itself":
            number = into
        else:
            number = 10**9
        events = TicketEvent.objects.count()
        with pytest.raises(Refused) as refused:
            merging.merge([number], into=into, by=specialist, at=NOW + 2 * HOUR)
        assert str(refused.value)
        assert (Merge.objects.count(), TicketEvent.objects.count()) == (0, events)

    def test_a_requester_merges_nothing(self, contact):
        first, second = make_ticket(contact=contact), make_ticket(contact=contact, at=NOW + HOUR)
        with pytest.raises(Refused):
            merging.merge([second.pk], into=first.pk, by=contact.user, at=NOW + HOUR)

    def test_two_unknown_senders_are_one_only_by_their_address(self, specialist):
        def unknown(email, hours):
            new = incoming.NewTicket(text="Не входит", channel=Channel.EMAIL, contact_email=email)
            return incoming.register(new, key=uuid.uuid4(), by=None, at=NOW + hours * HOUR)

        first, same, other = unknown("a@x.example", 0), unknown("a@x.example", 1), unknown("b@x.example", 2)
        merging.merge([same.pk], into=first.pk, by=specialist, at=NOW + 3 * HOUR)
        with pytest.raises(Refused):
            merging.merge([other.pk], into=first.pk, by=specialist, at=NOW + 3 * HOUR)

    def test_written_anew_instead_of_answering_it_is_the_answer(self, specialist, contact):
        first = make_ticket(contact=contact)
        work.ask(first.pk, text="Какой счётчик?", by=specialist, at=NOW + HOUR)
        second = make_ticket(contact=contact, at=NOW + 2 * HOUR, text="Счётчик К-7")
        merging.merge([second.pk], into=first.pk, by=specialist, at=NOW + 3 * HOUR)
        target = fresh(first)
        assert (target.status, target.answered_at) == ("clarification", NOW + 3 * HOUR)
        assert target.events.filter(kind=EventKind.ANSWERED).count() == 1
        whole()


class TestAfterwards:
    @pytest.fixture
    def pair(self, specialist, contact):
        first, second = make_ticket(contact=contact), make_ticket(contact=contact, at=NOW + HOUR)
        merging.merge([second.pk], into=first.pk, by=specialist, at=NOW + 2 * HOUR)
        work.take(first.pk, by=specialist, at=NOW + 2 * HOUR)
        return fresh(first), fresh(second)

    def test_an_answer_to_the_old_number_lands_in_the_target(self, pair, contact):
        first, second = pair
        key = uuid.uuid4()
        went = incoming.answer(second.pk, text="Ответ", by=contact.user, at=NOW + 3 * HOUR, key=key)
        assert went.pk == first.pk
        assert fresh(first).answered_at == NOW + 3 * HOUR
        again = incoming.answer(second.pk, text="Ответ", by=contact.user, at=NOW + 3 * HOUR, key=key)
        assert again.pk == first.pk
        assert Message.objects.filter(key=key).count() == 1

    def test_a_form_that_was_sent_before_the_merge_is_not_heard_twice(self, specialist, contact):
        first, second = make_ticket(contact=contact), make_ticket(contact=contact, at=NOW + HOUR)
        key = uuid.uuid4()
        incoming.answer(second.pk, text="Дополнение", by=contact.user, at=NOW + HOUR, key=key)
        merging.merge([second.pk], into=first.pk, by=specialist, at=NOW + 2 * HOUR)
        incoming.answer(second.pk, text="Дополнение", by=contact.user, at=NOW + 3 * HOUR, key=key)
        assert Message.objects.filter(text="Дополнение").count() == 1

    def test_it_is_not_opened_again_by_anybody(self, pair, specialist, contact):
        _first, second = pair
        with pytest.raises(Refused):
            closing.reopen(second.pk, text="Зачем-то", by=specialist, at=NOW + 3 * HOUR)
        assert not policies.may_rate(contact.user, second, now=NOW + 3 * HOUR)
        with pytest.raises(IntegrityError), transaction.atomic():
            Ticket.objects.filter(pk=second.pk).update(status="in_progress", resolution="", closed_at=None)

    def test_who_may_not_read_the_target_any_more_continues_in_a_new_request(self, specialist):
        customer = CustomerFactory.create()
        boss = SignedInContactFactory.create(customer=customer, is_coordinator=True)
        worker = SignedInContactFactory.create(customer=customer)
        first, second = make_ticket(contact=worker), make_ticket(contact=boss, at=NOW + HOUR)
        merging.merge([second.pk], into=first.pk, by=specialist, at=NOW + 2 * HOUR)
        assert Watcher.objects.filter(ticket=first, contact=boss).exists()
        texts = [one.ticket_id for one in own.conversation(worker.user, fresh(first)).items if isinstance(one, Message)]
        assert second.pk not in texts  # what the coordinator wrote is not the worker's to read (I12)
        boss.is_coordinator = False
        boss.save()
        boss.user.refresh_from_db()
        went = incoming.answer(second.pk, text="Ещё", by=type(boss.user).objects.get(pk=boss.user_id),
                               at=NOW + 3 * HOUR, key=uuid.uuid4())  # fmt: skip
        assert went.pk not in (first.pk, second.pk) and went.follows_id == second.pk

    def test_the_requester_is_told_the_number_and_later_of_the_closing_once(self, specialist):
        MailboxFactory.create(smtp_host="mail.example")
        contact = SignedInContactFactory.create(email="one@x.example")
        first = make_ticket(contact=contact)
        same = make_ticket(contact=contact, at=NOW + HOUR)
        elsewhere = make_ticket(contact=contact, at=NOW + HOUR, contact_email="other@x.example")
        merging.merge([same.pk, elsewhere.pk], into=first.pk, by=specialist, at=NOW + 2 * HOUR)
        for number in (same.pk, elsewhere.pk):
            telling.tell(TicketEvent.objects.get(ticket_id=number, kind=EventKind.CLOSED))
        letters = Outgoing.objects.filter(key__startswith="desk:merged:")
        assert sorted(letters.values_list("recipient", flat=True)) == ["one@x.example", "other@x.example"]
        assert all(str(first.pk) in one.text for one in letters)
        assert Notice.objects.filter(user=contact.user, text__contains=str(first.pk)).exists()
        closing.close(first.pk, resolution=Resolution.SOLVED, text="Готово", by=specialist, at=NOW + 3 * HOUR)
        event = TicketEvent.objects.get(ticket=first, kind=EventKind.CLOSED)
        for _again in range(2):
            telling.tell(event)
        told = Outgoing.objects.filter(about=f"ticket:{first.pk}", text__contains="Готово")
        assert sorted(told.values_list("recipient", flat=True)) == ["one@x.example", "other@x.example"]
        assert not Ticket.objects.filter(pk__in=[same.pk, elsewhere.pk], undelivered=True).exists()

    def test_watchers_are_told_no_more_than_they_may_see(self, specialist, contact, pair):
        first, _second = pair
        colleague = SpecialistFactory.create()
        boss = SignedInContactFactory.create(customer=contact.customer, is_coordinator=True)
        for person in ({"user": colleague}, {"contact": boss}):
            Watcher.objects.create(ticket=first, at=NOW, **person)
        work.reply(first.pk, text="Смотрим", by=specialist, at=NOW + 3 * HOUR)
        work.note(first.pk, text=f"@{colleague.login}, взгляни", by=specialist, at=NOW + 3 * HOUR)
        for event in TicketEvent.objects.filter(ticket=first, kind__in=[EventKind.REPLIED, EventKind.NOTED]):
            watching.tell(event)
            watching.tell(event)
        assert Notice.objects.filter(user=colleague).count() == 2
        assert Notice.objects.filter(user=boss.user).count() == 1
        Notice.objects.all().delete()
        type(boss).objects.filter(pk=boss.pk).update(is_coordinator=False)
        type(colleague).objects.filter(pk=colleague.pk).update(roles=[])
        watching.tell(TicketEvent.objects.get(ticket=first, kind=EventKind.REPLIED))
        assert not Notice.objects.exists()


class TestSplit:
    def split(self, message, specialist, **more):
        options = {"subject": "Отдельно", "type_": TicketType.QUESTION, "priority": Priority.LOW, "key": uuid.uuid4()}
        return linking.split(message.pk, by=specialist, at=NOW + 5 * HOUR, **{**options, **more})

    def test_a_message_becomes_a_request_registered_now_and_linked_both_ways(self, specialist, contact):
        ticket = make_ticket(contact=contact)
        incoming.answer(ticket.pk, text="И ещё нет отчёта", by=contact.user, at=NOW + HOUR, key=uuid.uuid4())
        message = Message.objects.get(text="И ещё нет отчёта")
        key = uuid.uuid4()
        made = self.split(message, specialist, key=key)
        again = self.split(message, specialist, key=key)
        assert made.pk == again.pk
        assert (made.registered_at, made.due_at) == (NOW + 5 * HOUR, NOW + timedelta(hours=101))
        assert made.contact_id == contact.pk and made.contact_email == ticket.contact_email
        assert made.messages.get().text == message.text
        assert TicketLink.objects.get().kind == "split"
        assert {event.kind for event in made.events.all()} >= {EventKind.REGISTERED, EventKind.LINKED}
        assert fresh(ticket).events.filter(kind=EventKind.SPLIT, message=message).count() == 1
        whole()

    def test_the_first_message_and_our_own_are_not_split(self, specialist, contact):
        ticket = make_ticket(contact=contact)
        work.reply(ticket.pk, text="Ответ", by=specialist, at=NOW + HOUR)
        for message in ticket.messages.all():
            with pytest.raises(Refused):
                self.split(message, specialist)

    def test_a_strangers_message_goes_to_the_requester_of_the_request(self, specialist, contact):
        ticket = make_ticket(contact=contact)
        said = incoming.Said(text="Я тут не при чём", channel=Channel.EMAIL, contact=ContactFactory.create())
        incoming.hear(ticket.pk, said, key=uuid.uuid4(), at=NOW + HOUR)
        made = self.split(Message.objects.get(text="Я тут не при чём"), specialist)
        assert made.contact_id == contact.pk


@pytest.mark.django_db(transaction=True)
def test_two_that_merge_each_other_leave_one_open():
    """Locked in the order of numbers: one of the two is refused, and nothing waits for ever."""
    contact = SignedInContactFactory.create()
    specialist = SpecialistFactory.create()
    first, second = make_ticket(contact=contact), make_ticket(contact=contact)
    start, verdicts = threading.Barrier(2), []

    def go(number, into):
        try:
            start.wait()
            merging.merge([number], into=into, by=specialist, at=NOW + HOUR)
            verdicts.append("done")
        except Refused:
            verdicts.append("refused")
        finally:
            connection.close()

    pairs = [(first.pk, second.pk), (second.pk, first.pk)]
    threads = [threading.Thread(target=go, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(verdicts) == ["done", "refused"]
    assert Ticket.objects.filter(status="created").count() == 1
    assert Merge.objects.get().target_id == min(first.pk, second.pk)


@pytest.mark.django_db(transaction=True)
def test_a_chain_merged_from_both_ends_at_once_leads_to_one_open_request():
    contact = SignedInContactFactory.create()
    specialist = SpecialistFactory.create()
    first, second, third = (make_ticket(contact=contact, at=NOW + n * HOUR) for n in range(3))
    start = threading.Barrier(2)

    def go(number, into):
        try:
            start.wait()
            merging.merge([number], into=into, by=specialist, at=NOW + 4 * HOUR)
        except Refused:
            pass
        finally:
            connection.close()

    pairs = [(second.pk, first.pk), (third.pk, second.pk)]
    threads = [threading.Thread(target=go, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert Merge.objects.get(pk=second.pk).target_id == first.pk
    ended = Merge.objects.filter(pk=third.pk).first()
    assert ended is None or ended.target_id == first.pk
    whole()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(["merge", "answer", "close", "ask"]), st.integers(0, 4), st.integers(0, 4)),
                max_size=10))  # fmt: skip
def test_whatever_happens_every_number_leads_to_one_living_request(steps):
    with transaction.atomic():
        contact, specialist = SignedInContactFactory.create(), SpecialistFactory.create()
        made = [make_ticket(contact=contact, at=NOW + n * HOUR).pk for n in range(5)]
        said = 0
        for hour, (verb, one, two) in enumerate(steps, start=6):
            at = NOW + hour * HOUR
            try:
                if verb == "merge":
                    merging.merge([made[one]], into=made[two], by=specialist, at=at)
                elif verb == "answer":
                    incoming.answer(made[one], text=f"Слово {hour}", by=contact.user, at=at, key=uuid.uuid4())
                    said += 1
                elif verb == "close":
                    closing.close(made[one], resolution=Resolution.SOLVED, text="Да", by=specialist, at=at)
                else:
                    work.ask(made[one], text="Что?", by=specialist, at=at)
            except Refused:
                continue
        merges = dict(Merge.objects.values_list("ticket_id", "target_id"))
        assert not set(merges) & set(merges.values())
        assert Ticket.objects.filter(pk__in=merges).exclude(status="done").count() == 0
        assert Message.objects.filter(text__startswith="Слово").count() == said
        whole()
        transaction.set_rollback(True)


@pytest.mark.parametrize("by", ["token", "number", "stranger"])
def test_a_letter_to_the_old_number_lands_where_it_goes_on(specialist, by):
    anna = ContactFactory.create(email="anna@voda.example")
    box = MailboxFactory.create(address="support@desk.example", authserv_ids=["mx.desk.example"])
    hour_ago = timezone.now() - HOUR
    first, second = make_ticket(contact=anna, at=hour_ago), make_ticket(contact=anna, at=hour_ago)
    merging.merge([second.pk], into=first.pk, by=specialist, at=timezone.now())
    token = outgoing.message_id_for(kind="merged", number=second.pk, serial="1", mailbox=None)
    raw = {
        "token": letter(sender="anna@voda.example", subject="Re: что там", reply_to_ids=token),
        "number": letter(sender="anna@voda.example", subject=f"Re: [#{second.pk}] Насос"),
        "stranger": letter(sender="boris@other.example", subject=f"[#{second.pk}] Насос"),
    }[by]
    row = intake.take_raw(box, raw, envelope_from="anna@voda.example", now=timezone.now())
    went = Message.objects.get(inbound=row).ticket_id
    if by == "stranger":  # a number alone proves nothing of a stranger
        assert went not in (first.pk, second.pk)
    else:
        assert went == first.pk
