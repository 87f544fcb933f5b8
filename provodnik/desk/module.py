"""The desk's front door: its menu, its checks for doctor."""

from __future__ import annotations

from provodnik.core.parts import Part
from provodnik.desk import checks, letter_checks, menus, schedule
from provodnik.desk.announce import fates
from provodnik.desk.queries import metering

PART = Part(
    name="desk",
    extra={
        "letters": {"ticket": fates.heard},  # who is told what became of a letter (channels.outgoing)
        "beside_organisation": menus.beside_organisation,
        "metrics": metering.requests,
    },
    menu=menus.menu,
    listeners=[schedule.heard],
    checks=[("wholeness", checks.wholeness), ("letters", letter_checks.stored)],
    strict=[
        ("deadlines", checks.deadlines),
        ("histories", checks.histories),
        ("files", checks.bytes_of_files),
    ],
)
