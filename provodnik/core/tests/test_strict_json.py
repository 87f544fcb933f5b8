"""JSON of one meaning: each fault by its name, bounds by the reader's own numbers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.core.strict_json import Fault, NotStrict, Reader

READER = Reader(deepest=3, digits=4, largest=500, fractions=True)
WHOLE = Reader(deepest=3, digits=4, largest=500, fractions=False)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"a": 1, "a": 1}', Fault.TWICE),
        (b"[NaN]", Fault.CONSTANT),
        (b"-Infinity", Fault.CONSTANT),
        (b"1e400", Fault.LARGE),
        (b"501", Fault.LARGE),
        (b"-501", Fault.LARGE),
        (b"9" * 5000, Fault.LARGE),
        (b"[[[1]]]", Fault.DEEP),
        (b"[" * 100_000, Fault.DEEP),
        (b'{"a\\u0000": 1}', Fault.IMPOSSIBLE),
        (b'["\\ud800"]', Fault.IMPOSSIBLE),
        ("й".encode("cp1251"), Fault.NOT_UTF8),
        (b"\xef\xbb\xbf1", Fault.NOT_JSON),
        (b"1 1", Fault.NOT_JSON),
        (b"", Fault.NOT_JSON),
    ],
)
def test_faults(content: bytes, fault: Fault) -> None:
    with pytest.raises(NotStrict) as found:
        READER.read(content)
    assert found.value.fault is fault


def test_bounds_are_the_readers_own() -> None:
    assert READER.read(b'{"a": [-500, 1.5]}') == {"a": [-500, 1.5]}
    with pytest.raises(NotStrict) as found:
        WHOLE.read(b"1.5")
    assert found.value.fault is Fault.FRACTION


@given(st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.integers(-500, 500)))
def test_what_it_takes_is_what_python_reads(value: dict[str, int]) -> None:
    content = json.dumps(value).encode()
    assert READER.read(content) == json.loads(content) == value
