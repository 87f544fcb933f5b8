"""Who takes over what another desk has served: administrators."""

from __future__ import annotations

from provodnik.accounts.models import User
from provodnik.core.decisions import Decision
from provodnik.desk.policies import may_administer


def may_transfer(user: User) -> Decision:
    return may_administer(user)
