"""What an organisation may decide for itself about its people's data: a code, a type, a default, the norm it stands on.

Rows of OrganisationRule hold what was decided, from a day on (`queries.rules` reads them, `actions.rules` writes them).
Other parts keep codes of their own in the same table (entry.rules). Pure rules over plain values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provodnik.core.decisions import Refused


class Code(StrEnum):
    """Who reads them: CONTACTS_BY_CODE actions.changes.take_contact and its page; BANK_PAUSE actions.changes.ask;
    BANK_AHEAD the page of bank details; SCANS_KEPT actions.changes.wipe."""

    CONTACTS_BY_CODE = "people.contacts_by_code"
    BANK_PAUSE = "people.bank_pause_days"
    BANK_AHEAD = "people.bank_ahead_days"
    SCANS_KEPT = "people.scans_kept_days"


@dataclass(frozen=True, slots=True)
class Rule:
    """`days`: (least, most) of a number of days; None: yes or no. `norm`: the article that the default stands on."""

    code: Code
    told: str | Promise
    hint: str | Promise
    default: Any
    days: tuple[int, int] | None
    norm: str | Promise = ""

    def clean(self, value: Any) -> Any:
        """Raises Refused."""
        if self.days is None:
            if not isinstance(value, bool):
                raise Refused(_("Yes or no is expected here."), "value")
            return value
        least, most = self.days
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Refused(
                _("A number from %(least)d to %(most)d is expected.") % {"least": least, "most": most}, "value"
            )
        return value

    def held(self, value: Any) -> Any:
        """A value out of the database; what does not fit the type any more is the default."""
        try:
            return self.clean(value)
        except Refused:
            return self.default


RULES: dict[Code, Rule] = {
    rule.code: rule
    for rule in (
        Rule(
            Code.CONTACTS_BY_CODE,
            _("Employees change their own phone and e-mail by a code"),
            _("If not, personnel checks each such change."),
            True,
            None,
        ),
        Rule(
            Code.BANK_PAUSE,
            _("Days before new bank details are taken"),
            _("Meanwhile the old contacts are told, so that nobody else takes somebody's pay. 0: at once."),
            2,
            (0, 30),
        ),
        Rule(
            Code.BANK_AHEAD,
            _("Days before the pay day by which bank details must be told"),
            _("The worker reads it before he sends the request."),
            15,
            (0, 60),
            _("article 136 of the Labour Code"),
        ),
        Rule(
            Code.SCANS_KEPT,
            _("Days for which scans are kept after a request is over"),
            _("Then the scans and the words of the request are erased; that it was there stays in the journal."),
            30,
            (1, 365),
            _("article 5 of the law 152-FZ: no longer than needed"),
        ),
    )
}
