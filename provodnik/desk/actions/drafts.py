"""Drafts: what is being written is kept on the server, one text a request and person."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.core.text import storable
from provodnik.desk import policies
from provodnik.desk.actions.base import LONGEST_TEXT, changing, used_form
from provodnik.desk.actions.sending import is_sent
from provodnik.desk.models import Macro, Unsent

MOST_DRAFTS = 100  # of one person


def keep(
    number: int,
    *,
    by: User,
    at: datetime,
    key: uuid.UUID,
    mode: str,
    text: str,
    resolution: str = "",
    macro: Macro | None = None,
) -> Unsent | None:
    """Keep what is written so far; an empty text without files is no draft. None when there is none now, also for a
    form that has been sent meanwhile. Raises Refused when the text is too long or there are too many drafts."""
    with changing(number):
        require(policies.may_work(by))
        if is_sent(key):
            return None  # an autosave that was on its way while the text was sent
        if Unsent.objects.filter(key=key).exclude(ticket_id=number, user=by).exists():
            raise used_form()
        mine = Unsent.objects.filter(ticket_id=number, user=by, release_at=None)
        draft = mine.first()
        if not text.strip() and (draft is None or not draft.files.exists()):
            mine.delete()
            return None
        if len(text) > LONGEST_TEXT:
            raise Refused(_("The text is too long: put it into a file and attach it."), field="text")
        if draft is None:
            if Unsent.objects.filter(user=by, release_at=None).count() >= MOST_DRAFTS:
                raise Refused(_("You have %(count)s drafts. Send or delete some of them.") % {"count": MOST_DRAFTS})
            draft = Unsent(ticket_id=number, user=by)
        draft.key, draft.mode, draft.text = key, mode, storable(text)
        draft.resolution, draft.macro, draft.changed_at, draft.returned = resolution, macro, at, ""
        draft.save()
        return draft


def drop(number: int, *, by: User) -> bool:
    """Throw the draft of a request away. False when there was none."""
    with changing(number):
        return bool(Unsent.objects.filter(ticket_id=number, user=by, release_at=None).delete()[0])
