"""Letters of the ledger are understood in a limited process, one group ahead of those that are settled."""

from __future__ import annotations

import atexit
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext_lazy

from provodnik.channels.email import Understood
from provodnik.channels.email.sandbox import NotUnderstood, Understander
from provodnik.channels.models import Inbound
from provodnik.core import files

TOGETHER = 20  # letters settled in one transaction
TOGETHER_BYTES = 8 * 1024 * 1024

REASONS = {
    "time": gettext_lazy("Reading the letter took too long."),
    "crash": gettext_lazy("Reading the letter took too much memory or processor time."),
    "protocol": gettext_lazy("The reading process answered nonsense."),
    "not_understood": gettext_lazy("The letter could not be read."),
    "lost": gettext_lazy("The file with the letter cannot be opened: look at the disk, then try again."),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A letter of the ledger with what was understood of it, or why it was not."""

    pk: int
    letter: Understood | None
    problem: str = ""


def read(rows: Sequence[Inbound]) -> Iterator[list[Reading]]:
    """Groups of letters with their readings, begun one group ahead."""
    ahead: deque[list[tuple[int, Future[Understood]]]] = deque()
    for group in _groups(rows):
        ahead.append([(row.pk, _begin(row)) for row in group])
        if len(ahead) > 1:
            yield _finished(ahead.popleft())
    while ahead:
        yield _finished(ahead.popleft())


def _groups(rows: Sequence[Inbound]) -> Iterator[list[Inbound]]:
    """Letters to be settled together: few and small, so that nobody waits long for a request they concern."""
    group: list[Inbound] = []
    for row in rows:
        if group and (len(group) >= TOGETHER or sum(one.raw.size for one in group) + row.raw.size > TOGETHER_BYTES):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _begin(row: Inbound) -> Future[Understood]:
    try:
        raw = files.read(row.raw)  # here, not in the thread: it has no database connection to leave open
    except OSError:
        lost: Future[Understood] = Future()
        lost.set_exception(NotUnderstood("lost"))
        return lost
    names = list(row.mailbox.authserv_ids) if row.mailbox is not None else []
    return _ahead().submit(_reader().understand, raw, names)


def _finished(group: Sequence[tuple[int, Future[Understood]]]) -> list[Reading]:
    found = []
    for pk, reading in group:
        try:
            found.append(Reading(pk, reading.result()))
        except NotUnderstood as problem:
            found.append(Reading(pk, None, str(REASONS.get(problem.reason, problem.reason))))
    return found


@cache
def _reader() -> Understander:
    """One reading process for this worker process."""
    reader = Understander()
    atexit.register(reader.close)
    return reader


@cache
def _ahead() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail-reader")
