"""Fetching mail from a real Dovecot."""

from collections.abc import Callable
from pathlib import Path

import pytest

from provodnik.channels.email.checks import check_imap
from provodnik.channels.email.imap import ImapSession
from provodnik.channels.email.imap_client import folder_name
from provodnik.channels.email.imap_letters import ImapAccount, Letter, NotFetched, Refused, Temporary, TooLarge
from tests.servers.certificates import Certificates
from tests.servers.certificates import make as make_certificates
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.server

MEGABYTE = 1024 * 1024
Account = Callable[..., ImapAccount]


@pytest.fixture
def account(dovecot: Dovecot, mail_user: str) -> Account:
    def make(**changes: object) -> ImapAccount:
        values: dict[str, object] = {
            "host": "127.0.0.1",
            "port": dovecot.port,
            "security": "none",
            "username": mail_user,
            "password": dovecot.password,
            "timeout": 5.0,
        }
        return ImapAccount(**(values | changes))  # type: ignore[arg-type]

    return make


def letter(number: int, size: int = 100) -> bytes:
    head = f"From: a@example.ru\r\nSubject: {number}\r\nMessage-ID: <{number}@example.ru>\r\n\r\n".encode()
    return head + b"x" * max(0, size - len(head) - 2) + b"\r\n"


def everything(session: ImapSession, max_bytes: int = MEGABYTE, **options: object) -> dict[int, object]:
    return dict(session.fetch(session.pending(**options), max_bytes=max_bytes))  # type: ignore[arg-type]


def test_a_letter_comes_byte_for_byte(dovecot: Dovecot, mail_user: str, account: Account) -> None:
    raw = b"Subject: \xcf\xf0\xe8\xe2\xe5\xf2\r\n\r\n.\r\n{5}\r\n\x80\xff) UID 77\r\n"
    uid = dovecot.append(mail_user, raw)
    with ImapSession(account()) as session:
        assert session.pending() == [Letter(uid, len(raw))]
        assert everything(session) == {uid: raw}


def test_an_empty_mailbox_has_nothing_pending(account: Account) -> None:
    with ImapSession(account()) as session:
        assert session.exists == 0
        assert session.pending() == []
        assert session.pending(after_uid=10) == []


def test_fetching_leaves_no_trace_and_mark_done_leaves_seen(dovecot: Dovecot, mail_user: str, account: Account) -> None:
    uids = [dovecot.append(mail_user, letter(n)) for n in range(3)]
    with ImapSession(account()) as session:
        everything(session)
        assert dovecot.flags(mail_user) == {uid: set() for uid in uids}
        session.mark_done(uids[:2])
    assert dovecot.flags(mail_user) == {uids[0]: {"\\Seen"}, uids[1]: {"\\Seen"}, uids[2]: set()}


def test_what_a_person_has_read_before_us_is_still_pending(dovecot: Dovecot, mail_user: str, account: Account) -> None:
    uid = dovecot.append(mail_user, letter(1))
    client = dovecot.client(mail_user)
    client.select("INBOX")
    client.uid("STORE", str(uid), "+FLAGS", "(\\Seen)")
    client.logout()
    with ImapSession(account()) as session:
        assert [one.uid for one in session.pending()] == [uid]


def test_the_ledger_decides_what_is_pending(dovecot: Dovecot, mail_user: str, account: Account) -> None:
    uids = [dovecot.append(mail_user, letter(n)) for n in range(5)]
    held = {uids[3]}
    with ImapSession(account()) as session:
        found = session.pending(after_uid=uids[0], known=lambda asked: held & set(asked))
        assert [one.uid for one in found] == [uids[1], uids[2], uids[4]]
        assert session.pending(after_uid=uids[-1]) == []  # though `6:*` names the last letter


def test_done_letters_move_to_a_folder_made_for_them(dovecot: Dovecot, mail_user: str, account: Account) -> None:
    kept, moved = dovecot.append(mail_user, letter(1)), dovecot.append(mail_user, letter(2))
    with ImapSession(account()) as session:
        assert session.mark_done([moved], move_to="Принятые & разобранные")
        assert [one.uid for one in session.pending()] == [kept]
    with ImapSession(account(folder="Принятые & разобранные")) as session:
        assert list(everything(session).values()) == [letter(2)]
    assert list(dovecot.flags(mail_user, folder_name("Принятые & разобранные")).values()) == [{"\\Seen"}]


def test_a_large_letter_is_not_downloaded_but_its_header_is(dovecot: Dovecot, mail_user: str, account: Account) -> None:
    large, small = (
        dovecot.append(mail_user, letter(1, size=3 * MEGABYTE)),
        dovecot.append(mail_user, letter(2)),
    )
    with ImapSession(account()) as session:
        found = everything(session)
    assert isinstance(found[large], TooLarge)
    assert found[large].size == 3 * MEGABYTE
    assert found[large].headers == letter(1, size=3 * MEGABYTE).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert found[small] == letter(2)


