"""Russian words for what is said before Django is up, or when its settings are what is wrong."""

from __future__ import annotations

import gettext as _gettext
from pathlib import Path

# The catalogue may not be compiled yet (a fresh checkout): then the English text is shown instead of a crash.
_catalogue = _gettext.translation("django", Path(__file__).parent / "locale", languages=["ru"], fallback=True)


def gettext(message: str) -> str:
    return _catalogue.gettext(message)
