"""Facts go out: once, in order, signed, again after failures, and never where they must not."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from provodnik.accounts.models import JournalEntry
from provodnik.core.decisions import Refused
from provodnik.core.outbound import Answer, Forbidden, Unreachable
from provodnik.desk.actions import closing, facts, work
from provodnik.desk.models import TicketEvent
from provodnik.desk.states import Priority, Resolution
from provodnik.desk.tests.factories import (
    AdministratorFactory,
    CustomerFactory,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)
from provodnik.hooks import actions, announce, pauses, queries, schedule, signature
from provodnik.hooks.models import Attempt, Delivery, Subscription
from provodnik.hooks.states import FACTS, DeliveryState
from provodnik.notify.models import Notice

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = timedelta(hours=1)


@pytest.fixture
def lead():
    return LeadFactory.create()


def subscribe(by, **changed):
    given = {
        "name": "Учёт", "address": "https://hooks.example/in", "kinds": list(FACTS), "customer": None,
        "with_details": False, "by": by, "at": NOW - HOUR, **changed,
    }  # fmt: skip
    row, secret = actions.add(**given)
    return row, secret


def tell(ticket):
    """What the worker does after each fact."""
    for event in TicketEvent.objects.filter(ticket=ticket).order_by("pk"):
        announce.hear(event.pk)


class Receiver:
    """Answers as it is told to, one status after another, and keeps what came."""

    def __init__(self, *answers, body=b"ok", headers=None):
        self.answers, self.heard, self.body, self.headers = list(answers), [], body, headers or {}

    def __call__(self, address, body, headers):
        self.heard.append((json.loads(body), body, headers, address))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer, self.headers, self.body)

    @property
    def kinds(self):
        return [(one[0]["event"], one[0].get("request", {}).get("number")) for one in self.heard]


def send(row, receiver, at=None):
    return announce.send_due(row.pk, now=lambda: at or timezone.now(), send=receiver)


def test_every_fact_goes_out_once_in_order_and_signed(lead):
    row, secret = subscribe(lead)
    specialist, ticket = SpecialistFactory.create(), make_ticket(at=NOW)
    work.take(ticket.pk, by=specialist, at=NOW)
    work.note(ticket.pk, text="Для службы.", by=specialist, at=NOW)
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово.", by=specialist, at=NOW)
    tell(ticket)
    tell(ticket)  # the worker died and was told again
    receiver = Receiver()
    assert send(row, receiver) is False
    assert [kind for kind, _number in receiver.kinds] == ["request.registered", "request.taken", "request.closed"]
    told, body, headers, address = receiver.heard[-1]
    assert address == "https://hooks.example/in" and headers["Provodnik-Event"] == "request.closed"
    assert told["request"]["status"] == "done" and told["request"]["resolution"] == "solved"
    assert headers["Provodnik-Delivery"] == told["id"]
    right = headers["Provodnik-Signature"], body, headers["Provodnik-Timestamp"]
    assert signature.is_right(*right, secret, now=timezone.now())
    assert not signature.is_right(right[0], body + b" ", right[2], secret, now=timezone.now())
    assert not signature.is_right(*right, "whsec_other", now=timezone.now())
    assert not signature.is_right(*right, secret, now=timezone.now() + timedelta(minutes=6))
    assert {one.state for one in Delivery.objects.all()} == {"delivered"} and Attempt.objects.count() == 3


def test_nothing_personal_leaves_unless_a_lead_says_so(lead):
    bare, _secret = subscribe(lead, name="без")
    full, _secret = subscribe(lead, name="с", with_details=True)
    contact = SignedInContactFactory.create(name="Журавлёв Пётр", email="zhuravlev@chv.example")
    ticket = make_ticket(contact=contact, at=NOW, text="Канарейка в насосной.")
    other = SignedInContactFactory.create(name="Снегирёв Иван", customer=contact.customer)
    facts.change_contact(ticket.pk, contact=other, by=SpecialistFactory.create(), at=NOW)
    work.note(ticket.pk, text="Секрет службы.", by=SpecialistFactory.create(), at=NOW)
    tell(ticket)
    bodies = {one: " ".join(one.deliveries.values_list("body", flat=True)) for one in (bare, full)}
    for word in ("Журавл", "Снегир", "zhuravlev", "Канарейка", str(contact.customer)):
        assert word not in bodies[bare], word
    assert "Канарейка" in bodies[full] and "Снегир" in bodies[full] and "Секрет" not in bodies[full]


def test_only_the_chosen_facts_of_the_chosen_customer_since_it_was_made(lead):
    ours, theirs = SignedInContactFactory.create(), SignedInContactFactory.create(customer=CustomerFactory.create())
    row, _secret = subscribe(lead, kinds=["closed"], customer=ours.customer)
    old, new, foreign = (
        make_ticket(contact=ours, at=NOW - 5 * HOUR),
        make_ticket(contact=ours),
        make_ticket(contact=theirs),
    )
    for ticket in (new, foreign):
        closing.withdraw(ticket.pk, by=ticket.contact.user, at=NOW)
        tell(ticket)
    specialist = SpecialistFactory.create()
    closing.close(old.pk, resolution=Resolution.SOLVED, text="Да.", by=specialist, at=NOW - 2 * HOUR)
    tell(old)  # before the subscription was made
    assert not Delivery.objects.exists()
    closing.reopen(old.pk, text="Ещё.", by=specialist, at=NOW)
    closing.close(old.pk, resolution=Resolution.SOLVED, text="Да.", by=specialist, at=NOW)
    tell(old)
    assert list(Delivery.objects.values_list("kind", "ticket")) == [("request.closed", old.pk)]
    actions.switch(row.pk, on=False, by=lead, at=NOW)
    tell(old)
    assert Delivery.objects.count() == 1


def test_a_refused_message_keeps_its_own_request_waiting_and_no_other(lead):
    row, _secret = subscribe(lead)
    first, second = make_ticket(at=NOW), make_ticket(at=NOW)
    for ticket in (first, second):
        facts.change_priority(ticket.pk, priority=Priority.HIGH, reason="Так.", by=lead, at=NOW)
        facts.change_priority(ticket.pk, priority=Priority.LOW, reason="Так.", by=lead, at=NOW)
        tell(ticket)
    receiver = Receiver(422)  # the first message alone is not liked
    at = timezone.now()
    send(row, receiver, at)
    assert [number for _kind, number in receiver.kinds] == [first.pk] + [second.pk] * len(receiver.heard[1:])
    receiver.heard.clear()
    send(row, receiver, at + timedelta(seconds=5))
    assert receiver.heard == []
    send(row, receiver, at + timedelta(seconds=11))
    assert receiver.kinds[0] == ("request.registered", first.pk)
    assert [number for _kind, number in receiver.kinds] == [first.pk] * len(receiver.kinds)
    ids = [one[0]["event_id"] for one in receiver.heard]
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    "failure", [503, 500, 429, Unreachable("late"), Unreachable("no_connection"), Forbidden("inside")]
)
def test_a_receiver_that_is_away_is_asked_ever_more_rarely(lead, failure):
    row, _secret = subscribe(lead)
    for _n in range(3):
        tell(make_ticket(at=NOW))
    at, receiver, tries = timezone.now(), Receiver(*[failure] * 5), []
    for second in range(0, 1200, 5):
        before = len(receiver.heard)
        send(row, receiver, at + timedelta(seconds=second))
        tries += [second] * (len(receiver.heard) - before)
    assert tries[:5] == [0, 10, 40, 100, 220]  # one message asks for all: 10, 30, 60, 120 s …
    assert len(receiver.heard) == 5 + 3 and not Delivery.objects.exclude(state="delivered").exists()
    assert Subscription.objects.get().failures == 0


def test_a_receiver_says_when_to_come_again(lead):
    row, _secret = subscribe(lead)
    tell(make_ticket(at=NOW))
    at = timezone.now()
    send(row, Receiver(503, headers={"retry-after": "900"}), at)
    assert Delivery.objects.get().next_try_at == at + timedelta(minutes=15)
    later = at + timedelta(minutes=16)
    send(row, Receiver(503, headers={"retry-after": "99999999"}), later)
    assert Delivery.objects.get().next_try_at == later + timedelta(seconds=30)


def test_after_three_days_it_is_parked_the_webhook_pauses_and_people_are_told(lead):
    administrator = AdministratorFactory.create()
    row, _secret = subscribe(lead)
    ticket = make_ticket(at=NOW)
    tell(ticket)
    at, receiver = timezone.now(), Receiver(*[503] * 10_000)
    tries = 0
    while Delivery.objects.get().state == DeliveryState.PENDING.value and tries < 100:
        send(row, receiver, at + timedelta(days=0) if not tries else Delivery.objects.get().next_try_at)
        Subscription.objects.update(next_try_at=None)
        tries += 1
    row.refresh_from_db()
    assert Delivery.objects.get().state == "parked" and row.paused_at is not None
    assert row.paused_at - at < timedelta(days=4) and 15 < tries < 40
    assert set(Notice.objects.values_list("user_id", flat=True)) == {lead.pk, administrator.pk}
    work.take(ticket.pk, by=SpecialistFactory.create(), at=NOW)
    tell(ticket)  # meanwhile facts are kept
    receiver.heard.clear()
    assert send(row, receiver) is False and receiver.heard == []
    with pytest.raises(Refused):
        actions.send_again(Delivery.objects.first().pk, by=lead, at=NOW)
    assert actions.send_parked_again(row.pk, by=lead, at=NOW) == 1
    fine = Receiver()
    send(row, fine)
    assert [kind for kind, _number in fine.kinds] == ["request.registered", "request.taken"]
    assert Subscription.objects.get().paused_at is None


def test_gone_is_gone(lead):
    row, _secret = subscribe(lead)
    tell(make_ticket(at=NOW))
    send(row, Receiver(410))
    assert Delivery.objects.get().state == "parked" and Subscription.objects.get().paused_at is not None


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 418])
def test_a_redirect_and_a_refusal_are_no_success(lead, status):
    row, _secret = subscribe(lead)
    tell(make_ticket(at=NOW))
    receiver = Receiver(status)
    send(row, receiver)
    found = Delivery.objects.get()
    assert (found.state, found.status, found.failures) == ("pending", status, 1) and len(receiver.heard) == 1


def test_two_secrets_sign_while_one_is_replaced(lead):
    row, old = subscribe(lead)
    new = actions.rotate(row.pk, by=lead, at=NOW)
    tell(make_ticket(at=NOW))
    receiver = Receiver()
    send(row, receiver)
    _told, body, headers, _address = receiver.heard[0]
    for secret in (old, new):
        assert signature.is_right(
            headers["Provodnik-Signature"], body, headers["Provodnik-Timestamp"], secret, now=timezone.now()
        )
    row.refresh_from_db()
    assert len(row.secrets(NOW + timedelta(hours=25))) == 1
    assert old not in row.sealed + row.sealed_previous and new not in row.sealed


def test_a_lost_secret_key_is_told_and_breaks_nothing(lead, settings):
    row, _secret = subscribe(lead)
    tell(make_ticket(at=NOW))
    settings.SECRET_KEY = "x" * 50
    send(row, Receiver())
    assert Delivery.objects.get().error == "secret"


def test_a_check_and_a_message_once_more(lead):
    row, _secret = subscribe(lead)
    actions.ping(row.pk, by=lead, at=NOW)
    receiver = Receiver()
    send(row, receiver)
    assert receiver.heard[0][0]["event"] == "ping" and "request" not in receiver.heard[0][0]
    actions.send_again(Delivery.objects.get().pk, by=lead, at=NOW)
    send(row, receiver)
    assert receiver.heard[0][0]["id"] == receiver.heard[1][0]["id"]
    assert JournalEntry.objects.filter(kind="hooks.subscription", verb="retried").count() == 1


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/", "http://[::1]/x", "ftp://a.example/", "https://u:p@a.example/", "https://a.example:22/", "http://0x7f.1/",
     "http://169.254.169.254/", "https:///", "javascript:alert(1)", "https://a b/", "http://2130706433/"],
)  # fmt: skip
def test_an_address_that_may_not_be_used_is_refused_at_once(lead, address):
    with pytest.raises(Refused) as caught:
        subscribe(lead, address=address)
    assert caught.value.field == "address" and not Subscription.objects.exists()


def test_who_may_do_it():
    administrator, lead = AdministratorFactory.create(), LeadFactory.create()
    for stranger in (SpecialistFactory.create(), SignedInContactFactory.create().user):
        with pytest.raises(Refused):
            subscribe(stranger)
    with pytest.raises(Refused):
        subscribe(administrator, with_details=True)
    row, _secret = subscribe(lead, with_details=True)
    given = {"name": "Учёт", "kinds": ["closed"], "customer": None, "at": NOW, "by": administrator}
    with pytest.raises(Refused):  # texts would go where no lead has sent them
        actions.change(row.pk, address="https://evil.example/", with_details=True, **given)
    tell(make_ticket(at=NOW))
    with pytest.raises(Refused):
        actions.change(row.pk, address="https://evil.example/", with_details=False, **given)
    with pytest.raises(Refused):
        actions.send_again(Delivery.objects.get().pk, by=administrator, at=NOW)
    actions.change(row.pk, address=row.address, with_details=False, **given)
    assert Subscription.objects.get().with_details is False


def test_whose_turn_it_is(lead):
    row, _secret = subscribe(lead)
    now = timezone.now()
    assert queries.due(now) == []
    tell(make_ticket(at=NOW))
    assert queries.due(now) == [row.pk]
    send(row, Receiver(503), now)
    assert queries.due(now + timedelta(seconds=9)) == [] and queries.due(now + timedelta(seconds=11)) == [row.pk]


def test_the_old_is_forgotten(lead):
    row, _secret = subscribe(lead)
    tell(make_ticket(at=NOW))
    now = timezone.now()
    assert schedule.forget_old(now=now + timedelta(days=60)) == 0  # it still waits
    send(row, Receiver())
    assert schedule.forget_old(now=now + timedelta(days=31)) > 0 and not Delivery.objects.exists()


def test_the_pauses_grow_and_end():
    assert [pauses.pause(n).total_seconds() for n in (1, 2, 3, 11, 500)] == [10, 30, 60, 21_600, 21_600]
    assert pauses.next_try(failures=3, first_failed=NOW, now=NOW + timedelta(days=3)) is None


def test_erasure_takes_along_what_was_composed_of_texts(lead):
    subscribe(lead, with_details=True)
    subscribe(lead, name="без")
    ticket = make_ticket(at=NOW)
    tell(ticket)
    assert actions.erase([ticket.pk], frozenset({"texts"})) == []
    assert [one.with_details for one in Delivery.objects.all()] == [False]


def test_the_pages(lead, client):
    client.force_login(lead)
    form = {
        "name": "Учёт",
        "address": "https://hooks.example/in",
        "kinds": ["closed", "registered"],
        "with_details": "on",
    }
    made = client.post("/settings/hooks/new/", form)
    row = Subscription.objects.get()
    assert made.status_code == 302 and row.with_details
    shown = client.get(f"/settings/hooks/{row.pk}/").content.decode()
    assert "whsec_" in shown and "whsec_" not in client.get(f"/settings/hooks/{row.pk}/").content.decode()
    tell(make_ticket(at=timezone.now()))
    send(row, Receiver(500, body=b"<script>alert(1)</script>"))
    found = Delivery.objects.get()
    page = client.get(f"/settings/hooks/{row.pk}/{found.pk}/").content.decode()
    assert "<script>alert" not in page and "Показания пропадают" in page and "500" in page
    wrong = client.post("/settings/hooks/new/", {**form, "address": "http://127.0.0.1/"})
    assert wrong.status_code == 422 and "внутри сети" in wrong.content.decode()
    administrator = AdministratorFactory.create()
    client.force_login(administrator)
    assert "Показания пропадают" not in client.get(f"/settings/hooks/{row.pk}/{found.pk}/").content.decode()
    for n in range(60):
        Delivery.objects.create(
            subscription=row, position=n, kind="ping", body="{}", created_at=NOW, id=uuid.UUID(int=n + 1)
        )
    first = client.get(f"/settings/hooks/{row.pk}/")
    older = first.context["older"]
    assert older and len(client.get(f"/settings/hooks/{row.pk}/?before={older}").context["lines"]) == 11
    for nonsense in ("x", "1~2", "~", "9" * 70 + ".1~" + str(uuid.uuid4())):
        assert client.get(f"/settings/hooks/{row.pk}/?before={nonsense}").status_code == 200
