"""One request beside the list: reading it, and what is written into it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.core.parts import panels
from provodnik.desk import event_words, looks, policies
from provodnik.desk.actions import facts, work
from provodnik.desk.forms.workbench import SayForm
from provodnik.desk.labels import IMPACTS
from provodnik.desk.models import Ticket
from provodnik.desk.models.workbench import MODES
from provodnik.desk.presence_words import here_words, mark_of
from provodnik.desk.queries import macros, ticket_page
from provodnik.desk.queries.beside import Beside, beside
from provodnik.desk.queries.ties import ties
from provodnik.desk.states import Resolution
from provodnik.desk.views.workbench.common import (
    desk_only,
    done,
    is_fragment,
    query_of,
    ticket_or_404,
    ticket_url,
    triggers,
    user_of,
)
from provodnik.desk.views.workbench.lists import list_context


@desk_only
@require_safe
def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """The request: a fragment for the column beside the list, or the whole page. The number of a merged one leads to
    the request in which it goes on; with ?own=1 it is shown itself."""
    found = ticket_or_404(request, number)
    target = policies.goes_on_in(found)
    if target is None or "own" in request.GET or "stream" in request.GET:
        looks.at_ticket(request, found)
        return show(request, found, now=timezone.now())
    words = _("Request № %(number)s goes on here, in № %(target)s.") % {"number": number, "target": target}
    return go(request, target, words)


def go(request: HttpRequest, number: int, words: str) -> HttpResponse:
    """On to another request, with the address of its own."""
    messages.info(request, words)
    address = ticket_url(number, query_of(request))
    if not is_fragment(request):
        return HttpResponseRedirect(address, status=303 if request.method == "POST" else 302)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = address
    return response


def show(
    request: HttpRequest,
    ticket: Ticket,
    *,
    now: datetime,
    form: SayForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The request as it is now. `form`: what was typed and not taken, with its errors."""
    user = user_of(request)
    page = ticket_page.page(user, ticket, now=now, before=request.GET.get("before", ""))
    mine = beside(user, ticket.pk, now=now)
    here = here_words(mine.others)
    context: dict[str, Any] = {
        "ticket": ticket,
        "at": page,
        "stream": told(page, user, now),
        "form": form or _begun(request, ticket, page, mine, now),
        "beside": mine,
        "here": here,
        "here_mark": mark_of(here),
        "impact": dict(IMPACTS).get(ticket.impact, ""),
        "may_take": policies.may_take(user, ticket),
        "may_write": policies.may_write(user, ticket),
        "may_change": policies.may_change_facts(user, ticket),
        "may_close": policies.may_close(user, ticket),
        "may_refuse": policies.may_close(user, ticket, Resolution.REFUSED.value),
        "may_reopen": policies.may_reopen(user, ticket, now=now),
        "panels": panels(request, ticket.pk),
        "ties": ties(user, ticket),
        "goes_on": policies.goes_on_in(ticket),
        "query": query_of(request),
        "now": now,
        **more,
    }
    if is_fragment(request):
        piece = "_stream" if request.GET.get("stream") and request.method == "GET" else "_pane"
        return render(request, f"desk/workbench/{piece}.html", context, status=status)
    listed = list_context(request, now=now, number=ticket.pk)
    return render(request, "desk/workbench/queue.html", {**listed, **context}, status=status)


def _begun(request: HttpRequest, ticket: Ticket, page: ticket_page.TicketPage, mine: Beside, now: datetime) -> SayForm:
    """The form as it was left: with the draft; or with a prepared answer that the address names."""
    mode, initial, files = request.GET.get("mode", ""), dict[str, Any](), list[uuid.UUID]()
    if mine.draft is not None:
        draft = mine.draft
        files = [one.id for one in draft.files]
        initial = {"key": draft.key, "text": draft.text, "macro": draft.macro}
        initial |= {"resolution": draft.resolution} if draft.resolution else {}
        mode = mode or draft.mode
    prepared = request.GET.get("macro", "")
    if prepared.isdecimal() and len(prepared) < 19:
        macro = macros.of(user_of(request)).filter(pk=int(prepared)).first()
        if macro is not None:
            text = macros.text(macro, ticket, user_of(request), now)
            initial |= {"text": "\n\n".join(filter(None, [initial.get("text"), text])), "macro": macro.pk}
            initial |= {"resolution": macro.resolution} if macro.resolution else {}
            mode = macro.mode
    mode = mode if mode in dict(MODES) else "reply"
    if not ticket.is_open:
        mode = "note"
    return SayForm(ticket=ticket, seen=page.last_event, mode=mode, files=files, initial=initial)


def told(page: ticket_page.TicketPage, user: User, now: datetime) -> list[dict[str, Any]]:
    """Items of the stream with their words."""
    lines: list[dict[str, Any]] = []
    for item in page.stream.items:
        if item.event is not None:
            lines.append({"item": item, "words": event_words.words(item.event, user, now)})
        elif item.message is not None:
            lines.append({"item": item, "message": item.message, "files": item.files})
    return lines


@desk_only
@require_POST
def take(request: HttpRequest, number: int) -> HttpResponse:
    """Take into work."""
    return act(
        request,
        number,
        lambda ticket, user, now: work.take(number, by=user, at=now),
        _("Taken into work. The clock goes on."),
    )


@desk_only
@require_POST
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """The proposed type and priority are right."""
    return act(
        request,
        number,
        lambda ticket, user, now: facts.confirm_triage(number, by=user, at=now),
        _("Type and priority are confirmed."),
    )


def act(
    request: HttpRequest, number: int, step: Callable[[Ticket, User, datetime], object], words: str
) -> HttpResponse:
    """A step without a form: do it and show the request again, or say why it was refused."""
    ticket, now = ticket_or_404(request, number), timezone.now()
    try:
        step(ticket, user_of(request), now)
    except Refused as refusal:
        fresh = ticket_or_404(request, number)
        return show(request, fresh, now=now, status=409, refused=str(refusal))
    return after(request, number, words, now=now)


def after(
    request: HttpRequest,
    number: int,
    words: str,
    *,
    now: datetime,
    events: dict[str, Any] | None = None,
    **more: Any,
) -> HttpResponse:
    """The request after a step: the fragment with a short notice (or with what `events` tell), or a redirect."""
    if not is_fragment(request):
        return done(request, ticket_url(number, query_of(request)), words)
    response = show(request, ticket_or_404(request, number), now=now, **more)
    told = events or {"toast": {"text": words, "tone": "success"}}
    return triggers(response, **told, **{"desk:changed": {"number": number}})
