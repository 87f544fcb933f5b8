"""What kind of failure a database tells of: its own, or of this very statement."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

# SQLSTATE classes that Django calls an OperationalError although trying again can never help: the statement itself asks
# for too much ("program limit exceeded": an index row, a tsvector, a stack depth).
_OF_THE_STATEMENT = ("54",)


# Held by somebody else, or longer at it than a statement may be.
_OF_THE_MOMENT = ("40", "55", "57014")


def is_busy(error: Exception) -> bool:
    """The database lives, and others hold what this statement wants: something else may be done meanwhile."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, OperationalError) and state.startswith(_OF_THE_MOMENT)


def is_away(error: Exception) -> bool:
    """The database is gone, full, busy or out of time: the same statement may work later. False: it never will."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return not state.startswith(_OF_THE_STATEMENT)
