"""Links, tags, a customer's own fields, watchers: rules and pages."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from provodnik.core.decisions import Refused
from provodnik.desk import typed_fields
from provodnik.desk.actions import closing, incoming, linking, merging, own_fields, tagging, watching
from provodnik.desk.mentions import logins_in
from provodnik.desk.models import (
    EventKind,
    FieldDefinition,
    LinkKind,
    Tag,
    Ticket,
    TicketFields,
    TicketLink,
    Watcher,
)
from provodnik.desk.queries.found import search
from provodnik.desk.queries.marks import Marks
from provodnik.desk.queries.ties import ties
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    NOW,
    AdministratorFactory,
    ContractFactory,
    CustomerFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def specialist():
    return SpecialistFactory.create()


@pytest.fixture
def desk(client, specialist):
    client.force_login(specialist)
    return client


def tied(specialist, ticket):
    return ties(specialist, Ticket.objects.get(pk=ticket.pk))


class TestLinks:
    def test_both_sides_tell_it_and_it_is_unique(self, specialist):
        one, other = make_ticket(), make_ticket()
        made = linking.link(one.pk, other=other.pk, kind=LinkKind.CAUSE, by=specialist, at=NOW + HOUR)
        again = linking.link(one.pk, other=other.pk, kind=LinkKind.CAUSE, by=specialist, at=NOW + HOUR)
        assert made.pk == again.pk
        with pytest.raises(Refused):  # nothing is the cause of its own cause
            linking.link(other.pk, other=one.pk, kind=LinkKind.CAUSE, by=specialist, at=NOW + HOUR)
        related = [(one, other), (other, one)]
        for first, second in related:
            linking.link(first.pk, other=second.pk, kind=LinkKind.RELATED, by=specialist, at=NOW + HOUR)
        assert TicketLink.objects.count() == 2
        assert {tie.number for tie in tied(specialist, one).links} == {other.pk}
        assert {tie.number for tie in tied(specialist, other).links} == {one.pk}
        assert {str(tie.how) for tie in tied(specialist, one).links} != {
            str(tie.how) for tie in tied(specialist, other).links
        }
        for ticket in (one, other):
            assert ticket.events.filter(kind=EventKind.LINKED).count() == 2

    def test_taken_away_it_is_told_as_well(self, specialist):
        one, other, third = make_ticket(), make_ticket(), make_ticket()
        made = linking.link(one.pk, other=other.pk, kind=LinkKind.DUPLICATE, by=specialist, at=NOW + HOUR)
        linking.unlink(third.pk, link_id=made.pk, by=specialist, at=NOW + HOUR)
        assert TicketLink.objects.exists()  # it is not a link of that request
        for _again in range(2):
            linking.unlink(other.pk, link_id=made.pk, by=specialist, at=NOW + HOUR)
        assert not TicketLink.objects.exists()
        assert one.events.filter(kind=EventKind.UNLINKED).count() == 1

    @pytest.mark.parametrize("typed", ["", "abc", "999999999", "-1", "1e3", "9" * 29])
    def test_a_number_that_is_none_is_told(self, desk, typed):
        ticket = make_ticket()
        answer = desk.post(reverse("desk:tie", args=[ticket.pk, "link"]), {"kind": "related", "other": typed})
        assert answer.status_code == 422
        assert not TicketLink.objects.exists()

    def test_itself_is_told(self, desk):
        ticket = make_ticket()
        answer = desk.post(reverse("desk:tie", args=[ticket.pk, "link"]), {"kind": "related", "other": ticket.pk})
        assert answer.status_code == 422

    def test_it_follows_from_the_other(self, desk, specialist):
        one, other = make_ticket(), make_ticket()
        desk.post(reverse("desk:tie", args=[one.pk, "link"]), {"kind": "caused", "other": f"№ {other.pk}"})
        made = TicketLink.objects.get()
        assert (made.one_id, made.other_id, made.kind) == (other.pk, one.pk, "cause")
        page = desk.get(reverse("desk:ticket", args=[one.pk])).content.decode()
        assert f'data-ticket="{other.pk}"' in page
        desk.post(reverse("desk:unlink", args=[one.pk, made.pk]))
        assert not TicketLink.objects.exists()


class TestMergedPages:
    @pytest.fixture
    def pair(self, specialist):
        contact = SignedInContactFactory.create()
        first = make_ticket(contact=contact)
        second = make_ticket(contact=contact, at=NOW + HOUR, text="Вторичная")
        return first, second

    def test_the_old_number_leads_there_for_the_desk_and_for_the_requester(self, desk, pair, client):
        first, second = pair
        answer = desk.post(reverse("desk:tie", args=[second.pk, "merge"]), {"into": first.pk})
        assert answer.status_code == 303
        there = desk.get(reverse("desk:ticket", args=[second.pk]), follow=True)
        assert there.redirect_chain[-1][0].startswith(reverse("desk:ticket", args=[first.pk]))
        assert "Вторичная" in there.content.decode()
        fragment = desk.get(reverse("desk:ticket", args=[second.pk]), headers={"HX-Request": "true"})
        assert fragment["HX-Redirect"].startswith(reverse("desk:ticket", args=[first.pk]))
        assert desk.get(reverse("desk:ticket", args=[second.pk]), {"own": "1"}).status_code == 200
        client.force_login(first.contact.user)
        there = client.get(reverse("requests:show", args=[second.pk]), follow=True)
        assert there.redirect_chain == [(reverse("requests:show", args=[first.pk]), 302)]
        assert "Вторичная" in there.content.decode()
        assert f"№ {first.pk}" in client.get(reverse("requests:index")).content.decode().replace("\xa0", " ")
        answer = client.post(
            reverse("requests:answer", args=[second.pk]), {"text": "Ну как?", "key": str(uuid.uuid4())}
        )
        assert answer["Location"] == reverse("requests:show", args=[first.pk])

    def test_why_it_may_not_be_merged_stands_beside_the_number(self, desk, pair, specialist):
        first, second = pair
        closing.close(first.pk, resolution=Resolution.SOLVED, text="Да", by=specialist, at=NOW + HOUR)
        answer = desk.post(reverse("desk:tie", args=[second.pk, "merge"]), {"into": first.pk})
        assert answer.status_code == 422
        assert str(first.pk) in answer.content.decode()

    def test_all_that_is_tied_to_a_request_is_read_by_one_statement(
        self, desk, pair, specialist, django_assert_max_num_queries
    ):
        first, second = pair
        others = [make_ticket() for _one in range(4)]
        merging.merge([second.pk], into=first.pk, by=specialist, at=NOW + 2 * HOUR)
        url = reverse("desk:ticket", args=[first.pk])
        desk.get(url)
        for one in others:
            linking.link(first.pk, other=one.pk, kind=LinkKind.RELATED, by=specialist, at=NOW + 3 * HOUR)
            tagging.set_tags(first.pk, names=["а", "б", "в"], by=specialist, at=NOW + 3 * HOUR)
            Watcher.objects.get_or_create(ticket=first, user=SpecialistFactory.create(), at=NOW)
        desk.get(url)  # what changed since is counted anew
        with django_assert_max_num_queries(14):
            desk.get(url)

    def test_a_message_becomes_a_request_by_the_page(self, desk, pair):
        first, _second = pair
        incoming.answer(first.pk, text="А ещё нет отчёта", by=first.contact.user, at=NOW + HOUR, key=uuid.uuid4())
        message = first.messages.get(text="А ещё нет отчёта")
        url = reverse("desk:split", args=[first.pk, message.pk])
        assert "А ещё нет отчёта" in desk.get(url).content.decode()
        answer = desk.post(
            url, {"subject": "Нет отчёта", "type": "question", "priority": "low", "key": str(uuid.uuid4())}
        )
        made = Ticket.objects.latest("pk")
        assert answer["Location"].startswith(reverse("desk:ticket", args=[made.pk]))
        assert made.subject == "Нет отчёта"


class TestTags:
    def test_a_new_word_becomes_a_tag_whatever_its_case(self, desk, specialist):
        one, other = make_ticket(), make_ticket()
        for ticket, words in ((one, "Авария, #отчёт"), (other, "АВАРИЯ;; отчёт , ")):
            assert desk.post(reverse("desk:tie", args=[ticket.pk, "tags"]), {"tags": words}).status_code == 303
        assert sorted(Tag.objects.values_list("name", flat=True)) == ["Авария", "отчёт"]
        desk.post(reverse("desk:tie", args=[one.pk, "tags"]), {"tags": "отчёт"})
        assert [name for _pk, name in tied(specialist, one).tags] == ["отчёт"]
        (event,) = one.events.filter(kind=EventKind.TAGGED, data__removed=["Авария"])
        assert event.by == specialist
        tag = Tag.objects.get(name="Авария")
        found = Ticket.objects.filter(Marks.read({"tags": str(tag.pk)}).condition())
        assert list(found) == [Ticket.objects.get(pk=other.pk)]

    def test_bounds(self, specialist):
        ticket = make_ticket()
        for names in (["я" * 41], [f"т{n}" for n in range(21)]):
            with pytest.raises(Refused):
                tagging.set_tags(ticket.pk, names=names, by=specialist, at=NOW)
        assert not Tag.objects.exists()

    def test_an_administrator_names_removes_and_is_told_of_twins(self, client, specialist):
        administrator = AdministratorFactory.create()
        client.force_login(administrator)
        tagging.set_tags(make_ticket().pk, names=["авария", "отчёт"], by=specialist, at=NOW)
        tag = Tag.objects.get(name="авария")
        url = reverse("settings:tag", args=[tag.pk])
        assert client.post(url, {"name": "Отчёт", "is_active": "on"}).status_code == 422
        assert client.post(url, {"name": "Сбой", "is_active": "on"}).status_code == 302
        assert "Сбой" in client.get(reverse("settings:tags")).content.decode()
        client.post(reverse("settings:remove_tag", args=[tag.pk]))
        assert list(Tag.objects.values_list("name", flat=True)) == ["отчёт"]


class TestOwnFields:
    @pytest.fixture
    def contract(self):
        return ContractFactory.create(calendar=None)

    @pytest.fixture
    def contact(self, contract):
        return SignedInContactFactory.create(customer=contract.customer)

    def define(self, contract, **more):
        options = {"label": f"Поле {FieldDefinition.objects.count()}", "kind": "text", **more}
        return FieldDefinition.objects.create(contract=contract, **options)

    def test_the_requester_is_asked_and_the_values_are_typed(self, client, contract, contact, specialist):
        text = self.define(contract, label="Номер насоса", required=True)
        number = self.define(contract, kind="number")
        day = self.define(contract, kind="date")
        choice = self.define(contract, kind="choice", choices=["Север", "Юг"])
        alone = self.define(contract, label="Только нам", asked=False)
        client.force_login(contact.user)
        page = client.get(reverse("requests:new")).content.decode()
        assert "Номер насоса" in page and "Только нам" not in page
        typed = {"impact": "cannot_enter", "text": "Не идёт", "contact_email": "a@b.example", "key": str(uuid.uuid4())}
        assert client.post(reverse("requests:new"), typed).status_code == 422
        typed |= {
            f"field_{text.pk}": "К-7 Верхнереченский",
            f"field_{number.pk}": "4,50",
            f"field_{day.pk}": "2026-11-20",
            f"field_{choice.pk}": "Юг",
            f"field_{alone.pk}": "взлом",
        }
        assert client.post(reverse("requests:new"), typed).status_code == 302
        ticket = Ticket.objects.get()
        assert ticket.fields.values == {
            str(text.pk): "К-7 Верхнереченский",
            str(number.pk): 4.5,
            str(day.pk): "2026-11-20",
            str(choice.pk): "Юг",
        }
        assert [hit.row.number for hit in search(specialist, "Верхнереченский", now=NOW).hits] == [ticket.pk]
        shown = client.get(reverse("requests:show", args=[ticket.pk])).content.decode()
        assert "К-7 Верхнереченский" in shown

    def test_filters_judge_by_kind(self, contract, contact, specialist):
        text, number = self.define(contract), self.define(contract, kind="number")
        flag = self.define(contract, kind="yes_no", asked=False)
        ticket, other = make_ticket(contact=contact), make_ticket(contact=contact)
        typed = {text.pk: "Насос К-7", number.pk: "12", flag.pk: "true"}
        own_fields.set_fields(ticket.pk, typed=typed, by=specialist, at=NOW)
        own_fields.set_fields(other.pk, typed={number.pk: "12,5", flag.pk: "false"}, by=specialist, at=NOW)

        def found(**query):
            marks = Marks.read(query)
            return list(Ticket.objects.filter(marks.condition()).values_list("pk", flat=True))

        assert found(**{f"field_{text.pk}": "насос"}) == [ticket.pk]
        assert found(**{f"field_{number.pk}": "12,0"}) == [ticket.pk]
        assert found(**{f"field_{flag.pk}": "no"}) == [other.pk]
        assert found(**{f"field_{number.pk}": "не число"}) == []
        assert found(field_999999="x") == []

    def test_the_desk_fills_in_and_the_history_tells_it(self, desk, contract, contact, specialist):
        text = self.define(contract, label="Номер насоса", required=True, asked=False)
        ticket = make_ticket(contact=contact)
        assert tied(specialist, ticket).fields[0].missing
        url = reverse("desk:tie", args=[ticket.pk, "fields"])
        assert desk.post(url, {f"field_{text.pk}": ""}).status_code == 422
        assert desk.post(url, {f"field_{text.pk}": "К-7"}).status_code == 303
        event = ticket.events.get(kind=EventKind.FIELDS)
        assert event.data["changed"] == [{"label": "Номер насоса", "old": "", "new": "К-7"}]
        desk.post(url, {f"field_{text.pk}": "К-7"})
        assert ticket.events.filter(kind=EventKind.FIELDS).count() == 1

    def test_of_another_contract_none_is_kept(self, contract, contact, specialist):
        foreign = self.define(ContractFactory.create(calendar=None))
        ticket = make_ticket(contact=contact, fields={foreign.pk: "чужое"})
        assert not TicketFields.objects.exists()
        with pytest.raises(Refused):
            own_fields.set_fields(ticket.pk, typed={foreign.pk: "чужое"}, by=specialist, at=NOW)

    def test_an_administrator_keeps_the_fields_of_a_contract(self, client, contract):
        client.force_login(AdministratorFactory.create())
        url = reverse("settings:add_field", args=[contract.pk])
        typed = {"label": "Участок", "kind": "choice", "choices": "Север\nЮг\nСевер", "asked": "on", "is_active": "on"}
        typed["position"] = "1"
        for few in ("", "Один"):  # told by the action at its field, not by the name of a constraint
            assert list(client.post(url, {**typed, "choices": few}).context["form"].errors) == ["choices"]
        assert client.post(url, typed).status_code == 302
        made = FieldDefinition.objects.get()
        assert made.choices == ["Север", "Юг"]
        assert client.post(url, typed).status_code == 422  # such a name is there
        edit = reverse("settings:field", args=[made.pk])
        client.post(edit, {**typed, "kind": "number"})
        assert FieldDefinition.objects.get().kind == "choice"
        assert "Участок" in client.get(reverse("settings:contract", args=[contract.pk])).content.decode()


class Plain:
    def __init__(self, kind, choices=()):
        self.kind, self.choices = kind, list(choices)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("text", "  К-7  ", "К-7"),
        ("text", " ", None),
        ("number", "1 250,40", 1250.4),
        ("number", "−3", -3),
        ("number", "2,0", 2),
        ("date", "23.11.2026", "2026-11-23"),
        ("date", "2026-11-23", "2026-11-23"),
        ("yes_no", "on", True),
        ("yes_no", "false", False),
        ("choice", "Юг", "Юг"),
    ],
)
def test_values_are_read(kind, typed, value):
    found = typed_fields.read(Plain(kind, ["Юг"]), typed)
    assert (found, type(found)) == (value, type(value))


@given(
    st.sampled_from(["text", "number", "date", "choice", "yes_no"]),
    st.one_of(
        st.text(max_size=600),
        st.sampled_from(["NaN", "1e400", "-Infinity", "1e-9", "9" * 50, "0.00001", "31.02.2026", "٣", "1_0"]),
    ),
)
def test_whatever_is_typed_is_a_value_or_told(kind, typed):
    try:
        value = typed_fields.read(Plain(kind, ["Юг"]), typed)
    except typed_fields.Wrong as wrong:
        assert str(wrong)
    else:
        assert value is None or typed_fields.shown(kind, value)


class TestWatchers:
    def test_the_desk_and_coordinators_but_nobody_who_may_not_see(self, desk, specialist):
        customer = CustomerFactory.create()
        contact = SignedInContactFactory.create(customer=customer)
        boss = SignedInContactFactory.create(customer=customer, is_coordinator=True)
        colleague = SignedInContactFactory.create(customer=customer)
        other = SignedInContactFactory.create(is_coordinator=True)
        ticket = make_ticket(contact=contact)
        desk.post(reverse("desk:watch", args=[ticket.pk]), {"on": "1"})
        assert tied(specialist, ticket).watched
        url = reverse("desk:tie", args=[ticket.pk, "watchers"])
        assert desk.post(url, {"users": [specialist.pk], "contacts": [boss.pk]}).status_code == 303
        for stranger in (colleague, other):
            assert desk.post(url, {"contacts": [stranger.pk]}).status_code == 422
            with pytest.raises(Refused):
                watching.set_watchers(ticket.pk, users=[], contacts=[stranger.pk], by=specialist, at=NOW)
        with pytest.raises(Refused):
            watching.set_watchers(ticket.pk, users=[contact.user_id], contacts=[], by=specialist, at=NOW)
        assert set(Watcher.objects.values_list("contact_id", flat=True)) == {None, boss.pk}
        desk.post(reverse("desk:watch", args=[ticket.pk]), {"on": "0"})
        assert not tied(specialist, ticket).watched

    def test_people_of_the_desk_are_offered_by_a_piece_of_the_name(self, desk):
        found = SpecialistFactory.create(login="miron", full_name="Заозёрский Мирон Петрович")
        work_of = desk.get(reverse("desk:people"), {"q": "мир"}).json()["people"]
        assert work_of == [{"login": "miron", "name": found.full_name}]
        assert desk.get(reverse("desk:people"), {"q": "\x00" + "я" * 300}).json()["people"] == []


@pytest.mark.parametrize(
    ("text", "logins"),
    [
        ("@miron, взгляни", ["miron"]),
        ("(@Miron.) и @olga@chv.example.", ["miron.", "miron", "olga@chv.example.", "olga@chv.example"]),
        ("почта a@b.example не имя", []),
        ("@" * 5000, []),
    ],
)
def test_names_in_a_note(text, logins):
    assert logins_in(text) == logins


def test_a_long_note_names_a_bounded_number_of_people():
    assert len(logins_in(" ".join(f"@u{n}" for n in range(1000)))) <= 42


def test_a_merged_request_is_told_so_in_the_list(desk, specialist):
    contact = SignedInContactFactory.create()
    first, second = make_ticket(contact=contact), make_ticket(contact=contact, at=NOW + HOUR)
    merging.merge([second.pk], into=first.pk, by=specialist, at=NOW + 2 * HOUR)
    page = desk.get(reverse("desk:queue"), {"view": "closed"}).content.decode()
    assert f'data-ticket="{second.pk}"' in page
    assert "Объединено" in page and "Решена" not in page
