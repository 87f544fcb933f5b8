"""Prepared answers: a closed list of placeholders, plain substitution, deeds done by the same actions."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.desk import placeholders
from provodnik.desk.actions import macros as actions
from provodnik.desk.actions import tagging
from provodnik.desk.models import Macro, Message, Tag, Ticket
from provodnik.desk.queries import macros
from provodnik.desk.states import Priority
from provodnik.desk.tests.factories import HOUR, NOW, LeadFactory, SpecialistFactory, make_ticket

JSON = {"Accept": "application/json"}


class TestPlaceholders:
    def test_known_ones_are_put_in_whatever_their_case(self) -> None:
        text = "{номер}, {Имя и  отчество}, {СРОК}"
        assert placeholders.fill(text, {"number": "17", "first": "Анна", "due": "завтра"}) == "17, Анна, завтра"

    def test_unknown_ones_are_told_each_once(self) -> None:
        assert placeholders.unknown("{номер} {пароль} {пароль} {0.__class__}") == ["{пароль}", "{0.__class__}"]

    def test_a_value_is_never_read_as_a_text(self) -> None:
        """A subject that looks like a placeholder, a template tag or a format stays what it is (A64)."""
        evil = "{моё имя}{{ settings.SECRET_KEY }}{% load x %}%(x)s"
        assert placeholders.fill("{тема}", {"subject": evil, "me": "нет"}) == evil

    def test_a_brace_is_written_twice(self) -> None:
        assert placeholders.fill("{{номер}} {номер}", {"number": "17"}) == "{номер} 17"
        assert placeholders.unknown("{{пароль}}") == []

    def test_what_is_not_known_stays_for_its_writer_to_see(self) -> None:
        assert placeholders.fill("Здравствуйте, {имя и отчество}!", {"first": ""}) == "Здравствуйте, {имя и отчество}!"
        assert placeholders.left_in("Здравствуйте, {имя и отчество}!") == ["{имя и отчество}"]

    def test_a_name_keeps_to_one_line(self) -> None:
        assert "\n" not in placeholders.fill("{имя заявителя}", {"name": "Анна\r\nBcc: x@x.example"})

    @given(st.text(alphabet="{}абвномер %x\n", max_size=60), st.text(max_size=20))
    def test_nothing_raises_and_nothing_is_put_in_twice(self, text: str, value: str) -> None:
        placeholders.unknown(text)
        once = placeholders.fill(text, {"number": "{номер}" + value})
        assert isinstance(once, str)

    def test_first_names(self) -> None:
        assert placeholders.first_names("Полевая-Луговая Анна Юрьевна") == "Анна Юрьевна"
        assert placeholders.first_names("Анна") == "Анна"
        assert placeholders.first_names("") == ""


@pytest.fixture
def agent() -> User:
    user: User = SpecialistFactory.create()
    return user


@pytest.fixture
def desk(client: Client, agent: User) -> Client:
    client.force_login(agent)
    return client


@pytest.fixture
def ticket() -> Ticket:
    return make_ticket(at=timezone.now() - HOUR)


def made(by: User, *, shared: bool = False, **fields: Any) -> Macro:
    return actions.save(
        Macro(**{"title": "Спасибо", "text": "Спасибо, {имя и отчество}!", **fields}), shared=shared, by=by, at=NOW
    )


@pytest.mark.django_db
class TestKeeping:
    def test_an_unknown_placeholder_is_refused(self, agent: User) -> None:
        with pytest.raises(Refused) as refused:
            made(agent, text="{пароль}")
        assert refused.value.field == "text" and "{пароль}" in str(refused.value)

    def test_only_a_lead_shares(self, agent: User) -> None:
        with pytest.raises(Refused):
            made(agent, shared=True)
        shared = made(LeadFactory.create(), shared=True)
        with pytest.raises(Refused):
            actions.save(shared, shared=True, by=agent, at=NOW)
        with pytest.raises(Refused):
            actions.remove(shared, by=agent)

    def test_a_colleague_s_own_are_not_there(self, agent: User) -> None:
        other = made(SpecialistFactory.create())
        assert other not in macros.of(agent)
        with pytest.raises(Refused):
            actions.remove(other, by=agent)

    def test_a_title_is_taken_once(self, agent: User) -> None:
        made(agent)
        with pytest.raises(Refused):
            made(agent)
        made(SpecialistFactory.create())

    def test_the_page_tells_what_is_wrong(self, desk: Client) -> None:
        answer = desk.post("/desk/macros/new", {"title": "Х", "text": "{пароль}", "mode": "reply"})
        assert answer.status_code == 422
        assert "{пароль}" in answer.text and "Нет такой подстановки" in answer.text

    def test_made_changed_removed_on_pages(self, desk: Client, agent: User) -> None:
        form = {"title": "Мне", "text": "", "mode": "reply", "priority": "low", "assignee": "me"}
        assert desk.post("/desk/macros/new", form).status_code == 303
        macro = Macro.objects.get()
        assert (macro.owner, macro.assign, macro.priority) == (agent, "me", "low")
        assert desk.get(f"/desk/macros/{macro.pk}").status_code == 200
        form = {"title": "Дальше", "text": "Ждём.", "mode": "ask", "assignee": str(agent.pk)}
        desk.post(f"/desk/macros/{macro.pk}", form)
        macro.refresh_from_db()
        assert (macro.title, macro.mode, macro.assign, macro.assignee) == ("Дальше", "ask", "person", agent)
        assert "Дальше" in desk.get("/desk/macros").text
        desk.post(f"/desk/macros/{macro.pk}/remove")
        assert not Macro.objects.exists()

    def test_shared_ones_are_read_by_all_and_changed_by_the_lead(self, desk: Client) -> None:
        shared = made(LeadFactory.create(), shared=True)
        page = desk.get(f"/desk/macros/{shared.pk}").text
        assert "Общими для всех управляет руководитель" in page and 'name="title"' not in page
        assert desk.post(f"/desk/macros/{shared.pk}", {"title": "Х", "mode": "reply"}).status_code == 422


@pytest.mark.django_db
class TestUsing:
    def test_the_editor_is_told_the_filled_text(self, desk: Client, agent: User, ticket: Ticket) -> None:
        made(agent, mode="close", resolution="solved")
        told = desk.get(f"/desk/{ticket.pk}/macros", headers=JSON).json()["macros"]
        assert told[0]["text"] == f"Спасибо, {placeholders.first_names(ticket.requester_name)}!"
        assert told[0]["deeds"] == ["закрыть, «Решена»"]

    def test_without_script_it_is_in_the_form(self, desk: Client, agent: User, ticket: Ticket) -> None:
        macro = made(agent, mode="ask")
        assert f"macro={macro.pk}" in desk.get(f"/desk/{ticket.pk}/macros").text
        form = desk.get(f"/desk/{ticket.pk}?macro={macro.pk}").context["form"]
        assert form["text"].value().startswith("Спасибо, ") and form["mode"].value() == "ask"

    def test_sent_it_does_its_deeds_and_is_counted(self, desk: Client, agent: User, ticket: Ticket) -> None:
        macro = made(agent, priority="low")
        form = {
            "mode": "reply",
            "text": "Спасибо!",
            "key": str(uuid.uuid4()),
            "revision": ticket.revision,
            "macro": macro.pk,
        }
        assert desk.post(f"/desk/{ticket.pk}/say", form).status_code == 303
        ticket.refresh_from_db()
        macro.refresh_from_db()
        assert ticket.priority == Priority.LOW and macro.used == 1
        assert Message.objects.filter(text="Спасибо!").count() == 1

    def test_tags_are_put_on_besides_those_that_there_are(self, desk: Client, agent: User, ticket: Ticket) -> None:
        tagging.set_tags(ticket.pk, names=["биллинг"], by=agent, at=timezone.now())
        put = Tag.objects.create(name="печать")
        desk.post("/desk/macros/new", {"title": "Печать", "text": "", "mode": "reply", "tags": [str(put.pk)]})
        macro = Macro.objects.get()
        assert desk.get(f"/desk/{ticket.pk}/macros", headers=JSON).json()["macros"][0]["deeds"] == ["метки: печать"]
        desk.post(f"/desk/{ticket.pk}/macros/{macro.pk}")
        tags = Tag.objects.filter(tagged__ticket=ticket).values_list("name", flat=True)
        assert sorted(tags) == ["биллинг", "печать"]

    def test_a_stranger_s_macro_in_the_form_does_nothing(self, desk: Client, ticket: Ticket) -> None:
        macro = made(SpecialistFactory.create(), priority="low")
        form = {"mode": "reply", "text": "Х", "key": str(uuid.uuid4()), "revision": ticket.revision, "macro": macro.pk}
        desk.post(f"/desk/{ticket.pk}/say", form)
        ticket.refresh_from_db()
        assert ticket.priority != Priority.LOW

    def test_one_without_text_is_done_at_once(self, desk: Client, agent: User, ticket: Ticket) -> None:
        macro = made(agent, text="", assign="me")
        assert desk.post(f"/desk/{ticket.pk}/macros/{macro.pk}").status_code == 303
        ticket.refresh_from_db()
        assert ticket.assignee == agent
        other = made(agent, title="С текстом")
        assert desk.post(f"/desk/{ticket.pk}/macros/{other.pk}").status_code == 409

    def test_a_text_with_a_gap_is_not_sent(self, desk: Client, ticket: Ticket) -> None:
        form = {"mode": "reply", "text": "До {срок}", "key": str(uuid.uuid4()), "revision": ticket.revision}
        answer = desk.post(f"/desk/{ticket.pk}/say", form)
        assert answer.status_code == 422 and "Осталось заполнить: {срок}" in answer.text
        form["mode"] = "note"
        assert desk.post(f"/desk/{ticket.pk}/say", form).status_code == 303
