"""One request beside the list: reading it, and what is written into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.core.parts import panels
from provodnik.desk import event_words, policies
from provodnik.desk.actions import closing, facts, work
from provodnik.desk.forms.workbench import MODES, SayForm
from provodnik.desk.labels import IMPACTS
from provodnik.desk.models import Ticket
from provodnik.desk.queries import queue, ticket_page
from provodnik.desk.states import Resolution
from provodnik.desk.views.workbench.common import (
    desk_only,
    done,
    is_fragment,
    place_of,
    query_of,
    ticket_or_404,
    ticket_url,
    triggers,
    user_of,
)
from provodnik.desk.views.workbench.lists import list_context

_TRIES = 3  # a job may have changed the row between reading it and writing; a person's change is never passed over


@desk_only
@require_safe
def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """The request: a fragment for the column beside the list, or the whole page."""
    return show(request, ticket_or_404(request, number), now=timezone.now())


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
    mode = request.GET.get("mode", "")
    mode = mode if mode in dict(MODES) else "reply"
    if not ticket.is_open:
        mode = "note"
    context: dict[str, Any] = {
        "ticket": ticket,
        "at": page,
        "stream": told(page, user, now),
        "form": form or SayForm(ticket=ticket, seen=page.last_event, mode=mode),
        "impact": dict(IMPACTS).get(ticket.impact, ""),
        "may_take": policies.may_take(user, ticket),
        "may_write": policies.may_write(user, ticket),
        "may_change": policies.may_change_facts(user, ticket),
        "may_close": policies.may_close(user, ticket),
        "may_refuse": policies.may_close(user, ticket, Resolution.REFUSED.value),
        "may_reopen": policies.may_reopen(user, ticket, now=now),
        "panels": panels(request, ticket.pk),
        "query": query_of(request),
        "now": now,
        **more,
    }
    if is_fragment(request):
        piece = "_stream" if request.GET.get("stream") and request.method == "GET" else "_pane"
        return render(request, f"desk/workbench/{piece}.html", context, status=status)
    listed = list_context(request, now=now, number=ticket.pk)
    return render(request, "desk/workbench/queue.html", {**listed, **context}, status=status)


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


def after(request: HttpRequest, number: int, words: str, *, now: datetime, **more: Any) -> HttpResponse:
    """The request after a step: the fragment with a short notice, or a redirect."""
    if not is_fragment(request):
        return done(request, ticket_url(number, query_of(request)), words)
    response = show(request, ticket_or_404(request, number), now=now, **more)
    return triggers(response, toast={"text": words, "tone": "success"}, **{"desk:changed": {"number": number}})


@desk_only
@require_POST
def say(request: HttpRequest, number: int) -> HttpResponse:
    """Reply, note, question or closing, by the form's mode."""
    ticket, user, now = ticket_or_404(request, number), user_of(request), timezone.now()
    form = SayForm(request.POST, request.FILES, ticket=ticket)
    if not form.is_valid():
        return show(request, ticket, now=now, form=form, status=422)
    view, filters = place_of(request)
    try:
        _carry_out(form, number, user, now)
    except ChangedMeanwhile as refusal:
        fresh = ticket_or_404(request, number)
        return show(
            request,
            fresh,
            now=now,
            form=_renewed(form, fresh),
            status=409,
            refused=str(refusal),
            meanwhile=[
                event_words.words(event, user, now)
                for event in ticket_page.since(number, form.cleaned_data["seen"] or 0, but=user)
            ],
        )
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return show(request, ticket_or_404(request, number), now=now, form=form, status=422)
    mode = form.cleaned_data["mode"]
    if mode != "close":
        return after(request, number, str(_DONE_WORDS[mode]()), now=now, said=True)
    following = queue.next_after(user, view, filters, ticket, now=now)
    return after(request, number, _("Closed. The notice goes to the user."), now=now, said=True, following=following)


_DONE_WORDS: dict[str, Callable[[], str]] = {
    "reply": lambda: _("The answer is sent. The request is in work."),
    "note": lambda: _("The note is saved. Only the desk sees it."),
    "ask": lambda: _("The question is sent. The clock stands until the answer is taken up."),
}


def _carry_out(form: SayForm, number: int, user: User, now: datetime) -> None:
    """Do what the mode says. A change by ourselves or by a job since the page was read is no conflict: then the step
    is repeated on the row as it is. Raises Refused, ChangedMeanwhile."""
    typed = form.cleaned_data
    common: dict[str, Any] = {
        "text": typed["text"],
        "by": user,
        "at": now,
        "key": typed["key"],
        "files": typed["files"],
    }
    if typed["mode"] == "note":
        work.note(number, **common)
        return
    revision = typed["revision"]
    for attempt in range(_TRIES):
        try:
            if typed["mode"] == "reply":
                work.reply(number, revision=revision, **common)
            elif typed["mode"] == "ask":
                work.ask(number, revision=revision, **common)
            else:
                closing.close(number, resolution=Resolution(typed["resolution"]), revision=revision, **common)
        except ChangedMeanwhile:
            # First the revision, then the facts: what happens between the two changes the revision again.
            revision = Ticket.objects.values_list("revision", flat=True).get(pk=number)
            if attempt == _TRIES - 1 or ticket_page.since(number, typed["seen"] or 0, but=user):
                raise
        else:
            return


def _renewed(form: SayForm, ticket: Ticket) -> SayForm:
    """What was typed, on the request as it is now: sent once more, it is meant so."""
    kept = {name: form.cleaned_data.get(name) for name in ("mode", "text", "resolution", "key")}
    return SayForm(ticket=ticket, seen=ticket_page.last_event(ticket), initial=kept)
