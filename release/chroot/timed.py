"""Runs a command; says how long it took and the most memory that one process of it held. Its exit status is ours."""

import resource
import subprocess
import sys
import time

began = time.monotonic()
code = subprocess.run(sys.argv[2:], check=False).returncode
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(f"=== {sys.argv[1]}: {time.monotonic() - began:.1f} s, the largest process {most:.0f} MiB", flush=True)
sys.exit(code)
