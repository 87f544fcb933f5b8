"""The way of works (R7): moves, reasons, notice, versions; what the database itself refuses."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from provodnik.accounts.models import User
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.desk.tests.factories import (
    HOUR,
    NOW,
    AdministratorFactory,
    CustomerFactory,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
)
from provodnik.works import policies, states
from provodnik.works.actions import leading
from provodnik.works.models import Work, WorkEvent, WorkEventKind
from provodnik.works.states import Kind, State
from provodnik.works.tests.factories import DAY, make_announced, make_draft, make_incident, new_work

pytestmark = pytest.mark.django_db
LEGAL = {(old.value, new.value) for old in State for new in State if states.is_legal(old, new)}


@pytest.fixture
def lead() -> User:
    user: User = LeadFactory.create()
    return user


def kinds(work: Work) -> list[str]:
    return list(work.events.order_by("pk").values_list("kind", flat=True))


def fresh(work: Work) -> Work:
    return Work.objects.get(pk=work.pk)


class TestStates:
    def test_the_database_knows_the_same_moves(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'works_work_guard'")
            (source,) = cursor.fetchone()
        assert set(re.findall(r"'(\w+)>(\w+)'", source)) == LEGAL

    def test_the_diagram_draws_exactly_the_legal_moves(self) -> None:
        arrows = {tuple(line.strip().split(" --> ")) for line in states.diagram().splitlines()[1:]}
        assert {(a, b) for a, b in arrows if "[*]" not in (a, b)} == LEGAL

    @pytest.mark.parametrize(
        ("text", "good"),
        [
            ("3.4", True),
            ("3.4.1", True),
            ("10.0.12", True),
            ("3", False),
            ("3.4.1.2", False),
            ("03.4", False),
            ("3.4-rc1", False),
            ("v3.4", False),
            ("", False),
        ],
    )
    def test_a_release_is_numbered_by_r2(self, text: str, good: bool) -> None:
        assert states.is_release(text) is good

    @pytest.mark.parametrize(
        ("kind", "before", "late"),
        [
            ("planned", 49, False),
            ("planned", 48, False),
            ("planned", 47, True),
            ("urgent", 1, False),
            ("incident", 0, False),
        ],
    )
    def test_only_planned_works_can_be_told_too_late(self, kind: str, before: int, late: bool) -> None:
        found = states.is_late(kind, told=NOW, starts=NOW + timedelta(hours=before), notice=timedelta(hours=48))
        assert found is late


class TestTheWay:
    def test_planned_works_from_draft_to_end(self, lead: User) -> None:
        work = make_draft(by=lead)
        assert (work.state, work.announced_at, work.sequence) == ("draft", None, 0)
        leading.announce(work.pk, by=lead, at=NOW)
        leading.begin(work.pk, by=lead, at=NOW + 5 * DAY)
        leading.report(work.pk, text="Ставим базу.", by=lead, at=NOW + 5 * DAY + HOUR)
        work = leading.end(work.pk, text="Готово.", by=lead, at=NOW + 5 * DAY + 3 * HOUR)
        assert kinds(work) == ["drafted", "announced", "began", "news", "ended"]
        assert work.state == "ended"
        assert work.began_at == NOW + 5 * DAY
        assert work.finished_at == NOW + 5 * DAY + 3 * HOUR
        assert work.sequence == 2  # begun and ended; news moves nothing

    def test_an_incident_begins_from_its_draft_and_ends_with_words(self, lead: User) -> None:
        work = make_incident(by=lead)
        assert (work.state, work.announced_at, work.began_at) == ("going", NOW, NOW)
        with pytest.raises(Refused) as refused:
            leading.end(work.pk, text=" ", by=lead, at=NOW + HOUR)
        assert refused.value.field == "reason"
        assert leading.end(work.pk, text="Починили.", by=lead, at=NOW + HOUR).state == "ended"

    def test_every_step_twice_is_the_step_once(self, lead: User) -> None:
        work = make_draft(by=lead)
        again = leading.draft(new_work(), key=work.key, by=lead, at=NOW)
        assert again.pk == work.pk
        for _try in range(2):
            leading.announce(work.pk, by=lead, at=NOW, revision=work.revision)
        began = NOW + 5 * DAY
        for _try in range(2):
            leading.begin(work.pk, by=lead, at=began)
        for _try in range(2):
            leading.report(work.pk, text="Идёт.", by=lead, at=began)
        for _try in range(2):
            leading.end(work.pk, text="Готово.", by=lead, at=began + HOUR)
        assert kinds(work) == ["drafted", "announced", "began", "news", "ended"]

    def test_too_late_an_announcement_needs_its_reason_and_keeps_it(self, lead: User) -> None:
        work = make_draft(by=lead, starts_at=NOW + 5 * HOUR, ends_at=NOW + 6 * HOUR)
        with pytest.raises(Refused) as refused:
            leading.announce(work.pk, by=lead, at=NOW)
        assert refused.value.field == "reason"
        assert "48" in str(refused.value)
        leading.announce(work.pk, reason="Ждали поставщика.", by=lead, at=NOW)
        event = work.events.get(kind="announced")
        assert (event.text, event.data) == ("Ждали поставщика.", {"late": True})

    def test_urgent_works_are_never_late(self, lead: User) -> None:
        work = make_draft(by=lead, kind=Kind.URGENT, starts_at=NOW + HOUR, ends_at=None)
        assert leading.announce(work.pk, by=lead, at=NOW).state == "announced"

    def test_planned_works_that_begin_unannounced_need_a_reason(self, lead: User) -> None:
        work = make_draft(by=lead, starts_at=NOW, ends_at=NOW + HOUR)
        with pytest.raises(Refused):
            leading.begin(work.pk, by=lead, at=NOW)
        leading.begin(work.pk, text="Иначе встанет база.", by=lead, at=NOW)
        assert work.events.get(kind="began").data == {"late": True}

    def test_other_dates_are_a_version_with_its_reason(self, lead: User) -> None:
        work = make_announced(by=lead)
        moved = new_work(starts_at=NOW + 6 * DAY, ends_at=NOW + 6 * DAY + HOUR)
        with pytest.raises(Refused) as refused:
            leading.change(work.pk, moved, reason="", by=lead, at=NOW)
        assert refused.value.field == "reason"
        assert fresh(work).starts_at == NOW + 5 * DAY
        leading.change(work.pk, moved, reason="Праздник.", by=lead, at=NOW)
        event = work.events.get(kind="changed")
        assert event.data["starts_at"] == [(NOW + 5 * DAY).isoformat(), (NOW + 6 * DAY).isoformat()]
        assert (fresh(work).sequence, fresh(work).starts_at) == (1, NOW + 6 * DAY)

    def test_moved_nearer_than_the_notice_is_marked_late(self, lead: User) -> None:
        work = make_announced(by=lead)
        leading.change(
            work.pk, new_work(starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR), reason="Срочно.", by=lead, at=NOW
        )
        assert work.events.get(kind="changed").data["late"] is True

    def test_a_draft_is_edited_without_a_word(self, lead: User) -> None:
        work = make_draft(by=lead)
        customer = CustomerFactory.create()
        subsystem = SubsystemFactory.create()
        leading.change(
            work.pk,
            new_work(text="Иначе.", customers=[customer], subsystems=[subsystem]),
            reason="",
            by=lead,
            at=NOW,
        )
        work = fresh(work)
        assert (work.text, list(work.customers.all()), list(work.subsystems.all())) == (
            "Иначе.",
            [customer],
            [subsystem],
        )
        assert (kinds(work), work.sequence) == (["drafted", "edited"], 0)

    def test_the_same_again_is_no_change(self, lead: User) -> None:
        work = make_announced(by=lead)
        leading.change(work.pk, new_work(responsible=lead), reason="Просто.", by=lead, at=NOW)
        assert kinds(work) == ["drafted", "announced"]

    def test_another_person_in_charge_is_not_told_to_people(self, lead: User) -> None:
        work = make_announced(by=lead)
        leading.change(work.pk, new_work(responsible=AdministratorFactory.create()), reason="", by=lead, at=NOW)
        assert (kinds(work)[-1], fresh(work).sequence) == ("edited", 0)

    def test_cancelling_needs_a_reason_once_people_know(self, lead: User) -> None:
        draft = make_draft(by=lead)
        assert leading.cancel(draft.pk, reason="", by=lead, at=NOW).state == "cancelled"
        assert fresh(draft).announced_at is None
        work = make_announced(by=lead)
        with pytest.raises(Refused):
            leading.cancel(work.pk, reason="", by=lead, at=NOW)
        work = leading.cancel(work.pk, reason="Нет сборки.", by=lead, at=NOW)
        assert (work.state, work.sequence) == ("cancelled", 1)

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"title": "  "}, "title"),
            ({"ends_at": None}, "ends_at"),
            ({"ends_at": NOW + 5 * DAY}, "ends_at"),
            ({"release": "3.4-beta"}, "release"),
            ({"starts_at": NOW - 31 * DAY, "ends_at": NOW}, "starts_at"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field(self, lead: User, fields: dict[str, Any], field: str) -> None:
        with pytest.raises(Refused) as refused:
            make_draft(by=lead, **fields)
        assert refused.value.field == field
        assert not Work.objects.exists()

    def test_what_is_over_is_not_changed(self, lead: User) -> None:
        work = make_incident(by=lead)
        leading.end(work.pk, text="Всё.", by=lead, at=NOW + HOUR)
        with pytest.raises(Refused):
            leading.change(work.pk, new_work(kind=Kind.INCIDENT), reason="Так.", by=lead, at=NOW + HOUR)
        for step in (leading.announce, leading.begin, leading.cancel):
            with pytest.raises(Refused):
                step(work.pk, by=lead, at=NOW + HOUR, **({"reason": "x"} if step is leading.cancel else {}))

    def test_moments_that_cannot_be(self, lead: User) -> None:
        work = make_incident(by=lead)
        for until in (NOW - HOUR, NOW + 2 * HOUR):
            with pytest.raises(Refused) as refused:
                leading.end(work.pk, text="Всё.", until=until, by=lead, at=NOW + HOUR)
            assert refused.value.field == "moment"
        with pytest.raises(Refused):
            leading.begin(make_draft(by=lead).pk, since=NOW + HOUR, by=lead, at=NOW, text="x")

    def test_two_people_at_the_same_works(self, lead: User) -> None:
        work = make_announced(by=lead)
        seen = work.revision
        leading.change(work.pk, new_work(text="Первый."), reason="Раз.", by=lead, at=NOW, revision=seen)
        with pytest.raises(ChangedMeanwhile):
            leading.change(work.pk, new_work(text="Второй."), reason="Два.", by=lead, at=NOW, revision=seen)

    def test_the_status_page_names_no_customer(self, lead: User) -> None:
        CustomerFactory.create(name="ООО «Тихая заводь»", short_name="Тихая заводь")
        with pytest.raises(Refused) as refused:
            make_draft(by=lead, public=True, text="У «тихая заводь» не работает вход.")
        assert refused.value.field == "text"
        work = make_announced(by=lead, public=True)
        with pytest.raises(Refused):
            leading.report(work.pk, text="Тихая заводь поднята.", by=lead, at=NOW)
        inner = make_announced(by=lead)
        leading.report(inner.pk, text="Тихая заводь поднята.", by=lead, at=NOW)
        with pytest.raises(Refused) as refused:
            leading.change(inner.pk, new_work(public=True), reason="Пусть видят.", by=lead, at=NOW)
        assert refused.value.field == "public"


class TestWho:
    @pytest.mark.parametrize("factory", [SpecialistFactory, lambda: SignedInContactFactory.create().user])
    def test_only_the_lead_and_administrators_lead_works(self, factory: Any, lead: User) -> None:
        user = factory.create() if hasattr(factory, "create") else factory()
        work = make_announced(by=lead)
        with pytest.raises(Refused):
            make_draft(by=user)
        for step in (
            lambda: leading.announce(make_draft(by=lead).pk, by=user, at=NOW),
            lambda: leading.begin(work.pk, by=user, at=NOW),
            lambda: leading.report(work.pk, text="x", by=user, at=NOW),
            lambda: leading.change(work.pk, new_work(text="x"), reason="x", by=user, at=NOW),
            lambda: leading.cancel(work.pk, reason="x", by=user, at=NOW),
        ):
            with pytest.raises(Refused):
                step()
        assert fresh(work).state == "announced"

    def test_an_administrator_leads_works(self) -> None:
        assert make_announced(by=AdministratorFactory.create()).state == "announced"

    def test_a_contact_sees_what_concerns_his_customer_and_no_drafts(self, lead: User) -> None:
        own, other = SignedInContactFactory.create(), SignedInContactFactory.create()
        for_all = make_announced(by=lead)
        for_own = make_announced(by=lead, customers=[own.customer])
        make_announced(by=lead, customers=[other.customer])
        make_draft(by=lead, customers=[own.customer])
        thrown = make_draft(by=lead)
        leading.cancel(thrown.pk, reason="", by=lead, at=NOW)
        assert set(policies.visible_works(own.user)) == {for_all, for_own}
        specialist = SpecialistFactory.create()
        assert policies.visible_works(specialist).count() == 3
        assert policies.visible_works(lead).count() == 5
        own.is_active = False
        own.save()
        assert not policies.visible_works(User.objects.get(pk=own.user.pk)).exists()


class TestTheDatabaseRefuses:
    @pytest.mark.parametrize("old", list(State))
    @pytest.mark.parametrize("new", list(State))
    def test_illegal_moves(self, lead: User, old: State, new: State) -> None:
        if old == new or (old.value, new.value) in LEGAL:
            return
        work = make_draft(by=lead)
        if old in (State.ANNOUNCED, State.GOING, State.ENDED):
            leading.announce(work.pk, by=lead, at=NOW)
        if old in (State.GOING, State.ENDED):
            leading.begin(work.pk, by=lead, at=NOW)
        if old is State.ENDED:
            leading.end(work.pk, text="x", by=lead, at=NOW)
        if old is State.CANCELLED:
            leading.cancel(work.pk, reason="x", by=lead, at=NOW)
        past = new in (State.ENDED, State.CANCELLED)
        with pytest.raises(IntegrityError, match="illegal move"), transaction.atomic():
            Work.objects.filter(pk=work.pk).update(state=new.value, began_at=NOW, finished_at=NOW if past else None)

    def test_history_is_written_once_and_works_stay(self, lead: User) -> None:
        work = make_draft(by=lead)
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
            WorkEvent.objects.filter(work=work).update(text="иначе")
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM works_workevent")
        with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM works_work")

    def test_a_calendar_version_never_goes_back(self, lead: User) -> None:
        work = make_announced(by=lead)
        leading.begin(work.pk, by=lead, at=NOW)
        assert WorkEvent.objects.filter(work=work, kind=WorkEventKind.BEGAN).exists()
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            Work.objects.filter(pk=work.pk).update(sequence=0)
