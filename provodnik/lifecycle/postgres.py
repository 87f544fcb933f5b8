"""A private PostgreSQL: started as a child, reached over a socket only, never outliving who started it.

The first caller with a data folder owns the server; whoever comes later attaches to it and leaves it running.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from provodnik.lifecycle.binaries import Binaries, PostgresProblem, choose
from provodnik.lifecycle.children import die_with_parent
from provodnik.lifecycle.home import Account, Home, prepare
from provodnik.lifecycle.words import gettext as _

ROLE = "provodnik"
DATABASE = "provodnik"
PORT = 5432  # only names the socket file: nothing listens on TCP
START_SECONDS = 60.0  # a crash recovery may take long; a dead owner's server may still be shutting down
STOP_SECONDS = 30.0
LOG_LIMIT = 10 * 1024 * 1024
SOCKET_PATH_LIMIT = 107  # sun_path, unix(7)
# What postgres writes when the previous postmaster is dead but not reaped, or its backends are still leaving.
STALE = ("postmaster.pid", "shared memory block", ".s.PGSQL.")


class InitFailed(PostgresProblem):
    """initdb refused."""


class StartFailed(PostgresProblem):
    """The server did not come up."""


@dataclass(frozen=True)
class _Locale:
    arguments: tuple[str, ...]
    oldest: int


# Passed explicitly, never taken from the environment: with LC_CTYPE=C lower('ПРИВЕТ') stays as it is.
# ICU sorts Russian rightly; the wheel is built without it, there the builtin provider (17+) knows Cyrillic.
LOCALES = (
    _Locale(("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=ru-RU"), 15),
    _Locale(("--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"), 17),
    _Locale(("--locale=C.UTF-8",), 0),
)


class EmbeddedPostgres:
    """The private server of one data folder.

    `start()` must be called from the main thread: the server is told to stop when the starting thread ends.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self._home: Home | None = None
        self._lock: IO[str] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def owner(self) -> bool:
        """Whether this object started the server (and `stop()` will stop it)."""
        return self._server is not None

    @property
    def pid(self) -> int | None:
        return self._server.pid if self._server else None

    @property
    def home(self) -> Home:
        if self._home is None:
            self._home = prepare(self.data_dir)
        return self._home

    def start(self, cancelled: Callable[[], bool] = lambda: False) -> str:
        """Bring the server up, or attach to the one that runs; return the URL of the product's database."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self._acquire():
                try:
                    self._become_owner(deadline)
                except BaseException:
                    self.stop()
                    raise
                break
            if self.is_running():
                break
            if cancelled() or time.monotonic() > deadline:
                raise StartFailed(
                    _("Another process keeps the data folder %(folder)s, but its PostgreSQL does not answer.")
                    % {"folder": self.data_dir}
                )
            time.sleep(0.1)
        self.create_database(DATABASE)
        return self.url(DATABASE)

    def stop(self) -> None:
        """Stop the server if it is ours: fast at first, harder if it does not obey. Safe to call twice."""
        server, self._server = self._server, None
        if server is not None:
            # SIGINT is a fast shutdown, SIGQUIT an immediate one (postgres(1)); data survive both.
            for signum, patience in (
                (signal.SIGINT, STOP_SECONDS),
                (signal.SIGQUIT, 5.0),
                (signal.SIGKILL, 5.0),
            ):
                if server.poll() is not None:
                    break
                server.send_signal(signum)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    server.wait(patience)
            if self.home.socket_is_temporary:
                shutil.rmtree(self.home.socket_dir, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def alive(self) -> bool:
        """Whether our child process still runs; an attached caller asks the socket."""
        return self._server.poll() is None if self._server else self.is_running()

    def is_running(self) -> bool:
        """Whether the server accepts connections now."""
        try:
            with self._connect():
                return True
        except psycopg.OperationalError:
            return False

    def create_database(self, name: str) -> None:
        """Make an empty database unless it is there."""
        with self._connect() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
            if known is None:
                # Two starters may both see it missing; the loser has what it wanted.
                with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def url(self, database: str) -> str:
        return f"postgresql:///{database}?host={self.home.socket_dir}&user={ROLE}"

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.home.socket_dir),
            port=PORT,
            user=ROLE,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _acquire(self) -> bool:
        """Take the folder's lock; the kernel frees it with the process, so no lock is ever stale."""
        lock = self.home.lock_path.open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _become_owner(self, deadline: float) -> None:
        home = self.home
        home.settle_socket(SOCKET_PATH_LIMIT - len(f"/.s.PGSQL.{PORT}.lock"))
        binaries = choose(home.data_major(), home.can_run)
        binaries = home.reachable(binaries)
        if not home.pgdata.exists():
            _initdb(home, binaries)
        _write_access_rules(home)
        if home.log_path.exists() and home.log_path.stat().st_size > LOG_LIMIT:
            home.log_path.write_bytes(b"")
        while True:
            told_before = home.log_path.stat().st_size if home.log_path.exists() else 0
            self._server = _launch(home, binaries)
            if self._wait_until_ready(deadline):
                return
            self._server = None
            told = home.log_tail(told_before)
            if time.monotonic() > deadline or not any(sign in told for sign in STALE):
                raise StartFailed(
                    _("PostgreSQL did not start. It says:\n%(told)s\nIts log: %(log)s")
                    % {"told": told.strip()[-1500:], "log": home.log_path}
                )
            time.sleep(0.1)

    def _wait_until_ready(self, deadline: float) -> bool:
        """True when it accepts connections, False when the process has ended."""
        assert self._server is not None
        while self._server.poll() is None:
            if self.is_running():
                return True
            if time.monotonic() > deadline:
                raise StartFailed(
                    _("PostgreSQL has not become ready in %(seconds)s seconds. Its log: %(log)s")
                    % {"seconds": int(START_SECONDS), "log": self.home.log_path}
                )
            time.sleep(0.02)
        return False


