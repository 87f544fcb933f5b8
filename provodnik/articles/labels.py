"""What people read for the states, audiences and kinds of articles."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from provodnik.articles.states import Audience, Kind, State

STATES = [
    (State.DRAFT.value, _("Draft")),
    (State.PUBLISHED.value, _("Published")),
    (State.WITHDRAWN.value, _("Withdrawn")),
]
AUDIENCES = [
    (Audience.EVERYONE.value, _("Everyone with an account")),
    (Audience.CUSTOMERS.value, _("People of the chosen customers")),
    (Audience.DESK.value, _("The desk alone")),
]
AUDIENCE_HINTS = {
    Audience.DESK.value: _("Cannot be put into an answer to a requester."),
}
KINDS = [
    (Kind.INSTRUCTION.value, _("Instruction")),
    (Kind.MEMO.value, _("Memo")),
]
KIND_HINTS = {
    Kind.INSTRUCTION.value: _("What to do, step by step"),
    Kind.MEMO.value: _("What to know and remember"),
}
