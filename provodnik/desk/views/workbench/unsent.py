"""What is not sent yet: drafts, and answers on their way that are taken back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.desk.actions import drafts, sending
from provodnik.desk.forms.workbench import DraftForm
from provodnik.desk.queries import macros
from provodnik.desk.queries.unsent import drafts_of
from provodnik.desk.views.workbench.common import (
    desk_only,
    done,
    is_fragment,
    query_of,
    ticket_or_404,
    ticket_url,
    user_of,
)
from provodnik.desk.views.workbench.ticket import after
from provodnik.ui.text import clock


@desk_only
@require_POST
def keep(request: HttpRequest, number: int) -> HttpResponse:
    """Keep the draft: asked by the script while one types, by a button without it."""
    ticket, user, now = ticket_or_404(request, number), user_of(request), timezone.now()
    form = DraftForm(request.POST)
    plain = request.headers.get("Accept", "") != "application/json"
    refused, kept = "", None
    if form.is_valid():
        typed = form.cleaned_data
        macro = macros.of(user).filter(pk=typed["macro"]).first() if typed["macro"] else None
        try:
            kept = drafts.keep(
                ticket.pk,
                by=user,
                at=now,
                key=typed["key"],
                mode=typed["mode"],
                text=typed["text"],
                resolution=typed["resolution"],
                macro=macro,
            )
        except Refused as refusal:
            refused = str(refusal)
    else:
        refused = " ".join(str(error) for errors in form.errors.values() for error in errors)
    if plain:
        if refused:
            messages.error(request, refused)
        return done(request, ticket_url(number, query_of(request)), "" if refused else _("The draft is kept."))
    if refused:
        return JsonResponse({"refused": refused}, status=422)
    return JsonResponse({"at": clock(kept.changed_at) if kept is not None else ""})


@desk_only
@require_POST
def drop(request: HttpRequest, number: int) -> HttpResponse:
    """Throw the draft away."""
    ticket = ticket_or_404(request, number)
    drafts.drop(ticket.pk, by=user_of(request))
    if request.POST.get("back") == "drafts":
        return done(request, reverse("desk:drafts"), _("The draft is deleted."))
    return after(request, number, _("The draft is deleted."), now=timezone.now(), said=True)


@desk_only
@require_POST
def recall(request: HttpRequest, number: int, unsent: int) -> HttpResponse:
    """Take an answer back before it leaves: its text is in the editor again."""
    ticket, now = ticket_or_404(request, number), timezone.now()
    if sending.recall(ticket.pk, unsent, by=user_of(request), at=now):
        return after(request, number, _("Taken back: nobody has seen it."), now=now, recalled=True)
    words = _("It has been sent already.")
    if not is_fragment(request):
        messages.warning(request, words)
        return HttpResponseRedirect(ticket_url(number, query_of(request)), status=303)
    return after(request, number, words, now=now, events={"toast": {"text": words, "tone": "warning"}})


@desk_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All drafts of the person, and what is on its way."""
    return render(request, "desk/workbench/drafts.html", {"drafts": drafts_of(user_of(request)), "now": timezone.now()})
