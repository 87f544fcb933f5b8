"""python -m bench.table EXPORT: makes one table as the job would, and tells how long it took and what it held."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import django

django.setup()

from provodnik.quality.actions.exports import make  # noqa: E402 - it needs Django ready


def main() -> None:
    started = time.monotonic()
    make(int(sys.argv[1]))
    print(json.dumps({"seconds": time.monotonic() - started, "memory": peak()}))


def peak() -> float:
    """MB that this process held at most. Not getrusage(2): it counts what the parent held before exec(3) too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    main()
