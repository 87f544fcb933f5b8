"""Numbers of releases by R2."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.core.versions import NotAVersion, Version, months_later, read_version, released_within

VERSIONS = st.builds(Version, *[st.integers(0, 9999)] * 3)
REFUSED = (
    "", "1", "1.", ".1", "1.1.", "1.1.0", "01.1", "1.01", "1.1.01", "1.1.1.1", "v1.1", "1.1-rc1", "1.1a", " 1.1",
    "1.1\n", "1,1", "-1.1", "1.+1", "10000.1", "1.10000", "١.١", "1.1.x", "1.1 ",
)  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(NotAVersion):
        read_version(text)


@given(VERSIONS)
def test_what_is_written_reads_back(version: Version) -> None:
    assert read_version(str(version)) == version


@given(st.text("0123456789.", max_size=12))
def test_each_number_has_one_spelling(text: str) -> None:
    with suppress(NotAVersion):
        assert str(read_version(text)) == text


def test_order_is_that_of_numbers() -> None:
    spelt = ["0.9", "1.0", "1.0.1", "1.0.2", "1.0.10", "1.1", "1.9", "1.10", "1.10.1", "2.0"]
    assert [str(one) for one in sorted(map(read_version, reversed(spelt)))] == spelt


@pytest.mark.parametrize(
    ("new", "old", "fixes"),
    [("1.0.1", "1.0", True), ("1.0.2", "1.0.1", True), ("1.0.10", "1.0.9", True), ("1.0.1", "1.0.1", False),
     ("1.0.1", "1.0.2", False), ("1.1", "1.0", False), ("1.1.1", "1.0", False), ("1.0", "1.0", False),
     ("2.0.1", "1.0", False)],
)  # fmt: skip
def test_a_fix_is_a_later_z_of_the_same_build(new: str, old: str, fixes: bool) -> None:
    assert read_version(new).fixes(read_version(old)) is fixes


@given(VERSIONS, VERSIONS)
def test_two_never_fix_each_other(one: Version, other: Version) -> None:
    assert not (one.fixes(other) and other.fixes(one))


@pytest.mark.parametrize(
    ("released", "until", "within"),
    [((2026, 11, 23), (2026, 11, 23), True), ((2025, 11, 23), (2026, 11, 23), True),
     ((2025, 11, 22), (2026, 11, 23), False),
     ((2024, 2, 29), (2025, 2, 28), True), ((2024, 2, 29), (2025, 3, 1), False), ((2026, 12, 1), (2026, 11, 23), True)],
)  # fmt: skip
def test_twelve_months(released: tuple[int, int, int], until: tuple[int, int, int], within: bool) -> None:
    assert released_within(date(*released), date(*until)) is within


def test_months_end_where_the_month_does() -> None:
    assert months_later(date(2026, 8, 31), 18) == date(2028, 2, 29)
    assert months_later(date(2026, 12, 15), 1) == date(2027, 1, 15)
