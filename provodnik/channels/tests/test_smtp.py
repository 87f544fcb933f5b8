"""Sending: every kind of reply, told apart; a real server, and one that misbehaves."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.channels.email.checks import check_smtp
from provodnik.channels.email.smtp import SmtpAccount, SmtpSession, send
from provodnik.channels.email.smtp_answers import (
    GIVE_UP_AFTER,
    AccountFailure,
    PermanentFailure,
    TemporaryFailure,
    next_try,
)
from tests.servers.certificates import Certificates
from tests.servers.misbehaving import Misbehaving
from tests.servers.smtp import SmtpCatcher

# aiosmtpd about AUTH over TLS from the first byte, which it does not count as TLS
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

Servers = Callable[..., Misbehaving]
RAW = b"From: desk@example.ru\r\nMessage-ID: <1@example.ru>\r\nSubject: x\r\n\r\nhello\r\n"
FROM, ANNA, BORIS = "desk@example.ru", "anna@example.ru", "boris@example.ru"


def account(server: SmtpCatcher | Misbehaving, **changes: object) -> SmtpAccount:
    values: dict[str, object] = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "timeout": 5.0,
    }
    return SmtpAccount(**(values | changes))  # type: ignore[arg-type]


def impatient(server: Misbehaving, **changes: object) -> SmtpAccount:
    return account(server, timeout=0.5, exchange_timeout=1.0, **changes)


def test_a_letter_arrives_as_it_is(smtp_catcher: SmtpCatcher) -> None:
    delivered = send(account(smtp_catcher), envelope_from=FROM, recipients=[ANNA, BORIS], message=RAW + b".\r\n..\r\n")
    assert delivered.accepted == (ANNA, BORIS)
    assert not delivered.deferred and not delivered.refused
    [caught] = smtp_catcher.messages
    assert (caught.sender, caught.recipients) == (FROM, (ANNA, BORIS))
    assert caught.raw == RAW + b".\r\n..\r\n"


def test_the_null_sender_is_sent_as_such(smtp_catcher: SmtpCatcher) -> None:
    send(account(smtp_catcher), envelope_from="", recipients=[ANNA], message=RAW)
    assert smtp_catcher.messages[0].sender == ""


def test_several_letters_go_over_one_session(smtp_catcher: SmtpCatcher) -> None:
    with SmtpSession(account(smtp_catcher)) as session:
        for _ in range(3):
            session.send(envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert smtp_catcher.deliveries == {"<1@example.ru>": 3}


def test_a_bare_line_end_cannot_smuggle_a_second_letter(smtp_catcher: SmtpCatcher) -> None:
    evil = RAW + b"a\n.\nMAIL FROM:<evil@example.ru>\r.\rb\r\n"
    send(account(smtp_catcher), envelope_from=FROM, recipients=[ANNA], message=evil)
    [caught] = smtp_catcher.messages
    assert caught.raw == RAW + b"a\r\n.\r\nMAIL FROM:<evil@example.ru>\r\n.\r\nb\r\n"


@pytest.mark.parametrize(
    ("reply", "enhanced"),
    [("450 4.2.1 mailbox busy", "4.2.1"), ("451 4.7.1 greylisted", "4.7.1"), ("452 4.2.2 full", "4.2.2")],
)
@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_4xx_is_temporary_at_every_stage(smtp_catcher: SmtpCatcher, stage: str, reply: str, enhanced: str) -> None:
    _script(smtp_catcher, stage, reply)
    with SmtpSession(account(smtp_catcher)) as session:
        with pytest.raises(TemporaryFailure) as failure:
            session.send(envelope_from=FROM, recipients=[ANNA], message=RAW)
        assert (failure.value.code, failure.value.reply.enhanced) == (int(reply[:3]), enhanced)
        assert not isinstance(failure.value, AccountFailure)
        assert not failure.value.uncertain
        session.send(envelope_from=FROM, recipients=[BORIS], message=RAW)  # the session is as good as before
    assert [caught.recipients for caught in smtp_catcher.messages] == [(BORIS,)]


@pytest.mark.parametrize("reply", ["550 5.1.1 no such user", "552 5.2.2 full", "554 5.7.1 no", "553 bad"])
@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_5xx_is_permanent_at_every_stage(smtp_catcher: SmtpCatcher, stage: str, reply: str) -> None:
    _script(smtp_catcher, stage, reply)
    with SmtpSession(account(smtp_catcher)) as session:
        with pytest.raises(PermanentFailure) as failure:
            session.send(envelope_from=FROM, recipients=[ANNA], message=RAW)
        assert failure.value.code == int(reply[:3])
        assert reply[4:] in failure.value.text
        session.send(envelope_from=FROM, recipients=[BORIS], message=RAW)
    assert [caught.recipients for caught in smtp_catcher.messages] == [(BORIS,)]


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_421_is_temporary_and_the_next_letter_takes_a_new_connection(smtp_catcher: SmtpCatcher, stage: str) -> None:
    _script(smtp_catcher, stage, "421 4.3.2 shutting down")
    with SmtpSession(account(smtp_catcher)) as session:
        with pytest.raises(TemporaryFailure) as failure:
            session.send(envelope_from=FROM, recipients=[ANNA], message=RAW)
        assert failure.value.code == 421
        assert session.client is None
        session.send(envelope_from=FROM, recipients=[BORIS], message=RAW)
    assert len(smtp_catcher.messages) == 1


def test_a_server_that_limits_letters_per_connection_gets_several_connections(
    smtp_catcher: SmtpCatcher,
) -> None:
    with SmtpSession(account(smtp_catcher)) as session:
        session.send(envelope_from=FROM, recipients=[ANNA], message=RAW)
        smtp_catcher.script.mail.append("421 4.7.0 too many letters on this connection")
        session.send(envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert smtp_catcher.deliveries == {"<1@example.ru>": 2}


def _script(server: SmtpCatcher, stage: str, reply: str) -> None:
    if stage == "mail":
        server.script.mail.append(reply)
    elif stage == "data":
        server.script.data.append(reply)
    else:
        server.script.recipients[ANNA] = reply


def test_recipients_are_told_apart(smtp_catcher: SmtpCatcher) -> None:
    smtp_catcher.script.recipients = {ANNA: "550 5.1.1 no such user", BORIS: "450 4.2.1 later"}
    delivered = send(
        account(smtp_catcher),
        envelope_from=FROM,
        recipients=[ANNA, "vera@example.ru", BORIS, "not an address"],
        message=RAW,
    )
    assert delivered.accepted == ("vera@example.ru",)
    assert {address: reply.code for address, reply in delivered.deferred.items()} == {BORIS: 450}
    assert {address: reply.code for address, reply in delivered.refused.items()} == {
        ANNA: 550,
        "not an address": 501,
    }
    assert smtp_catcher.messages[0].recipients == ("vera@example.ru",)


def test_one_to_be_tried_again_makes_the_failure_temporary(smtp_catcher: SmtpCatcher) -> None:
    smtp_catcher.script.recipients = {ANNA: "550 5.1.1 no such user", BORIS: "450 4.2.1 later"}
    with pytest.raises(TemporaryFailure) as failure:
        send(account(smtp_catcher), envelope_from=FROM, recipients=[ANNA, BORIS], message=RAW)
    assert set(failure.value.refused) == {ANNA}
    assert set(failure.value.deferred) == {BORIS}


def test_552_behind_accepted_recipients_means_too_many(smtp_catcher: SmtpCatcher) -> None:
    smtp_catcher.script.recipients = {BORIS: "552 too many recipients"}
    delivered = send(account(smtp_catcher), envelope_from=FROM, recipients=[ANNA, BORIS], message=RAW)
    assert set(delivered.deferred) == {BORIS}


def test_the_pause_a_server_asks_for_is_passed_on(smtp_catcher: SmtpCatcher) -> None:
    smtp_catcher.script.recipients = {ANNA: "451 4.7.1 greylisted, try again in 300 seconds"}
    with pytest.raises(TemporaryFailure) as failure:
        send(account(smtp_catcher), envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert failure.value.retry_hint == timedelta(minutes=5)


def test_an_answer_lost_after_the_letter_was_taken_is_uncertain(smtp_catcher: SmtpCatcher) -> None:
    smtp_catcher.script.drop_after_data = 1
    with SmtpSession(account(smtp_catcher)) as session:
        with pytest.raises(TemporaryFailure) as failure:
            session.send(envelope_from=FROM, recipients=[ANNA], message=RAW)
        assert failure.value.uncertain
        session.send(envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert smtp_catcher.deliveries == {"<1@example.ru>": 2}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "no-at",
        "a@b\r\nRCPT TO:<evil@example.ru>",
        "a b@example.ru",
        "<a@example.ru>",
        "a@b@example.ru",
        "a,b@example.ru",
        "x" * 65 + "@example.ru",
        "a@" + "x" * 260,
    ],
)
def test_what_is_no_address_never_reaches_the_server(smtp_catcher: SmtpCatcher, address: str) -> None:
    with pytest.raises(PermanentFailure) as failure:
        send(account(smtp_catcher), envelope_from=FROM, recipients=[address], message=RAW)
    assert failure.value.reason == "bad_address"
    if address:
        with pytest.raises(PermanentFailure) as failure:
            send(account(smtp_catcher), envelope_from=address, recipients=[ANNA], message=RAW)
        assert failure.value.reason == "bad_sender"
    assert smtp_catcher.messages == []


def test_addresses_outside_latin_letters(smtp_catcher: SmtpCatcher, misbehaving: Servers) -> None:
    send(account(smtp_catcher), envelope_from=FROM, recipients=["a@почта.рф", "анна@почта.рф"], message=RAW)
    assert smtp_catcher.messages[0].recipients == ("a@xn--80a1acny.xn--p1ai", "анна@xn--80a1acny.xn--p1ai")
    plain = misbehaving("smtp")
    send(account(plain), envelope_from=FROM, recipients=["a@почта.рф"], message=RAW)
    with pytest.raises(PermanentFailure) as failure:
        send(account(plain), envelope_from=FROM, recipients=["анна@почта.рф"], message=RAW)
    assert failure.value.reason == "needs_smtputf8"


def test_a_letter_larger_than_the_server_takes_is_not_sent() -> None:
    server = SmtpCatcher(size_limit=1000).start()
    try:
        with pytest.raises(PermanentFailure) as failure:
            send(account(server), envelope_from=FROM, recipients=[ANNA], message=RAW + b"x" * 2000)
        assert failure.value.reason == "letter_too_large"
    finally:
        server.stop()


# -- TLS and login -------------------------------------------------------------------------------------------


@pytest.fixture(params=["starttls", "tls"])
def guarded(request: pytest.FixtureRequest, certificates: Certificates) -> Iterator[SmtpCatcher]:
    server = SmtpCatcher(certificates, {"desk": "sesame", "стол": "сезам"}, implicit_tls=request.param == "tls").start()
    server.security = request.param  # type: ignore[attr-defined]
    yield server
    server.stop()


def secure(server: SmtpCatcher, ca: Certificates | None, **changes: object) -> SmtpAccount:
    values: dict[str, object] = {
        "security": server.security,  # type: ignore[attr-defined]
        "username": "desk",
        "password": "sesame",
        "ca_file": str(ca.ca) if ca else None,
    }
    return account(server, **(values | changes))


def test_tls_and_login(guarded: SmtpCatcher, certificates: Certificates) -> None:
    for changes in ({}, {"username": "стол", "password": "сезам"}):
        send(secure(guarded, certificates, **changes), envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert guarded.logins == 2
    assert len(guarded.messages) == 2
    steps = check_smtp(secure(guarded, certificates))
    assert [step.ok for step in steps] == [True] * 3


def test_a_bad_certificate_stops_before_the_password(guarded: SmtpCatcher, other_certificates: Certificates) -> None:
    for ca in (None, other_certificates):
        with pytest.raises(AccountFailure) as failure:
            send(secure(guarded, ca), envelope_from=FROM, recipients=[ANNA], message=RAW)
        assert failure.value.reason == "certificate"
    assert guarded.logins == 0
    assert [step.ok for step in check_smtp(secure(guarded, None))] == [False]


def test_a_wrong_password_is_about_the_account_and_told_nowhere(
    guarded: SmtpCatcher, certificates: Certificates
) -> None:
    wrong = secure(guarded, certificates, password="open-sesame-42")
    with pytest.raises(AccountFailure) as failure:
        send(wrong, envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert (failure.value.reason, failure.value.code) == ("login_refused", 535)
    assert "open-sesame-42" not in f"{failure.value!r}{failure.value}{wrong!r}"


def test_a_login_demanded_but_not_configured_is_about_the_account(
    guarded: SmtpCatcher, certificates: Certificates
) -> None:
    with pytest.raises(AccountFailure) as failure:
        send(
            secure(guarded, certificates, username="", password=""),
            envelope_from=FROM,
            recipients=[ANNA],
            message=RAW,
        )
    assert failure.value.code == 530


# -- misbehaviour ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "reasons"),
    [
        ("hang", {"timeout"}),
        ("slow", {"timeout"}),
        ("garbage", {"service_refused", "garbage", "connection_lost"}),
        ("binary", {"service_refused", "garbage", "connection_lost"}),
        ("endless_line", {"too_much", "garbage"}),
        ("endless_reply", {"too_much"}),
        ("busy", {"server_busy"}),
        ("no_service", {"service_refused"}),
    ],
)
def test_a_server_that_cannot_be_talked_to_is_no_fault_of_the_letter(
    misbehaving: Servers, mode: str, reasons: set[str]
) -> None:
    server = misbehaving("smtp", mode)
    with SmtpSession(impatient(server)) as session:
        with pytest.raises(AccountFailure) as failure:
            session.send(envelope_from=FROM, recipients=[ANNA], message=RAW)
        assert failure.value.reason in reasons
        server.mode = "good"
        session.send(envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert server.taken == [RAW]


@pytest.mark.parametrize("mode", ["hang_late", "slow", "garbage", "binary", "endless_line", "endless_reply", "cut"])
def test_a_server_that_goes_bad_in_the_middle_is_temporary(misbehaving: Servers, mode: str) -> None:
    server = misbehaving("smtp")
    with SmtpSession(impatient(server)) as session:
        session.open()
        server.mode = mode
        with pytest.raises(TemporaryFailure):
            session.send(envelope_from=FROM, recipients=[ANNA], message=RAW)
        server.mode = "good"
        session.send(envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert server.taken == [RAW]


def test_a_server_that_does_not_read_is_given_up(misbehaving: Servers) -> None:
    more_than_buffers_hold = RAW + b"x" * 20 * 1024 * 1024
    with pytest.raises(TemporaryFailure) as failure:
        send(
            impatient(misbehaving("smtp", "deaf")),
            envelope_from=FROM,
            recipients=[ANNA],
            message=more_than_buffers_hold,
        )
    assert failure.value.reason == "timeout"


def test_a_server_that_takes_the_letter_and_goes_is_uncertain(misbehaving: Servers) -> None:
    server = misbehaving("smtp", "cut_after_data")
    with pytest.raises(TemporaryFailure) as failure:
        send(impatient(server), envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert failure.value.uncertain
    assert server.taken == [RAW]


@pytest.mark.parametrize(("mode", "reason"), [("no_starttls", "starttls_missing"), ("inject", "starttls_injection")])
def test_a_stripped_starttls_is_never_answered_in_clear(misbehaving: Servers, mode: str, reason: str) -> None:
    server = misbehaving("smtp", mode)
    guarded = impatient(server, security="starttls", username="desk", password="sesame")
    with pytest.raises(AccountFailure) as failure:
        send(guarded, envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert failure.value.reason == reason
    assert not [line for line in server.commands if line.upper().startswith(("AUTH", "MAIL"))]


def test_nobody_listening_and_an_unknown_host(smtp_catcher: SmtpCatcher) -> None:
    smtp_catcher.stop()
    with pytest.raises(AccountFailure) as failure:
        send(account(smtp_catcher), envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert failure.value.reason == "no_connection"
    with pytest.raises(AccountFailure) as failure:
        send(account(smtp_catcher, host="..bad.."), envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert failure.value.reason == "unknown_host"


@pytest.mark.parametrize("port", [22, 80, 0, 70000])
def test_a_port_of_another_service_is_never_knocked_at(smtp_catcher: SmtpCatcher, port: int) -> None:
    wrong = account(smtp_catcher, port=port)
    with pytest.raises(AccountFailure) as failure:
        send(wrong, envelope_from=FROM, recipients=[ANNA], message=RAW)
    assert failure.value.reason == "bad_port"
    assert [step.ok for step in check_smtp(wrong)] == [False]


# -- trying again ----------------------------------------------------------------------------------------------

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_pauses_grow() -> None:
    pauses = [next_try(attempt, now=NOON, created=NOON) for attempt in range(1, 9)]
    assert [int((moment - NOON).total_seconds() // 60) for moment in pauses if moment] == [
        1, 5, 15, 30, 60, 120, 240, 240,
    ]  # fmt: skip


def test_the_last_try_is_at_five_days_and_then_it_is_given_up() -> None:
    created = NOON - GIVE_UP_AFTER
    assert next_try(40, now=NOON - timedelta(minutes=1), created=created) == NOON
    assert next_try(41, now=NOON, created=created) is None


@given(
    attempt=st.integers(0, 500),
    age=st.timedeltas(timedelta(0), GIVE_UP_AFTER - timedelta(minutes=31)),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_tries_lie_ahead_within_the_limit_and_at_least_half_an_hour_apart_later(
    attempt: int, age: timedelta, jitter: float
) -> None:
    created = NOON - age
    moment = next_try(attempt, now=NOON, created=created, jitter=jitter)
    assert moment is not None
    assert NOON < moment <= created + GIVE_UP_AFTER
    assert attempt < 4 or moment - NOON >= timedelta(minutes=30)


def test_a_letter_is_tried_some_thirty_times_in_five_days() -> None:
    now: datetime | None = NOON
    attempt = 0
    while now is not None and attempt < 1000:
        attempt += 1
        now = next_try(attempt, now=now, created=NOON)
    assert 30 <= attempt <= 40
