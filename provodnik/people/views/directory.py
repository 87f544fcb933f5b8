"""«Люди»: the directory and its search."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from provodnik.core.parts import parts
from provodnik.people.forms import asked
from provodnik.people.policies import personnel_of
from provodnik.people.queries import changes, directory
from provodnik.people.queries.person import person_of
from provodnik.people.views.common import clock, frame_of, looking, me


@looking
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All by name, a page by key; with `q` those who are found. To htmx the found lines alone."""
    user, wish = me(request), asked(request)
    now, on = clock()
    shown, houses = directory.choices(user, on=on)
    page = directory.page(
        user,
        now=now,
        on=on,
        typed=wish.typed,
        organisation=wish.organisation,
        unit=wish.unit,
        after=wish.after,
        houses=houses,
    )
    kept = {"q": wish.typed, "organisation": wish.organisation or "", "unit": wish.unit or ""}
    more = urlencode({name: value for name, value in kept.items() if value} | {"after": page.after or ""})
    context = {"page": page, "wish": wish, "now": now, "more": f"?{more}" if page.after else ""}
    if request.htmx and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        name = "people/_lines.html" if wish.after else "people/_found.html"
        return render(request, name, context)
    is_personnel = personnel_of(user).exists()
    context |= {
        "frame": frame_of(user),
        "organisations": shown,
        "all_of_them": wish.organisation is None,
        "mine": person_of(user) is not None,
        "keeps": user.is_administrator or is_personnel,
        "requests": changes.counts(user) if is_personnel else {},
        "ways": [
            way for part in parts() if "beside_people" in part.extra and (way := part.extra["beside_people"](user))
        ],
    }
    return render(request, "people/index.html", context)
