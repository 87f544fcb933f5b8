"""Who sees what on the requester's side (I12), and what bad input meets there."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from provodnik.accounts.roles import Role
from provodnik.channels.models import Channel
from provodnik.core import files
from provodnik.desk import policies
from provodnik.desk.actions import closing, facts, incoming, work
from provodnik.desk.forms.requester import AnswerForm
from provodnik.desk.models import Attachment, Message, Ticket
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    NOW,
    ContactFactory,
    CustomerFactory,
    SignedInContactFactory,
    SpecialistFactory,
    UserFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def requester(client):
    contact = SignedInContactFactory.create()
    client.force_login(contact.user)
    return contact


def answer_to(client, ticket, **more):
    data = {"key": str(uuid.uuid4()), "text": "Вот", **more}
    return client.post(reverse("requests:answer", args=[ticket.pk]), data)


def numbers(user) -> set[int]:
    return set(policies.visible_tickets(type(user).objects.get(pk=user.pk)).values_list("pk", flat=True))


class TestVisible:
    """I12 by kinds of people; `visible_tickets` is what pages, search, counters and files ask."""

    def test_own_the_customers_and_nobody_elses(self):
        own = make_ticket()
        colleague = SignedInContactFactory.create(customer=own.customer)
        coordinator = SignedInContactFactory.create(customer=own.customer, is_coordinator=True)
        theirs = make_ticket(contact=colleague)
        foreign = make_ticket()
        assert numbers(own.contact.user) == {own.pk}
        assert numbers(coordinator.user) == {own.pk, theirs.pk}
        assert numbers(foreign.contact.user) == {foreign.pk}
        assert numbers(UserFactory.create()) == set()
        assert numbers(SpecialistFactory.create()) == {own.pk, theirs.pk, foreign.pk}

    def test_whoever_left_sees_nothing(self):
        for spoil in ("contact", "user", "customer", "moved", "unlinked"):
            ticket = make_ticket()
            contact, user = ticket.contact, ticket.contact.user
            assert numbers(user) == {ticket.pk}
            if spoil == "contact":
                contact.is_active = False
            elif spoil == "customer":
                contact.customer.is_active = False
                contact.customer.save()
            elif spoil == "user":
                user.is_active = False
                user.save()
            elif spoil == "moved":
                contact.customer = CustomerFactory.create()
            else:
                contact.user = None
            contact.save()
            assert numbers(user) == set(), spoil

    def test_whose_it_became_sees_it_and_whose_it_was_does_not(self):
        ticket = make_ticket()
        was, becomes = ticket.contact, SignedInContactFactory.create()
        facts.change_contact(ticket.pk, contact=becomes, by=SpecialistFactory.create(), at=NOW)
        assert numbers(was.user) == set()
        assert numbers(becomes.user) == {ticket.pk}


class TestSpecialistWhoIsAContact:
    """On the requester's pages he is what everybody is there: he sees his own, and nothing internal among it."""

    @pytest.fixture
    def both(self, client):
        contact = SignedInContactFactory.create()
        contact.user.roles = [Role.SPECIALIST.value]
        contact.user.save()
        client.force_login(contact.user)
        return contact

    def test_sees_his_own_alone(self, client, both):
        own, theirs = make_ticket(contact=both), make_ticket(contact=ContactFactory.create(customer=both.customer))
        assert client.get(reverse("requests:show", args=[own.pk])).status_code == 200
        assert client.get(reverse("requests:show", args=[theirs.pk])).status_code == 404
        assert answer_to(client, theirs).status_code == 404

    def test_notes_stay_on_the_workbench(self, client, both):
        ticket = make_ticket(contact=both)
        work.note(ticket.pk, text="канарейка в шахте", by=SpecialistFactory.create(), at=NOW)
        assert "канарейка" not in client.get(reverse("requests:show", args=[ticket.pk])).content.decode()

    def test_reopens_as_a_requester_does(self, client, both):
        ticket = make_ticket(contact=both)
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Вот", by=SpecialistFactory.create(), at=NOW)
        later = policies.reopen_until(Ticket.objects.get(pk=ticket.pk)) + (NOW - NOW)
        user = both.user
        assert policies.may_reopen_by_writing(user, Ticket.objects.get(pk=ticket.pk), now=later)
        late = later.replace(year=later.year + 1)
        assert not policies.may_reopen_by_writing(user, Ticket.objects.get(pk=ticket.pk), now=late)
        assert policies.may_reopen(user, Ticket.objects.get(pk=ticket.pk), now=late)


def test_a_continuation_that_is_not_his_is_not_named(client, requester):
    """A stranger's late letter goes on in a request of its own: its number is nobody else's business (A33)."""
    ticket = make_ticket(contact=requester)
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Вот", by=SpecialistFactory.create(), at=NOW)
    stranger = ContactFactory.create()
    said = incoming.Said(text="Я тоже", channel=Channel.EMAIL, contact=stranger, may_move=False)
    follower = incoming.hear(ticket.pk, said, key=uuid.uuid4(), at=NOW)
    page = client.get(reverse("requests:show", args=[ticket.pk])).content.decode()
    assert reverse("requests:show", args=[follower.pk]) not in page


