"""Waiting for a database and for a web server, with words instead of tracebacks."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable

import psycopg

from provodnik.lifecycle.binaries import OLDEST_MAJOR, WrongVersion
from provodnik.lifecycle.words import gettext as _

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
REPEAT_WORDS = 30.0  # seconds of silence before it is said again that the database is away

Say = Callable[[str], None]


def wait_for_database(url: str, say: Say, *, cancelled: Callable[[], bool] = lambda: False) -> None:
    """Return when the database accepts us, however long that takes; pauses grow from 0.2 to 5 seconds.

    A wrong password or a missing database is waited for too: the administrator corrects it without a restart.
    Raises WrongVersion when the server is too old: waiting does not help there.
    """
    pause, said_at = FIRST_PAUSE, 0.0
    while not cancelled():
        try:
            with psycopg.connect(url, connect_timeout=5) as connection:
                check_version(connection.info.server_version)
                return
        except psycopg.OperationalError as error:
            if time.monotonic() - said_at > REPEAT_WORDS:
                said_at = time.monotonic()
                reason = " ".join(str(error).split())
                say(_("The database does not answer yet, trying again: %(reason)s") % {"reason": reason})
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def why_away(url: str) -> str:
    """What it says to one try, on one line; "" when it lets us in."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return " ".join(str(error).split())
    return ""


def check_version(number: int) -> None:
    """`number` as libpq gives it: 150018 is 15.18."""
    if number // 10000 < OLDEST_MAJOR:
        raise WrongVersion(
            _("The database server is PostgreSQL %(have)s; %(oldest)s or newer is needed.")
            % {"have": number // 10000, "oldest": OLDEST_MAJOR}
        )


def reachable_host(host: str) -> str:
    """Where to knock at a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def port_is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Without it the port counts as taken for a minute after a stop (TIME_WAIT).
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def answers(host: str, port: int) -> bool:
    """Whether a web server answers there, with whatever status."""
    connection = http.client.HTTPConnection(reachable_host(host), port, timeout=2)
    try:
        connection.request("GET", "/health/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()
