"""Drafts, recall, presence and «what after closing» as the pages do them."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.desk.actions import presence, work
from provodnik.desk.models import Message, MessageKind, Preference, Presence, Ticket, Unsent
from provodnik.desk.queries.beside import GONE_AFTER, beside
from provodnik.desk.tests.factories import HOUR, MINUTE, SignedInContactFactory, SpecialistFactory, make_ticket

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def agent() -> User:
    user: User = SpecialistFactory.create()
    return user


@pytest.fixture
def colleague() -> User:
    user: User = SpecialistFactory.create(full_name="Светлова-Милорадова Галина Кирилловна")
    return user


@pytest.fixture
def desk(client: Client, agent: User) -> Client:
    client.force_login(agent)
    return client


@pytest.fixture
def ticket() -> Ticket:
    return make_ticket(at=timezone.now() - HOUR)


def said(ticket: Ticket, **fields: Any) -> dict[str, Any]:
    ticket.refresh_from_db()
    last = ticket.events.latest("pk").pk
    filled = {"mode": "reply", "text": "Открыли смену.", "resolution": "solved", "key": str(uuid.uuid4())}
    return {**filled, "revision": ticket.revision, "seen": last, **fields}


def prefer(agent: User, **how: Any) -> None:
    Preference.objects.update_or_create(user=agent, defaults=how)


def events(answer: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(answer["HX-Trigger"])
    return told


class TestDrafts:
    def test_the_script_keeps_it_and_the_page_brings_it_back(self, desk: Client, ticket: Ticket) -> None:
        form = said(ticket, text="Почти <b>готово</b>", mode="ask")
        told = desk.post(f"/desk/{ticket.pk}/draft", form, headers=JSON).json()
        assert ":" in told["at"]
        page = desk.get(f"/desk/{ticket.pk}")
        assert page.context["form"]["mode"].value() == "ask"
        assert "Почти &lt;b&gt;готово&lt;/b&gt;</textarea>" in page.text
        assert "Черновик" in page.text
        assert "Почти" in desk.get("/desk/drafts").text

    def test_nobody_else_reads_it(self, desk: Client, client: Client, ticket: Ticket, colleague: User) -> None:
        desk.post(f"/desk/{ticket.pk}/draft", said(ticket, text="Секрет"), headers=JSON)
        client.force_login(colleague)
        assert "Секрет" not in client.get(f"/desk/{ticket.pk}").text + client.get("/desk/drafts").text
        assert ticket.contact is not None and ticket.contact.user is not None
        client.force_login(ticket.contact.user)
        assert "Секрет" not in client.get(f"/requests/{ticket.pk}/").text

    def test_without_script_a_button_keeps_it(self, desk: Client, ticket: Ticket) -> None:
        answer = desk.post(f"/desk/{ticket.pk}/draft?view=open", said(ticket))
        assert answer.status_code == 303 and answer["Location"] == f"/desk/{ticket.pk}?view=open"
        assert f'formaction="/desk/{ticket.pk}/draft' in desk.get(f"/desk/{ticket.pk}").text

    def test_too_long_is_told(self, desk: Client, ticket: Ticket) -> None:
        answer = desk.post(f"/desk/{ticket.pk}/draft", said(ticket, text="а" * 200_001), headers=JSON)
        assert answer.status_code == 422 and "слишком длинный" in answer.json()["refused"]

    def test_thrown_away(self, desk: Client, ticket: Ticket) -> None:
        desk.post(f"/desk/{ticket.pk}/draft", said(ticket), headers=JSON)
        assert desk.post(f"/desk/{ticket.pk}/draft/delete", {"back": "drafts"})["Location"] == "/desk/drafts"
        assert not Unsent.objects.exists()

    def test_sent_it_is_gone(self, desk: Client, ticket: Ticket) -> None:
        form = said(ticket)
        desk.post(f"/desk/{ticket.pk}/draft", form, headers=JSON)
        desk.post(f"/desk/{ticket.pk}/say", form)
        assert not Unsent.objects.exists()
        assert desk.post(f"/desk/{ticket.pk}/draft", form, headers=JSON).json() == {"at": ""}


class TestHolding:
    def test_it_waits_and_is_taken_back_into_the_editor(self, desk: Client, agent: User, ticket: Ticket) -> None:
        prefer(agent, hold=20)
        answer = desk.post(f"/desk/{ticket.pk}/say?view=open", said(ticket), headers=FRAGMENT)
        held = events(answer)["desk:held"]
        assert held["seconds"] == 20 and "toast" not in events(answer)
        assert "Ответ ждёт отправки" in answer.text
        assert answer.context["form"]["text"].value() is None
        assert not Message.objects.filter(kind=MessageKind.REPLY).exists()
        back = desk.post(held["url"] + "?view=open", headers=FRAGMENT)
        assert back.context["form"]["text"].value() == "Открыли смену."
        assert "Ответ ждёт отправки" not in back.text

    def test_too_late_it_is_told(self, desk: Client, agent: User, ticket: Ticket) -> None:
        answer = desk.post(f"/desk/{ticket.pk}/recall/999", headers=FRAGMENT)
        assert events(answer)["toast"]["tone"] == "warning"

    def test_the_requester_sees_nothing_of_it(self, desk: Client, client: Client, agent: User, ticket: Ticket) -> None:
        prefer(agent, hold=20)
        desk.post(f"/desk/{ticket.pk}/say", said(ticket))
        assert ticket.contact is not None and ticket.contact.user is not None
        client.force_login(ticket.contact.user)
        page = client.get(f"/requests/{ticket.pk}/").text
        assert "Открыли смену." not in page and "В работе" not in page

    def test_a_note_never_waits(self, desk: Client, agent: User, ticket: Ticket) -> None:
        prefer(agent, hold=20)
        desk.post(f"/desk/{ticket.pk}/say", said(ticket, mode="note"))
        assert Message.objects.filter(kind=MessageKind.NOTE).exists()

    def test_what_came_back_says_why(self, desk: Client, agent: User, ticket: Ticket) -> None:
        Unsent.objects.create(ticket=ticket, user=agent, text="Х", changed_at=timezone.now(), returned="Закрыто.")
        assert "Не отправлено: Закрыто." in desk.get(f"/desk/{ticket.pk}").text

    def test_somebody_was_faster(self, desk: Client, agent: User, colleague: User, ticket: Ticket) -> None:
        form = said(ticket)
        prefer(agent, hold=20)
        work.reply(ticket.pk, text="Уже ответила.", by=colleague, at=timezone.now())
        answer = desk.post(f"/desk/{ticket.pk}/say", form, headers=FRAGMENT)
        assert answer.status_code == 409
        assert "Всё равно отправить" in answer.text and "Открыли смену." in answer.text
        assert "Светлова-Милорадова" in answer.text
        again = said(ticket, key=form["key"])
        assert desk.post(f"/desk/{ticket.pk}/say", again, headers=FRAGMENT).status_code == 200
        assert Unsent.objects.get().release_at is not None


class TestAfterClosing:
    @pytest.fixture
    def others(self, ticket: Ticket) -> list[Ticket]:
        return [make_ticket(at=timezone.now() - HOUR + MINUTE * number) for number in (1, 2)]

    def close(self, desk: Client, ticket: Ticket, **how: Any) -> Any:
        return desk.post(f"/desk/{ticket.pk}/say?view=open&priority=high", said(ticket, mode="close"), **how)

    def test_it_stays(self, desk: Client, ticket: Ticket, others: list[Ticket]) -> None:
        answer = self.close(desk, ticket, headers=FRAGMENT)
        assert f"/desk/{others[0].pk}?view=open&amp;priority=high" in answer.text

    @pytest.mark.parametrize("hold", [0, 20])
    def test_the_next_of_this_list(
        self, desk: Client, agent: User, ticket: Ticket, others: list[Ticket], hold: int
    ) -> None:
        prefer(agent, hold=hold, after_close="next")
        told = events(self.close(desk, ticket, headers=FRAGMENT))
        assert told["desk:go"]["url"] == f"/desk/{others[0].pk}?view=open&priority=high"
        assert ("desk:held" in told) == bool(hold)
        assert self.close(desk, others[0])["Location"] == f"/desk/{others[1].pk}?view=open&priority=high"

    def test_the_list(self, desk: Client, agent: User, ticket: Ticket) -> None:
        prefer(agent, after_close="list")
        assert self.close(desk, ticket)["Location"] == "/desk/?view=open&priority=high"

    def test_chosen_on_a_page(self, desk: Client, agent: User) -> None:
        assert desk.post("/desk/preferences", {"hold": "30", "after_close": "next"}).status_code == 303
        chosen = Preference.objects.get(user=agent)
        assert (chosen.hold, chosen.after_close) == (30, "next")
        assert desk.post("/desk/preferences", {"hold": "3000", "after_close": "x"}).status_code == 422


class TestWhoElseIsHere:
    def pulse(self, desk: Client, ticket: Ticket, **more: str) -> Any:
        now = str(int(timezone.now().timestamp() * 1_000_000))
        query = {"since": now, "n": str(ticket.pk), **more}
        return desk.get("/desk/pulse", query)

    def test_a_colleague_is_told_of(
        self, desk: Client, ticket: Ticket, colleague: User, django_assert_max_num_queries: Any
    ) -> None:
        Ticket.objects.update(touched_at=timezone.now() - HOUR)
        with django_assert_max_num_queries(4):
            assert self.pulse(desk, ticket).status_code == 204
        presence.look(ticket.pk, by=colleague, writing=True, now=timezone.now())
        told = self.pulse(desk, ticket).json()["here"]
        assert told["text"].replace("\xa0", " ") == "Светлова-Милорадова Г. К. пишет"
        assert self.pulse(desk, ticket, here=told["mark"]).status_code == 204
        assert "Светлова" in desk.get(f"/desk/{ticket.pk}").text
        assert "Светлова" not in told["mark"]

    def test_half_a_minute_later_he_is_gone(self, agent: User, colleague: User, ticket: Ticket) -> None:
        now = timezone.now()
        presence.look(ticket.pk, by=colleague, writing=False, now=now)
        assert [one.name for one in beside(agent, ticket.pk, now=now).others] == [colleague.full_name]
        assert beside(agent, ticket.pk, now=now + GONE_AFTER).others == []
        assert beside(colleague, ticket.pk, now=now).others == []
        assert presence.forget(now + HOUR * 25) == 1

    def test_nobody_looks_at_what_is_not_there(self, desk: Client) -> None:
        assert desk.get("/desk/pulse?n=999999999&since=0").status_code in (200, 204)
        assert not Presence.objects.exists()

    def test_a_requester_is_told_of_nobody(self, client: Client, ticket: Ticket, colleague: User) -> None:
        presence.look(ticket.pk, by=colleague, writing=True, now=timezone.now())
        assert ticket.contact is not None and ticket.contact.user is not None
        client.force_login(ticket.contact.user)
        assert "Светлова" not in client.get(f"/requests/{ticket.pk}/").text
        client.force_login(SignedInContactFactory.create().user)
        assert client.get(f"/desk/pulse?n={ticket.pk}").status_code == 404


def test_the_palette_finds_requests(desk: Client, ticket: Ticket) -> None:
    found = desk.get("/desk/palette", {"q": "показания"}).json()["requests"]
    assert [one["number"] for one in found] == [ticket.pk]
    assert desk.get("/desk/palette", {"q": "\x00'"}).json() == {"requests": []}
