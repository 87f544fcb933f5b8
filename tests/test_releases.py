"""From every release of the last twelve months to what stands here, in one step, with all that was in it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import psycopg
import pytest

from provodnik.lifecycle.backup import programs
from provodnik.lifecycle.backup.tables import Rows, counted
from tests import copies
from tests.template import ROOT

RELEASES = sorted(path.name for path in (ROOT / "tests" / "releases").iterdir() if path.is_dir())
# What comes and goes by itself while the pages are looked at and doctor asks.
LIVES = {"accounts_session", "django_migrations", "procrastinate_jobs", "procrastinate_events", "accounts_journalentry"}

GROWS = {"auth_permission", "django_content_type"}  # with the models of newer releases


def left_by(release: str, one: copies.Copy) -> None:
    """Put its database and its files in place."""
    folder = ROOT / "tests" / "releases" / release
    program, _major = programs.choose("psql", 14)
    where, environment = programs.address(one.url)
    script = gzip.decompress((folder / "database.sql.gz").read_bytes())
    command = [program, "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--output=/dev/null", where]
    subprocess.run(command, env=environment, input=script, check=True, capture_output=True)
    one.data_dir.mkdir()
    (one.data_dir / "static").mkdir()
    with tarfile.open(folder / "files.tar.gz") as files:
        files.extractall(one.data_dir, filter="data")


def rows_of(one: copies.Copy) -> Rows:
    with psycopg.connect(one.url) as connection:
        return counted(connection)


@pytest.mark.long
@pytest.mark.parametrize("release", RELEASES)
def test_what_a_release_left_is_whole_here(release: str, tmp_path: Path) -> None:
    with copies.empty(tmp_path) as one:
        left_by(release, one)
        before = rows_of(one)
        done = subprocess.run(
            [sys.executable, "-m", "tests.upgraded"],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "provodnik.config.settings",
                "PROVODNIK_DATABASE_URL": one.url,
                "PROVODNIK_DATA_DIR": str(one.data_dir),
                "PROVODNIK_SECRET_KEY": f"of-the-dump-of-{release}-" + "x" * 40,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        told = json.loads(done.stdout.splitlines()[-1])
        assert told["wrong"] == []
        assert told["doctor"] == 0
        assert {path: status for path, status in told["pages"].items() if status != 200} == {}
        after = rows_of(one)
        assert all(before[name][0] <= after[name][0] for name in GROWS)
        fewer = {name: (before[name][0], after.get(name, (0, ""))[0]) for name in before if name not in LIVES | GROWS}
        assert {name: counts for name, counts in fewer.items() if counts[0] != counts[1]} == {}
