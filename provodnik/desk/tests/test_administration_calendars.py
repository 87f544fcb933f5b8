"""Working calendars as an administrator edits them: what is understood, what is refused, what follows (I4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from provodnik.core.decisions import Refused
from provodnik.desk.actions.administration import calendars as actions
from provodnik.desk.calendars import calendar_of
from provodnik.desk.clock import due_at
from provodnik.desk.forms.administration.fields import HoursField, read_spans, told_spans
from provodnik.desk.models import Calendar, CalendarException, Contract, ProductionDay
from provodnik.desk.queries.administration import preview
from provodnik.desk.tests.factories import (
    NOW,
    AdministratorFactory,
    CalendarFactory,
    ContractFactory,
    SpecialistFactory,
    make_ticket,
)

FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("9:00-18:00", [["09:00", "18:00"]]),
        ("9–18", [["09:00", "18:00"]]),
        ("14:00—18:00, 9.00 - 13.00", [["09:00", "13:00"], ["14:00", "18:00"]]),
        ("0:00–24:00", [["00:00", "00:00"]]),
        ("22-24; 0-6", [["00:00", "06:00"], ["22:00", "00:00"]]),
        ("9-13,13-18", [["09:00", "13:00"], ["13:00", "18:00"]]),
    ],
)
def test_hours_are_read_as_people_write_them(text, spans):
    assert read_spans(text) == spans
    assert read_spans(told_spans(spans)) == spans


@pytest.mark.parametrize(
    "text",
    ["9", "9-", "-18", "18-9", "9-9", "24-25", "9:60-18", "25-26", "9-18-20", "9-14, 13-18", "22-24, 23-24",
     "утро–вечер", "9-10," * 7 + "9-10", "24:00-24:00", "1-2,3-4,5-6,7-8,9-10,11-12,13-14"],
)  # fmt: skip
def test_what_cannot_be_hours_is_refused_in_words(text):
    with pytest.raises(ValidationError) as refusal:
        read_spans(text)
    assert refusal.value.messages


@given(st.text(max_size=120))
def test_no_text_breaks_the_reading(text):
    try:
        spans = read_spans(text)
    except ValidationError:
        return
    assert read_spans(told_spans(spans)) == spans


@given(st.integers(min_value=1, max_value=1000 * 100))
def test_hours_keep_their_value(hundredths):
    field = HoursField()
    typed = f"{hundredths / 100:.2f}".replace(".", ",")
    assert field.clean(field.prepare_value(field.clean(typed))) == timedelta(seconds=hundredths * 36)


@pytest.fixture
def administrator():
    return AdministratorFactory.create()


@pytest.mark.django_db
class TestEditing:
    def due(self, contract: Contract) -> datetime:
        """Deadline of 9 hours from Monday's 09:12, counted anew."""
        fresh = Contract.objects.select_related("calendar").get(pk=contract.pk)
        return due_at(NOW, timedelta(hours=9), calendar=calendar_of(fresh))

    @pytest.fixture
    def contract(self):
        return ContractFactory.create(calendar=CalendarFactory.create())

    def test_a_changed_week_counts_for_the_next_deadline(self, administrator, contract):
        assert self.due(contract) == datetime(2026, 11, 24, 6, 12, tzinfo=UTC)
        calendar = contract.calendar
        calendar.week = {"0": [["09:00", "21:00"]]}
        actions.save_calendar(calendar, by=administrator, at=NOW)
        assert self.due(contract) == datetime(2026, 11, 23, 15, 12, tzinfo=UTC)

    def test_a_day_of_its_own_too_and_its_removal(self, administrator, contract):
        before = self.due(contract)
        day = CalendarException(calendar=contract.calendar, date=date(2026, 11, 24), spans=[])
        actions.save_exception(day, by=administrator, at=NOW)
        assert self.due(contract) == before + timedelta(days=1)
        actions.remove_exception(day, by=administrator, at=NOW)
        assert self.due(contract) == before

    def test_a_production_day_moves_those_that_follow_it(self, administrator, contract):
        ProductionDay.objects.all().delete()
        before = self.due(contract)
        Calendar.objects.update(follows_production=True)
        day = ProductionDay(date=date(2026, 11, 24), kind=ProductionDay.Kind.HOLIDAY)
        actions.save_production_day(day, by=administrator, at=NOW)
        assert self.due(contract) == before + timedelta(days=1)
        actions.remove_production_day(day, by=administrator, at=NOW)
        assert self.due(contract) == before

    def test_a_new_request_is_counted_by_it(self, administrator, contract):
        contact = contract.customer.contacts.create(name="Анна", email="anna@chv.example")
        assert make_ticket(contact=contact).due_at == datetime(2026, 11, 25, 12, 12, tzinfo=UTC)

    @pytest.mark.parametrize(
        "week", [{}, {"0": []}, {"0": [["18:00", "09:00"]]}, {"0": [["x", "y"]]}, {"9": [["09:00", "18:00"]]}]
    )
    def test_one_that_never_opens_or_makes_no_sense_is_refused(self, administrator, contract, week):
        calendar = contract.calendar
        kept = dict(calendar.week)
        calendar.week = week
        with pytest.raises(Refused):
            actions.save_calendar(calendar, by=administrator, at=NOW)
        calendar.refresh_from_db()
        assert calendar.week == kept

    def test_one_that_a_contract_names_is_not_removed(self, administrator, contract):
        with pytest.raises(Refused):
            actions.remove_calendar(contract.calendar, by=administrator, at=NOW)
        assert Calendar.objects.filter(pk=contract.calendar_id).exists()

    def test_nobody_else_may(self, contract):
        with pytest.raises(Refused):
            actions.save_calendar(contract.calendar, by=SpecialistFactory.create(), at=NOW)

    def test_the_shipped_days_come_back_and_edited_ones_stay(self, administrator):
        ProductionDay.objects.all().delete()
        ProductionDay.objects.create(date=date(2026, 1, 1), kind=ProductionDay.Kind.WORKING, note="наш")
        assert actions.add_shipped_days(2026, by=administrator, at=NOW) > 15
        assert ProductionDay.objects.get(date=date(2026, 1, 1)).note == "наш"
        assert actions.add_shipped_days(2026, by=administrator, at=NOW) == 0
        assert not ProductionDay.objects.filter(date__year=2027).exists()

    def test_the_preview_tells_every_day_and_why(self, contract):
        ProductionDay.objects.all().delete()
        Calendar.objects.update(follows_production=True)
        contract.calendar.refresh_from_db()
        ProductionDay.objects.create(date=FRIDAY, kind=ProductionDay.Kind.SHORT, note="Накануне")
        CalendarException.objects.create(
            calendar=contract.calendar, date=date(2026, 11, 28), spans=[["10:00", "00:00"]]
        )
        lines = {line.date: line for line in preview(contract.calendar, today=date(2026, 11, 23))}
        assert len(lines) == 14
        assert (lines[date(2026, 11, 23)].spans, lines[date(2026, 11, 23)].source) == ("09:00–18:00", "")
        assert (lines[FRIDAY].spans, lines[FRIDAY].source) == ("09:00–17:00", "Накануне")
        assert lines[date(2026, 11, 28)].spans == "10:00–24:00"
        assert not lines[date(2026, 11, 29)].is_open


def test_a_week_that_never_opens_is_told_and_what_was_typed_stays(client, db, administrator):
    client.force_login(administrator)
    form = {"name": "Новый", "zone": "Europe/Moscow", **{f"day_{day}": "" for day in range(7)}}
    response = client.post("/settings/calendars/new/", form)
    assert response.status_code == 422
    assert "хотя бы час" in response.text.replace("\xa0", " ")
    wrong = client.post("/settings/calendars/new/", form | {"day_2": "18-9", "day_0": "9-18"})
    assert 'id="id_day_2_error"' in wrong.text
    assert 'value="18-9"' in wrong.text
    assert not Calendar.objects.exists()
