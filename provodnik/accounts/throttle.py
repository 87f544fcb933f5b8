"""Guessing becomes slow, and the owner still gets in (safety A50).

Three counters, each asked how long to wait after its last failure:

* a login from one address: from the third failure on 1, 2, 4 … seconds, up to 15 minutes;
* a login from all addresses together: the same growth, but never more than 30 seconds, so that a thousand machines
  cannot shut the owner out;
* an address by the number of different logins it failed at: from the fiftieth on, because a whole crew may sit behind
  one address.

A device at which the owner has signed in before carries a signed mark and has a counter of its own: failures from
elsewhere never delay it. A refused try is not counted, and a try is counted before its password is looked at, so that
fifty tries at once are no cheaper than fifty in a row.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import connection, transaction
from django.db.models import Count, Max, QuerySet

from provodnik.accounts.models import SignInFailure
from provodnik.core.secrets import key_for

FREE = 3  # failures that cost nothing
FREE_LOGINS = 50  # different logins that one address may fail at within the window
WINDOW = timedelta(hours=24)
SPRAY_WINDOW = timedelta(hours=1)
LONGEST = timedelta(minutes=15)
LONGEST_FOR_LOGIN = timedelta(seconds=30)
LONGEST_FOR_ADDRESS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many failures, and when the last one was."""

    count: int = 0
    last: datetime | None = None


NOTHING = Tally()


def delay(count: int, *, free: int = FREE, longest: timedelta = LONGEST) -> timedelta:
    """How long to wait after that many failures."""
    if count < free:
        return timedelta(0)
    return min(longest, timedelta(seconds=2 ** min(count - free, 30)))


def left(tally: Tally, now: datetime, *, free: int = FREE, longest: timedelta = LONGEST) -> timedelta:
    """What is left of the wait at `now`."""
    if tally.last is None:
        return timedelta(0)
    wait = tally.last + delay(tally.count, free=free, longest=longest) - now
    return min(max(wait, timedelta(0)), longest)  # a clock set back must not lengthen it


def wait(*, now: datetime, pair: Tally, login: Tally = NOTHING, address: Tally = NOTHING) -> timedelta:
    """The longest of the three waits. For a known device only `pair` is given: its own failures."""
    return max(
        left(pair, now),
        left(login, now, longest=LONGEST_FOR_LOGIN),
        left(address, now, free=FREE_LOGINS, longest=LONGEST_FOR_ADDRESS),
    )


@dataclass(frozen=True, slots=True)
class Try:
    """Somebody tries to get in. `login`: what stands for the account (see `name_of`); `device`: the mark of a device
    that the account's owner has used, else empty."""

    login: str
    address: str | None
    device: str = ""


def name_of(kind: str, value: str) -> str:
    """What a counter is called: no typed text is kept, for it may be a password put into the wrong field."""
    return hmac.new(
        key_for("sign-in-counters"), f"{kind}:{value}".encode("utf-8", "replace"), hashlib.sha256
    ).hexdigest()


def _tally(failures: QuerySet[SignInFailure]) -> Tally:
    found = failures.aggregate(count=Count("pk"), last=Max("at"))
    return Tally(found["count"], found["last"])


def _wait_now(one: Try, now: datetime) -> timedelta:
    of_login = SignInFailure.objects.filter(login=one.login, at__gt=now - WINDOW)
    if one.device:
        return wait(now=now, pair=_tally(of_login.filter(device=one.device)))
    strangers = of_login.filter(device="")
    of_address = SignInFailure.objects.filter(address=one.address, at__gt=now - SPRAY_WINDOW)
    logins = of_address.aggregate(count=Count("login", distinct=True), last=Max("at"))
    return wait(
        now=now,
        pair=_tally(strangers.filter(address=one.address)),
        login=_tally(strangers),
        address=Tally(logins["count"], logins["last"]) if one.address else NOTHING,
    )


@contextmanager
def _one_at_a_time(login: str) -> Iterator[None]:
    """Tries at one login are counted one after another."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(login[:15], 16)])
        yield


def begin(one: Try, *, now: datetime) -> tuple[int, SignInFailure | None]:
    """Count a try as failed before it is judged. Returns (seconds to wait, the counted row): a row exactly when
    there is nothing to wait for."""
    with _one_at_a_time(one.login):
        waiting = _wait_now(one, now)
        if waiting > timedelta(0):
            return ceil(waiting.total_seconds()), None
        return 0, SignInFailure.objects.create(login=one.login, address=one.address, device=one.device, at=now)


def succeeded(one: Try, counted: SignInFailure) -> None:
    """The try was right: it is no failure, and whoever sits there starts afresh."""
    own = SignInFailure.objects.filter(login=one.login, device=one.device)
    (own if one.device else own.filter(address=one.address)).delete()
    SignInFailure.objects.filter(pk=counted.pk).delete()


def failures(one: Try, *, now: datetime) -> int:
    """How many tries at this login failed within the window, from wherever."""
    return SignInFailure.objects.filter(login=one.login, at__gt=now - WINDOW).count()


def forget(*, now: datetime) -> int:
    """Remove what is older than a day. Returns how many rows."""
    return SignInFailure.objects.filter(at__lt=now - WINDOW).delete()[0]
