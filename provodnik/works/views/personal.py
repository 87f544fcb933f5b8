"""What a person sets for himself about works."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from provodnik.desk.policies import contact_of
from provodnik.desk.views.workbench.common import is_fragment, user_of
from provodnik.works.actions import personal as actions
from provodnik.works.views.common import came_from, looking, work_or_404

AWAY = "provodnik_away"
AWAY_SECONDS = 60  # longer than any process remembers what stands above the pages (queries.board)
_MOST = 20


def just_put_away(request: HttpRequest) -> frozenset[str]:
    """«number.sequence» of announcements that this browser has put away within the minute."""
    return frozenset(request.COOKIES.get(AWAY, "")[:500].split("-"))


@looking
@require_POST
def put_away(request: HttpRequest, pk: int) -> HttpResponse:
    """«I know»: not above every page any more, until it changes."""
    work = work_or_404(request, pk)
    actions.put_away(work, by=user_of(request))
    response = (
        HttpResponse() if is_fragment(request) else redirect(came_from(request, reverse("works:show", args=[pk])))
    )
    known = [one for one in sorted(just_put_away(request)) if one][-_MOST:]
    value = "-".join([*known, f"{work.pk}.{work.sequence}"])
    response.set_cookie(AWAY, value, max_age=AWAY_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure())
    return response


@looking
@require_POST
def silence(request: HttpRequest) -> HttpResponse:
    """Letters about planned works: no more, or again."""
    contact = contact_of(user_of(request))
    if contact is None:
        raise Http404
    if request.POST.get("letters") == "1":
        actions.listen(contact)
        messages.success(request, _("You will be written to about planned works."))
    else:
        actions.silence(contact, at=timezone.now())
        messages.success(request, _("No more letters about planned works. Urgent works and incidents are still told."))
    return redirect("works:index")


@looking
@require_POST
def new_address(request: HttpRequest) -> HttpResponse:
    """A calendar address of one's own; the old one, if there was any, shows nothing any more."""
    actions.new_calendar_address(user_of(request), at=timezone.now())
    messages.success(request, _("The address of your calendar is made. Whoever has it sees your works: keep it."))
    return redirect("works:index")
