"""What tests of works share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from provodnik.works.queries import board
from provodnik.works.views import public


@pytest.fixture(autouse=True)
def fresh_board() -> Iterator[None]:
    """What one test made is not remembered in the next."""
    board.forget()
    public.forget()
    yield
    board.forget()
    public.forget()
