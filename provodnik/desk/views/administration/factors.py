"""Who must have a second factor, and a reset for who lost it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from provodnik.accounts.actions import factors as actions
from provodnik.accounts.models import FactorRule, User
from provodnik.accounts.queries import role_lines
from provodnik.accounts.views.confirm import sure_only
from provodnik.desk.forms.administration.retention import FactorsForm
from provodnik.desk.views.administration.common import administrators_only, do, handle, me


@administrators_only
@sure_only("settings:factors")
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Roles that must have one, each with its days of grace and how many are without."""
    known = {rule.role: rule.grace_days for rule in FactorRule.objects.all()}
    form = FactorsForm(request.POST if request.method == "POST" else None, rules=known)
    lines = {line.role: line for line in role_lines([role for role, _name in form.roles])}
    rows = [(lines[role], must, days) for role, must, days in form.pairs()]
    return handle(
        request,
        form,
        "desk/settings/factors.html",
        save=lambda: actions.set_rules(form.wanted(), by=me(request), at=timezone.now()),
        told=_("The rules of the second factor are saved."),
        to=reverse("settings:factors"),
        rows=rows,
    )


@administrators_only
@sure_only("settings:users")
@require_POST
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    return do(
        request,
        lambda: actions.reset_factors(user, by=me(request), at=timezone.now()),
        told=_("The second factor is removed; a letter about it is on its way to the owner."),
        to=reverse("settings:user", args=[pk]),
    )
