"""What an upgrade asks of the system: programs of releases, services, the page. Steps know only this protocol; the
sweeps give one whose programs are a few lines long."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg

from provodnik.lifecycle.backup.archive import BadBackup
from provodnik.lifecycle.backup.files import only_one, write_whole
from provodnik.lifecycle.children import die_with_parent
from provodnik.lifecycle.restore import database as databases
from provodnik.lifecycle.upgrade import aside, preflight
from provodnik.lifecycle.words import gettext as _

UNITS = ("provodnik-web", "provodnik-worker")
DATABASE_UNIT = "provodnik-database"
LOCK = 0x7076_0009  # a session's lock in the database: whoever upgrades from another machine is seen, too
LAST_WORDS = 3000
UPGRADER = "provodnik-upgrade"  # the connection that holds the lock; a restore does not count it as somebody's use


class Trouble(Exception):
    """A command of the system did not succeed; `str` is what it said."""


class World(Protocol):
    """Each raises Trouble."""

    def install(self, unpacked: Path) -> None:
        """Make the release folder from an unpacked distributive."""

    def check(self, program: Path) -> None:
        """Whether that release understands the settings, and serves the data of the private PostgreSQL."""

    def backup(self, program: Path, to: Path) -> None:
        """Have a backup made and read back."""

    def migrations(self) -> str:
        """How far the database is."""

    def prepare(self, program: Path, *, at_once: bool = True) -> None:
        """Bring the database up to that release, in one transaction; a fix, beside which people work, change by change:
        none of its locks is held longer than it must."""

    def keep(self, folder: Path) -> str:
        """Put the database aside as it stands, nobody using it: what aside.py says."""

    def kept(self, what: str) -> bool:
        """Whether what was put aside is still there."""

    def give_back(self, what: str) -> str:
        """Have what was put aside be the database again."""

    def bring_files(self, backup: Path) -> int:
        """Bring kept files that the database names and the disk lacks; how many are lacking still."""

    def forget(self, folder: Path) -> None:
        """Remove what was put aside."""

    def units(self, program: Path) -> None:
        """Have the units and the command be those of that release."""

    def database_anew(self, program: Path, *, always: bool) -> None:
        """Have the private PostgreSQL run from what `current` leads to: always, or where its version is another."""

    def restore(self, program: Path, file: Path) -> None:
        """Put the backup in place of what is there."""

    def doctor(self, program: Path) -> bool:
        """Whether that release finds all well; what it found was shown."""

    def stop(self) -> None: ...

    def start(self) -> None: ...

    def alone(self) -> AbstractContextManager[bool]:
        """True when nobody else upgrades this installation; held until the block ends."""

    def page(self, what: str) -> AbstractContextManager[None]:
        """Something answers on the web server's port meanwhile."""


Say = Callable[[str], None]


def units_exist() -> bool:
    """Whether systemd runs here and knows our services."""
    if not Path("/run/systemd/system").is_dir() or shutil.which("systemctl") is None:
        return False
    told = subprocess.run(["systemctl", "cat", f"{UNITS[0]}.service"], capture_output=True, check=False)  # noqa: S607
    return told.returncode == 0


