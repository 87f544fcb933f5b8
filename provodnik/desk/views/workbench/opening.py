"""A specialist writes a request for somebody who called."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from provodnik.channels.models import Channel
from provodnik.core.decisions import Refused
from provodnik.desk.actions.opening import NewTicket, open_ticket
from provodnik.desk.forms.workbench import NewRequestForm
from provodnik.desk.models import Contact
from provodnik.desk.queries import found
from provodnik.desk.states import Priority, TicketType
from provodnik.desk.views.workbench.common import desk_only, is_fragment, user_of


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """First whose request it is, then what happened."""
    if request.method == "POST":
        form = NewRequestForm(request.POST, request.FILES)
        if form.is_valid():
            return _open(request, form)
        return _page(request, form, status=422)
    typed = request.GET.get("who", "")[:200]
    if is_fragment(request):
        return render(request, "desk/workbench/_people.html", {"people": found.contacts(typed), "typed": typed})
    return _page(request, NewRequestForm(initial={"contact": request.GET.get("contact", "")}), typed=typed)


def _page(request: HttpRequest, form: NewRequestForm, *, status: int = 200, typed: str = "") -> HttpResponse:
    chosen = form["contact"].value()
    person = None
    if str(chosen or "").isdecimal() and len(str(chosen)) < 19:
        known = Contact.objects.select_related("customer").filter(is_active=True, customer__is_active=True)
        person = known.filter(pk=int(str(chosen))).first()
    context: dict[str, Any] = {"form": form, "person_for": person, "typed": typed, "people": found.contacts(typed)}
    return render(request, "desk/workbench/new.html", context, status=status)


def _open(request: HttpRequest, form: NewRequestForm) -> HttpResponse:
    typed = form.cleaned_data
    contact: Contact = typed["contact"]
    request_of = NewTicket(
        text=typed["text"],
        channel=Channel.PORTAL,
        subject=typed["subject"],
        customer=contact.customer,
        contact=contact,
        files=typed["files"],
        type=TicketType(typed["type"]),
        priority=Priority(typed["priority"]),
    )
    try:
        ticket = open_ticket(request_of, key=typed["key"], by=user_of(request), at=timezone.now())
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _page(request, form, status=422)
    messages.success(request, _("Registered under № %(number)s.") % {"number": ticket.pk})
    return redirect("desk:ticket", ticket.pk)
