"""Each line of its input behind the seconds since the first moment; what doctor finds well is left out."""

import sys
import time

began = time.monotonic()
for line in sys.stdin:
    if not line.startswith("✓"):
        print(f"{time.monotonic() - began:6.1f}  {line}", end="", flush=True)
