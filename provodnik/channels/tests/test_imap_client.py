"""What imaplib returns, read; sequence sets, folder names, batches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.channels.email.imap_client import (
    batches,
    folder_name,
    quoted,
    read_bodies,
    read_sizes,
    uid_set,
)


@pytest.mark.parametrize(
    ("uids", "said"),
    [([], ""), ([5], "5"), ([3, 1, 2], "1:3"), ([1, 3, 4, 9], "1,3:4,9"), ([7, 7, 7], "7")],
)
def test_uid_set(uids: list[int], said: str) -> None:
    assert uid_set(uids) == said


@given(st.sets(st.integers(1, 2**32 - 1), min_size=1, max_size=50) | st.sets(st.integers(1, 60), min_size=1))
def test_a_uid_set_names_exactly_what_was_given(uids: set[int]) -> None:
    named: set[int] = set()
    for word in uid_set(uids).split(","):
        first, _, last = word.partition(":")
        named |= set(range(int(first), int(last or first) + 1))
    assert named == uids


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("INBOX", "INBOX"),
        ("A&B", "A&-B"),
        ("Входящие", "&BBIERQQ+BDQETwRJBDgENQ-"),
        ("台北", "&U,BTFw-"),  # the RFC's own example
        ("Работа/2026", "&BCAEMAQxBD4EQgQw-/2026"),
    ],
)
def test_folder_names_in_modified_utf7(name: str, encoded: str) -> None:
    assert folder_name(name) == encoded


def test_quoting() -> None:
    assert quoted('a"b\\c') == '"a\\"b\\\\c"'


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 9), st.integers(1, 60))
def test_batches_hold_everything_once_and_keep_their_limits(sizes: list[int], count: int, total: int) -> None:
    pairs = list(enumerate(sizes))
    groups = list(batches(pairs, count=count, total=total))
    assert [pair for group in groups for pair in group] == pairs
    for group in groups:
        assert 1 <= len(group) <= count
        assert len(group) == 1 or sum(size for _, size in group) <= total


def test_sizes_are_read_whatever_the_order() -> None:
    assert read_sizes([b"1 (UID 7 RFC822.SIZE 100)", b"2 (RFC822.SIZE 5 UID 8)", b"3 (FLAGS (\\Seen))", None]) == {
        7: 100,
        8: 5,
    }


def test_bodies_are_read_whatever_the_form() -> None:
    pieces = [
        (b"1 (UID 7 BODY[] {3}", b"abc"),
        b")",
        (b"2 (BODY[] {15}", b") UID 99 FLAGS("),
        b" UID 8)",
        b"3 (FLAGS (\\Seen) UID 7)",
        b'4 (UID 9 BODY[] "a\\"b")',
        b"5 (UID 10 BODY[] NIL)",
        (b"6 (UID 7 BODY[] {6}", b"second"),
        b")",
        (b"7 (BODY[] {3}", b"lost"),
        b")",
        None,
    ]
    assert read_bodies(pieces) == {7: b"abc", 8: b") UID 99 FLAGS(", 9: b'a"b', 10: b""}
