"""Reminding who answers for works that their time has come: a person says that they began, or are over."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.core.text import one_line
from provodnik.desk.announce.people import leads
from provodnik.notify.actions import notify
from provodnik.works.models import Work
from provodnik.works.queries.pages import overdue
from provodnik.works.states import State


def remind(now: datetime) -> int:
    """Once for each time that was named: moved, it is reminded of anew. Returns of how many works."""
    works = overdue(now)
    for work in works:
        _remind(work, now)
    return len(works)


def _remind(work: Work, now: datetime) -> None:
    if work.state == State.ANNOUNCED.value:
        named, text = work.starts_at, _("The time of “%(title)s” has come. Say that it began, or move it.")
    else:
        assert work.ends_at is not None
        named, text = work.ends_at, _("“%(title)s” was to be over by now. Say that it ended, or until when it goes on.")
    living = work.responsible is not None and work.responsible.is_active
    notify(
        [work.responsible] if living and work.responsible is not None else leads(),
        key=f"works:{work.state}:{work.pk}:{int(named.timestamp())}",
        text=text % {"title": one_line(work.title, 120)},
        url=reverse("works:show", args=[work.pk]),
        tone="warning",
        at=now,
    )
