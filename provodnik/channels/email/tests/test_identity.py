"""Redelivered letters, own ids, tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.channels.email import identity, understand

from .letters import letter

KEY, OTHER = b"k" * 32, b"o" * 32
MADE = {"kind": "confirm", "ticket": 12, "serial": "7-a", "domain": "desk.example"}


def test_content_hash_survives_another_way():
    raw = letter("x")
    traces = b"Received: by mx2; later\r\nReturn-Path: <a@b>\r\nDelivered-To: c@d\r\nX-Spam: no\r\n"
    traces += b"Authentication-Results: mx; none\r\n"
    assert identity.content_hash(traces + raw) == identity.content_hash(raw)
    assert identity.content_hash(raw.replace(b"\r\n", b"\n")) == identity.content_hash(raw)
    assert identity.content_hash(raw + b"\r\n\r\n") == identity.content_hash(raw)


def test_content_hash_tells_letters_apart():
    raw = letter("x")
    others = [letter("y"), letter("x", subject="z"), raw.replace(b"<one@", b"<two@"), letter("x", "In-Reply-To: <a@b>")]
    assert len({identity.content_hash(each) for each in [raw, *others]}) == 5


@given(st.binary(max_size=3000))
def test_content_hash_never_raises(raw):
    assert len(identity.content_hash(raw)) == 64


def test_line_ends_at_the_seam_of_two_pieces(monkeypatch):
    raw = b"A: b\r\n\r\n" + b"ab\r\ncd\r\n" * 10
    expected = identity.content_hash(raw)
    for size in range(1, 12):
        monkeypatch.setattr(identity, "_CHUNK", size)
        assert identity.content_hash(raw) == expected


def test_message_id_is_stable_and_signed():
    made = identity.make_message_id(key=KEY, **MADE)
    assert made == identity.make_message_id(key=KEY, **MADE)
    assert made.startswith("<pv.confirm.12.7-a.") and made.endswith("@desk.example>")
    assert identity.read_token(KEY, made) == 12 and identity.read_token(OTHER, made) is None
    assert identity.read_token(KEY, made.replace(".12.", ".13.")) is None
    assert identity.read_token(KEY, made.replace("confirm", "close")) is None


@pytest.mark.parametrize("wrong", [{"kind": "a b"}, {"serial": "a>b"}, {"ticket": -1}, {"serial": ""}])
def test_message_id_refuses_what_cannot_stand_in_it(wrong):
    with pytest.raises(ValueError):
        identity.make_message_id(key=KEY, **(MADE | wrong))


def test_domain_cannot_break_the_id():
    assert "\r" not in identity.make_message_id(key=KEY, **(MADE | {"domain": "a\r\nb>"}))


def test_reply_token():
    token = identity.make_reply_token(KEY, 345)
    assert identity.read_token(KEY, f"support+{token}@desk.example") == 345
    assert identity.read_token(KEY, f"SUPPORT+{token.upper()}@desk.example") == 345
    assert identity.read_token(OTHER, token) is None
    assert identity.read_token(KEY, token.replace("t345", "t346")) is None
    assert identity.read_token(KEY, token[:-1]) is None
    assert len(token.partition("-")[2]) * 5 >= 80


@given(st.text(max_size=200))
def test_read_token_accepts_nothing_by_chance(text):
    assert identity.read_token(KEY, text) is None


def test_tickets_in_a_letter():
    token = identity.make_reply_token(KEY, 3)
    ours = identity.make_message_id(key=KEY, **MADE)
    theirs = identity.make_message_id(key=OTHER, **(MADE | {"ticket": 99}))
    one = understand(
        letter("x", f"Cc: hd+{token}@desk.example", f"References: <x@y> {ours} {theirs}", f"In-Reply-To: {theirs}")
    )
    assert identity.tickets_in(one, KEY) == [3, 12]
    assert identity.tickets_in(understand(letter("x")), KEY) == []


def test_the_newest_reference_comes_first():
    ids = [identity.make_message_id(key=KEY, **(MADE | {"ticket": number})) for number in (1, 2)]
    one = understand(letter("x", "References: " + " ".join(ids)))
    assert identity.tickets_in(one, KEY) == [2, 1]


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Re: [#12] вода", 12),
        ("вода [# 7]", 7),
        ("[#0]", None),
        ("#12", None),
        ("[#1a]", None),
        ("[#12][#13]", 12),
        ("[#" + "9" * 50 + "]", None),
    ],
)
def test_number_in_the_subject(subject, number):
    assert identity.subject_number(subject) == number
