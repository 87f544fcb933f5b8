"""The front door of works: a line of the menu, announcements above every page, a fold beside a request, what is known
while a request is being written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import Banner, Finding, Hint, NavItem, Panel, Part, address
from provodnik.desk.policies import contact_of
from provodnik.works import words
from provodnik.works.erasing import erase
from provodnik.works.models import Mailing
from provodnik.works.policies import may_lead
from provodnik.works.queries import board
from provodnik.works.states import State
from provodnik.works.views.personal import just_put_away

PATIENCE = timedelta(hours=1)  # by then a job has been tried again and again


def menu(request: HttpRequest) -> Sequence[NavItem]:
    user = request.user
    if not isinstance(user, User):
        return []
    inside = user.is_desk or bool(may_lead(user))
    if not inside and contact_of(user) is None:
        return []
    url = address("works:index")
    now = timezone.now()
    going = sum(1 for line in board.concerning(user, now) if line.state == State.GOING.value)
    return [
        NavItem(
            _("Works"),
            url,
            "wrench",
            current=request.path.startswith(url),
            counter=going or "",
            tone="warning" if going else "",
            group=_("More") if inside else "",
        )
    ]


def banners(request: HttpRequest) -> Sequence[Banner]:
    """What is going on or near and concerns this person, three lines at most."""
    user = request.user
    if not isinstance(user, User):
        return []
    now = timezone.now()
    away = just_put_away(request)
    lines = [one for one in board.lines_for(user, now) if f"{one.pk}.{one.sequence}" not in away]
    shown = [_banner(line) for line in lines[: board.SHOWN]]
    if len(lines) > board.SHOWN:
        more = _("And %(count)d more works.") % {"count": len(lines) - board.SHOWN}
        shown.append(Banner(more, url=reverse("works:index")))
    return [] if request.path == reverse("works:index") else [one for one in shown if one.url != request.path]


def _banner(line: board.Line) -> Banner:
    now = timezone.now()
    text = words.announcement(
        kind=line.kind,
        state=line.state,
        title=line.title,
        begin=line.starts_at,
        end=line.ends_at,
        unavailable=line.unavailable,
        partly=bool(line.subsystems),
        now=now,
    )
    return Banner(
        text,
        url=reverse("works:show", args=[line.pk]),
        tone=words.tone(kind=line.kind, state=line.state, unavailable=line.unavailable),
        put_away=reverse("works:put_away", args=[line.pk]),
    )


def panels(request: HttpRequest, number: int) -> Sequence[Panel]:
    return [Panel(_("Works and incidents"), reverse("works:beside", args=[number]), "wrench")]


def hints(request: HttpRequest) -> Sequence[Hint]:
    return [Hint(reverse("works:known"))]


def check_letters() -> Iterable[Finding]:
    """Letters about works that were begun and not finished: a job of theirs has failed."""
    waiting = Mailing.objects.filter(done_at=None, event__at__lt=timezone.now() - PATIENCE).count()
    if waiting:
        yield Finding(
            "warning", _("Letters about works that are not all asked for yet: %(count)d.") % {"count": waiting}
        )
    else:
        yield Finding("ok", _("All letters about works have been asked for."))


PART = Part(
    name="works",
    menu=menu,
    banners=banners,
    panels=panels,
    hints=hints,
    checks=[("works", check_letters)],
    extra={"erase": [erase]},
)
