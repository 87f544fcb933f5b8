"""What is written into a request leaves: at once or after some seconds; and where one is after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from provodnik.accounts.models import User
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.desk import event_words
from provodnik.desk.actions import sending
from provodnik.desk.forms.workbench import SayForm
from provodnik.desk.models import Preference, Ticket, Unsent
from provodnik.desk.queries import macros, queue, ticket_page
from provodnik.desk.queries.beside import preferences
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
from provodnik.desk.views.workbench.ticket import after, show

_TRIES = 3  # a job may have changed the row between reading it and writing; a person's change is never passed over


@desk_only
@require_POST
def say(request: HttpRequest, number: int) -> HttpResponse:
    """Reply, note, question or closing, by the form's mode."""
    ticket, user, now = ticket_or_404(request, number), user_of(request), timezone.now()
    files = Unsent.objects.filter(ticket=ticket, user=user, release_at=None).values_list("files", flat=True)
    form = SayForm(request.POST, request.FILES, ticket=ticket, files=[one for one in files if one is not None])
    if not form.is_valid():
        return show(request, ticket, now=now, form=form, status=422)
    chosen = preferences(user)
    try:
        held = _carry_out(form, number, user, now, seconds=chosen.hold)
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
    return _gone(request, ticket, form.cleaned_data["mode"], held, after_close=chosen.after_close, now=now)


_DONE_WORDS: dict[str, Callable[[], str]] = {
    "reply": lambda: _("The answer is sent. The request is in work."),
    "note": lambda: _("The note is saved. Only the desk sees it."),
    "ask": lambda: _("The question is sent. The clock stands until the answer is taken up."),
    "close": lambda: _("Closed. The notice goes to the user."),
}
_HELD_WORDS: dict[str, Callable[[], str]] = {
    "reply": lambda: _("№ %(number)s: the answer is leaving, it can still be taken back"),
    "ask": lambda: _("№ %(number)s: the question is leaving, it can still be taken back"),
    "close": lambda: _("№ %(number)s: is being closed, the answer can still be taken back"),
}


def _gone(
    request: HttpRequest, ticket: Ticket, mode: str, held: Unsent | None, *, after_close: str, now: datetime
) -> HttpResponse:
    """After a text was sent or accepted: the same request, or, after a closing, where the person wants to be."""
    number, events = ticket.pk, dict[str, Any]()
    words = _DONE_WORDS[mode]()
    if held is not None and held.release_at is not None:
        seconds = max(1, round((held.release_at - now).total_seconds()))
        words = _HELD_WORDS[mode]() % {"number": number}
        url = reverse("desk:recall", args=[number, held.pk])
        place = ticket_url(number, query_of(request))
        events["desk:held"] = {"id": held.pk, "url": url, "place": place, "seconds": seconds, "text": words}
    if mode != "close":
        return after(request, number, words, now=now, said=True, events=events)
    view, filters = place_of(request)
    following = queue.next_after(user_of(request), view, filters, ticket, now=now)
    onward = None
    if after_close == Preference.AfterClose.LIST:
        onward = f"{reverse('desk:queue')}?{query_of(request)}"
    elif after_close == Preference.AfterClose.NEXT and following is not None:
        onward = ticket_url(following, query_of(request))
    if onward is None:
        more = {"following": following} if held is None else {"after_held": following}
        return after(request, number, words, now=now, said=True, events=events, **more)
    if not is_fragment(request):
        return done(request, onward, words)
    told = {} if events else {"toast": {"text": words, "tone": "success"}}
    going = {"desk:go": {"url": onward, "draft": f"ticket:{number}"}, "desk:changed": {"number": number}}
    return triggers(HttpResponse(status=204), **told, **events, **going)


def _carry_out(form: SayForm, number: int, user: User, now: datetime, *, seconds: int) -> Unsent | None:
    """Do what the mode says, or have it wait for `seconds`. A change by ourselves or by a job since the page was read
    is no conflict: then the step is repeated on the row as it is. Raises Refused, ChangedMeanwhile."""
    typed = form.cleaned_data
    written = sending.Written(
        mode=typed["mode"],
        text=typed["text"],
        key=typed["key"],
        resolution=typed["resolution"],
        files=typed["files"],
        files_kept=typed["kept"],
        macro=macros.of(user).filter(pk=typed["macro"]).first() if typed["macro"] else None,
    )
    how: dict[str, Any] = {"by": user, "at": now, "revision": typed["revision"]}
    for attempt in range(_TRIES):
        try:
            if seconds and written.mode != "note":
                return sending.hold(number, written, seconds=seconds, **how)
            sending.send(number, written, **how)
        except ChangedMeanwhile:
            # First the revision, then the facts: what happens between the two changes the revision again.
            how["revision"] = Ticket.objects.values_list("revision", flat=True).get(pk=number)
            if attempt == _TRIES - 1 or ticket_page.since(number, typed["seen"] or 0, but=user):
                raise
        else:
            return None
    return None


def _renewed(form: SayForm, ticket: Ticket) -> SayForm:
    """What was typed, on the request as it is now: sent once more, it is meant so."""
    kept = {name: form.cleaned_data.get(name) for name in ("mode", "text", "resolution", "key", "macro")}
    return SayForm(ticket=ticket, seen=ticket_page.last_event(ticket), files=form.cleaned_data["kept"], initial=kept)
