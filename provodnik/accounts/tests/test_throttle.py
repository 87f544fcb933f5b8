"""Guessing is slow, and the owner still gets in (safety A50)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.accounts import throttle
from provodnik.accounts.models import SignInFailure
from provodnik.accounts.throttle import (
    FREE,
    FREE_LOGINS,
    LONGEST,
    LONGEST_FOR_ADDRESS,
    LONGEST_FOR_LOGIN,
    NOTHING,
    Tally,
    Try,
    begin,
    delay,
    left,
    wait,
)

NOW = datetime(2026, 11, 23, 6, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
counts = st.integers(min_value=0, max_value=10**9)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (2, 0), (3, 1), (4, 2), (5, 4), (6, 8), (12, 512), (13, 900), (14, 900), (10_000, 900)],
)
def test_delay_grows_to_a_quarter_of_an_hour(failures, seconds):
    assert delay(failures) == seconds * SECOND


@given(counts)
def test_delay_never_shrinks_and_is_capped(count):
    assert delay(count) <= delay(count + 1) <= LONGEST


@given(counts, st.integers(min_value=-(10**6), max_value=10**6))
def test_no_clock_makes_a_wait_longer_than_its_cap(count, seconds):
    assert timedelta(0) <= left(Tally(count, NOW), NOW + seconds * SECOND) <= LONGEST


@given(counts, counts)
def test_a_stranger_waits_for_an_attack_from_elsewhere_half_a_minute_at_most(of_login, of_address):
    """He has not failed himself: the attack on his login and from his address delays him by bounded time."""
    waiting = wait(now=NOW, pair=NOTHING, login=Tally(of_login, NOW), address=Tally(of_address, NOW))
    assert waiting <= max(LONGEST_FOR_LOGIN, LONGEST_FOR_ADDRESS)


def test_a_crew_behind_one_address_waits_for_nothing():
    assert wait(now=NOW, pair=NOTHING, address=Tally(FREE_LOGINS - 1, NOW)) == timedelta(0)


def a_try(login="anna", address="203.0.113.7", device=""):
    return Try(login=throttle.name_of("sign-in", login), address=address, device=device)


@pytest.mark.django_db
class TestCounting:
    def fail(self, times, *, at=NOW, **of):
        """Fail that often, waiting as long as is asked. Returns when the last one was."""
        for _ in range(times):
            seconds, counted = begin(a_try(**of), now=at)
            if counted is None:
                at += seconds * SECOND
                _, counted = begin(a_try(**of), now=at)
            assert counted is not None
        return at

    def test_three_are_free_then_one_second(self):
        self.fail(FREE)
        assert begin(a_try(), now=NOW) == (1, None)
        assert begin(a_try(), now=NOW + SECOND)[1] is not None

    def test_a_refused_try_is_not_counted(self):
        self.fail(FREE)
        for _ in range(20):
            assert begin(a_try(), now=NOW) == (1, None)
        assert SignInFailure.objects.count() == FREE

    def test_fifty_at_once_are_three(self):
        """Each is counted before its password is looked at, so none of them slips in for nothing."""
        assert sum(begin(a_try(), now=NOW)[1] is not None for _ in range(50)) == FREE

    def test_an_attack_from_a_thousand_addresses_costs_a_newcomer_half_a_minute(self):
        SignInFailure.objects.bulk_create(
            SignInFailure(login=a_try().login, address=f"198.51.{n // 250}.{n % 250}", at=NOW) for n in range(1000)
        )
        seconds, counted = begin(a_try(), now=NOW)
        assert counted is None
        assert seconds <= 30

    def test_a_known_device_is_not_delayed_by_any_attack(self):
        SignInFailure.objects.bulk_create(
            SignInFailure(login=a_try().login, address="203.0.113.7", at=NOW) for _ in range(1000)
        )
        assert begin(a_try(), now=NOW)[1] is None
        assert begin(a_try(device="d" * 32), now=NOW)[1] is not None

    def test_a_known_device_may_not_guess_for_ever_either(self):
        at = self.fail(8, device="d" * 32)
        assert begin(a_try(device="d" * 32), now=at) == (32, None)

    def test_spraying_many_logins_from_one_address_is_slowed(self):
        for n in range(FREE_LOGINS + 5):
            at = NOW + n * timedelta(minutes=1)
            begin(a_try(login=f"login{n}"), now=at)
        assert begin(a_try(login="another"), now=at)[0] > 0
        assert begin(a_try(login="another", address="192.0.2.1"), now=at)[0] == 0

    def test_a_success_starts_afresh_but_pardons_nobody_else(self):
        self.fail(2)
        self.fail(2, address="198.51.100.9")
        _, counted = begin(a_try(), now=NOW + 60 * SECOND)
        throttle.succeeded(a_try(), counted)
        assert set(SignInFailure.objects.values_list("address", flat=True)) == {"198.51.100.9"}

    def test_forgotten_after_a_day(self):
        self.fail(2)
        assert throttle.forget(now=NOW + timedelta(hours=23)) == 0
        assert throttle.forget(now=NOW + timedelta(hours=25)) == 2

    def test_no_typed_text_is_kept(self):
        begin(a_try(login="my secret password"), now=NOW)
        assert "secret" not in SignInFailure.objects.get().login
