"""A small house whose disks are its own, so that they can be full: one web worker, a private PostgreSQL, jobs."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg

from tests import template
from tests.kill.house import House, children, eventually
from tests.kill.warm import Maker

PATIENCE = 2  # seconds after which a silent worker's jobs are another's
ROLE = "portal"


class Disk:
    """A small file system of its own, in memory."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder = folder
        folder.mkdir(mode=0o755, parents=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "none", str(folder)],
            capture_output=True,
            check=False,
        )
        self.mounted = done.returncode == 0

    def fill(self) -> None:
        """Leave not a byte."""
        with (self.folder / "ballast").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            for piece in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(piece))
        assert os.statvfs(self.folder).f_bavail == 0

    def free(self) -> None:
        (self.folder / "ballast").unlink(missing_ok=True)

    def remove(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)
            self.mounted = False


class SmallHouse(House):
    """Its programs speak to the database as a role with a password, which they read from a file (libpq: passfile)."""

    def __init__(self, smtp_port: int) -> None:
        super().__init__(smtp_port, imap_port=1)
        self.log.close()
        self.data = Disk(self.folder / "data", "640m")
        self.logs = Disk(self.folder / "logs", "1m")
        self.log = (self.folder / "logs" / "log").open("ab")
        self.passwords = self.folder / "passwords"
        self.plan = replace(self.plan, web_workers=1, worker_concurrency=2)

    def _settings(self, smtp_port: int, imap_port: int) -> dict[str, str]:
        return {**super()._settings(smtp_port, imap_port), "PROVODNIK_WORKER_PATIENCE": str(PATIENCE)}

    def start(self) -> SmallHouse:
        self.url = self.server.start()
        template.restore(self.url)
        self.let_in("first")
        self.ask_and_commit(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'first' IN ROLE provodnik")
        own = f"{self.url.replace('user=provodnik', f'user={ROLE}')}&passfile={self.passwords}"
        self.plan = replace(self.plan, database_url=own)
        self.maker = Maker(self.plan.environment(), self.log)
        if (template.folder() / "static").exists() and (template.folder() / "dump").exists():
            shutil.copytree(template.folder() / "static", self.data.folder / "static")
        else:
            self.maker.make("command", ["prepare"]).wait()
        self.maker.make("command", ["shell", "--no-imports", "-c", "from tests.kill import seed; seed.main()"]).wait()
        self.web = self._start_web()
        self.workers = [self._start_worker()]
        eventually("the web server answers", lambda: self.status("/healthz") == 200)
        return self

    def let_in(self, password: str) -> None:
        """By this password, as far as our programs know."""
        rules = self.server.home.conf_dir / "pg_hba.conf"
        if ROLE not in rules.read_text():
            rules.write_text(f"{rules.read_text()}local all {ROLE} scram-sha-256\n")
            self.ask_and_commit("SELECT pg_reload_conf()")
        self.passwords.write_text(f"*:*:*:{ROLE}:{password}\n")
        self.passwords.chmod(0o600)

    def bring_back(self) -> None:
        """As a supervisor does, when PostgreSQL has ended."""
        if not self.server.alive():
            self.server.stop()
            self.server.start()
            self.let_in("first")

    def ask_and_commit(self, sql: str) -> None:
        with psycopg.connect(self.url, connect_timeout=5, autocommit=True) as connection:
            connection.execute(sql)

    def cut(self) -> None:
        """All connections of the programs."""
        self.ask_and_commit(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{ROLE}'")

    def everybody(self) -> list[int]:
        """All processes that make up the house, PostgreSQL's as well."""
        assert self.web is not None
        assert self.server.pid is not None
        heads = [self.web.pid, self.server.pid, *(worker.pid for worker in self.workers)]
        return [pid for head in heads for pid in (head, *children(head))]

    def said(self) -> str:
        return (self.folder / "logs" / "log").read_text(errors="replace")[-6000:]

    def stop(self) -> None:
        for worker in self.workers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGCONT)
        super().stop()
        for disk in (self.data, self.logs):
            disk.remove()
        subprocess.run(["rm", "-rf", str(self.folder)], check=False)


@contextlib.contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """They stand still until the block ends. Who has ended since he was counted (a connection hung up) is let be."""
    try:
        _tell(pids, signal.SIGSTOP)
        yield
    finally:
        _tell(pids, signal.SIGCONT)


def _tell(pids: Iterable[int], signum: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signum)
