"""The requester's pages, asked by owner, coordinator, colleague and stranger."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from provodnik.desk.actions import closing, work
from provodnik.desk.models import Attachment, Message, Ticket
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    NOW,
    ContactFactory,
    MailboxFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def requester(client):
    contact = SignedInContactFactory.create()
    client.force_login(contact.user)
    return contact


def form(**more):
    return {
        "key": str(uuid.uuid4()),
        "impact": "cannot_enter",
        "text": "Показания пропадают после «Сохранить». Пробовала три раза.",
        "contact_email": "a@chv.example",
        **more,
    }


class TestFeedback:
    def test_sent_twice_makes_one_request_and_tells_number_and_deadline(self, client, requester):
        data = form()
        first = client.post(reverse("requests:new"), data, follow=True)
        again = client.post(reverse("requests:new"), data, follow=True)
        ticket = Ticket.objects.get()
        for response in (first, again):
            assert f"Обращение № {ticket.number} записано" in response.content.decode().replace("\xa0", " ")
        assert (ticket.priority, ticket.type, ticket.contact_email) == ("high", "defect", "a@chv.example")
        assert ticket.subject == "Показания пропадают после «Сохранить»"

    def test_errors_stand_beside_fields_and_lose_nothing(self, client, requester):
        response = client.post(reverse("requests:new"), form(impact="", contact_email="нет"))
        page = response.content.decode()
        assert response.status_code == 422
        assert "Пробовала три раза" in page
        assert "Выберите самое похожее" in page
        assert not Ticket.objects.exists()

    def test_context_only_when_agreed(self, client, requester):
        client.post(reverse("requests:new"), form(page="/requests/", share="on"), headers={"user-agent": "Firefox 140"})
        client.post(reverse("requests:new"), form(page="/requests/"), headers={"user-agent": "Firefox 140"})
        agreed, silent = Ticket.objects.order_by("pk")
        assert (agreed.context["browser"], agreed.context["page"]) == ("Firefox 140", "/requests/")
        assert silent.context == {}

    def test_mail_is_named_as_the_other_way_in(self, client, requester):
        MailboxFactory.create(address="help@chv.example")
        MailboxFactory.create(address="old@chv.example", is_active=False)
        page = client.get(reverse("requests:new")).content.decode()
        assert "mailto:help@chv.example" in page and "old@chv.example" not in page

    def test_files_arrive_under_safe_names(self, client, requester):
        upload = SimpleUploadedFile("..\\x\u202egnp.exe", b"MZ", "image/png")
        client.post(reverse("requests:new"), form(files=upload))
        file = Attachment.objects.get()
        assert file.name == "xgnp.exe"

    def test_too_many_files_are_refused_in_words(self, client, requester, settings):
        settings.FILES_LIMIT = 2
        files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(3)]
        response = client.post(reverse("requests:new"), form(files=files))
        assert "Не больше 2 файлов за раз" in response.content.decode().replace("\xa0", " ")

    def test_nobody_without_a_contact(self, client):
        client.force_login(SpecialistFactory.create())
        assert client.get(reverse("requests:new")).status_code == 404


class TestTheRequest:
    def test_owner_reads_colleague_does_not_coordinator_does(self, client, requester):
        ticket = make_ticket(contact=requester)
        url = reverse("requests:show", args=[ticket.pk])
        assert client.get(url).status_code == 200
        colleague = SignedInContactFactory.create(customer=requester.customer)
        client.force_login(colleague.user)
        assert client.get(url).status_code == 404
        coordinator = SignedInContactFactory.create(customer=requester.customer, is_coordinator=True)
        client.force_login(coordinator.user)
        assert client.get(url).status_code == 200

    def test_other_customer_and_ex_contact_get_404(self, client, requester):
        ticket = make_ticket(contact=requester)
        url = reverse("requests:show", args=[ticket.pk])
        stranger = SignedInContactFactory.create(is_coordinator=True)
        client.force_login(stranger.user)
        assert client.get(url).status_code == 404
        requester.is_active = False
        requester.save()
        client.force_login(requester.user)
        assert client.get(url).status_code == 404

    def test_notes_are_nowhere(self, client, requester):
        ticket = make_ticket(contact=requester)
        work.note(ticket.pk, text="канарейка в шахте", by=SpecialistFactory.create(), at=NOW)
        for url in (reverse("requests:show", args=[ticket.pk]), reverse("requests:index") + "?q=канарейка"):
            assert "канарейка в шахте" not in client.get(url).content.decode()
        assert f"№&nbsp;{ticket.pk}" not in client.get(reverse("requests:index") + "?q=канарейка").content.decode()

    def test_a_question_that_waits_stands_first_until_it_is_answered(self, client, requester):
        written = timezone.now() - timedelta(hours=3)
        ticket = make_ticket(contact=requester, text="Показания пропадают", at=written)
        asked = written + timedelta(hours=1)
        work.ask(ticket.pk, text="Какую дату смены выбираете?", by=SpecialistFactory.create(), at=asked)
        url = reverse("requests:show", args=[ticket.pk])
        page = client.get(url).content.decode().replace("\xa0", " ")
        places = [page.index(words) for words in ("Какую дату", "Ваш ответ", "Часы стоят", "Что было раньше")]
        assert places == sorted(places) and "Нужен ваш ответ" in page
        client.post(reverse("requests:answer", args=[ticket.pk]), {"key": str(uuid.uuid4()), "text": "22 ноября"})
        page = client.get(url).content.decode()
        assert "Нужен ваш ответ" not in page and "Что было раньше" not in page

    def test_answer_reopen_withdraw_rate(self, client, requester):
        specialist = SpecialistFactory.create()
        ticket = make_ticket(contact=requester)
        url = reverse("requests:answer", args=[ticket.pk])
        data = {"key": str(uuid.uuid4()), "text": "Дата 22 ноября"}
        for _ in range(2):
            assert client.post(url, data).status_code == 302
        assert Message.objects.filter(kind="answer").count() == 1
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Сделано", by=specialist, at=timezone.now())
        page = client.get(reverse("requests:show", args=[ticket.pk])).content.decode()
        assert "Решена" in page
        assert client.post(reverse("requests:rate", args=[ticket.pk]), {"rating": "5"}).status_code == 302
        assert client.post(url, {"key": str(uuid.uuid4()), "text": "Снова"}).status_code == 302
        ticket.refresh_from_db()
        assert ticket.status == "in_progress"
        withdraw = reverse("requests:withdraw", args=[ticket.pk])
        assert client.post(withdraw, {"key": str(uuid.uuid4())}).status_code == 302
        ticket.refresh_from_db()
        assert (ticket.resolution, ticket.rating) == ("withdrawn", None)

    def test_empty_answer_is_refused_in_words(self, client, requester):
        ticket = make_ticket(contact=requester)
        response = client.post(reverse("requests:answer", args=[ticket.pk]), {"key": str(uuid.uuid4()), "text": " "})
        assert response.status_code == 422
        assert "Сначала напишите текст" in response.content.decode()

    def test_queries_do_not_grow_with_the_conversation(self, client, requester, django_assert_max_num_queries):
        specialist = SpecialistFactory.create()
        ticket = make_ticket(contact=requester)
        for number in range(30):
            work.reply(ticket.pk, text=f"Ответ {number}", by=specialist, at=NOW)
        with django_assert_max_num_queries(12):
            client.get(reverse("requests:show", args=[ticket.pk]))


class TestTheList:
    def test_search_knows_stems_and_yo(self, client, requester):
        make_ticket(contact=requester, text="Не открываются расчётные листки")
        page = client.get(reverse("requests:index") + "?q=расчетных листков").content.decode()
        assert "расчётные листки" in page

    def test_company_scope_is_for_coordinators(self, client, requester):
        other = ContactFactory.create(customer=requester.customer)
        make_ticket(contact=other, text="Чужое обращение коллеги")
        url = reverse("requests:index") + "?scope=company"
        assert "Чужое обращение" not in client.get(url).content.decode()
        requester.is_coordinator = True
        requester.save()
        assert "Чужое обращение" in client.get(url).content.decode()

    def test_bounded_queries(self, client, requester, django_assert_max_num_queries):
        for _ in range(30):
            make_ticket(contact=requester)
        with django_assert_max_num_queries(8):
            client.get(reverse("requests:index"))
