"""The pure rules of people: whose word counts, names and layouts, trees, presence, cleaning."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.core.decisions import Refused
from provodnik.people import cleaning, names, trees
from provodnik.people.models.structure import MOST_DEEP
from provodnik.people.presence import Away, away
from provodnik.people.sources import Stored, master_of, merge
from provodnik.people.states import Source

ONEC, LDAP, HAND = Source.ONEC, Source.LDAP, Source.HAND
DAY = date(2026, 11, 23)


# field, stored value, its source, who says, what → (value afterwards, its source, "conflict" or "outranked" or "")
WORDS = [
    ("surname", "", None, ONEC, "Родников", ("Родников", ONEC, "")),
    ("surname", "Родников", None, ONEC, "Родников", ("Родников", ONEC, "")),
    ("surname", "Родников", ONEC, ONEC, "Ручейков", ("Ручейков", ONEC, "")),
    ("surname", "Родников", ONEC, ONEC, "", ("", ONEC, "")),
    ("surname", "Родников", HAND, ONEC, "Ручейков", ("Родников", HAND, "conflict")),
    ("surname", "Родников", HAND, ONEC, "", ("Родников", HAND, "conflict")),
    ("surname", "", HAND, ONEC, "Ручейков", ("", HAND, "conflict")),
    ("surname", "Родников", HAND, ONEC, "Родников", ("Родников", ONEC, "")),
    ("surname", "Родников", HAND, LDAP, "Родников", ("Родников", HAND, "")),
    ("surname", "Родников", ONEC, HAND, "Ручейков", ("Ручейков", HAND, "")),
    ("surname", "Родников", ONEC, LDAP, "Ручейков", ("Родников", ONEC, "outranked")),
    ("surname", "Родников", LDAP, ONEC, "Ручейков", ("Ручейков", ONEC, "")),
    ("work_phone", "2-14", ONEC, LDAP, "2-15", ("2-15", LDAP, "")),
    ("work_phone", "2-15", LDAP, ONEC, "2-14", ("2-15", LDAP, "outranked")),
    ("work_phone", "", LDAP, ONEC, "2-14", ("2-14", ONEC, "")),
    ("work_phone", "2-14", HAND, LDAP, "2-14", ("2-14", LDAP, "")),
    ("birth_date", None, ONEC, ONEC, "", (None, ONEC, "")),
]


@pytest.mark.parametrize(("name", "value", "source", "who", "said", "expected"), WORDS)
def test_whose_word_counts(name: str, value: Any, source: Any, who: Any, said: Any, expected: Any) -> None:
    found = merge({name: Stored(value, source)}, {name: said}, who)
    against = "conflict" if found.conflicts else "outranked" if found.outranked else ""
    assert (found.changes.get(name, value), found.sources.get(name, source), against) == expected


_values = st.sampled_from(["", "а", "б", "в"])
_sources = st.sampled_from([None, ONEC, LDAP, HAND])
_fields = st.sampled_from(["surname", "work_phone"])


@given(_fields, _values, _sources, st.lists(st.tuples(st.sampled_from([ONEC, LDAP]), _values), max_size=6))
def test_no_exchange_ever_overwrites_a_hand_and_a_repeat_is_harmless(
    name: str, value: str, source: Source | None, said: list[tuple[Source, str]]
) -> None:
    stored = Stored(value, source)
    for who, word in said:
        found = merge({name: stored}, {name: word}, who)
        if stored.source is HAND:
            assert name not in found.changes
            assert bool(found.conflicts) is (stored.value != word)
            if found.sources:  # only the field's master proves a correction, and only by saying the same
                assert who is master_of(name) and word == stored.value
        after = Stored(found.changes.get(name, stored.value), found.sources.get(name, stored.source))
        again = merge({name: after}, {name: word}, who)
        assert not again.changes and not again.sources
        stored = after


@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("Ёлкин Пётр", [["елкин", "петр"]]),
        (";ehfdktd", [["журавлев"], ["ehfdktd"]]),
        ("hjlybrjd", [["hjlybrjd"], ["родников"]]),
        ("Родников", [["родников"], ["hjlybrjd"]]),
        ("Щукин-Журавлёв", [["щукин", "журавлев"]]),
        ("", []),
        ("!!! ---", []),
        ("\x00", []),
    ],
)
def test_what_was_typed_is_read_in_both_layouts(typed: str, readings: list[list[str]]) -> None:
    found = names.readings(typed)
    assert found[: len(readings)] == readings and bool(found) == bool(readings)


@given(st.text(max_size=200))
def test_no_text_breaks_the_search_and_no_word_needs_escaping(typed: str) -> None:
    for words in names.readings(typed):
        assert 0 < len(words) <= names.MOST_WORDS
        assert all(word.isalnum() and len(word) <= names.LONGEST_WORD for word in words)
    document = names.document([typed], [typed])
    assert document.startswith(" ") and len(document) <= names.LONGEST_DOCUMENT and "\x00" not in document


def test_phones() -> None:
    assert names.digits("8 (912) 345-67-89") == names.digits("+7 912 345 67 89") == "79123456789"
    assert names.is_phone("2-14") and names.is_phone("+7 (912)")
    assert not names.is_phone("каб. 12") and not names.is_phone("2")


@given(st.dictionaries(st.integers(0, 9), st.none() | st.integers(0, 9)))
def test_rings_are_found_and_what_is_left_stands_up(above: dict[int, int | None]) -> None:
    bad = trees.in_cycles(above)
    for node in above:
        way, at = 0, node
        while at is not None and way <= 11:
            way, at = way + 1, above.get(at)  # type: ignore[assignment]
        assert (node in bad) is (way > 11)
    good = {node: parent for node, parent in above.items() if node not in bad}
    order = trees.top_down(good, good)
    places = {node: number for number, node in enumerate(order)}
    assert sorted(order) == sorted(good)
    assert all(places[parent] < places[node] for node, parent in good.items() if parent in places)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], None),
        ([(0, 0)], Away(DAY)),
        ([(1, 5)], None),
        ([(-5, -1)], None),
        ([(-5, 3)], Away(DAY + timedelta(3))),
        ([(-5, 3), (4, 9)], Away(DAY + timedelta(9))),  # leave, then sickness: nobody is told which
        ([(4, 9), (-5, 3)], Away(DAY + timedelta(9))),
        ([(-5, 3), (5, 9)], Away(DAY + timedelta(3))),  # a day at work between them
        ([(-5, 8), (0, 2)], Away(DAY + timedelta(8))),
        ([(-5, None)], Away(None)),
        ([(-5, 3), (4, None)], Away(None)),
        ([(1, None)], None),
    ],
)
def test_away_until_when(spans: list[tuple[int, int | None]], expected: Away | None) -> None:
    days = [(DAY + timedelta(a), DAY + timedelta(b) if b is not None else None) for a, b in spans]
    assert away(days, DAY) == expected


@pytest.mark.parametrize(
    ("cleaner", "value", "expected"),
    [
        (cleaning.snils, "112-233-445 95", "11223344595"),
        (cleaning.snils, "087-654-303 00", "08765430300"),  # a sum of 100 or 101 is written as 00
        (cleaning.snils, "11223344596", Refused),
        (cleaning.phone, "8 912 345-67-89", "+79123456789"),
        (cleaning.phone, "912 345 67 89", "+79123456789"),
        (cleaning.phone, "+375 29 123-45-67", "+375291234567"),
        (cleaning.phone, "7+9", Refused),
        (cleaning.email, "A@B.example", "a@b.example"),
        (cleaning.email, "a@b", Refused),
        (cleaning.email, "a b@c.example", Refused),
        (cleaning.zone, "Asia/Yekaterinburg", "Asia/Yekaterinburg"),
        (cleaning.zone, "../../etc/passwd", Refused),
        (cleaning.inn, "6659000001", "6659000001"),
        (cleaning.inn, "665900000", Refused),
        (cleaning.day(), "0001-01-01", Refused),
        (cleaning.day(), "31.12.2026", Refused),
        (cleaning.day(), "2026-12-31", date(2026, 12, 31)),
        (cleaning.day(), "", None),
        (cleaning.day(needed=True), None, Refused),
        (cleaning.guid, "00000000-0000-0000-0000-000000000000", None),
        (cleaning.guid, "нет", Refused),
        (cleaning.text(5), " а\n б ", "а б"),
        (cleaning.text(5), "abcdef", Refused),
        (cleaning.text(5), "а\x00", "а\ufffd"),
        (cleaning.yes_no, "true", Refused),
    ],
)
def test_cleaning(cleaner: Any, value: Any, expected: Any) -> None:
    if expected is Refused:
        with pytest.raises(Refused):
            cleaner(value, "field")
    else:
        assert cleaner(value, "field") == expected


def test_the_database_knows_the_same_depth() -> None:
    assert f"> {MOST_DEEP} THEN" in import_module("provodnik.people.migrations.0002_the_database_refuses").KEEP
