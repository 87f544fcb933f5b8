"""python -m bench.table EXPORT: makes one table as the job would, and tells how long it took and what it held."""

from __future__ import annotations

import json
import resource
import sys
import time

import django

django.setup()

from provodnik.quality.actions.exports import make  # noqa: E402 - it needs Django ready


def main() -> None:
    started = time.monotonic()
    make(int(sys.argv[1]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.monotonic() - started, "memory": peak}))


if __name__ == "__main__":
    main()
