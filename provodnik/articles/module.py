"""The front door of articles: lines of the menu, the panel beside a request, the hint while one is written."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.articles import checks
from provodnik.articles.erasing import forget
from provodnik.articles.policies import is_author
from provodnik.core.parts import Hint, NavItem, Panel, Part, address


def menu(request: HttpRequest) -> Sequence[NavItem]:
    user = request.user
    if not isinstance(user, User):
        return ()
    home, write = address("articles:index"), address("articles:authors")
    inside, writing = request.path.startswith(home), request.path.startswith(write)
    group = _("Knowledge") if is_author(user) else ""
    lines = [
        NavItem(
            _("Instructions"),
            home,
            "book-open",
            current=inside and not writing,
            group=group,
            short=_("Instructions (short)"),
        )
    ]
    if is_author(user):
        lines.append(NavItem(_("Authors' workplace"), write, "square-pen", current=writing, group=group))
    return lines


def panels(request: HttpRequest, number: int) -> Sequence[Panel]:
    return [Panel(_("Instructions that fit"), reverse("articles:beside", args=[number]), "book-open")]


def hints(request: HttpRequest) -> Sequence[Hint]:
    return [
        Hint(
            reverse("articles:suggest"),
            heed=("text",),
            post=True,
            page=reverse("articles:index"),
            label=_("Look into the instructions: the answer may be there"),
        )
    ]


PART = Part(
    name="articles",
    menu=menu,
    panels=panels,
    hints=hints,
    checks=[("articles", checks.known_to_search)],
    extra={"forget": [forget]},
)
