"""What can happen to accounts."""

from provodnik.accounts.actions.people import (
    add_user,
    ask_reset,
    change_password,
    change_user,
    end_other_sessions,
    end_session,
    end_sessions_of,
    invite,
    rename,
    set_password,
    switch_off,
    switch_on,
)

__all__ = [
    "add_user",
    "ask_reset",
    "change_password",
    "change_user",
    "end_other_sessions",
    "end_session",
    "end_sessions_of",
    "invite",
    "rename",
    "set_password",
    "switch_off",
    "switch_on",
]
