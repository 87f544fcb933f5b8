"""The house's programs, each forked from one process that has everything imported.

    python -m tests.kill.warm    # reads ["web" | "worker", its arguments] from stdin, a line each; writes the pid

A fresh Python needs seconds to import Django and us, and a hundred kills would spend their time on that. That the
programs come up from nothing is proved in lifecycle/tests/test_program.py; here they are killed while they work.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.urls import get_resolver
from django.utils.module_loading import import_string

from provodnik.lifecycle import webserver
from provodnik.lifecycle.children import die_with_parent


class Forked:
    """As much of a Popen as the house needs, of a process that is its maker's child."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return 0
        return 0 if state in "ZX" else None

    def wait(self) -> None:
        while self.poll() is None:
            time.sleep(0.005)


class Maker:
    """The other end: starts the process that forks, and asks it. Only for the main thread, to which it is tied."""

    def __init__(self, environment: Mapping[str, str], log: IO[bytes]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kill.warm"],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )

    def make(self, kind: str, arguments: Sequence[str]) -> Forked:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([kind, list(arguments)]) + "\n")
        self._process.stdin.flush()
        return Forked(int(self._process.stdout.readline()))

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


def main() -> None:
    django.setup()
    assert get_resolver().url_patterns
    for path in settings.PROCRASTINATE_IMPORT_PATHS:
        import_string(f"{path}.__name__")
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    while line := sys.stdin.readline():
        kind, arguments = json.loads(line)
        tie = die_with_parent(signal.SIGKILL)
        pid = os.fork()
        if pid == 0:
            tie()
            _become(kind, arguments)
        os.setpgid(pid, pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _become(kind: str, arguments: Sequence[str]) -> None:
    """Run the program and end; never returns."""
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        if kind == "web":
            import_string("provodnik.config.rsgi.application")
            sys.argv = ["granian", *arguments]
            webserver.prepare_workers()
            webserver.entrypoint()
        else:
            execute_from_command_line(["django", *arguments])
    except SystemExit:
        pass
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
