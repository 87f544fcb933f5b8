"""Works beside a request of the workbench, and the requests on the page of works: tied, answered together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.desk.models import Ticket
from provodnik.desk.views.workbench.common import desk_only, is_fragment, ticket_or_404, user_of
from provodnik.works import policies
from provodnik.works.actions import tying as actions
from provodnik.works.forms import TogetherForm
from provodnik.works.queries import pages
from provodnik.works.views.common import work_or_404
from provodnik.works.views.pages import shown


@desk_only
@require_safe
def beside(request: HttpRequest, number: int) -> HttpResponse:
    """The fold beside a request: what it is tied to, and what it may be tied to by one tap."""
    return _beside(request, ticket_or_404(request, number), now=timezone.now())


def _beside(request: HttpRequest, ticket: Ticket, *, now: datetime, refused: str = "") -> HttpResponse:
    user = user_of(request)
    context = {
        "ticket": ticket,
        "tied": pages.tied_to(user, ticket),
        "offered": pages.to_tie(user, ticket, now),
        "may_lead": policies.may_lead(user),
        "refused": refused,
        "now": now,
    }
    template = "works/_beside.html" if is_fragment(request) else "works/beside.html"
    return render(request, template, context, status=409 if refused else 200)


@desk_only
@require_POST
def tie(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    return _do(request, pk, number, actions.tie)


@desk_only
@require_POST
def untie(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    return _do(request, pk, number, actions.untie)


def _do(request: HttpRequest, pk: int, number: int, act: Callable[..., None]) -> HttpResponse:
    ticket, work, now = ticket_or_404(request, number), work_or_404(request, pk), timezone.now()
    refused = ""
    try:
        act(work.pk, ticket.pk, by=user_of(request), at=now)
    except Refused as refusal:
        refused = str(refusal)
    if is_fragment(request):
        return _beside(request, ticket, now=now, refused=refused)
    if refused:
        messages.error(request, refused)
    return redirect("desk:ticket", number=ticket.pk)


@desk_only
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """One text for all tied requests: taken at once, given to each by a job."""
    work, now = work_or_404(request, pk), timezone.now()
    form = TogetherForm(request.POST)
    if form.is_valid():
        try:
            actions.answer_together(
                pk,
                text=form.cleaned_data["text"],
                resolution=form.chosen(),
                key=form.cleaned_data["key"],
                by=user_of(request),
                at=now,
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The answer goes to every tied request. Below is how far it is."))
            return redirect("works:show", pk=pk)
    return shown(request, work, now=now, form=form, status=422)


@desk_only
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the last answering is, and what came out for each request that the asker may see."""
    work, user = work_or_404(request, pk), user_of(request)
    answering = pages.last_answering(work)
    context = {
        "work": work,
        "answering": answering,
        "verdicts": pages.verdicts(user, answering) if answering is not None else [],
        "now": timezone.now(),
        "brief": is_fragment(request),
    }
    if not is_fragment(request):
        return render(request, "works/progress.html", context)
    response = render(request, "works/_progress.html", context)
    if answering is not None and answering.done_at is not None:
        response["HX-Refresh"] = "true"  # the list beside it shows the statuses of before
    return response
