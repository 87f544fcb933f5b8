"""Fixtures that every part may use. The database server is started in tests/harness.py."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from provodnik.works.queries import board
from tests.harness import fresh_folder

# real mail servers, and one that misbehaves; a browser
pytest_plugins = ["tests.servers.fixtures", "tests.chromium"]

# How long an example takes says something of the machine, not of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def nothing_is_announced() -> None:
    """What stands above every page is remembered by the process: no test sees the announcements of another. Whoever
    makes works by their actions sees them: these forget."""
    board.keep((), seconds=3600)


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A short temporary folder for a PostgreSQL of the test's own: its account can enter, its socket fits."""
    folder = fresh_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