def test_a_backlog_is_caught_up_in_batches(dovecot: Dovecot, mail_user: str, account: Account) -> None:
    dovecot.pour(mail_user, (letter(n, size=500) for n in range(1300)))
    done, rounds, subjects = 0, [], set()
    with ImapSession(account()) as session:
        assert session.exists == 1300
        while found := session.pending(after_uid=done, limit=500):
            rounds.append(len(found))
            for _, raw in session.fetch(found, max_bytes=MEGABYTE):
                assert isinstance(raw, bytes)
                subjects.add(raw.split(b"\r\n")[1])
            done = found[-1].uid
            session.mark_done([one.uid for one in found])
    assert rounds == [500, 500, 300]
    assert len(subjects) == 1300
    assert set(map(frozenset, dovecot.flags(mail_user).values())) == {frozenset({"\\Seen"})}


def test_a_letter_removed_by_another_program_is_told_as_gone(
    dovecot: Dovecot, mail_user: str, account: Account
) -> None:
    first, second = dovecot.append(mail_user, letter(1)), dovecot.append(mail_user, letter(2))
    with ImapSession(account()) as session:
        found = session.pending()
        client = dovecot.client(mail_user)
        client.select("INBOX")
        client.uid("STORE", str(first), "+FLAGS", "(\\Deleted)")
        client.expunge()
        client.logout()
        assert dict(session.fetch(found, max_bytes=MEGABYTE)) == {
            first: NotFetched("gone"),
            second: letter(2),
        }
        assert [one.uid for one in session.pending()] == [second]


def test_marking_does_not_expunge_what_others_have_marked_deleted(
    dovecot: Dovecot, mail_user: str, account: Account
) -> None:
    theirs, ours = dovecot.append(mail_user, letter(1)), dovecot.append(mail_user, letter(2))
    client = dovecot.client(mail_user)
    client.select("INBOX")
    client.uid("STORE", str(theirs), "+FLAGS", "(\\Deleted)")
    client.logout()
    with ImapSession(account()) as session:
        session.mark_done([ours], move_to="Done")
    assert dovecot.flags(mail_user) == {theirs: {"\\Deleted"}}


def test_idle_wakes_for_new_mail(dovecot: Dovecot, mail_user: str, account: Account) -> None:
    with ImapSession(account()) as session:
        assert session.can_idle
        assert session.pending() == []
        timer = dovecot.append_later(mail_user, letter(1), 0.05)
        assert session.idle(10) is True
        timer.join()
        assert len(session.pending()) == 1
        assert session.idle(0.05) is False
        assert len(everything(session)) == 1  # the connection is as good as before


def test_a_missing_folder_is_refused(account: Account) -> None:
    with pytest.raises(Refused) as refusal, ImapSession(account(folder="Нет такой")):
        pass
    assert refusal.value.code == "folder_missing"


def test_a_folder_that_vanishes_is_a_reported_trouble(dovecot: Dovecot, mail_user: str, account: Account) -> None:
    dovecot.append(mail_user, letter(1), folder="Orders")
    with ImapSession(account(folder="Orders")) as session:
        found = session.pending()
        client = dovecot.client(mail_user)
        client.delete("Orders")
        client.logout()
        with pytest.raises((Temporary, Refused)):
            for _, fetched in session.fetch(found, max_bytes=MEGABYTE):
                assert not isinstance(fetched, bytes)
            session.pending()
            session.close()
            session.open()


def test_a_change_of_uidvalidity_is_reported(dovecot: Dovecot, mail_user: str, account: Account) -> None:
    dovecot.append(mail_user, letter(1))
    with ImapSession(account()) as session:
        before = session.uidvalidity
        assert not session.renumbered
    after = dovecot.change_uidvalidity(mail_user)
    with ImapSession(account(), expected_uidvalidity=before) as session:
        assert session.renumbered
        assert session.uidvalidity == after != before
        assert list(everything(session).values()) == [letter(1)]
    with ImapSession(account(), expected_uidvalidity=after) as session:
        assert not session.renumbered


def test_a_restart_in_the_middle_loses_nothing(dovecot: Dovecot, mail_user: str, account: Account) -> None:
    dovecot.pour(mail_user, (letter(n) for n in range(250)))
    with ImapSession(account()) as session:
        taken = {}
        for number, (uid, raw) in enumerate(session.fetch(session.pending(), max_bytes=MEGABYTE)):
            if number == 50:
                dovecot.restart()
            taken[uid] = raw
    assert len(taken) == 250
    assert all(isinstance(raw, bytes) for raw in taken.values())


