"""What the views of the workbench share: who may come in, the list beside the request, the answer after a step."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from provodnik.accounts.models import User
from provodnik.desk.models import Ticket
from provodnik.desk.queries import ticket_page
from provodnik.desk.queries.filters import Filters
from provodnik.desk.queries.queue import view_named
from provodnik.desk.queries.views import View as SavedView

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def desk_only(view: View[P]) -> View[P]:
    """The workbench does not exist for anybody who does not work at the desk."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not user_of(request).is_desk:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def leads_only(view: View[P]) -> View[P]:
    """A page of who answers for the desk; nobody else has it."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not user_of(request).is_lead:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def is_fragment(request: HttpRequest) -> bool:
    """Asked by our script for a piece of the page."""
    return bool(getattr(request, "htmx", False)) and not request.htmx.history_restore_request  # type: ignore[attr-defined]


def ticket_or_404(request: HttpRequest, number: int) -> Ticket:
    try:
        return ticket_page.ticket_for(user_of(request), number)
    except Ticket.DoesNotExist as error:
        raise Http404 from error


def place_of(request: HttpRequest) -> tuple[SavedView, Filters]:
    """The view and the filters that the address names."""
    return view_named(request.GET.get("view", "")), Filters.read(request.GET)


def query_of(request: HttpRequest) -> str:
    """View and filters as the address keeps them from page to page."""
    view, filters = place_of(request)
    return urlencode({"view": view.key, **filters.as_query()})


def ticket_url(number: int, query: str) -> str:
    return f"{reverse('desk:ticket', args=[number])}?{query}"


def triggers(response: HttpResponse, **events: Any) -> HttpResponse:
    """Tell the script what happened."""
    response["HX-Trigger"] = json.dumps(events)
    return response


def done(request: HttpRequest, url: str, text: str) -> HttpResponse:
    """After a step without script: say it on the next page."""
    if text:
        messages.success(request, text)
    return HttpResponseRedirect(url, status=303)
