from __future__ import annotations

from pathlib import Path

import pytest

from provodnik.exchange.tests.factories import Sender


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path: Path) -> None:
    settings.EXCHANGE_DIR = tmp_path / "exchange"
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def sender() -> Sender:
    return Sender()
