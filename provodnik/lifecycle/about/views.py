"""«О программе»: for whoever has signed in. Versions are nobody else's business (safety A73)."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.accounts.policies import may_administer
from provodnik.desk.labels import PRIORITIES, PRIORITY_DEFINITIONS
from provodnik.desk.policies import contact_of
from provodnik.desk.queries.requester import addresses
from provodnik.desk.states import DEFAULT_ALLOWANCES, Priority
from provodnik.lifecycle.about import reminder
from provodnik.lifecycle.about.licences import licences
from provodnik.lifecycle.about.version import running


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _frame(user: User) -> str:
    return "ui/workbench.html" if user.is_desk or user.is_administrator else "ui/cabinet.html"


@login_required
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    user = _me(request)
    told = running()
    context = {
        "frame": _frame(user),
        "told": told,
        "terms": [
            (value, label, PRIORITY_DEFINITIONS[value], DEFAULT_ALLOWANCES[Priority(value)])
            for value, label in PRIORITIES
        ],
        "may_ask": contact_of(user) is not None,
        "addresses": addresses(),
        "administers": user.is_administrator,
        "reminded": user.is_administrator and reminder.is_asked(),
    }
    return render(request, "lifecycle/about.html", context)


@login_required
@require_safe
def whose(request: HttpRequest) -> HttpResponse:
    return render(request, "lifecycle/licences.html", {"frame": _frame(_me(request)), "licences": licences()})


@login_required
@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """`wanted`: "1" switches the reminder on, anything else off."""
    user = _me(request)
    if not may_administer(user):
        raise Http404
    wanted = request.POST.get("wanted") == "1"
    reminder.ask(wanted, by=user, at=timezone.now())
    said = _("You will be reminded when this version is a year and a half old.") if wanted else _("No reminders.")
    messages.success(request, said)
    return redirect("about:about")
