"""Fixtures that every part may use. The database server is started in tests/harness.py."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.db import connection
from hypothesis import settings

from provodnik.core import quarantine, timekeeping
from provodnik.works.queries import board
from tests import clean, template
from tests.harness import fresh_folder

# real mail servers, and one that misbehaves; a browser
pytest_plugins = ["tests.servers.fixtures", "tests.chromium"]

# How long an example takes says something of the machine, not of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Instead of pytest-django's, which migrates anew in each process: a database of this process's own."""
    url, usual = os.environ["PROVODNIK_DATABASE_URL"], connection.settings_dict["NAME"]
    own = f"{template.name_of(template.folder())}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    template.wait()
    with django_db_blocker.unblock():
        template.clone(url, own)
        connection.close()
        connection.close_pool()
        connection.settings_dict["NAME"] = own
        # how long a thread waits for its turn says something of the machine
        connection.settings_dict["OPTIONS"]["pool"]["timeout"] = 120
        clean.begin()
    yield
    with django_db_blocker.unblock():
        connection.close()
        connection.close_pool()
        template.drop(url, own)
        connection.settings_dict["NAME"] = usual


@pytest.fixture(scope="session", autouse=True)
def passwords_cost_little() -> None:
    """The same algorithm with the least of work: a guesser's cost is no test's concern."""
    ScryptPasswordHasher.work_factor, ScryptPasswordHasher.parallelism = 2**4, 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who takes long begins, each in a process of its own: xdist cuts the list into as many equal pieces."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.get_closest_marker("long")]
    others = iter([item for item in items if not item.get_closest_marker("long")])
    length = -(-len(items) // processes)
    pieces = [long[number::processes] for number in range(processes)]
    items[:] = [item for piece in pieces for item in [*piece, *islice(others, max(0, length - len(piece)))]]
    items.extend(others)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is loaded by now stays: it need not be looked through again and again for what may be thrown away."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def nothing_is_announced() -> None:
    """What stands above every page is remembered by the process, and whether the clock is believed by its data folder:
    no test sees the announcements or the doubts of another. Whoever makes works by their actions sees them: these
    forget."""
    board.keep((), seconds=3600)
    quarantine.keep(False, seconds=3600)
    Path(os.environ["PROVODNIK_DATA_DIR"], timekeeping.NAME).unlink(missing_ok=True)


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A short temporary folder for a PostgreSQL of the test's own: its account can enter, its socket fits."""
    folder = fresh_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
