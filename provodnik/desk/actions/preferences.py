"""How a person has his workbench."""

from __future__ import annotations

from collections.abc import Sequence

from provodnik.accounts.models import User
from provodnik.core.decisions import require
from provodnik.desk import policies
from provodnik.desk.models import Preference


def save(*, by: User, hold: int, after_close: str, columns: Sequence[str]) -> Preference:
    require(policies.may_work(by))
    chosen, _made = Preference.objects.update_or_create(
        user=by, defaults={"hold": hold, "after_close": after_close, "columns": list(columns)}
    )
    return chosen
