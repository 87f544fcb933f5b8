"""Whether this machine's clock may be believed with what cannot be taken back: letters to hundreds, erasure by age.

A dead battery, a snapshot of a machine or a wrong time server sets the clock on by years, and in one moment every
deadline is over. What shows it is a second clock, the seconds since the machine started (CLOCK_BOOTTIME: sleep counts
as well): between two looks both must go on alike. The last look that was believed is kept beside the data, by the
machine whose clock it is; while the clock is doubted it stays as it was, so that a clock set right is believed again
by itself. Otherwise an administrator says so: `provodnik manage clock_is_right` (safety F40, docs/adr/0042).
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.core.parts import Finding

TOLERANCE = timedelta(minutes=5)  # a correction by a time server; nobody asks
DOUBTFUL = timedelta(days=1)  # a jump as long as this is doubted, however little hangs on it
LONGEST_OFF = timedelta(days=30)  # a machine that was started again may have stood still so long
MANY = 50  # deadlines that a jump shorter than DOUBTFUL may bring about at once
LONGEST_PUT_OFF = timedelta(days=7)  # nothing waits so long for its next try
NAME = "clock.json"


@dataclass(frozen=True, slots=True)
class Look:
    """`at`: the clock on the wall; `going`: seconds since the machine started; `boot`: which start that was."""

    at: datetime
    going: float
    boot: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """`believed`: the last instant that was; `seen`: what the clock showed when it was doubted first."""

    believed: datetime
    seen: datetime


def come(field: str, now: datetime) -> Q:
    """Rows whose next try has come. One put off for longer than anything ever is was put off by a clock that has been
    set right since."""
    return Q(**{f"{field}__lte": now}) | Q(**{f"{field}__gt": now + LONGEST_PUT_OFF})


def has_come(at: datetime | None, now: datetime) -> bool:
    """The same of one row."""
    return at is None or not now < at <= now + LONGEST_PUT_OFF


def look(now: datetime) -> Look:
    boot = ""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return Look(now, time.clock_gettime(time.CLOCK_BOOTTIME), boot)


def jump(before: Look, after: Look) -> timedelta:
    """How far the clock ran ahead of the time that went by. Of a machine started again nobody knows that time."""
    by_the_wall = after.at - before.at
    if _one_start(before, after):
        return by_the_wall - timedelta(seconds=after.going - before.going)
    return min(by_the_wall, max(timedelta(0), by_the_wall - LONGEST_OFF))


def _one_start(before: Look, after: Look) -> bool:
    return before.boot == after.boot and after.going >= before.going


def is_believed(seen: Look, at_stake: Callable[[], int]) -> bool:
    """Whether to act by this clock. `at_stake`: how many things would happen at once; asked after a jump alone. A clock
    that went back makes nothing happen."""
    before, doubt = _read()
    if before is not None and doubt is not None and not _one_start(before, seen) and seen.at >= doubt.seen:
        return False  # started again with the same wrong clock
    ahead = jump(before, seen) if before is not None else timedelta(0)
    if ahead <= TOLERANCE or (ahead < DOUBTFUL and at_stake() <= MANY):
        _write(seen if before is None else _measure(before, seen, ahead), None)
        return True
    if doubt is None and before is not None:
        _write(before, Doubt(before.at, seen.at))
    return False


def _measure(before: Look, seen: Look, ahead: timedelta) -> Look:
    """With what the next look is compared. Not with a clock that went back by days; nor, on the first day of a machine
    that was started again, with one that went back at all: a time server sets it on yet, and that is no jump."""
    if _one_start(before, seen):
        return before if ahead <= -DOUBTFUL else seen
    return before if ahead < -TOLERANCE and seen.going < DOUBTFUL.total_seconds() else seen


def doubt() -> Doubt | None:
    """What is the matter with the clock, by the last look."""
    return _read()[1]


def is_doubtful(now: datetime) -> bool:
    """Whether what cannot be taken back must wait: the clock is doubted, or has just jumped by days."""
    before, doubted = _read()
    return doubted is not None or (before is not None and jump(before, look(now)) >= DOUBTFUL)


def believe(now: datetime) -> bool:
    """An administrator says that the clock is right. False when nobody doubted it."""
    doubted = doubt() is not None
    _write(look(now), None)
    return doubted


def findings() -> Iterator[Finding]:
    """What doctor says."""
    found = doubt()
    if found is None:
        return
    words = _(
        "The clock jumped from %(believed)s to %(seen)s: nobody is told of deadlines and nothing is erased by age. "
        "Set the clock right, or, if it is right, say so: provodnik manage clock_is_right."
    )
    shape = "%d.%m.%Y %H:%M"
    told = {name: timezone.localtime(getattr(found, name)).strftime(shape) for name in ("believed", "seen")}
    yield Finding("error", words % told)


def _path() -> Path:
    return Path(settings.BASE_DIR) / NAME


def _read() -> tuple[Look | None, Doubt | None]:
    """What is kept; nothing, when it was never written or cannot be read."""
    try:
        kept = json.loads(_path().read_bytes())
        last = kept["last"]
        before = Look(datetime.fromisoformat(last["at"]), float(last["going"]), str(last["boot"]))
        doubted = kept["doubt"] and Doubt(*(datetime.fromisoformat(kept["doubt"][one]) for one in ("believed", "seen")))
    except (OSError, ValueError, KeyError, TypeError):
        return None, None
    return before, doubted or None


def _write(last: Look, doubted: Doubt | None) -> None:
    """The file is replaced whole. It need not outlive a power cut: without it the clock is believed once."""
    path = _path()
    half = path.with_name(f".{NAME}.{os.getpid()}")
    kept = {"last": asdict(last), "doubt": doubted and asdict(doubted)}
    with contextlib.suppress(OSError):  # a full disk is told elsewhere
        half.write_text(json.dumps(kept, default=datetime.isoformat), encoding="ascii")
        half.replace(path)
