"""Which job is running, and whether it said that it goes outside. Pure: transports ask here before they connect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Undeclared(Exception):
    """A job that did not say that it goes outside tried to: it would pass quarantine by."""


_job: ContextVar[tuple[str, bool] | None] = ContextVar("job", default=None)


@contextmanager
def entered(name: str, *, outside: bool) -> Iterator[None]:
    """The time in which a job runs."""
    token = _job.set((name, outside))
    try:
        yield
    finally:
        _job.reset(token)


def knock() -> None:
    """Whoever opens a connection to another machine asks first. Raises Undeclared."""
    job = _job.get()
    if job is not None and not job[1]:
        raise Undeclared(job[0])
