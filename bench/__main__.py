"""python -m bench [--quick] [--keep FOLDER] [--only WORDS]: fills scratch databases, measures, prints one table.

Exit status 1 when an aim is missed. With PROVODNIK_DATABASE_URL an empty database of one's own is filled instead of a
private server's: then only one size fits, so --quick, or --large for the million.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import report
from bench.stack import free_port
from provodnik.lifecycle.postgres import EmbeddedPostgres

SIZES = {"small": (10_000, 10_000), "large": (1_000_000, 10_000)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast PROводник is (docs/bench.md).")
    parser.add_argument("--quick", action="store_true", help="10,000 requests only")
    parser.add_argument("--large", action="store_true", help="1,000,000 requests only")
    parser.add_argument("--keep", type=Path, help="keep the filled database in this folder, and use it the next time")
    parser.add_argument(
        "--only",
        default="",
        help="only pages whose name has these words; or: crowd, letters, table, exchange, payday, people",
    )
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="provodnik-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # PostgreSQL's own account has to pass
    names = [
        name for name in SIZES if not (options.quick and name != "small") and not (options.large and name != "large")
    ]
    if len(names) > 1 and os.environ.get("PROVODNIK_DATABASE_URL"):
        parser.error("with PROVODNIK_DATABASE_URL choose --quick or --large: one database holds one size")
    try:
        return _run(folder, names, options.only)
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, names: list[str], only: str) -> int:
    server = EmbeddedPostgres(folder) if not os.environ.get("PROVODNIK_DATABASE_URL") else None
    try:
        if server is not None:
            server.start()
        sizes = [_measure(folder, name, server, only) for name in names]
    finally:
        if server is not None:
            server.stop()
    text, good = report.table(sizes)
    print(text)
    return 0 if good else 1


def _measure(folder: Path, name: str, server: EmbeddedPostgres | None, only: str) -> report.Size:
    """One size, in a process of its own: Django reads its database once."""
    port = free_port()
    if server is not None:
        server.create_database(f"bench_{name}")
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("PROVODNIK_")},
        "PROVODNIK_DATABASE_URL": server.url(f"bench_{name}") if server else os.environ["PROVODNIK_DATABASE_URL"],
        "PROVODNIK_DATA_DIR": str(folder / "data"),
        "PROVODNIK_SECRET_KEY": "only-for-the-benchmark-" + "x" * 40,
        "PROVODNIK_PORT": str(port),
        "PROVODNIK_BASE_URL": f"http://127.0.0.1:{port}",
        "PROVODNIK_LOG_LEVEL": "ERROR",
        "PROVODNIK_REPLY_HOLD": "0",  # an answer is measured with all that it does
        "DJANGO_SETTINGS_MODULE": "bench.settings",
    }
    answer = folder / f"{name}.json"
    answer.unlink(missing_ok=True)
    command = [sys.executable, "-m", "bench.run", *map(str, SIZES[name]), str(answer), "--only", only]
    subprocess.run(command, env=environment, check=True)
    return report.read(json.loads(answer.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main())
