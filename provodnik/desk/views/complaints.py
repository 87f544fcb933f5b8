"""«Пожаловаться»: a claim about the work on an own request, told to the lead (R11)."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.desk import clock, policies
from provodnik.desk.actions import complaints
from provodnik.desk.calendars import calendar_of
from provodnik.desk.forms.requester import ComplaintForm
from provodnik.desk.queries import requester as queries
from provodnik.desk.queries.facts import allowances_of, contract_in_force
from provodnik.desk.states import Priority


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def complain(request: HttpRequest, number: int) -> HttpResponse:
    """What the requester is not content with; the answer is the lead's, by its own deadline."""
    if not isinstance(request.user, User):
        raise Http404
    tickets = queries.visible(request.user, "company").select_related("customer", "assignee")
    ticket = get_object_or_404(tickets, pk=number)
    now = timezone.now()
    form = ComplaintForm(request.POST, request.FILES) if request.method == "POST" else ComplaintForm()
    allowed = policies.may_complain(request.user, ticket)
    if request.method == "POST" and form.is_valid():
        try:
            complaint = complaints.complain(
                number,
                text=form.cleaned_data["text"],
                files=form.cleaned_data["files"],
                key=form.cleaned_data["key"],
                by=request.user,
                at=now,
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            return redirect("requests:receipt", number=complaint.pk)
    contract = contract_in_force(ticket.customer, now)
    allowance: timedelta = allowances_of(contract, complaint=True)[Priority.MEDIUM]
    context = {
        "ticket": ticket,
        "form": form,
        "refused": "" if allowed else str(allowed.reason),
        "waiting": complaints.open_complaint(ticket, policies.contact_of(request.user)),
        "due": clock.due_at(now, allowance, (), calendar_of(contract)),
        "now": now,
    }
    return render(request, "desk/requester/complain.html", context, status=422 if form.errors else 200)
