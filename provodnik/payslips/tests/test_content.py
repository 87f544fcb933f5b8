"""Sums to the kopeck, plain words, pictures: tables, and properties for whatever 1C may send."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.payslips import pictures
from provodnik.payslips.content import Content, Line, Unclear, composition, difference, read, spending
from provodnik.payslips.plain import explained, is_sensitive
from provodnik.payslips.states import Group

sums = st.decimals(min_value="-999999.99", max_value="9999999.99", places=2)
names = st.sampled_from(["Оклад", "Премия", "оклад ", "Районный коэффициент", "НДФЛ", "Алименты", "Аванс"])


@st.composite
def contents(draw: st.DrawFn) -> Content:
    told = draw(st.lists(st.tuples(st.sampled_from(list(Group)), names, sums), max_size=12))
    return Content(tuple(Line(place, group.value, name, amount) for place, (group, name, amount) in enumerate(told)))


@given(contents(), contents())
def test_the_parts_of_a_difference_make_the_whole(now: Content, before: Content) -> None:
    changes = difference(now, before)
    assert sum((one.change for one in changes), Decimal(0)) == now.net - before.net
    assert all(one.change and one.group != Group.PAYMENT for one in changes)
    assert [abs(one.change) for one in changes] == sorted((abs(one.change) for one in changes), reverse=True)
    assert difference(now, now) == []


@given(contents())
def test_shares_make_the_whole_and_groups_the_net(content: Content) -> None:
    accrued = content.of(Group.PAY, Group.OTHER)
    for shares, whole in ((composition(accrued), content.accrued), (spending(content, "net"), content.accrued)):
        assert not shares or sum((one.sum for one in shares), Decimal(0)) == whole
        assert not shares or abs(sum(one.part for one in shares) - 1) < 1e-9
        assert "style" not in pictures.whole(shares, title="x", rest="y")
    hidden = [*composition(accrued, unnamed={"Премия"}), *spending(content, "net", unnamed={"Премия"})]
    assert "Премия" not in {one.name for one in hidden}
    assert content.net == content.accrued - content.withheld
    assert content.net == sum((line.signed for line in content.lines if line.group != Group.PAYMENT), Decimal(0))


@given(sums, sums, sums, sums)
def test_what_adds_up_however_1c_prints_the_debt(pay: Decimal, tax: Decimal, paid: Decimal, debt: Decimal) -> None:
    lines = (Line(0, "pay", "а", pay), Line(1, "deduction", "б", tax), Line(2, "payment", "в", paid))
    left = debt + pay - tax - paid
    for to_pay, after in ((left, None), (left, Decimal(0)), (left, left), (left - 5, Decimal(5))):
        assert Content(lines, to_pay, debt, after).adds_up is True
    assert Content((*lines, Line(3, "payment", "г", left)), left, debt, Decimal(0)).adds_up is True
    wrong = left + Decimal("0.01")
    assert Content(lines, wrong, debt, Decimal(0)).adds_up is (wrong == paid and left == 0)
    assert Content((), left, debt, None).adds_up is None and Content(lines).adds_up is None


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"sum": "0.001"}, "lines.0.sum"),
        ({"sum": "10000000000"}, "lines.0.sum"),
        ({"name": "  "}, "lines.0.name"),
    ],
)
def test_what_is_no_payslip(line: dict[str, str], field: str) -> None:
    with pytest.raises(Unclear) as wrong:
        read({"lines": [{"group": "pay", "name": "Оклад", "sum": "1"} | line]})
    assert wrong.value.field == field


def test_what_a_line_means() -> None:
    for group, name, words in (
        ("pay", "Оклад по дням", "Основная часть"),
        ("pay", "Доплата за работу в ночное время", "22:00"),
        ("pay", "Районный коэффициент", "климата"),
        ("pay", "Надбавка за выслугу лет", "с годами"),
        ("other", "Отпуск дополнительный", ""),
        ("other", "Компенсация за задержку выплаты зарплаты", "236"),
        ("other", "Компенсация неиспользованного отпуска", "неиспользованные"),
        ("other", "Больничный", "первые три"),
        ("deduction", "НДФЛ исчисленный", "налог"),
        ("deduction", "Удержание по исполнительному листу", "исполнительному"),
        ("payment", "Аванс (ведомость № 7)", "первую половину"),
        ("pay", "Вид, которого никто не знает", ""),
    ):
        assert words in explained(group, name), name
        assert bool(words) == bool(explained(group, name)) or name == "Отпуск дополнительный", name
    assert [is_sensitive(name) for name in ("Алименты", "Удержание по Исполнительному листу", "Оклад", "НДФЛ")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_a_year_in_bars() -> None:
    year = [(date(2026, month, 1), Decimal(month * 10_000)) for month in range(1, 11)]
    drawn = pictures.year(year, date(2026, 10, 1))
    assert drawn.count("<rect") == 12 and "style" not in drawn and "январь" in drawn and "октябрь" in drawn
    assert pictures.year([(date(2026, 1, 1), None)], date(2026, 1, 1)) == ""
    assert pictures.year([(date(2026, 1, 1), Decimal("-5.00"))], date(2026, 1, 1)) == ""
