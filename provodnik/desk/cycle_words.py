"""Shift patterns as people read and write them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provodnik.desk import duty_cycles
from provodnik.desk.duty_cycles import Turn, Wrong

NAMES: dict[str, Any] = {
    duty_cycles.TWO_DAYS: gettext_lazy("Two days on, two off: days"),
    duty_cycles.TWO_NIGHTS: gettext_lazy("Two days on, two off: nights"),
    duty_cycles.BY_TURNS: gettext_lazy("Two days on, two off: days and nights in turn"),
    duty_cycles.DAY_THEN_NIGHT: gettext_lazy("A day, a night, two days off"),
    duty_cycles.DAY_OF_FOUR: gettext_lazy("Round the clock, then three days off"),
}
TURNS: dict[str, Any] = {
    Turn.DAY: gettext_lazy("day duty"),
    Turn.NIGHT: gettext_lazy("night duty"),
    Turn.WHOLE: gettext_lazy("duty round the clock"),
    Turn.OFF: gettext_lazy("day off"),
}
# What a person types for a day: the first letters of день, ночь, сутки, выходной; a hyphen is a day off too.
LETTERS = {"Д": "D", "Н": "N", "С": "A", "В": "-", "-": "-"}
_TYPED = {code: letter for letter, code in LETTERS.items() if letter != "-"}


def told(turns: str) -> str:
    """«2 через 2, дневные»; of a pattern of one's own its days in words."""
    known = NAMES.get(turns)
    return str(known) if known is not None else ", ".join(str(TURNS.get(turn, turn)) for turn in turns)


def typed(turns: str) -> str:
    """A pattern as it would be typed: «ДДВВ»."""
    return "".join(_TYPED.get(turn, turn) for turn in turns)


def read(text: str) -> str:
    """«д д в в» → "DD--"; spaces and commas say nothing. A letter that is none stays, to be refused."""
    plain = "".join(one for one in text.upper().replace("–", "-").replace("—", "-") if one not in " ,;/\t\n\r\xa0")
    return "".join(LETTERS.get(one, one) for one in plain)


def why(fault: Wrong) -> str:
    """What to tell whoever wrote it."""
    match fault:
        case Wrong.LENGTH:
            return _("From one day to %(most)s.") % {"most": duty_cycles.LONGEST}
        case Wrong.LETTER:
            return _("D is a day, N a night, A round the clock, - a day off; for example DD--NN--.")
        case Wrong.IDLE:
            return _("There is no duty in it.")
        case Wrong.IN_A_ROW:
            return _("Two duties without a break between them: the Labour Code forbids it (article 103).")
