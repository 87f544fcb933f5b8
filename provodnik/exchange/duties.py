"""Who should act on what was not taken: a rule of thumb that an HR person can follow. Pure."""

from __future__ import annotations

from provodnik.exchange.states import Actor

# Values that are typed by people in 1C: who keeps the payroll base sets them right there.
_TYPED = frozenset(
    {
        "snils", "birth_date", "phone", "email", "work_email", "personnel_number", "starts_on", "ends_on", "surname",
        "first_name", "inn", "name", "last_day", "parent",
    }
)  # fmt: skip


def actor(*, about: str, shape: bool, missing: bool, twin: bool, clash: bool) -> Actor:
    """`shape`: the object breaks the contract; `missing`: what it refers to has not come; `twin`: somebody else has the
    same SNILS; `clash`: the database itself refused it."""
    if twin:
        return Actor.PERSONNEL
    if missing or shape:
        return Actor.SENDER
    if clash:
        return Actor.ADMINISTRATOR
    return Actor.PAYROLL_BASE if about.split(".")[0] in _TYPED else Actor.SENDER
