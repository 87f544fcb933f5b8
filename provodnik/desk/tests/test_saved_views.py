"""Saved views, filters that combine, columns: in the address, in the rail, bounded, for whom they are."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.desk.actions import views as actions
from provodnik.desk.actions import work
from provodnik.desk.models import Preference, SavedView, Tag, Team, Ticket, TicketTag
from provodnik.desk.queries import rail as rails
from provodnik.desk.queries.filters import Filters
from provodnik.desk.queries.queue import page
from provodnik.desk.queries.rail import rail
from provodnik.desk.queries.views import VIEWS
from provodnik.desk.states import Impact
from provodnik.desk.tests.factories import HOUR, NOW, LeadFactory, SpecialistFactory, make_ticket

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}
DAY = timedelta(days=1)


@pytest.fixture
def agent() -> User:
    user: User = SpecialistFactory.create()
    return user


@pytest.fixture
def desk(client: Client, agent: User) -> Client:
    client.force_login(agent)
    return client


def saved(by: User, name: str = "Срочные", *, shared: bool = False, **query: Any) -> SavedView:
    return actions.save(SavedView(), name=name, query={"view": "open", **query}, shared=shared, by=by, at=NOW)


def shown(agent: User, now: Any = NOW, **query: str) -> list[int]:
    return [row.number for row in page(agent, VIEWS["open"], Filters.read(query), now=now).rows]


class TestFilters:
    def test_each_of_the_new_ones(self, agent: User) -> None:
        one = make_ticket(at=NOW - 3 * DAY, impact=Impact.QUESTION)
        other = make_ticket(at=NOW - HOUR)
        team = Team.objects.create(name="Вторая линия")
        Ticket.objects.filter(pk=one.pk).update(team=team)
        work.ask(other.pk, text="Что на экране?", by=agent, at=NOW)
        tag = Tag.objects.create(name="биллинг")
        TicketTag.objects.create(ticket=other, tag=tag)
        for query, found in (
            ({"type": "question"}, one),
            ({"team": str(team.pk)}, one),
            ({"team": "none"}, other),
            ({"assignee": "me"}, other),
            ({"waiting": "us"}, one),
            ({"waiting": "user"}, other),
            ({"tags": str(tag.pk)}, other),
            ({"until": (NOW - 2 * DAY).date().isoformat()}, one),
            ({"since": (NOW - DAY).date().isoformat()}, other),
            ({"since": (NOW - DAY).date().isoformat(), "waiting": "user", "assignee": "me", "type": "defect"}, other),
        ):
            assert shown(agent, **query) == [found.pk], query

    def test_days_of_the_deadline(self, agent: User) -> None:
        soon, late = make_ticket(at=NOW), make_ticket(at=NOW, impact=Impact.QUESTION)
        assert set(shown(agent, due="week")) == {soon.pk, late.pk}
        assert shown(agent, due="tomorrow") == [soon.pk]
        assert shown(agent, due="today") == []
        assert shown(agent, due=(NOW + DAY).date().isoformat()) == [soon.pk]

    def test_what_is_unknown_counts_as_absent(self) -> None:
        odd = {"type": "x", "team": "-1", "waiting": "them", "since": "9999-99-99", "until": "1", "due": "soon"}
        assert Filters.read(odd) == Filters() and not Filters.read({"saved": "5"})

    def test_they_live_in_the_address(self) -> None:
        query = {"type": "defect", "team": "none", "due": "week", "since": "2026-11-01", "tags": "3,5", "field_7": "К"}
        assert Filters.read(query).as_query() == query
        assert Filters.read({**query, "saved": "4"}).as_query() == {**query, "saved": "4"}

    def test_the_form_keeps_what_was_chosen(self, desk: Client) -> None:
        text = desk.get("/desk/?view=open&type=defect&waiting=us&since=2026-11-01&due=2026-11-30").text
        for piece in ('<option value="defect" selected>', '<option value="us" selected>', 'value="2026-11-01"'):
            assert piece in text
        assert '<option value="2026-11-30" selected>' in text
        assert "/desk/views/new?view=open&amp;type=defect" in text


class TestSaving:
    def test_only_what_the_queue_understands_is_kept(self, agent: User) -> None:
        view = saved(agent, priority="urgent", saved="4", evil="<script>", after="1.2.3")
        assert view.query == {"view": "open", "priority": "urgent"}

    def test_a_view_of_all_is_the_lead_s(self, agent: User) -> None:
        with pytest.raises(Refused):
            saved(agent, shared=True)
        shared = saved(LeadFactory.create(), shared=True)
        for step in (
            lambda: actions.remove(shared, by=agent),
            lambda: actions.move(shared, up=True, by=agent, at=NOW),
            lambda: actions.save(shared, name="Х", query=None, shared=True, by=agent, at=NOW),
        ):
            with pytest.raises(Refused):
                step()

    def test_names_and_numbers_are_bounded(self, agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
        saved(agent)
        with pytest.raises(Refused):
            saved(agent)
        with pytest.raises(Refused):
            saved(agent, "  ")
        monkeypatch.setattr(actions, "MOST_VIEWS", 1)
        with pytest.raises(Refused):
            saved(agent, "Ещё один")

    def test_made_renamed_moved_removed_on_pages(self, desk: Client, agent: User) -> None:
        answer = desk.post("/desk/views/new?view=open&priority=urgent", {"name": "Горит"})
        first = SavedView.objects.get()
        assert answer["Location"] == f"/desk/?view=open&priority=urgent&saved={first.pk}"
        assert (first.owner, first.made_by) == (agent, agent)
        desk.post(f"/desk/views/{first.pk}", {"name": "Горит ярко"})
        first.refresh_from_db()
        assert first.name == "Горит ярко" and first.query["priority"] == "urgent"
        desk.post(f"/desk/views/{first.pk}?view=open&priority=high", {"name": "Высокие"})
        first.refresh_from_db()
        assert first.query == {"view": "open", "priority": "high"}
        second = saved(agent, "Второй")
        desk.post(f"/desk/views/{second.pk}/move", {"to": "up"})
        assert [one.pk for one in rails.views_of(agent)] == [second.pk, first.pk]
        assert "Все открытые · Высокий" in desk.get("/desk/views").text
        desk.post(f"/desk/views/{first.pk}/remove")
        assert not SavedView.objects.filter(pk=first.pk).exists()

    def test_a_colleague_s_own_does_not_exist(self, desk: Client) -> None:
        other = saved(SpecialistFactory.create())
        assert desk.get(f"/desk/views/{other.pk}").status_code == 404
        assert desk.post(f"/desk/views/{other.pk}/remove").status_code == 404

    def test_a_shared_one_is_used_by_all_and_changed_by_the_lead(self, desk: Client) -> None:
        shared = saved(LeadFactory.create(), shared=True)
        assert "Общими для всех управляет руководитель" in desk.get(f"/desk/views/{shared.pk}").text
        desk.post(f"/desk/views/{shared.pk}/remove")
        assert SavedView.objects.filter(pk=shared.pk).exists()


class TestTheRail:
    def test_views_stand_there_with_bounded_counters(self, desk: Client, agent: User, monkeypatch: Any) -> None:
        make_ticket(at=timezone.now())
        mine, shared = (
            saved(agent, "Мои высокие", priority="high", assignee="me"),
            saved(LeadFactory.create(), "Высокие", shared=True, priority="high"),
        )
        counts = {one.name: one.count for one in rail(agent, NOW).saved}
        assert counts == {"Мои высокие": 0, "Высокие": 1}
        page = desk.get(f"/desk/?view=open&priority=high&saved={shared.pk}").text
        seen = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)  # scripts are told some of these words, too
        assert seen.index("Мои высокие") < seen.index("Без исполнителя") < seen.index(">Высокие<")
        assert f'href="/desk/?view=open&amp;priority=high&amp;saved={shared.pk}" aria-current="page"' in page
        assert f'data-view-count="saved:{shared.pk}"' in page
        assert mine.pk

    def test_counted_at_most_to_a_hundred(self, agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rails, "MOST_COUNTED", 2)
        for _one in range(3):
            make_ticket()
        saved(agent, priority="high")
        assert rail(agent, NOW).saved[0].count == 2

    def test_what_costs_too_much_is_not_counted(self, agent: User) -> None:
        saved(agent, "Слова", text="смена")
        saved(agent, "Архив", view="closed")
        assert [one.count for one in rail(agent, NOW).saved] == [None, None]

    def test_no_statement_more_however_many_views(self, agent: User, django_assert_num_queries: Any) -> None:
        for number in range(6):
            saved(agent, f"Вид {number}", priority="high", assignee="me")
        rail(agent, NOW)
        with django_assert_num_queries(1):
            rail(agent, NOW + timedelta(seconds=1))
        make_ticket()
        with django_assert_num_queries(4):  # the look, all built-in counters, the views, all their counters
            rail(agent, NOW + timedelta(seconds=2))

    def test_a_change_is_seen_at_once(self, agent: User) -> None:
        view = saved(agent)
        assert rail(agent, NOW).saved[0].name == "Срочные"
        actions.save(view, name="Горят", query=None, shared=False, by=agent, at=NOW + HOUR)
        assert rail(agent, NOW).saved[0].name == "Горят"
        actions.remove(view, by=agent)
        assert rail(agent, NOW).saved == ()

    def test_the_pulse_tells_their_counters(self, desk: Client, agent: User) -> None:
        view = saved(agent, priority="high")
        make_ticket(at=timezone.now())
        told = desk.get("/desk/pulse?since=0&full=1").json()["counters"]
        assert told[f"saved:{view.pk}"] == {"text": "1", "tone": ""}


class TestColumns:
    def test_a_row_shows_what_was_chosen(self, desk: Client, agent: User, django_assert_max_num_queries: Any) -> None:
        ticket = make_ticket(at=timezone.now())
        tag = Tag.objects.create(name="биллинг <b>")
        TicketTag.objects.create(ticket=ticket, tag=tag)
        form = {"hold": "0", "after_close": "stay", "columns": ["type", "tags", "registered"]}
        assert desk.post("/desk/preferences", form).status_code == 303
        assert Preference.objects.get(user=agent).columns == ["type", "tags", "registered"]
        desk.get("/desk/?view=open")
        with django_assert_max_num_queries(7):
            text = desk.get("/desk/?view=open").text
        row = text[text.index(f'id="row-{ticket.pk}"') :]
        assert "Заявка на дефект · биллинг &lt;b&gt; · сегодня" in row.replace("\xa0", " ")
        assert ticket.requester_name.split()[0] not in row[: row.index("</a>")]
        assert "Заявка на дефект" in desk.get("/desk/?view=open", headers=FRAGMENT).text

    def test_the_usual_ones_cost_nothing(self, desk: Client, agent: User) -> None:
        form = {"hold": "0", "after_close": "stay", "columns": ["customer", "requester", "assignee"]}
        desk.post("/desk/preferences", form)
        assert Preference.objects.get(user=agent).columns == []

    def test_a_strange_one_is_refused(self, desk: Client) -> None:
        form = {"hold": "0", "after_close": "stay", "columns": ["password"]}
        assert desk.post("/desk/preferences", form).status_code == 422
