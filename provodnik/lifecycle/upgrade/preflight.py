"""What must be true before a byte is touched. `judge` is pure: facts in, reasons in words out; `facts` gathers them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import psycopg

from provodnik.core.versions import Version
from provodnik.lifecycle import standing
from provodnik.lifecycle.parcel import Manifest
from provodnik.lifecycle.upgrade.place import Place
from provodnik.lifecycle.words import gettext as _

OLDEST_SERVER = 14
UNPACKED = 5  # times its packed size a release takes: archive, wheels, installed


@dataclass(frozen=True)
class Facts:
    """Sizes are bytes. `database`: of the database, `files`: of the kept files; `free_*`: where releases, backups and
    data lie; `lost_extensions`: used, and no longer there to be used; `failed`, `doing`: jobs."""

    installed: Version | None
    database: int
    files: int
    free_opt: int
    free_backups: int
    free_data: int
    server: int
    lost_extensions: tuple[str, ...]
    failed: int
    doing: int
    unfinished: str
    local_database: bool
    migrations: str


def facts(place: Place, url: str, *, local: bool) -> Facts:
    """Raises psycopg.Error, OSError."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT pg_database_size(current_database()),"
            " coalesce((SELECT sum(size) FROM core_blob WHERE name <> ''), 0),"
            " (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'),"
            " (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'),"
            " ARRAY(SELECT extname::text FROM pg_extension"
            " WHERE extname NOT IN (SELECT name FROM pg_available_extensions))"
        ).fetchone()
        assert row is not None
        server = connection.info.server_version // 10000
    return Facts(
        installed=place.installed(),
        database=int(row[0]),
        files=int(row[1]),
        free_opt=_free(place.opt),
        free_backups=_free(place.backups),
        free_data=_free(place.data),
        server=server,
        lost_extensions=tuple(row[4]),
        failed=int(row[2]),
        doing=int(row[3]),
        unfinished=standing.unfinished_restore(place.data),
        local_database=local,
        migrations=migrations(url),
    )


def migrations(url: str) -> str:
    """How far the database is: two states of it are the same when this is."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT md5(coalesce(string_agg(app || '.' || name, ' ' ORDER BY app, name), '')) FROM django_migrations"
        ).fetchone()
    return str(row[0]) if row else ""


def _free(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def judge(manifest: Manifest, packed: int, found: Facts) -> tuple[list[str], list[str]]:
    """What forbids the upgrade, and what should be known before it."""
    wrong: list[str] = []
    if found.installed is None:
        wrong.append(_("It is not known which release runs here: there is no link “current”."))
    elif found.installed == manifest.version:
        wrong.append(_("Release %(version)s runs already.") % {"version": manifest.version})
    elif found.installed > manifest.version:
        wrong.append(_("Release %(version)s is older than the one that runs here.") % {"version": manifest.version})
    elif found.installed < manifest.upgrades_from:
        wrong.append(
            _("From %(installed)s there is no single step to %(version)s: install %(between)s first.")
            % {"installed": found.installed, "version": manifest.version, "between": manifest.upgrades_from}
        )
    wrong += _no_space(packed, found, copies=1 if found.installed and manifest.version.fixes(found.installed) else 3)
    if found.server < OLDEST_SERVER:
        said = _("PostgreSQL %(have)s is too old: %(least)s or newer is needed.")
        wrong.append(said % {"have": found.server, "least": OLDEST_SERVER})
    if found.lost_extensions:
        wrong.append(
            _("PostgreSQL lacks extensions that are in use: %(names)s (package postgresql-contrib).")
            % {"names": ", ".join(found.lost_extensions)}
        )
    if found.unfinished:
        wrong.append(found.unfinished)
    warnings = []
    if found.failed:
        said = _("Jobs that failed: %(count)s. They stay as they are; see provodnik doctor.")
        warnings.append(said % {"count": found.failed})
    if found.doing:
        said = _("Jobs that run now: %(count)s. They are waited for, at most half a minute.")
        warnings.append(said % {"count": found.doing})
    return wrong, warnings


def _no_space(packed: int, found: Facts, *, copies: int) -> list[str]:
    """`copies`: of the database, that may come to lie in the data folder: what is put aside, what is written anew."""
    needed = {
        _("releases"): (packed * UNPACKED, found.free_opt),
        _("backups"): (found.database + found.files, found.free_backups),
        _("data"): (found.database * copies if found.local_database else 0, found.free_data),
    }
    return [
        _("Not enough space for %(what)s: %(needed)s MiB are needed, %(free)s MiB are free.")
        % {"what": what, "needed": least // 2**20 + 1, "free": free // 2**20}
        for what, (least, free) in needed.items()
        if free < least
    ]
