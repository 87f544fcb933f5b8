"""granian, with workers that die with it, that can be stopped while they load, and that share what they loaded.

When granian is killed it leaves its workers behind, holding the port. And its workers are forks: until the
application is loaded they have the handlers of their parent, to which SIGTERM is only a note for later, so that
stopping would wait for the kill timeout.

The application is loaded once, before there are workers: they share its memory, some hundred megabytes, and one that
died is back at once. Nothing of it may hold a thread or a connection by then: both do not survive a fork.
"""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import signal
import sys

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


def load(target: str) -> None:
    """Import the application's module («module:name»), and keep the collector from writing into its pages. What is
    imported stays: looking it through meanwhile is a third of the time."""
    gc.disable()
    importlib.import_module(target.partition(":")[0])
    gc.collect()
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    load(sys.argv[-1])
    prepare_workers()
    entrypoint()  # type: ignore[no-untyped-call]  # granian ships no types for it
