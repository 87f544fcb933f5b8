"""No request leaves the installation but to what its administrator has configured: a day watched by the kernel (R3)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests import template
from tests.mail import letter
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpCatcher

ROOT = Path(__file__).resolve().parent.parent
NET = re.compile(
    r'(?:connect|sendto|sendmsg)\(.*sin6?_port=htons\((\d+)\).*(?:inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)"'
)


def may_watch() -> bool:
    """A container may forbid ptrace."""
    strace = shutil.which("strace")
    return (
        strace is not None and subprocess.run([strace, "-qq", "true"], capture_output=True, check=False).returncode == 0
    )


pytestmark = [pytest.mark.server, pytest.mark.long, pytest.mark.skipif(not may_watch(), reason="strace may not watch")]


def test_a_day_speaks_to_what_is_configured_and_to_nobody_else(
    dovecot: Dovecot, mail_user: str, smtp_catcher: SmtpCatcher, tmp_path: Path
) -> None:
    url = os.environ["PROVODNIK_DATABASE_URL"]
    database = f"quiet_{os.getpid()}"
    template.clone(url, database)
    dovecot.append(mail_user, letter())
    log = tmp_path / "strace"
    watch = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg", "-o", str(log)]
    program = [sys.executable, "-m", "tests.quiet_day", str(dovecot.port), mail_user, dovecot.password]
    try:
        done = subprocess.run(
            [*watch, *program, str(smtp_catcher.port)],
            cwd=ROOT,
            env={
                **os.environ,
                **template.SETTINGS,
                "PROVODNIK_DATABASE_URL": re.sub(r"^(\w+://[^/?]*)[^?]*", rf"\1/{database}", url),
                "PROVODNIK_DATA_DIR": str(tmp_path / "data"),
                "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
    finally:
        template.drop(url, database)
    spoken = {(host, int(port)) for port, host in NET.findall(log.read_text(errors="replace"))}
    allowed = {("127.0.0.1", dovecot.port), ("127.0.0.1", smtp_catcher.port)}
    base = {name: str(value) for name, value in settings.DATABASES["default"].items()}
    assert spoken - {(base["HOST"], int(base["PORT"] or 5432))} == allowed, spoken
    assert re.search(r"pages \d{3} jobs \d{3,} letters [1-9] sent [1-9]", done.stdout), done.stdout