@dataclass
class Real:
    """`database()`: a context with the URL of a database that answers; `stop_command`, `restart_command`: "" where a
    person does it, `database_command`: restarts the private PostgreSQL, "" where it is restarted with the others or is
    not ours; `private`: whether there is one; `prefix`: what stands before /opt/provodnik. Programs run as `account`,
    whose files these are."""

    database: Callable[[], AbstractContextManager[str]]
    data: Path
    prefix: str
    host: str
    port: int
    stop_command: str
    restart_command: str
    say: Say
    account: pwd.struct_passwd | None = None
    private: bool = False
    database_command: str = ""
    _lock: psycopg.Connection | None = None

    def install(self, unpacked: Path) -> None:
        more = {"PREFIX": self.prefix} if self.prefix else {}
        self._run(["/bin/sh", str(unpacked / "install.sh"), "--release-only"], as_account=False, more=more)

    def check(self, program: Path) -> None:
        self._run([str(program), "manage", "check"])
        if self.private:
            self._run([str(program), "database", "--which"])

    def backup(self, program: Path, to: Path) -> None:
        self._run([str(program), "backup", "--to", str(to), "--plain", "--keep", "3", "0", "0"])

    def migrations(self) -> str:
        with self.database() as url:
            return preflight.migrations(url)

    def prepare(self, program: Path, *, at_once: bool = True) -> None:
        self._run([str(program), "manage", "prepare", *(["--at-once"] if at_once else [])])

    def keep(self, folder: Path) -> str:
        with self._unlocked() as url:
            return aside.keep(url, folder)

    def kept(self, what: str) -> bool:
        with self.database() as url:
            return aside.there(url, what)

    def give_back(self, what: str) -> str:
        with self._unlocked() as url:
            return aside.give_back(url, what)

    def bring_files(self, backup: Path) -> int:
        with self.database() as url:
            try:
                return aside.bring_files(url, self.data, backup)
            except BadBackup as error:
                raise Trouble(str(error)) from error

    def forget(self, folder: Path) -> None:
        with self.database() as url:
            aside.forget(url, folder)

    def units(self, program: Path) -> None:
        """Only those that install.sh has put there: a Debian package brings its own."""
        carried, root = program.parents[1] / "share" / "provodnik", Path(self.prefix or "/")
        place_of, command = root / "etc/systemd/system", root / "usr/local/bin/provodnik"
        if not (place_of / f"{UNITS[0]}.service").exists():
            return
        if not os.access(place_of, os.W_OK):  # an account that may not: neither way stands still for that
            self.say(_("The units of systemd stay as they are: %(path)s may not be written.") % {"path": place_of})
            return
        for path in sorted((carried / "systemd").rglob("*")):
            if path.is_file():
                place = place_of / path.relative_to(carried / "systemd")
                place.parent.mkdir(exist_ok=True)
                write_whole(place, path.read_bytes(), mode=0o644)
        if command.exists() and (carried / "provodnik.sh").exists():
            text = (carried / "provodnik.sh").read_text(encoding="utf-8")
            write_whole(command, text.replace("ROOT=''", f"ROOT='{self.prefix}'", 1).encode(), mode=0o755)
        if units_exist():
            self._run(["systemctl", "daemon-reload"], as_account=False)

    def database_anew(self, program: Path, *, always: bool) -> None:
        if not self.database_command:
            return
        if not always:
            told = self._started([str(program), "database", "--which"], as_account=True).stdout
            with self.database() as url, psycopg.connect(url, connect_timeout=10) as connection:
                row = connection.execute("SHOW server_version").fetchone()
            if row is not None and f"PostgreSQL {row[0]}" in told.splitlines():
                return
        self._run(shlex.split(self.database_command), as_account=False)

    def try_prepare(self, program: Path, url: str, folder: Path) -> None:
        """The same on another database, with a data folder that is thrown away."""
        if self.account is not None:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)
        more = {"PROVODNIK_DATABASE_URL": url, "PROVODNIK_DATA_DIR": str(folder)}
        self._run([str(program), "manage", "prepare", "--at-once"], more=more)

    def restore(self, program: Path, file: Path) -> None:
        self._run([str(program), "restore", str(file), "--replace", "--in-place"])

    def doctor(self, program: Path) -> bool:
        done = self._started([str(program), "doctor"], as_account=True)
        self.say((done.stdout + done.stderr).strip())
        return done.returncode == 0

    def stop(self) -> None:
        """Where a person stops the program, whether he has: what it wrote from here on would be lost by a rollback."""
        if self.stop_command:
            self._run(shlex.split(self.stop_command), as_account=False)
            return
        with self.database() as url:
            count = databases.others_connected(url)
        if count:
            said = _("The database is in use (%(count)s connections): stop the program first.")
            raise Trouble(said % {"count": count})

    def start(self) -> None:
        if self.restart_command:
            self._run(shlex.split(self.restart_command), as_account=False)
        else:
            self.say(_("Start the program now: no services of it are known here."))

    @contextmanager
    def alone(self) -> Iterator[bool]:
        with only_one(self.data / ".upgrade.lock") as here:
            if not here:
                yield False
                return
            with self.database() as url:
                try:
                    yield self._locked(url)
                finally:
                    self._hang_up()

    def _locked(self, url: str) -> bool:
        self._lock = psycopg.connect(url, autocommit=True, connect_timeout=10, application_name=UPGRADER)
        return self._lock.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone() == (True,)

    def _hang_up(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @contextmanager
    def _unlocked(self) -> Iterator[str]:
        """A database that is copied or renamed has no connection to it, not even that of our lock."""
        with self.database() as url:
            mine = self._lock is not None
            self._hang_up()
            yield url
            if mine and not self._locked(url):
                raise Trouble(_("Another upgrade is under way."))

    @contextmanager
    def page(self, what: str) -> Iterator[None]:
        command = [sys.executable, "-m", "provodnik.lifecycle.upgrade.page", self.host, str(self.port), what]
        process = subprocess.Popen(command, preexec_fn=die_with_parent(signal.SIGTERM))
        try:
            yield
        finally:
            process.terminate()
            process.wait()

    def _run(self, command: Sequence[str], *, as_account: bool = True, more: Mapping[str, str] | None = None) -> None:
        done = self._started(command, as_account=as_account, more=more)
        if done.returncode != 0:
            raise Trouble((done.stdout + done.stderr).strip()[-LAST_WORDS:])

    def _started(
        self, command: Sequence[str], *, as_account: bool, more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end. Each release imports its own modules, whatever we were started with."""
        environment = {name: value for name, value in {**os.environ, **(more or {})}.items() if name != "PYTHONPATH"}
        whose: dict[str, object] = {}
        if as_account and self.account is not None:
            environment["HOME"] = self.account.pw_dir
            whose = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": [], "cwd": self.data}
        try:
            return subprocess.run(  # type: ignore[call-overload,no-any-return]
                list(command),
                env=environment,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                stdin=subprocess.DEVNULL,
                preexec_fn=die_with_parent(signal.SIGTERM),
                **whose,
            )
        except OSError as error:
            raise Trouble(f"{command[0]}: {error.strerror}") from error
