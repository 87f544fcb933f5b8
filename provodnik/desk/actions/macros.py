"""Prepared answers: made, changed, removed, and what one does together with the text that is sent."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line, storable
from provodnik.desk import placeholders, policies
from provodnik.desk.actions import facts, tagging, work
from provodnik.desk.models import Macro
from provodnik.desk.states import Priority

LONGEST = 20_000  # characters of a prepared text
MOST = 300  # shared ones, or one person's


def before(number: int, macro: Macro, *, by: User, at: datetime, closing: bool) -> None:
    """What is done before the text is sent; a closed request takes no other specialist, so that is done here too."""
    if macro.priority:
        reason = _("By the prepared answer “%(title)s”") % {"title": macro.title}
        facts.change_priority(number, priority=Priority(macro.priority), reason=reason, by=by, at=at)
    if macro.tags:
        tagging.change_tags(number, add=macro.tags, by=by, at=at)
    if closing:
        _assign(number, macro, by=by, at=at)


def after(number: int, macro: Macro, *, by: User, at: datetime, closing: bool) -> None:
    """What is done after it: who answers takes a request that nobody has, the macro may give it on."""
    if not closing:
        _assign(number, macro, by=by, at=at)
    Macro.objects.filter(pk=macro.pk).update(used=F("used") + 1, used_at=at)


def apply(number: int, macro: Macro, *, by: User, at: datetime) -> None:
    """One without a text: its deeds at once."""
    if macro.text.strip() or macro.mode in ("ask", "close"):
        raise Refused(_("This prepared answer has a text: it is put into the editor."))
    with transaction.atomic():
        before(number, macro, by=by, at=at, closing=False)
        after(number, macro, by=by, at=at, closing=False)


def _assign(number: int, macro: Macro, *, by: User, at: datetime) -> None:
    people = {Macro.Assign.ME.value: by, Macro.Assign.PERSON.value: macro.assignee}
    to = people.get(macro.assign)
    if to is not None or macro.assign == Macro.Assign.NOBODY.value:
        work.assign(number, to=to, by=by, at=at)


def save(macro: Macro, *, shared: bool, by: User, at: datetime) -> Macro:
    """Keep a new or changed one. Raises Refused for a stranger's, an unknown placeholder, a title that is taken."""
    require(policies.may_work(by))
    if not macro._state.adding:
        require(policies.may_edit_own_or_shared(by, Macro.objects.get(pk=macro.pk).owner_id))
    require(policies.may_share(by) if shared else policies.may_work(by))
    macro.owner = None if shared else (macro.owner or by)
    macro.title, macro.text = one_line(macro.title, 100), storable(macro.text)[:LONGEST]
    macro.changed_at = at
    if not macro.title:
        raise Refused(_("Give it a title."), field="title")
    if wrong := placeholders.unknown(macro.text):
        words = _("There is no such placeholder: %(names)s. A brace as such is written twice.")
        raise Refused(words % {"names": ", ".join(wrong[:5])}, field="text")
    if not (macro.text.strip() or macro.priority or macro.assign or macro.tags):
        raise Refused(_("Write a text, or choose what is to be done."), field="text")
    if macro._state.adding and Macro.objects.filter(owner=macro.owner).count() >= MOST:
        raise Refused(_("There are %(count)s of them already. Remove some.") % {"count": MOST})
    try:
        with transaction.atomic():
            macro.save()
    except IntegrityError as error:
        raise Refused(_("There is one with this title already."), field="title") from error
    return macro


def remove(macro: Macro, *, by: User) -> None:
    require(policies.may_edit_own_or_shared(by, macro.owner_id))
    macro.delete()
