"""granian, with workers that die with it and that can be stopped while they load.

When granian is killed it leaves its workers behind, holding the port. And its workers are forks: until the
application is loaded they have the handlers of their parent, to which SIGTERM is only a note for later, so that
stopping would wait for the kill timeout.
"""

from __future__ import annotations

import multiprocessing
import os
import signal

from granian.cli import entrypoint

from provodnik.lifecycle.children import die_with_parent


def prepare_workers() -> None:
    """Give every process that this one forks, but not the forks of those, its own way to die."""
    server = os.getpid()
    tie = die_with_parent(signal.SIGKILL)

    def in_child() -> None:
        if os.getppid() == server:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            tie()

    os.register_at_fork(after_in_child=in_child)
    multiprocessing.set_start_method("fork")


if __name__ == "__main__":
    prepare_workers()
    entrypoint()  # type: ignore[no-untyped-call]  # granian ships no types for it
