"""The administrator's pages: who sees them, what they keep, what they tell."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import get_resolver, reverse

from provodnik.accounts.models import JournalEntry, User
from provodnik.channels.models import Channel, Inbound, InboundState, Mailbox, Outgoing, OutgoingState
from provodnik.core import files
from provodnik.desk.intake import settling
from provodnik.desk.models import CalendarException, Contact, Contract, Customer, Subsystem
from provodnik.desk.tests.factories import (
    NOW,
    AdministratorFactory,
    CalendarFactory,
    ContactFactory,
    ContractFactory,
    CustomerFactory,
    MailboxFactory,
    SignedInContactFactory,
    SubsystemFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
ROUTES = get_resolver("provodnik.desk.urls.administration").url_patterns
POST_ONLY = {
    "switch_customer", "invite_contact", "link_contact", "unlink_contact", "remove_calendar", "remove_exception",
    "load_production", "remove_production_day", "check_mailbox", "test_letter", "retry_letter", "retry_outgoing",
    "invite_user", "switch_user", "sign_out_user", "reset_factors", "lift_hold",
}  # fmt: skip


@pytest.fixture
def administrator(client):
    user = AdministratorFactory.create()
    client.force_login(user)
    return user


def make_letter(
    state=InboundState.QUARANTINED, raw=b"From: a@b\r\nSubject: x\r\n\r\n<script>alert(1)</script>\x00\xff"
):
    return Inbound.objects.create(
        channel=Channel.EMAIL, content_hash="0" * 64, raw=files.keep(raw), state=state, reason="Не прочитали",
        sender="a@b.example", subject="<b>Тема</b>", received_at=NOW,
    )  # fmt: skip


def make_outgoing(state=OutgoingState.DEAD):
    return Outgoing.objects.create(
        key="k", recipient="a@b.example", subject="Обращение закрыто", text="x", message_id="<m@x>", state=state,
        error="550 No such user", created_at=NOW,
    )  # fmt: skip


@pytest.fixture
def world():
    """One of everything, so that every list has something to show."""
    contact = ContactFactory.create()
    ContractFactory.create(customer=contact.customer)
    SubsystemFactory.create()
    CalendarException.objects.create(calendar=CalendarFactory.create(), date=date(2026, 12, 31), note="Учёт")
    MailboxFactory.create(imap_host="imap.desk.example", smtp_host="smtp.desk.example", fetched_at=NOW)
    make_letter()
    make_outgoing()
    UserFactory.create()


def test_every_page_is_there_when_nothing_is(client, administrator):
    for pattern in ROUTES:
        if pattern.name not in POST_ONLY and "<int:pk>" not in str(pattern.pattern):
            assert client.get(reverse(f"settings:{pattern.name}")).status_code == 200


@pytest.mark.parametrize("name", ["customers", "subsystems", "calendars", "letters", "outgoing", "users", "journal"])
@pytest.mark.parametrize(
    "query", ["q=%00", "q=%25", "q=ничего такого нет", "q=" + "x" * 5000, "page=-1", "page=9999999", "page=x"]
)
def test_lists_take_any_question(client, administrator, world, name, query):
    assert client.get(f"{reverse(f'settings:{name}')}?{query}").status_code == 200


@pytest.mark.parametrize(
    "name", ["overview", "customers", "calendars", "mailboxes", "letters", "outgoing", "users", "journal"]
)
def test_lists_cost_the_same_however_long(client, administrator, name, django_assert_max_num_queries):
    for number in range(12):
        ContractFactory.create()
        MailboxFactory.create()
        CalendarFactory.create()
        SignedInContactFactory.create()
        make_letter(raw=b"x" * number)
    with django_assert_max_num_queries(18):
        client.get(reverse(f"settings:{name}"))


class TestCustomers:
    def test_added_edited_found(self, client, administrator):
        response = client.post(
            "/settings/customers/new/",
            {"name": "Озёрный край", "short_name": "", "domains": "OZERNY.example\n@lake.example"},
        )
        customer = Customer.objects.get()
        assert response.url == f"/settings/customers/{customer.pk}/"
        assert customer.domains == ["ozerny.example", "lake.example"]
        assert "Озёрный край" in client.get("/settings/customers/?q=озёрный").text
        assert "Озёрный край" in client.get("/settings/customers/?q=lake").text

    @pytest.mark.parametrize(
        ("domains", "said"),
        [("не домен", "не домен"), ("gmail.com", "общий почтовый сервис"), ("taken.example", "Чужой")],
    )
    def test_wrong_domains_are_told_and_what_was_typed_stays(self, client, administrator, domains, said):
        CustomerFactory.create(name="Чужой", domains=["taken.example"])
        response = client.post("/settings/customers/new/", {"name": "Новый заказчик", "domains": domains})
        assert response.status_code == 422
        assert 'value="Новый заказчик"' in response.text
        assert domains.split()[0] in response.text
        assert said in response.text

    def test_switched_off_and_on(self, client, administrator):
        customer = CustomerFactory.create()
        for on in ("0", "1"):
            client.post(f"/settings/customers/{customer.pk}/switch/", {"on": on})
            customer.refresh_from_db()
            assert customer.is_active == (on == "1")


class TestContacts:
    FORM = {"name": "Полевая Анна", "email": "anna@chv.example", "is_active": "on"}

    def test_added_and_invited_in_one_step(self, client, administrator):
        customer = CustomerFactory.create()
        client.post(f"/settings/customers/{customer.pk}/contacts/new/", {**self.FORM, "then": "invite"})
        contact = Contact.objects.get()
        assert (contact.user.login, contact.user.email, contact.user.roles) == ("anna@chv.example",) * 2 + ([],)
        assert not contact.user.has_usable_password()

    def test_an_account_of_that_address_is_linked(self, client, administrator):
        user = UserFactory.create(email="anna@chv.example")
        user.set_password("правильный конь батарея")
        user.save()
        contact = ContactFactory.create(email="anna@chv.example")
        client.post(f"/settings/contacts/{contact.pk}/invite/")
        contact.refresh_from_db()
        assert contact.user_id == user.pk

    def test_not_one_that_belongs_to_another(self, client, administrator):
        taken = SignedInContactFactory.create()
        contact = ContactFactory.create()
        response = client.post(f"/settings/contacts/{contact.pk}/link/", {"login": taken.user.login})
        assert response.status_code == 422
        assert taken.name in response.text

    def test_one_address_is_one_person(self, client, administrator):
        other = ContactFactory.create(email="anna@chv.example")
        customer = CustomerFactory.create()
        response = client.post(
            f"/settings/customers/{customer.pk}/contacts/new/", self.FORM | {"email": "ANNA@chv.example"}
        )
        assert response.status_code == 422
        assert other.name in response.text

    def test_who_has_left_is_out(self, client, administrator):
        contact = SignedInContactFactory.create()
        client.post(f"/settings/contacts/{contact.pk}/", {"name": contact.name, "email": contact.email})
        contact.user.refresh_from_db()
        assert not contact.user.is_active

    def test_a_new_address_goes_to_the_account_too(self, client, administrator):
        contact = SignedInContactFactory.create(
            email="old@chv.example", user__email="old@chv.example", user__login="old@chv.example"
        )
        client.post(
            f"/settings/contacts/{contact.pk}/", {"name": contact.name, "email": "new@chv.example", "is_active": "on"}
        )
        contact.user.refresh_from_db()
        assert (contact.user.login, contact.user.email) == ("new@chv.example", "new@chv.example")

    def test_unlinked(self, client, administrator):
        contact = SignedInContactFactory.create()
        client.post(f"/settings/contacts/{contact.pk}/unlink/")
        contact.refresh_from_db()
        assert contact.user is None


class TestContracts:
    FORM = {
        "number": "14-П", "starts_on": "2026-01-12", "ends_on": "2026-12-31", "urgent_allowance": "12",
        "high_allowance": "24", "medium_allowance": "48", "low_allowance": "96,5",
        "reopen_days": "7", "warn_before": "2",
    }  # fmt: skip

    def post(self, client, customer, **changed):
        return client.post(f"/settings/customers/{customer.pk}/contracts/new/", self.FORM | changed)

    def test_added_with_hours_the_russian_way(self, client, administrator):
        customer = CustomerFactory.create()
        assert self.post(client, customer).status_code == 302
        contract = Contract.objects.get()
        assert (contract.low_allowance.total_seconds(), contract.ends_on) == (96.5 * 3600, date(2026, 12, 31))
        assert 'value="96,5"' in client.get(f"/settings/contracts/{contract.pk}/").text

    def test_the_form_begins_with_the_regulation(self, client, administrator):
        page = client.get(f"/settings/customers/{CustomerFactory.create().pk}/contracts/new/").text
        for hours in ("12", "24", "48", "96"):
            assert f'value="{hours}"' in page
            assert f"По регламенту {hours} ч" in page.replace("\xa0", " ")

    @pytest.mark.parametrize(
        ("starts", "ends", "fits"),
        [
            ("2025-01-01", "2026-01-11", True),
            ("2025-01-01", "2026-01-12", False),
            ("2026-12-31", "", False),
            ("2027-01-01", "", True),
            ("2025-01-01", "", False),
            ("2026-03-01", "2026-03-01", False),
        ],
    )
    def test_one_at_a_time(self, client, administrator, starts, ends, fits):
        contract = ContractFactory.create(number="1-А", ends_on=date(2026, 12, 31))
        response = self.post(client, contract.customer, starts_on=starts, ends_on=ends)
        assert response.status_code == (302 if fits else 422)
        if not fits:
            assert "1-А" in response.text
            assert 'value="14-П"' in response.text
        assert self.post(client, CustomerFactory.create(), starts_on=starts, ends_on=ends).status_code == 302

    @pytest.mark.parametrize(
        ("field", "value"),
        [("high_allowance", "0"), ("high_allowance", "-1"), ("high_allowance", "день"), ("high_allowance", "1e9"),
         ("high_allowance", "NaN"), ("high_allowance", "1001"), ("reopen_days", "366"), ("reopen_days", "-1"),
         ("starts_on", "31.02.2026"), ("starts_on", "99999-12-31"), ("ends_on", "2020-01-01"), ("number", "")],
    )  # fmt: skip
    def test_nonsense_is_told_beside_its_field(self, client, administrator, field, value):
        response = self.post(client, CustomerFactory.create(), **{field: value})
        assert response.status_code == 422
        assert f'id="id_{field}_error"' in response.text
        assert not Contract.objects.exists()


def test_subsystems(client, administrator):
    assert (
        client.post("/settings/subsystems/new/", {"name": "Отпуска", "position": "1", "is_active": "on"}).status_code
        == 302
    )
    again = client.post("/settings/subsystems/new/", {"name": "Отпуска", "position": "2"})
    assert again.status_code == 422
    assert Subsystem.objects.count() == 1


class TestUsers:
    FORM = {
        "full_name": "Светлова Галина",
        "login": "svetlova",
        "email": "svetlova@desk.example",
        "roles": ["specialist", "lead"],
    }

    def test_made_and_changed(self, client, administrator):
        response = client.post("/settings/users/new/", self.FORM)
        user = User.objects.get(login="svetlova")
        assert response.url == f"/settings/users/{user.pk}/"
        client.post(response.url, self.FORM | {"roles": []})
        user.refresh_from_db()
        assert user.roles == []

    def test_fields_that_are_not_in_the_form_change_nothing(self, client, administrator):
        client.post("/settings/users/new/", self.FORM | {"password": "x", "is_superuser": "1", "id": "1"})
        assert not User.objects.get(login="svetlova").has_usable_password()

    @pytest.mark.parametrize("role", ["root", "", "Administrator"])
    def test_no_invented_roles(self, client, administrator, role):
        assert client.post("/settings/users/new/", self.FORM | {"roles": [role]}).status_code == 422
        assert not User.objects.filter(login="svetlova").exists()

    def test_the_last_administrator_cannot_shut_himself_out(self, client, administrator):
        mine = f"/settings/users/{administrator.pk}/"
        form = {"full_name": administrator.full_name, "login": administrator.login, "email": administrator.email}
        response = client.post(mine, form)
        assert response.status_code == 422
        assert "единственный администратор" in response.text
        client.post(f"{mine}switch/", {"on": "0"})
        administrator.refresh_from_db()
        assert administrator.is_administrator


class TestMailboxes:
    FORM = {
        "address": "hd@desk.example", "name": "Поддержка", "position": "0", "is_active": "on",
        "imap_host": "imap.desk.example", "imap_port": "993",
        "imap_security": "tls", "imap_username": "hd", "imap_password": "тайна 1",
        "folder": "INBOX",
        "smtp_host": "smtp.desk.example", "smtp_port": "465", "smtp_security": "tls", "smtp_username": "hd",
        "smtp_password": "тайна 2", "authserv_ids": "",
    }  # fmt: skip

    def test_passwords_are_written_and_never_shown(self, client, administrator):
        client.post("/settings/mailboxes/new/", self.FORM)
        mailbox = Mailbox.objects.get()
        assert (mailbox.imap_password, mailbox.smtp_password) == ("тайна 1", "тайна 2")
        assert "тайна" not in client.get(f"/settings/mailboxes/{mailbox.pk}/").text
        assert "тайна" not in str(list(JournalEntry.objects.values_list("data", flat=True)))

    def test_an_empty_password_keeps_the_old_one(self, client, administrator):
        client.post("/settings/mailboxes/new/", self.FORM)
        mailbox = Mailbox.objects.get()
        client.post(
            f"/settings/mailboxes/{mailbox.pk}/",
            self.FORM | {"name": "Другое", "imap_password": "", "smtp_password": ""},
        )
        mailbox.refresh_from_db()
        assert (mailbox.name, mailbox.imap_password) == ("Другое", "тайна 1")

    def test_a_kept_password_does_not_travel_to_another_server(self, client, administrator):
        client.post("/settings/mailboxes/new/", self.FORM)
        mailbox = Mailbox.objects.get()
        moved = self.FORM | {"imap_host": "evil.example", "imap_password": "", "smtp_password": ""}
        response = client.post(f"/settings/mailboxes/{mailbox.pk}/", moved)
        assert response.status_code == 422
        assert 'id="id_imap_password_error"' in response.text

    def test_the_check_tells_its_steps(self, client, administrator):
        """Nothing listens there: the first step says so, in words, and no page breaks."""
        mailbox = MailboxFactory.create(imap_host="127.0.0.1", imap_port=1143, smtp_host="127.0.0.1", smtp_port=22)
        page = client.post(f"/settings/mailboxes/{mailbox.pk}/check/")
        assert page.status_code == 200
        assert page.text.count("tint-edge") >= 2
        assert "Этот порт" in page.text

    def test_a_check_without_servers_says_so(self, client, administrator):
        assert "Проверять нечего" in client.post(f"/settings/mailboxes/{MailboxFactory.create().pk}/check/").text

    def test_a_test_letter_goes_into_the_queue(self, client, administrator):
        mailbox = MailboxFactory.create(smtp_host="smtp.desk.example")
        client.post(f"/settings/mailboxes/{mailbox.pk}/test-letter/", {"recipient": "me@desk.example"})
        letter = Outgoing.objects.get()
        assert (letter.mailbox_id, letter.recipient, letter.state) == (mailbox.pk, "me@desk.example", "pending")


class TestLetters:
    def test_nothing_of_a_letter_runs(self, client, administrator):
        letter = make_letter()
        page = client.get(f"/settings/letters/{letter.pk}/").text
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert "<b>Тема" not in page
        download = client.get(f"/settings/letters/{letter.pk}/raw/")
        assert download.content == files.read(letter.raw)
        assert download["Content-Type"] == "application/octet-stream"
        assert download["Content-Disposition"].startswith("attachment")
        assert "sandbox" in download["Content-Security-Policy"]

    @pytest.mark.parametrize("state", [InboundState.RECEIVED, InboundState.STORED])
    def test_letters_that_became_requests_are_not_shown(self, client, administrator, state):
        assert client.get(f"/settings/letters/{make_letter(state).pk}/").status_code == 404

    def test_tried_again(self, client, administrator, monkeypatch):
        letter = make_letter()

        def settled(pk):
            Inbound.objects.filter(pk=pk).update(state=InboundState.STORED)

        monkeypatch.setattr(settling, "accept", settled)
        assert client.post(f"/settings/letters/{letter.pk}/retry/").url == "/settings/letters/"
        assert JournalEntry.objects.get().verb == "retried"

    def test_a_rejected_one_is_not(self, client, administrator):
        assert client.post(f"/settings/letters/{make_letter(InboundState.REJECTED).pk}/retry/").status_code == 404

    def test_a_dead_letter_goes_out_again(self, client, administrator):
        letter = make_outgoing()
        client.post(f"/settings/outgoing/{letter.pk}/retry/")
        letter.refresh_from_db()
        assert letter.state == OutgoingState.PENDING

    def test_a_sent_one_does_not(self, client, administrator):
        assert client.post(f"/settings/outgoing/{make_outgoing(OutgoingState.SENT).pk}/retry/").status_code == 404


def test_the_journal_tells_it_in_words(client, administrator):
    customer = CustomerFactory.create(name="Было")
    client.post(f"/settings/customers/{customer.pk}/edit/", {"name": "Стало", "domains": ""})
    page = client.get("/settings/journal/").text
    assert administrator.full_name in page
    assert "Было → Стало" in page


def test_a_mailbox_says_from_when_on_letters_are_taken_and_what_is_wrong_in_words(client, administrator):
    box = MailboxFactory.create(address="support@desk.example", imap_host="imap.example", error="login_refused")
    url = reverse("settings:mailbox", args=[box.pk])
    page = client.get(url).content.decode()
    assert "login_refused" not in page and "Сервер не принимает логин или пароль" in page
    assert "нетронутыми" in page
    listed = client.get(reverse("settings:mailboxes")).content.decode()
    assert "login_refused" not in listed and "Сервер не принимает логин или пароль" in listed
    fields = {"name": "x", "address": box.address, "position": 0, "is_active": "on", "folder": "INBOX",
              "imap_host": "imap.example", "imap_port": 993, "imap_security": "tls", "imap_username": "",
              "smtp_port": 465, "smtp_security": "tls", "taken_since": "2026-11-01T09:30"}  # fmt: skip
    assert client.post(url, fields).status_code == 302
    box.refresh_from_db()
    assert box.taken_since.isoformat() == "2026-11-01T06:30:00+00:00"
    assert 'value="2026-11-01T09:30"' in client.get(url).content.decode()