def test_a_server_that_goes_away_is_temporary(dovecot: Dovecot, mail_user: str, account: Account) -> None:
    dovecot.append(mail_user, letter(1))
    with ImapSession(account()) as session:
        found = session.pending()
        dovecot.stop()
        with pytest.raises(Temporary):
            list(session.fetch(found, max_bytes=MEGABYTE))
    with pytest.raises(Temporary) as trouble, ImapSession(account()):
        pass
    assert trouble.value.code == "no_connection"


def test_a_wrong_password_is_refused_and_told_nowhere(account: Account) -> None:
    wrong = account(password="open-sesame-42")
    with pytest.raises(Refused) as refusal, ImapSession(wrong):
        pass
    assert refusal.value.code == "login_refused"
    assert "open-sesame-42" not in f"{refusal.value!r}{refusal.value}{wrong!r}"


@pytest.mark.parametrize("name", ["почта", 'a"b\\c'])
def test_names_outside_ascii_and_with_quotes_log_in(dovecot: Dovecot, account: Account, name: str) -> None:
    with ImapSession(account(username=name.replace('"', "q").replace("\\", "s"))) as session:
        assert session.exists == 0
    with pytest.raises(Refused) as refusal, ImapSession(account(password=name)):
        pass
    assert refusal.value.code == "login_refused"


# -- TLS ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_our_own_authority_is_accepted(
    dovecot: Dovecot, mail_user: str, account: Account, certificates: Certificates, security: str
) -> None:
    dovecot.append(mail_user, letter(1))
    port = dovecot.tls_port if security == "tls" else dovecot.port
    with ImapSession(account(port=port, security=security, ca_file=str(certificates.ca))) as session:
        assert session.wire is not None and session.wire.encrypted
        assert list(everything(session).values()) == [letter(1)]
        assert session.idle(0.05) is False


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_unknown_authority_is_refused(
    dovecot: Dovecot, account: Account, other_certificates: Certificates, security: str
) -> None:
    port = dovecot.tls_port if security == "tls" else dovecot.port
    for ca_file in (None, str(other_certificates.ca)):
        with (
            pytest.raises(Refused) as refusal,
            ImapSession(account(port=port, security=security, ca_file=ca_file)),
        ):
            pass
        assert refusal.value.code == "certificate"


def test_a_certificate_of_another_host_is_refused(tmp_path: Path, account: Account) -> None:
    foreign = make_certificates(tmp_path, name="mail.example.com")
    server = Dovecot(foreign)
    try:
        server.start()
        with (
            pytest.raises(Refused) as refusal,
            ImapSession(account(port=server.tls_port, security="tls", ca_file=str(foreign.ca))),
        ):
            pass
        assert refusal.value.code == "certificate"
    finally:
        server.remove()


def test_tls_spoken_to_a_plain_port_fails_and_never_falls_back(account: Account) -> None:
    with pytest.raises((Temporary, Refused)) as trouble, ImapSession(account(security="tls")):
        pass
    assert trouble.value.code == "tls"


def test_a_missing_authority_file_is_told(account: Account, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    for path, code in ((tmp_path / "absent.pem", "ca_file_missing"), (empty, "ca_file_unreadable")):
        with pytest.raises(Refused) as refusal, ImapSession(account(security="tls", ca_file=str(path))):
            pass
        assert refusal.value.code == code


# -- the test button ------------------------------------------------------------------------------------------


def test_the_test_button_tells_each_step(
    dovecot: Dovecot, mail_user: str, account: Account, certificates: Certificates
) -> None:
    dovecot.append(mail_user, letter(1))
    good = check_imap(account(port=dovecot.tls_port, security="tls", ca_file=str(certificates.ca)))
    assert [step.ok for step in good] == [True] * 4
    bad = check_imap(account(password="wrong"))
    assert [step.ok for step in bad] == [True, False]
    assert [step.ok for step in check_imap(account(folder="Absent"))] == [True, True, False]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"port": 22}, "bad_port"),
        ({"port": 0}, "bad_port"),
        ({"port": 70000}, "bad_port"),
        ({"host": ""}, "bad_host"),
        ({"host": "a b"}, "bad_host"),
        ({"security": "maybe"}, "bad_security"),
        ({"username": "a\r\nb LOGOUT"}, "bad_credentials"),
    ],
)
def test_senseless_settings_are_refused_before_connecting(
    account: Account, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refusal, ImapSession(account(**changes)):
        pass
    assert refusal.value.code == code
    assert [step.ok for step in check_imap(account(**changes))] == [False]