class TestBadInput:
    @pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**30])
    def test_numbers_of_no_request(self, client, requester, number):
        for name in ("show", "receipt"):
            assert client.get(reverse(f"requests:{name}", args=[number])).status_code == 404
        for name in ("answer", "withdraw", "rate"):
            assert client.post(reverse(f"requests:{name}", args=[number]), {}).status_code == 404

    @pytest.mark.parametrize(
        "query",
        [
            "q=%00",
            "q=%ED%A0%80",
            "q=-",
            "q=or",
            "q=%22",
            "q=-слово",
            "q=" + "я" * 5000,
            "q=999999999999999",
            "before=99999999999999999999",
            "before=-1",
            "before=%D9%A3",
            "before=x&state=x&scope=x",
            "scope=company",
        ],
    )
    def test_questions_to_the_list(self, client, requester, query):
        make_ticket(contact=requester)
        assert client.get(f"{reverse('requests:index')}?{query}").status_code == 200

    @pytest.mark.parametrize("field", ["text", "contact_email", "impact", "subsystem", "page", "key"])
    @pytest.mark.parametrize("value", ["", "\x00", "\ud800".encode("utf-8", "surrogatepass"), "x" * 250_000, "9" * 40])
    def test_any_value_in_any_field(self, client, requester, field, value):
        data = {
            "key": str(uuid.uuid4()),
            "impact": "cannot_enter",
            "text": "Показания пропадают",
            "contact_email": "a@chv.example",
            field: value,
        }
        assert client.post(reverse("requests:new"), data).status_code in (302, 422)

    def test_an_empty_form_is_told_what_it_lacks(self, client, requester):
        response = client.post(reverse("requests:new"), {})
        assert response.status_code == 422
        assert not Ticket.objects.exists()

    def test_a_huge_form_is_refused_without_an_error_page(self, client, requester, settings):
        response = client.post(reverse("requests:new"), {"text": "я" * 6_000_000})
        assert response.status_code == 400
        many = {f"field{number}": "x" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
        assert client.post(reverse("requests:new"), many).status_code == 400

    def test_fields_of_the_table_are_not_fields_of_the_form(self, client, requester):
        """A31: nobody sets what the form does not ask."""
        foreign = SignedInContactFactory.create()
        client.post(
            reverse("requests:new"),
            {
                "key": str(uuid.uuid4()),
                "impact": "question",
                "text": "Вопрос",
                "contact_email": "a@chv.example",
                "contact": foreign.pk,
                "customer": foreign.customer_id,
                "status": "done",
                "priority": "urgent",
                "registered_at": "2020-01-01",
                "due_at": "2030-01-01",
            },
        )
        ticket = Ticket.objects.get()
        assert (ticket.contact, ticket.status, ticket.priority) == (requester, "created", "low")
        assert abs((timezone.now() - ticket.registered_at).total_seconds()) < 3600


class TestUploads:
    def upload(self, size: int) -> TemporaryUploadedFile:
        upload = TemporaryUploadedFile("снимок.png", "image/png", size, None)
        upload.write(b"x" * size)
        upload.seek(0)
        return upload

    def test_stay_in_their_temporary_files(self, monkeypatch):
        """Ten files of 25 MiB in the memory of each thread would be more than the whole product may take."""
        monkeypatch.setattr(
            TemporaryUploadedFile, "read", lambda *_: pytest.fail("the whole file was read"), raising=False
        )
        form = AnswerForm({"key": str(uuid.uuid4())}, MultiValueDict({"files": [self.upload(3_000_000)]}))
        assert form.is_valid(), form.errors

    def test_arrive_whole(self, client, requester):
        ticket = make_ticket(contact=requester)
        large, small = b"0123456789" * 300_000, b"x"
        sent = [SimpleUploadedFile("большой.bin", large), SimpleUploadedFile("малый.txt", small)]
        assert answer_to(client, ticket, files=sent).status_code == 302
        kept = {one.name: files.read(one.blob) for one in Attachment.objects.select_related("blob")}
        assert kept == {"большой.bin": large, "малый.txt": small}

    def test_a_full_disk_keeps_what_was_typed(self, client, requester, monkeypatch):
        def full(*_args: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(files, "_write", full)
        ticket = make_ticket(contact=requester)
        sent = SimpleUploadedFile("снимок.png", b"x" * (files.IN_ROW + 1))
        response = answer_to(client, ticket, text="Редкое слово", files=sent)
        page = response.content.decode().replace("\xa0", " ").replace("&nbsp;", " ")
        assert response.status_code == 422
        assert "Сервер сейчас не может сохранить файлы" in page
        assert "Редкое слово" in page
        assert Message.objects.filter(kind="answer").count() == 0
