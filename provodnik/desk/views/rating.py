"""Rating by the link of a letter, without signing in. A GET or HEAD shows and records nothing: mail filters, previews
and prefetching browsers follow every link; only the form's POST records."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from provodnik.core.decisions import Refused
from provodnik.desk import policies, ratings
from provodnik.desk.actions import closing
from provodnik.desk.announce.facts import last_closing
from provodnik.desk.forms.requester import RatingForm
from provodnik.desk.models import Ticket

GONE = 410


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """The mark that was tapped, to be confirmed; a comment beside it. Until the time is over it may be changed."""
    found = ratings.read(token)
    ticket = Ticket.objects.select_related("merge").filter(pk=found[0]).first() if found is not None else None
    if found is None or ticket is None:
        return _page(request, status=GONE)
    now = timezone.now()
    allowed = policies.may_be_rated(ticket, now=now)
    current = last_closing(ticket.pk)
    if not allowed or current is None or current.pk != found[1]:
        return _page(request, status=GONE, reopened=ticket.is_open)
    form = RatingForm(request.POST if request.method == "POST" else None, initial=_initial(request, ticket))
    if request.method == "POST" and form.is_valid():
        try:
            closing.rate(
                ticket.pk,
                rating=form.cleaned_data["rating"],
                text=form.cleaned_data["text"],
                closing=found[1],
                at=now,
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            return redirect(f"{request.path}?done=1")
    done = request.GET.get("done") == "1" and ticket.rating is not None
    until = policies.rate_until(ticket)
    return _page(request, status=422 if form.errors else 200, form=form, ticket=ticket, done=done, until=until)


def _page(request: HttpRequest, *, status: int, **context: object) -> HttpResponse:
    response = render(request, "desk/requester/rating.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _initial(request: HttpRequest, ticket: Ticket) -> dict[str, object]:
    mark = request.GET.get("mark", "")
    known = {str(one) for one in ratings.MARKS}
    return {"rating": mark if mark in known else ticket.rating, "text": ticket.rating_text}
