"""Child processes that never outlive their parent, not even one that was killed with SIGKILL."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(signum: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` for Popen: the kernel sends `signum` to the child when the thread that started it ends.

    Start such children from the main thread: prctl(2) ties the signal to the thread, not to the process.
    A change of user clears the setting, so Popen's own `user=` is right: it is applied before `preexec_fn`.
    """
    parent = os.getpid()

    def before_exec() -> None:
        if _libc is None:
            return
        _libc.prctl(PR_SET_PDEATHSIG, int(signum))
        if os.getppid() != parent:  # the parent died between fork and prctl: no signal will ever come
            os._exit(1)

    return before_exec