def _as(account: Account | None) -> dict[str, object]:
    """Popen arguments that change the user; nothing when we may run as ourselves."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


def _environment() -> dict[str, str]:
    """A small environment: no PG* or LC_* of the caller reaches the server."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _fsync() -> bool:
    return os.environ.get("PROVODNIK_TEST_FSYNC") != "off"


def _initdb(home: Home, binaries: Binaries) -> None:
    """Make the cluster beside its place and rename it: a half-made one is never taken for a real one."""
    new = home.pgdata.with_name("pgdata.new")
    told = ""
    for locale in LOCALES:
        if binaries.major < locale.oldest:
            continue
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        home.give(new)
        command = [binaries.path("initdb"), "-D", str(new), "-U", ROLE, "-E", "UTF8", "--data-checksums"]
        command += [
            "--auth=reject",
            "--no-instructions",
            *locale.arguments,
            *([] if _fsync() else ["--no-sync"]),
        ]
        # An unfinished initdb must not go on beside the next one, should we be killed.
        done = subprocess.run(  # type: ignore[call-overload]
            command,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env=_environment(),
            preexec_fn=die_with_parent(signal.SIGKILL),
            **_as(home.account),
        )
        if done.returncode == 0:
            new.rename(home.pgdata)
            return
        told = str(done.stderr).strip()
        if "ICU" not in told and "locale" not in told:
            break
    shutil.rmtree(new, ignore_errors=True)
    raise InitFailed(_("PostgreSQL could not prepare its data folder. It says:\n%(told)s") % {"told": told[-1500:]})


def _write_access_rules(home: Home) -> None:
    """Nobody but ourselves, recognised by the kernel (peer). Kept outside pgdata, written anew each time."""
    home.conf_dir.mkdir(mode=0o755, exist_ok=True)
    home.conf_dir.chmod(0o755)
    _replace(home.conf_dir / "pg_hba.conf", f"local all {ROLE} peer map=us\n")
    _replace(home.conf_dir / "pg_ident.conf", "".join(f'us "{name}" {ROLE}\n' for name in home.our_names()))


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).chmod(0o644)
    Path(name).rename(path)


def _settings(home: Home) -> dict[str, str]:
    durable = "on" if _fsync() else "off"
    return {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(home.socket_dir),
        "hba_file": str(home.conf_dir / "pg_hba.conf"),
        "ident_file": str(home.conf_dir / "pg_ident.conf"),
        "max_connections": "100",
        "shared_buffers": "128MB",
        "fsync": durable,
        "full_page_writes": durable,
        "synchronous_commit": durable,
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # No row values in the log: DETAIL lines and statements carry personal data.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }


def _launch(home: Home, binaries: Binaries) -> subprocess.Popen[bytes]:
    arguments = [binaries.path("postgres"), "-D", str(home.pgdata)]
    for name, value in _settings(home).items():
        arguments += ["-c", f"{name}={value}"]
    with home.log_path.open("ab") as log:
        # SIGINT when we die is a fast, clean shutdown. Ctrl+C in the terminal is for the supervisor alone:
        # the server has its own process group, or it would be gone before the others have finished.
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGINT),
            **_as(home.account),
        )
