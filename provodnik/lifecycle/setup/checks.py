"""What setup looks at before it does anything: whether the answers can work on this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from provodnik.lifecycle.binaries import OLDEST_MAJOR, PostgresProblem, choose
from provodnik.lifecycle.home import Account
from provodnik.lifecycle.setup import questions as asked
from provodnik.lifecycle.waiting import answers, port_is_free
from provodnik.lifecycle.words import gettext as _

GIB = 1024**3
LEAST_SPACE = 1 * GIB  # below it nothing is begun
GOOD_SPACE = 10 * GIB
EXTENSIONS = ("pg_trgm", "btree_gist", "btree_gin")


@dataclass(frozen=True)
class Found:
    """`level`: "ok", "warning" or "error"; with an error nothing is begun."""

    level: str
    text: str


def look(settings: Mapping[str, str], account: Account | None) -> Iterator[Found]:
    """Everything that can be known before a byte is written. `account`: as whom the program will run."""
    yield from address(settings)
    yield from listening(settings)
    yield from folder(Path(settings[asked.DATA_DIR]), account)
    if url := settings.get(asked.DATABASE_URL, ""):
        yield from database(url)
    else:
        yield from private(Path(settings[asked.DATA_DIR]))


def address(settings: Mapping[str, str]) -> Iterator[Found]:
    if asked.is_https(settings):
        yield Found("ok", _("People open it by HTTPS."))
        if not settings.get(asked.PROXIES):
            yield Found(
                "warning",
                _(
                    "The address begins with https://, but no proxy is named: the program itself speaks plain HTTP. "
                    "Set up nginx by the example in the distributive."
                ),
            )
        return
    yield Found("warning", _("Without HTTPS passwords travel in clear over the network. Set up nginx with a key."))


def listening(settings: Mapping[str, str]) -> Iterator[Found]:
    host, text = settings.get(asked.HOST, "127.0.0.1"), settings.get(asked.PORT, "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        yield Found("error", _("A port is a number from 1 to 65535."))
        return
    port = int(text)
    if port < asked.LOWEST_FREE_PORT:
        yield Found("error", _("Ports below 1024 are root's. Choose another one, or let nginx listen there."))
    elif port_is_free(host, port):
        yield Found("ok", _("Address %(host)s, port %(port)s is free.") % {"host": host, "port": port})
    elif answers(host, port):
        yield Found(
            "warning",
            _("A web server answers at port %(port)s already. If it is PROvodnik itself, all is well.")
            % {"port": port},
        )
    else:
        yield Found("error", _("Port %(port)s is taken by another program. Choose another one.") % {"port": port})


def folder(path: Path, account: Account | None) -> Iterator[Found]:
    if not path.is_absolute():
        yield Found("error", _("The folder of data must be named from the root: /var/lib/provodnik."))
        return
    nearest = next(one for one in (path, *path.parents) if one.exists())
    if not nearest.is_dir():
        yield Found("error", _("%(path)s is no folder.") % {"path": nearest})
        return
    if not os.access(nearest, os.W_OK | os.X_OK):
        yield Found("error", _("Nothing can be written into %(path)s. Run setup as root.") % {"path": nearest})
        return
    if account is not None and path.exists() and path.stat().st_uid not in (account.uid, 0):
        yield Found(
            "error",
            _("%(path)s belongs to user number %(uid)s, and the program runs as %(name)s.")
            % {"path": path, "uid": path.stat().st_uid, "name": account.name},
        )
        return
    free = shutil.disk_usage(nearest).free
    words = _("Free in %(path)s: %(size).1f GiB.") % {"path": nearest, "size": free / GIB}
    if free < LEAST_SPACE:
        yield Found("error", f"{words} " + _("At least 1 GiB is needed."))
    else:
        yield Found("ok" if free >= GOOD_SPACE else "warning", words)


def private(data_dir: Path) -> Iterator[Found]:
    version = data_dir / "postgres" / "pgdata" / "PG_VERSION"
    try:
        major = int(version.read_text(encoding="ascii")) if version.exists() else None
        binaries = choose(major)
    except (OSError, ValueError) as error:
        yield Found("warning", _("The private database cannot be looked at: %(reason)s") % {"reason": error})
        return
    except PostgresProblem as problem:
        yield Found("error", str(problem))
        return
    yield Found(
        "ok",
        _("The private database: PostgreSQL %(major)s, programs in %(folder)s.")
        % {"major": binaries.major, "folder": binaries.folder},
    )


def database(url: str) -> Iterator[Found]:
    try:
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            yield from _of(connection)
    except psycopg.Error as error:
        # libpq never repeats the password
        yield Found(
            "error", _("The database does not let us in: %(reason)s") % {"reason": " ".join(str(error).split())}
        )


def _of(connection: psycopg.Connection) -> Iterator[Found]:
    major = connection.info.server_version // 10000
    if major < OLDEST_MAJOR:
        yield Found(
            "error",
            _("The database server is PostgreSQL %(have)s; %(oldest)s or newer is needed.")
            % {"have": major, "oldest": OLDEST_MAJOR},
        )
        return
    yield Found("ok", _("The database answers: PostgreSQL %(major)s.") % {"major": major})
    row = connection.execute(
        "SELECT current_setting('server_encoding'), lower('ПРИВЕТ') = 'привет',"
        " has_database_privilege(current_database(), 'CREATE'), has_schema_privilege('public', 'CREATE'),"
        " to_regclass('public.django_migrations') IS NOT NULL,"
        " (SELECT count(*) FROM pg_tables WHERE schemaname = 'public'),"
        " ARRAY(SELECT x FROM unnest(%s::text[]) x WHERE x NOT IN (SELECT name FROM pg_available_extensions))",
        (list(EXTENSIONS),),
    ).fetchone()
    assert row is not None
    encoding, cyrillic, may_create, may_write, is_ours, tables, missing = row
    if encoding != "UTF8" or not cyrillic:
        yield Found("error", _("The database's locale does not know Russian letters: create it with a UTF-8 locale."))
    if not may_create or not may_write:
        yield Found("error", _("The user of the database may not create tables in it: make him its owner."))
    if missing:
        yield Found(
            "error",
            _("Extensions of PostgreSQL are missing: %(names)s. Install the package postgresql-contrib.")
            % {"names": ", ".join(missing)},
        )
    if tables and not is_ours:
        yield Found("error", _("There are tables of another program in this database. Name an empty one."))
