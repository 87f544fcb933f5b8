"""Editors of one fact of a request: each is a small form, in a dialog with the script and on a page without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from provodnik.accounts.models import User
from provodnik.core.decisions import Decision, Refused
from provodnik.desk import policies
from provodnik.desk.actions import assignment, closing, facts, work
from provodnik.desk.forms.workbench import (
    AssignForm,
    ContactForm,
    EmailForm,
    PriorityForm,
    SubsystemForm,
    TeamForm,
    TypeForm,
    WhyForm,
)
from provodnik.desk.models import Ticket
from provodnik.desk.queries import found
from provodnik.desk.states import Priority, TicketType
from provodnik.desk.views.workbench.common import desk_only, is_fragment, query_of, ticket_or_404, user_of
from provodnik.desk.views.workbench.ticket import after

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Editor:
    """`initial` gives the form's first values, `step` does it, `may` says who may open it."""

    heading: Words
    button: Words
    form: type[forms.Form]
    may: Callable[[User, Ticket], Decision]
    step: Callable[[Ticket, Any, User, datetime], object]
    said: Words
    initial: Callable[[Ticket], dict[str, Any]] = lambda ticket: {}
    hint: Words = ""


def _works(user: User, ticket: Ticket) -> Decision:
    return policies.may_work(user)


def _may_reopen(user: User, ticket: Ticket) -> Decision:
    return policies.may_reopen(user, ticket, now=timezone.now())


EDITORS: dict[str, Editor] = {
    "assign": Editor(
        _("To whom to give the request"),
        _("Assign"),
        AssignForm,
        policies.may_change_facts,
        lambda ticket, form, user, now: work.assign(ticket.pk, to=form.person(), by=user, at=now),
        _("Assigned."),
        lambda ticket: {"assignee": ticket.assignee_id},
    ),
    "team": Editor(
        _("Of which team the request is"),
        _("Save"),
        TeamForm,
        policies.may_change_facts,
        lambda ticket, form, user, now: assignment.change_team(
            ticket.pk, team=form.cleaned_data["team"], by=user, at=now
        ),
        _("The team is saved."),
        lambda ticket: {"team": ticket.team_id},
        _("Whoever has the request keeps it. If it gets stuck, the lead of this team is told."),
    ),
    "priority": Editor(
        _("Change the priority"),
        _("Change the priority"),
        PriorityForm,
        policies.may_change_facts,
        lambda ticket, form, user, now: facts.change_priority(
            ticket.pk,
            priority=Priority(form.cleaned_data["priority"]),
            reason=form.cleaned_data["reason"],
            by=user,
            at=now,
        ),
        _("The priority is changed, the deadline is counted anew from the registration."),
        lambda ticket: {"priority": ticket.priority},
        _("The deadline is counted anew from the registration by the new allowance."),
    ),
    "type": Editor(
        _("Change the type"),
        _("Change the type"),
        TypeForm,
        policies.may_change_facts,
        lambda ticket, form, user, now: facts.change_type(
            ticket.pk, type_=TicketType(form.cleaned_data["type"]), reason=form.cleaned_data["reason"], by=user, at=now
        ),
        _("The type is changed."),
        lambda ticket: {"type": ticket.type},
    ),
    "subsystem": Editor(
        _("Which section it is about"),
        _("Save"),
        SubsystemForm,
        policies.may_change_facts,
        lambda ticket, form, user, now: facts.change_subsystem(
            ticket.pk, subsystem=form.cleaned_data["subsystem"], by=user, at=now
        ),
        _("The section is saved."),
        lambda ticket: {"subsystem": ticket.subsystem_id},
    ),
    "email": Editor(
        _("Where the closing notice goes"),
        _("Save"),
        EmailForm,
        _works,
        lambda ticket, form, user, now: facts.change_email(
            ticket.pk, email=form.cleaned_data["email"], by=user, at=now
        ),
        _("The address is saved."),
        lambda ticket: {"email": ticket.contact_email},
        _("If the notice of closing did not arrive, it will be sent to the new address at once."),
    ),
    "reopen": Editor(
        _("Reopen the request"),
        _("Reopen"),
        WhyForm,
        _may_reopen,
        lambda ticket, form, user, now: closing.reopen(
            ticket.pk, text=form.cleaned_data["text"], by=user, at=now, key=form.cleaned_data["key"]
        ),
        _("Reopened. The clock goes on; the time it stood closed is not counted."),
        hint=_("Write why. The note is seen by the desk alone."),
    ),
    "told": Editor(
        _("The user was told in another way"),
        _("Mark as told"),
        WhyForm,
        _works,
        lambda ticket, form, user, now: closing.told_otherwise(
            ticket.pk, text=form.cleaned_data["text"], by=user, at=now
        ),
        _("Marked: the user knows of the closing."),
        hint=_("Write how and when: by telephone, in person. The note is seen by the desk alone."),
    ),
}


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Show or carry out one editor."""
    editor = EDITORS.get(what)
    if editor is None:
        raise Http404
    ticket, user, now = ticket_or_404(request, number), user_of(request), timezone.now()
    allowed = editor.may(user, ticket)
    if request.method != "POST":
        form = editor.form(initial=editor.initial(ticket))
        return _shown(request, ticket, editor, form, refused="" if allowed else str(allowed.reason))
    form = editor.form(request.POST)
    if not form.is_valid():
        return _shown(request, ticket, editor, form, status=422)
    try:
        editor.step(ticket, form, user, now)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _shown(request, ticket, editor, form, status=422)
    return after(request, number, str(editor.said), now=now)


def _shown(
    request: HttpRequest, ticket: Ticket, editor: Editor, form: forms.Form, *, status: int = 200, refused: str = ""
) -> HttpResponse:
    context = {"ticket": ticket, "editor": editor, "form": form, "refused": refused, "query": query_of(request)}
    return _render(request, "editor", context, status)


def _render(request: HttpRequest, name: str, context: dict[str, Any], status: int) -> HttpResponse:
    """The dialog's content for the script, the whole page without it."""
    if not is_fragment(request):
        return render(request, f"desk/workbench/{name}.html", context, status=status)
    response = render(request, f"desk/workbench/_{name}.html", context, status=status)
    if request.method == "POST":  # the form stays in its dialog with its errors
        response["HX-Retarget"] = "#desk-dialog-body"
        response["HX-Reswap"] = "innerHTML"
    return response


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, number: int) -> HttpResponse:
    """Say whose request it is: look a contact up by name or address, and choose."""
    ticket, user, now = ticket_or_404(request, number), user_of(request), timezone.now()
    error = ""
    if request.method == "POST":
        form = ContactForm(request.POST)
        if form.is_valid():
            try:
                facts.change_contact(number, contact=form.cleaned_data["contact"], by=user, at=now)
            except Refused as refusal:
                error = str(refusal)
            else:
                return after(request, number, str(_("The requester is changed, the contract follows.")), now=now)
        else:
            error = " ".join(str(one) for one in form.errors["contact"])
    allowed = policies.may_change_facts(user, ticket)
    typed = request.GET.get("who", request.POST.get("who", ""))[:200]
    context = {
        "ticket": ticket,
        "typed": typed,
        "people": found.contacts(typed),
        "error": error,
        "refused": "" if allowed else str(allowed.reason),
        "query": query_of(request),
    }
    if is_fragment(request) and "who" in request.GET and request.method != "POST":
        return render(request, "desk/workbench/_people.html", context)
    return _render(request, "contact", context, 422 if error else 200)
