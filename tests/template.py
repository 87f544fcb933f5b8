"""The database of the tests, migrated once for a run and kept between runs.

    python -m tests.template FOLDER    # makes the template; started by tests/harness.py beside pytest's collection

Each process then makes a database of its own from it (`clone`), in a tenth of a second. What all migrations together
make is kept as a dump in the user's cache folder under a name that is a hash of all migrations and of what runs them:
the next run restores it. Who changes a migration, or comes to a fresh machine, runs them all.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

from provodnik.lifecycle.binaries import PostgresProblem, choose
from provodnik.lifecycle.children import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
NAME = "provodnik_template"
PATIENCE = 300.0  # seconds for the migrations on a busy machine
SETTINGS = {"DJANGO_SETTINGS_MODULE": "provodnik.config.settings"}


def begin(folder: Path) -> subprocess.Popen[bytes]:
    """Start making the template on the server of PROVODNIK_DATABASE_URL; it ends with a file `ready` or `failed`."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PROVODNIK_TEST_TEMPLATE"] = str(folder)
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.template", str(folder)],
            cwd=ROOT,
            env={**os.environ, **SETTINGS},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )


def folder() -> Path:
    return Path(os.environ["PROVODNIK_TEST_TEMPLATE"])


def wait() -> None:
    """Until the template is there."""
    deadline = time.monotonic() + PATIENCE
    while not (folder() / "ready").exists():
        if (folder() / "failed").exists() or time.monotonic() > deadline:
            raise RuntimeError(f"the database was not migrated:\n{(folder() / 'log').read_text()[-3000:]}")
        time.sleep(0.02)


def name_of(template_folder: Path) -> str:
    """Of its own for each run: several may use one server."""
    return f"{NAME}_{template_folder.parent.name.rpartition('-')[2]}".lower()


def clone(url: str, database: str) -> None:
    """Make `database`, empty and migrated; one of that name is lost."""
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        remove = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        connection.execute(remove)
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(make.format(sql.Identifier(database), sql.Identifier(name_of(folder()))))


def drop(url: str, database: str) -> None:
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def restore(url: str) -> None:
    """Fill an empty database of another private server with what the migrations make; without a dump it stays empty."""
    wait()
    if (folder() / "dump").exists():
        _restore(url, folder() / "dump")


def _program(name: str) -> str:
    return choose(None).path(name)


def _restore(url: str, dump: Path) -> None:
    _run(_program("pg_restore"), "--no-owner", "--exit-on-error", "--dbname", url, str(dump))


def _run(*command: str, **environment: str) -> None:
    dies = die_with_parent(signal.SIGKILL)
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True, preexec_fn=dies)


def _fingerprint() -> str:
    """Of everything that says what the migrations make."""
    told = hashlib.sha256()
    for path in sorted(ROOT.glob("provodnik/*/migrations/*.py")):
        told.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    told.update(Path(__file__).read_bytes())
    versions = [version(name) for name in ("django", "procrastinate")]
    told.update(repr([*versions, _program("postgres"), choose(None).major]).encode())
    return told.hexdigest()[:32]


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "provodnik-tests"


def make(template_folder: Path) -> None:
    url, database = os.environ["PROVODNIK_DATABASE_URL"], name_of(template_folder)
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database)))
        major = connection.info.server_version // 10_000
    own = re.sub(r"^(\w+://[^/?]*)[^?]*", rf"\1/{database}", url)
    if not _can_dump(major):
        _migrate(own)
        return
    kept, dump = _cache() / f"{_fingerprint()}.dump", template_folder / "dump"
    if kept.exists():
        dump.write_bytes(kept.read_bytes())
        _restore(own, dump)
        return
    _migrate(own)
    _run(_program("pg_dump"), "--format=custom", "--no-owner", "--file", str(dump), own)
    with contextlib.suppress(OSError):  # a home that cannot be written to costs the next run its seconds
        _keep(dump, kept)


def _can_dump(major: int) -> bool:
    """Whether our programs are of the server's version; that of PROVODNIK_DATABASE_URL may be any."""
    try:
        return choose(None).major == major
    except PostgresProblem:
        return False


def _keep(dump: Path, kept: Path) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    for old in sorted(kept.parent.glob("*.dump"), key=lambda file: file.stat().st_mtime)[:-7]:
        old.unlink(missing_ok=True)
    half = kept.with_suffix(f".{os.getpid()}")
    half.write_bytes(dump.read_bytes())
    half.rename(kept)


def _migrate(url: str) -> None:
    _run(sys.executable, "-m", "django", "migrate", "--verbosity", "0", PROVODNIK_DATABASE_URL=url)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    try:
        make(target)
    except BaseException:
        (target / "failed").touch()
        raise
    (target / "ready").touch()
