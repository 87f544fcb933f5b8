"""A real IMAP server: Debian's Dovecot with a configuration of our own in a temporary folder.

Runs as root (the mail then belongs to nobody) and as an ordinary user alike. Every user name is accepted
with the password `PASSWORD`.
"""

import contextlib
import grp
import imaplib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from .certificates import Certificates
from .ports import free_port, wait_for_port

PASSWORD = "sesame"
_COUNTER = iter(range(10**9))

CONFIG = """
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{dir}/mail/%u
mail_fsync = never
disable_plaintext_auth = {plain_refused}
auth_mechanisms = plain login
auth_failure_delay = 0
auth_username_chars =
mail_max_userip_connections = 100
{tls}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/home/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  # no growing pauses after the wrong passwords that tests try
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """`port` speaks plain IMAP (and STARTTLS when made with certificates), `tls_port` IMAP over TLS."""

    password = PASSWORD

    def __init__(self, certificates: Certificates | None = None) -> None:
        if shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin") is None:
            if os.environ.get("CI"):
                raise RuntimeError("dovecot is not installed: apt-get install dovecot-imapd")
            pytest.skip("dovecot is not installed (apt-get install dovecot-imapd)")
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.folder.chmod(0o755)  # the login processes run as another user when we are root
        self.certificates = certificates
        self.port = free_port()
        self.tls_port = free_port() if certificates else 0
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for name in ("mail", "home", "run", "state"):
            (self.folder / name).mkdir()
            (self.folder / name).chmod(0o755)
        for name in ("mail", "home"):
            os.chown(self.folder / name, self._owner.pw_uid, self._owner.pw_gid)
        self._write_config()

    def _write_config(self) -> None:
        tls = "ssl = no"
        if self.certificates:
            tls = f"ssl = yes\nssl_cert = <{self.certificates.certificate}\nssl_key = <{self.certificates.key}"
        root = os.geteuid() == 0
        user = "dovecot" if root else self._owner.pw_name
        group = "dovecot" if root else grp.getgrgid(self._owner.pw_gid).gr_name
        (self.folder / "dovecot.conf").write_text(
            CONFIG.format(
                dir=self.folder,
                user=user,
                group=group,
                uid=self._owner.pw_uid,
                gid=self._owner.pw_gid,
                password=PASSWORD,
                port=self.port,
                tls_port=self.tls_port,
                tls=tls,
                plain_refused="no",
            )
        )

    def start(self) -> "Dovecot":
        path = os.environ.get("PATH", "") + ":/usr/sbin"
        program = shutil.which("dovecot", path=path) or "dovecot"
        self._process = subprocess.Popen(
            [program, "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            wait_for_port(self.port)
        except TimeoutError:
            self._process.kill()
            said = self._process.communicate()[1].decode(errors="replace")
            log = self.folder / "dovecot.log"
            raise RuntimeError(f"dovecot did not start: {said} {log.read_text() if log.exists() else ''}") from None
        return self

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop the server and every connection to it; the mail stays."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        # Processes that serve a connection outlive their master for a while.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stderr:
            self._process.stderr.close()
        self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, user: str) -> imaplib.IMAP4:
        """A logged-in imaplib client: another program that reads the same mailbox."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login(user, PASSWORD)
        return client

    def append(self, user: str, raw: bytes, folder: str = "INBOX") -> int:
        """Put a letter into the mailbox; its UID."""
        client = self.client(user)
        try:
            if folder != "INBOX":
                client.create(folder)
            answer = client.append(folder, "", "", raw)
            uid = re.search(rb"APPENDUID \d+ (\d+)", answer[1][0])
            assert answer[0] == "OK" and uid, answer
            return int(uid[1])
        finally:
            client.logout()

    def append_later(self, user: str, raw: bytes, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self.append, (user, raw))
        timer.start()
        return timer

    def pour(self, user: str, letters: Iterable[bytes]) -> None:
        """Put many letters into the inbox quickly, by writing the Maildir; call before anyone logs in."""
        inbox = self.folder / "mail" / user
        for name in ("cur", "new", "tmp"):
            (inbox / name).mkdir(parents=True, exist_ok=True)
        for raw in letters:
            (inbox / "new" / f"{1_700_000_000 + next(_COUNTER)}.M1P1.test").write_bytes(raw)
        for path in (inbox, *inbox.rglob("*")):
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, set[str]]:
        """{UID: flags} as another mail program sees them."""
        client = self.client(user)
        try:
            client.select(f'"{folder}"', readonly=True)
            lines = client.uid("FETCH", "1:*", "(FLAGS)")[1]
        finally:
            client.logout()
        found: dict[int, set[str]] = {}
        for line in lines:
            if line and (match := re.search(rb"UID (\d+) FLAGS \(([^)]*)\)", line)):
                found[int(match[1])] = set(match[2].decode().split()) - {"\\Recent"}
        return found

    def change_uidvalidity(self, user: str) -> int:
        """What a restored backup or a migrated server does: the same letters, all numbered anew."""
        self.stop()
        inbox = self.folder / "mail" / user
        listing = inbox / "dovecot-uidlist"
        head, *rest = listing.read_text().splitlines()
        old = int(re.search(r"\bV(\d+)", head)[1])
        kept = [line.split(":", 1)[1] for line in rest]
        head = re.sub(r"\bV\d+", f"V{old + 7}", head)
        head = re.sub(r"\bN\d+", f"N{100 + len(kept)}", head)
        listing.write_text("\n".join([head, *(f"{100 + i} :{name}" for i, name in enumerate(kept))]) + "\n")
        for path in inbox.glob("dovecot.index*"):
            path.unlink()
        self.start()
        return old + 7
