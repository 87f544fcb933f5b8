"""Requests that works explain: tied by two taps, answered together, offered while another is being written."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.desk.actions import closing
from provodnik.desk.models import Message, Ticket, TicketEvent
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    NOW,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
    make_ticket,
)
from provodnik.works.actions import leading, tying
from provodnik.works.models import Answering, AnswerLine, Work, WorkTicket
from provodnik.works.queries import pages
from provodnik.works.tests.factories import make_announced, make_draft, make_incident

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def lead() -> User:
    user: User = LeadFactory.create()
    return user


@pytest.fixture
def agent() -> User:
    user: User = SpecialistFactory.create()
    return user


@pytest.fixture
def incident(lead: User) -> Work:
    return make_incident(by=lead)


def together(work: Work, by: User, **more: object) -> Answering:
    options = {"text": "Починили, проверьте.", "resolution": None, "key": uuid.uuid4(), "by": by, "at": NOW + HOUR}
    return tying.answer_together(work.pk, **{**options, **more})  # type: ignore[arg-type]


class TestTying:
    def test_tied_twice_is_tied_once_and_both_facts_stay(self, incident: Work, agent: User) -> None:
        ticket = make_ticket()
        for _try in range(2):
            tying.tie(incident.pk, ticket.pk, by=agent, at=NOW)
        for _try in range(2):
            tying.untie(incident.pk, ticket.pk, by=agent, at=NOW)
        assert not WorkTicket.objects.exists()
        assert list(incident.events.order_by("pk").values_list("kind", flat=True))[-2:] == ["tied", "untied"]

    def test_only_the_desk_and_only_what_people_know_and_whom_it_concerns(self, lead: User, agent: User) -> None:
        ticket = make_ticket()
        other = SignedInContactFactory.create()
        for work, by in (
            (make_draft(by=lead), agent),
            (make_incident(by=lead, customers=[other.customer]), agent),
            (make_incident(by=lead), ticket.contact.user if ticket.contact else None),
        ):
            assert by is not None
            with pytest.raises(Refused):
                tying.tie(work.pk, ticket.pk, by=by, at=NOW)
        assert not WorkTicket.objects.exists()

    def test_two_taps_beside_the_request(self, client: Client, incident: Work, agent: User) -> None:
        ticket = make_ticket(at=timezone.now())
        client.force_login(agent)
        page = client.get(f"/desk/{ticket.pk}").content.decode()
        assert f'hx-get="/works/beside/{ticket.pk}"' in page  # the first opens the fold
        fold = client.get(f"/works/beside/{ticket.pk}", headers=FRAGMENT).content.decode()
        assert f'hx-post="/works/{incident.pk}/tie/{ticket.pk}"' in fold
        answer = client.post(f"/works/{incident.pk}/tie/{ticket.pk}", headers=FRAGMENT).content.decode()
        assert f'hx-post="/works/{incident.pk}/untie/{ticket.pk}"' in answer
        assert WorkTicket.objects.get().ticket_id == ticket.pk
        plain = client.post(f"/works/{incident.pk}/untie/{ticket.pk}")
        assert plain.headers["Location"] == f"/desk/{ticket.pk}"

    def test_offered_are_those_that_may_explain_it_nearest_first(self, lead: User, agent: User) -> None:
        near, far = SubsystemFactory.create(), SubsystemFactory.create()
        ticket = make_ticket(subsystem=near)
        stranger = SignedInContactFactory.create()
        elsewhere = make_incident(by=lead, subsystems=[far])
        here = make_incident(by=lead, subsystems=[near])
        over = make_incident(by=lead)
        leading.end(over.pk, text="Всё.", by=lead, at=NOW)
        make_incident(by=lead, customers=[stranger.customer])
        make_announced(by=lead)
        make_draft(by=lead)
        assert pages.to_tie(agent, ticket, NOW + HOUR) == [here, elsewhere, over]


class TestAnsweredTogether:
    def test_each_open_one_is_answered_once(self, incident: Work, agent: User) -> None:
        tickets = [make_ticket() for _number in range(3)]
        for ticket in tickets:
            tying.tie(incident.pk, ticket.pk, by=agent, at=NOW)
        closing.close(tickets[2].pk, resolution=Resolution.SOLVED, text="Само.", by=agent, at=NOW)
        key = uuid.uuid4()
        answering = together(incident, agent, key=key)
        assert together(incident, agent, key=key).pk == answering.pk
        for _run in range(2):  # a worker that was killed after its work and before its mark
            tying.answer(answering.pk)
            AnswerLine.objects.update(verdict="waiting")
        tying.answer(answering.pk)
        replies = Message.objects.filter(kind="reply")
        assert {one.ticket_id for one in replies} == {tickets[0].pk, tickets[1].pk}
        assert replies.count() == 2
        assert TicketEvent.objects.filter(kind="replied").count() == 2
        found = pages.last_answering(incident)
        assert found is not None
        assert (found.total, found.done, found.refused, found.done_at is not None) == (2, 2, 0, True)  # type: ignore[attr-defined]

    def test_closed_together_where_it_is_legal_with_a_verdict_for_each(self, incident: Work, agent: User) -> None:
        first, second = make_ticket(), make_ticket()
        for ticket in (first, second):
            tying.tie(incident.pk, ticket.pk, by=agent, at=NOW)
        answering = together(incident, agent, resolution=Resolution.SOLVED)
        # somebody was quicker with one of them
        closing.close(second.pk, resolution=Resolution.SOLVED, text="Само.", by=agent, at=NOW)
        tying.answer(answering.pk)
        assert Ticket.objects.get(pk=first.pk).resolution == "solved"
        verdicts = {line.ticket_id: (line.verdict, bool(line.reason)) for line in answering.lines.all()}
        assert verdicts == {first.pk: ("closed", False), second.pk: ("refused", True)}

    def test_what_is_refused_at_once(self, incident: Work, agent: User, lead: User) -> None:
        with pytest.raises(Refused):
            together(incident, agent)  # nothing is tied
        ticket = make_ticket()
        tying.tie(incident.pk, ticket.pk, by=agent, at=NOW)
        for wrong in (
            {"text": "  "},
            {"resolution": Resolution.COMPLAINT},
            {"by": ticket.contact.user if ticket.contact else None},
        ):
            with pytest.raises(Refused):
                together(incident, **{"by": agent, **wrong})  # type: ignore[arg-type]
        key = uuid.uuid4()
        together(incident, agent, key=key)
        with pytest.raises(Refused):
            together(incident, lead, key=key)  # somebody else's form
        assert Answering.objects.count() == 1

    def test_from_the_page_to_the_verdicts(self, client: Client, incident: Work, agent: User) -> None:
        ticket = make_ticket()
        tying.tie(incident.pk, ticket.pk, by=agent, at=NOW)
        client.force_login(agent)
        address = f"/works/{incident.pk}"
        assert client.post(f"{address}/answer", {"key": uuid.uuid4(), "text": ""}).status_code == 422
        form = {"key": uuid.uuid4(), "text": "Починили.", "resolution": "solved"}
        assert client.post(f"{address}/answer", form).status_code == 302
        assert f'hx-get="{address}/progress"' in client.get(address).content.decode()
        tying.answer(Answering.objects.get().pk)
        assert f"/desk/{ticket.pk}" in client.get(f"{address}/progress").content.decode()
        assert "hx-get" not in client.get(f"{address}/progress", headers=FRAGMENT).content.decode()


class TestKnownAlready:
    def test_of_the_same_subsystem_and_customer_alone(self, client: Client, lead: User) -> None:
        section, other = SubsystemFactory.create(), SubsystemFactory.create()
        contact, stranger = SignedInContactFactory.create(), SignedInContactFactory.create()
        now = timezone.now()
        make_incident(by=lead, at=now, title="Сломан раздел", subsystems=[section])
        make_incident(by=lead, at=now, title="Чужая беда", customers=[stranger.customer])
        make_incident(by=lead, at=now, title="Сломано всё")
        client.force_login(contact.user)
        told = client.get("/works/known", {"subsystem": section.pk}).content.decode()
        assert "Сломан раздел" in told
        assert "Сломано всё" in told
        assert "Чужая беда" not in told
        told = client.get("/works/known", {"subsystem": other.pk}).content.decode()
        assert "Сломан раздел" not in told
        for nonsense in ("", "x", "9" * 40, "-1"):
            assert client.get("/works/known", {"subsystem": nonsense}).status_code == 200

    def test_feedback_asks_for_it(self, client: Client) -> None:
        client.force_login(SignedInContactFactory.create().user)
        assert 'hx-get="/works/known"' in client.get("/requests/new/").content.decode()
