"""Where the private PostgreSQL lives and as whom it runs.

PostgreSQL refuses to run as root. Started by root, it runs as an existing account (postgres, else nobody),
and its files lie where that account can reach them: in the data folder, or, when that is closed to others,
under /var/lib, with a note in the data folder that says where.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from provodnik.lifecycle.binaries import Binaries, PostgresProblem
from provodnik.lifecycle.words import gettext as _

ACCOUNTS = ("postgres", "nobody")
ELSEWHERE = Path("/var/lib")
NOTE = "postgres-is-at"


class NoAccount(PostgresProblem):
    """There is no account to run the server as."""


class ForeignData(PostgresProblem):
    """The data folder belongs to somebody else."""


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int


def _may_enter(folder: Path, account: Account) -> bool:
    """Whether `account` may pass through `folder` and all above it, by plain permission bits."""
    for part in (folder, *folder.parents):
        info = part.stat()
        if info.st_uid == account.uid:
            allowed = info.st_mode & stat.S_IXUSR
        elif info.st_gid == account.gid:
            allowed = info.st_mode & stat.S_IXGRP
        else:
            allowed = info.st_mode & stat.S_IXOTH
        if not allowed:
            return False
    return True


def _account_for(pgdata: Path | None) -> Account | None:
    """Whom to run as; None means ourselves. Data that exist decide: they stay with their owner."""
    if os.geteuid() != 0:
        _known(os.geteuid())
        return None
    if pgdata is not None and pgdata.exists() and pgdata.stat().st_uid != 0:
        return _known(pgdata.stat().st_uid)
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise NoAccount(
        _(
            "PostgreSQL does not run as root, and this machine has neither an account postgres nor nobody. "
            "Start the program as an ordinary user, or name a running server in PROVODNIK_DATABASE_URL."
        )
    )


def _known(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        # initdb would say: could not look up effective user ID.
        raise NoAccount(
            _(
                "User number %(uid)s has no entry in /etc/passwd, and PostgreSQL does not run without one. "
                "Add the entry, or name a running server in PROVODNIK_DATABASE_URL."
            )
            % {"uid": uid}
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


@dataclass
class Home:
    """Folders and files of one private server."""

    folder: Path
    account: Account | None  # None: the server runs as ourselves
    _socket_dir: Path | None = field(default=None, repr=False)

    @property
    def pgdata(self) -> Path:
        return self.folder / "pgdata"

    @property
    def conf_dir(self) -> Path:
        return self.folder / "conf"

    @property
    def lock_path(self) -> Path:
        return self.folder / "lock"

    @property
    def log_path(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def socket_dir(self) -> Path:
        """Named by a note when the folder's own path is too long for a socket."""
        if self._socket_dir is None:
            note = self.folder / "socket-is-at"
            return Path(note.read_text(encoding="utf-8")) if note.exists() else self.folder / "run"
        return self._socket_dir

    @property
    def socket_is_temporary(self) -> bool:
        return self.socket_dir.parent != self.folder

    def settle_socket(self, limit: int) -> None:
        """Choose and make the socket's folder. Closed to others: it is what keeps strangers out."""
        note = self.folder / "socket-is-at"
        note.unlink(missing_ok=True)
        chosen = self.folder / "run"
        if len(os.fsencode(chosen)) >= limit:
            chosen = Path(tempfile.mkdtemp(prefix="provodnik-"))
            note.write_text(str(chosen), encoding="utf-8")
        chosen.mkdir(exist_ok=True)
        chosen.chmod(0o700)
        self.give(chosen)
        self._socket_dir = chosen

    def give(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def our_names(self) -> list[str]:
        """Names the server shall recognise: ours, and its own."""
        names = {_known(os.geteuid()).name, "root"}  # root may do everything here anyway, and upgrades
        if self.account:
            names.add(self.account.name)
        return sorted(names)

    def data_major(self) -> int | None:
        """The major version that wrote the data; None when there are none yet."""
        version = self.pgdata / "PG_VERSION"
        return int(version.read_text(encoding="ascii").strip()) if version.exists() else None

    def can_run(self, binaries: Binaries) -> bool:
        """Whether the account reaches the programs, or we can copy them (only the wheel's tree moves)."""
        return self.account is None or _may_enter(binaries.folder, self.account) or _movable(binaries)

    def reachable(self, binaries: Binaries) -> Binaries:
        """The same programs where the account can reach them: a virtual environment under /root is not."""
        if self.account is None or _may_enter(binaries.folder, self.account):
            return binaries
        target = self.folder / f"programs-{binaries.major}"
        if not target.exists():
            fresh = Path(tempfile.mkdtemp(dir=self.folder))
            shutil.copytree(binaries.folder.parent, fresh / "tree", symlinks=True)
            fresh.chmod(0o755)
            (fresh / "tree").chmod(0o755)
            (fresh / "tree").rename(target)
            fresh.rmdir()
        return replace(binaries, folder=target / "bin")

    def log_tail(self, start: int) -> str:
        """What the server wrote after byte `start`."""
        if not self.log_path.exists():
            return ""
        with self.log_path.open("rb") as log:
            log.seek(start)
            return log.read(64 * 1024).decode("utf-8", "replace")


def _movable(binaries: Binaries) -> bool:
    return binaries.folder.parent.name == "pginstall"


def prepare(data_dir: Path) -> Home:
    """Find or make the server's folder for `data_dir`."""
    data_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
    data_dir = data_dir.resolve()
    inside = data_dir / "postgres"
    note = data_dir / NOTE
    folder = Path(note.read_text(encoding="utf-8").strip()) if note.exists() else inside
    account = _account_for(folder / "pgdata")
    if account is not None and folder == inside and not _may_enter(data_dir, account):
        if (inside / "pgdata").exists():
            raise ForeignData(
                _("PostgreSQL runs as %(account)s and cannot reach its data in %(folder)s. Let it pass: chmod o+x.")
                % {"account": account.name, "folder": inside}
            )
        name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
        folder = ELSEWHERE / f"provodnik-{name}"
        note.write_text(f"{folder}\n", encoding="utf-8")
    folder.mkdir(mode=0o755, exist_ok=True)
    _check_owner(folder, account)
    if account is not None:
        folder.chmod(0o755)
    return Home(folder, account)


def _check_owner(folder: Path, account: Account | None) -> None:
    """Refuse in words what PostgreSQL would refuse in riddles."""
    allowed = {os.geteuid(), account.uid if account else os.geteuid()}
    for path in (folder, folder / "pgdata"):
        if path.exists() and path.stat().st_uid not in allowed:
            raise ForeignData(
                _("%(folder)s belongs to another user (number %(uid)s). Start the program as that user or as root.")
                % {"folder": path, "uid": path.stat().st_uid}
            )
