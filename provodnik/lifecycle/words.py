"""Russian words for what is said before Django is up, or when its settings are what is wrong."""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Callable
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def words_of(part: str) -> Callable[[str], str]:
    """`gettext` over the catalogue of `part`. It may not be compiled yet (a fresh checkout): then English is shown."""
    folder = PACKAGE / part / "locale"
    return _gettext.translation("django", folder, languages=["ru"], fallback=True).gettext


gettext = words_of("lifecycle")
