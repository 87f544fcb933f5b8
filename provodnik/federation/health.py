"""Whether directories and providers answer: a line at their pages and in doctor; whom not to ask for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from provodnik.federation.ldap.client import Trouble
from provodnik.federation.models import Directory, Provider

REST = 20.0  # seconds for which a directory that kept us waiting is not asked by this process
AT_ONCE = 2  # threads of a process that may wait for directories: the others let local accounts in meanwhile
NOTED_EACH = timedelta(minutes=1)

_resting: dict[int, tuple[float, str]] = {}
_turns = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn(directory: Directory) -> Iterator[None]:
    """One of the few turns to talk to a directory. Raises Trouble at once where it has just kept somebody waiting, or
    all turns are taken."""
    until, code = _resting.get(directory.pk, (0.0, ""))
    if time.monotonic() < until:
        raise Trouble(code)
    if not _turns.acquire(timeout=2):
        raise Trouble("late")
    try:
        yield
    except Trouble as trouble:
        if trouble.code in ("late", "no_connection", "no_host"):
            _resting[directory.pk] = (time.monotonic() + REST, trouble.code)
        raise
    finally:
        _turns.release()


def rested() -> None:
    """Ask everybody again: an administrator has saved or checked a directory."""
    _resting.clear()


def answered(one: Directory | Provider, *, at: datetime) -> None:
    """Written once a minute at most: sign-ins are many."""
    if not one.error and one.answered_at is not None and at - one.answered_at < NOTED_EACH:
        return
    type(one).objects.filter(pk=one.pk).update(answered_at=at, error="")


def failed(one: Directory | Provider, code: str, *, at: datetime) -> None:
    if one.error == code[:16] and one.error_at is not None and at - one.error_at < NOTED_EACH:
        return
    type(one).objects.filter(pk=one.pk).update(error=code[:16], error_at=at)
