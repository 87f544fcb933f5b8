"""An IMAP server that hangs, lies, babbles and breaks off: the fetcher says so in time and goes on."""

from collections.abc import Callable

import pytest

from provodnik.channels.email.imap import ImapSession
from provodnik.channels.email.imap_letters import (
    ImapAccount,
    ImapError,
    Letter,
    NotFetched,
    Refused,
    Temporary,
    TooLarge,
)
from tests.servers.misbehaving import Misbehaving

Servers = Callable[..., Misbehaving]
RAW = b"Subject: x\r\n\r\nhello\r\n"


def account(server: Misbehaving, **changes: object) -> ImapAccount:
    values: dict[str, object] = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "username": "u",
        "password": "p",
        "timeout": 0.5,
        "exchange_timeout": 1.0,
    }
    return ImapAccount(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "codes"),
    [
        ("hang", {"timeout"}),
        ("slow", {"timeout"}),
        ("garbage", {"garbage", "connection_lost"}),
        ("binary", {"garbage", "connection_lost"}),
        ("endless_line", {"too_much"}),
        ("endless_reply", {"garbage", "too_much"}),
        ("busy", {"server_busy", "connection_lost"}),
    ],
)
def test_a_server_that_cannot_be_talked_to_is_temporary(misbehaving: Servers, mode: str, codes: set[str]) -> None:
    server = misbehaving("imap", mode)
    with pytest.raises(Temporary) as trouble, ImapSession(account(server)):
        pass
    assert trouble.value.code in codes
    server.mode = "good"
    server.letters[1] = RAW
    with ImapSession(account(server)) as session:
        assert session.pending() == [Letter(1, len(RAW))]


@pytest.mark.parametrize("mode", ["slow", "garbage", "binary", "endless_line", "endless_reply"])
def test_a_server_that_goes_bad_in_the_middle_is_temporary(misbehaving: Servers, mode: str) -> None:
    server = misbehaving("imap")
    server.letters = dict.fromkeys(range(1, 50), RAW)
    with ImapSession(account(server)) as session:
        found = session.pending()
        server.mode = mode
        with pytest.raises(Temporary):
            list(session.fetch(found, max_bytes=1000))


def test_a_server_that_hangs_at_each_letter_is_given_up(misbehaving: Servers) -> None:
    server = misbehaving("imap")
    server.letters = dict.fromkeys(range(1, 50), RAW)
    with ImapSession(account(server, timeout=0.3)) as session:
        found = session.pending()
        server.mode = "hang_late"
        with pytest.raises(Temporary) as trouble:
            list(session.fetch(found, max_bytes=1000))
    assert trouble.value.code == "timeout"


def test_one_letter_the_server_chokes_on_does_not_stop_the_others(misbehaving: Servers) -> None:
    server = misbehaving("imap")
    server.letters = dict.fromkeys(range(1, 6), RAW)
    with ImapSession(account(server)) as session:
        server.mode = "bad_letter"
        found = dict(session.fetch(session.pending(), max_bytes=1000))
    assert found == {1: RAW, 2: NotFetched("connection_lost"), 3: RAW, 4: RAW, 5: RAW}


def test_a_letter_cut_in_the_middle_is_never_taken_for_whole(misbehaving: Servers) -> None:
    server = misbehaving("imap", "cut")
    server.letters = {1: RAW, 2: RAW}
    with ImapSession(account(server)) as session:
        assert dict(session.fetch(session.pending(), max_bytes=1000)) == {
            1: NotFetched("connection_lost"),
            2: NotFetched("connection_lost"),
        }


def test_a_letter_announced_larger_than_told_is_not_read(misbehaving: Servers) -> None:
    server = misbehaving("imap", "huge")
    server.letters = {1: RAW}
    with ImapSession(account(server)) as session:
        [(uid, fetched)] = session.fetch(session.pending(), max_bytes=1000)
    assert uid == 1
    assert fetched == TooLarge(1001, b"Subject: x\r\n\r\n")


def test_a_senseless_length_is_garbage(misbehaving: Servers) -> None:
    server = misbehaving("imap", "huge_number")
    server.letters = {1: RAW}
    with ImapSession(account(server)) as session:
        assert dict(session.fetch(session.pending(), max_bytes=1000)) == {1: NotFetched("garbage")}


def test_a_size_told_too_small_or_too_large_is_survived(misbehaving: Servers) -> None:
    server = misbehaving("imap")
    server.letters = {1: RAW, 2: RAW}
    server.sizes = {1: 1, 2: 500}
    with ImapSession(account(server)) as session:
        assert dict(session.fetch(session.pending(), max_bytes=1000)) == {1: RAW, 2: RAW}


def test_answers_given_twice_and_unasked_count_once(misbehaving: Servers) -> None:
    server = misbehaving("imap", "duplicates")
    server.letters = {1: RAW, 2: RAW, 3: b"Subject: other\r\n\r\n"}
    with ImapSession(account(server)) as session:
        found = session.pending(after_uid=1)
        assert [one.uid for one in found] == [2, 3]
        assert list(session.fetch(found, max_bytes=1000)) == [(2, RAW), (3, b"Subject: other\r\n\r\n")]


@pytest.mark.parametrize(
    ("mode", "code"),
    [("no_starttls", "starttls_missing"), ("preauth", "starttls_missing"), ("inject", "starttls_injection")],
)
def test_a_stripped_starttls_is_refused_before_the_password(misbehaving: Servers, mode: str, code: str) -> None:
    server = misbehaving("imap", mode)
    with pytest.raises(Refused) as refusal, ImapSession(account(server, security="starttls")):
        pass
    assert refusal.value.code == code
    assert not [line for line in server.commands if "LOGIN" in line or "AUTHENTICATE" in line]


def test_a_renumbering_between_two_connections_stops_the_fetching(misbehaving: Servers) -> None:
    server = misbehaving("imap")
    server.letters = {1: RAW, 2: RAW}
    with ImapSession(account(server)) as session:
        found = session.pending()
        server.mode, server.uidvalidity = "cut", 2000
        fetching = session.fetch(found, max_bytes=1000)
        with pytest.raises(ImapError) as trouble:
            list(fetching)
    assert trouble.value.code == "renumbered"


def test_without_idle_the_wait_is_over_at_once(misbehaving: Servers) -> None:
    with ImapSession(account(misbehaving("imap"))) as session:
        assert session.idle(600) is False


def test_moving_without_move_removes_only_our_letter(misbehaving: Servers) -> None:
    server = misbehaving("imap")
    server.letters = {1: RAW, 2: RAW}
    with ImapSession(account(server)) as session:
        assert session.mark_done([2], move_to="Done")
    said = [line.partition(" ")[2] for line in server.commands if "UID" in line]
    assert said == [
        "UID STORE 2 +FLAGS.SILENT (\\Seen)",
        'UID COPY 2 "Done"',
        "UID STORE 2 +FLAGS.SILENT (\\Deleted)",
        "UID EXPUNGE 2",
    ]
