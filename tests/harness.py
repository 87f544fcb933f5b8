"""Starts one private PostgreSQL for the whole test run, before Django reads its settings.

A plugin (`-p tests.harness` in pyproject.toml) and not a conftest.py: pytest-django loads the settings before
any conftest.py is read. Under pytest-xdist the controller starts the server and the workers inherit its URL. Beside
their collecting a template is migrated (tests/template.py), of which each process makes a database of its own
(`django_db_setup` in conftest.py). PROVODNIK_DATABASE_URL, when set, names a server to be used instead.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from provodnik.lifecycle.postgres import EmbeddedPostgres
from tests import template

KEPT = {
    "PROVODNIK_DATABASE_URL",
    "PROVODNIK_PG_BIN",
    "PROVODNIK_CHROMIUM",
    "PROVODNIK_SHOTS",
    "PROVODNIK_KILL_ROUNDS",
    "PROVODNIK_KILL_SEED",
    "PROVODNIK_SWEEP",
}


def is_worker() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ


def fresh_folder() -> Path:
    """A temporary folder that PostgreSQL's account can enter, which pytest's own tmp_path is not."""
    folder = Path(tempfile.mkdtemp(prefix="provodnik-test-"))
    folder.chmod(0o755)
    return folder


def plain_environment(data_dir: Path) -> None:
    """The same settings on every machine, whatever the developer has exported."""
    for name in [name for name in os.environ if name.startswith("PROVODNIK_") and name not in KEPT]:
        del os.environ[name]
    settle_in(data_dir)
    os.environ["PROVODNIK_REPLY_HOLD"] = "0"  # tests of holding say how long themselves
    os.environ["PROVODNIK_SECRET_KEY"] = "only-for-tests-" + "x" * 40


def settle_in(data_dir: Path) -> None:
    """Each process keeps its files apart, as its rows: one would take and sweep away what another has put down."""
    (data_dir / "static").mkdir(parents=True)  # whitenoise looks into it for each client
    os.environ["PROVODNIK_DATA_DIR"] = str(data_dir)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    gc.disable()  # what is imported stays; conftest.py freezes it when all is collected, and lets the collector go on
    options = early_config.known_args_namespace
    if is_worker():
        settle_in(Path(os.environ["PROVODNIK_DATA_DIR"]) / os.environ["PYTEST_XDIST_WORKER"])
    elif not options.help and not options.version:
        folder = fresh_folder()
        early_config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        plain_environment(folder / "data")
        if not os.environ.get("PROVODNIK_DATABASE_URL"):
            start_server(early_config, folder)
        make_template(early_config, folder / "template")
    return (yield)


def start_server(config: pytest.Config, folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    # Nothing of it outlives the run, so nothing need reach the disk. Kill tests start servers of their own.
    os.environ["PROVODNIK_TEST_FSYNC"] = "off"
    try:
        os.environ["PROVODNIK_DATABASE_URL"] = server.start()
    finally:
        del os.environ["PROVODNIK_TEST_FSYNC"]

    def stop() -> None:
        os.environ.pop("PROVODNIK_DATABASE_URL", None)
        server.stop()

    config.add_cleanup(stop)


def make_template(config: pytest.Config, folder: Path) -> None:
    making = template.begin(folder)

    def end() -> None:
        making.kill()
        making.wait()
        with contextlib.suppress(psycopg.Error):  # its server may be gone
            template.drop(os.environ["PROVODNIK_DATABASE_URL"], template.name_of(folder))

    config.add_cleanup(end)  # before the server's end: the last comes first
