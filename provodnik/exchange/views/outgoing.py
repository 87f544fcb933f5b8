"""«В 1С»: what the portal tells 1C, and what 1C says to it; by which way a base hears it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from provodnik.exchange.actions import giving
from provodnik.exchange.forms import GivesForm
from provodnik.exchange.models import Base, Parcel
from provodnik.exchange.queries import outgoing
from provodnik.exchange.states import Answer
from provodnik.exchange.views.common import administrators, lookers, me, number, page

STATES: dict[str, Any] = {
    "waiting": gettext_lazy("Waits for 1C"),
    "refused": gettext_lazy("Refused by 1C"),
    "taken": gettext_lazy("Taken by 1C"),
}


def _shown(row: Parcel) -> tuple[Parcel, str, str, Any]:
    """(parcel, tone, icon, its state in words)."""
    if row.answer == Answer.REFUSED.value:
        return row, "error", "circle-alert", gettext_lazy("refused")
    if row.answer == Answer.TAKEN.value:
        return row, "success", "circle-check", gettext_lazy("taken")
    if row.given_at is None:
        return row, "", "hourglass", gettext_lazy("to be told")
    return row, "info", "send", gettext_lazy("told, no answer yet")


@lookers
@require_safe
def told(request: HttpRequest) -> HttpResponse:
    """Each request that 1C was told of: since when, whether it has answered, and what."""
    user, state = me(request), request.GET.get("state", "")
    state = state if state in STATES else ""
    found, counts = outgoing.parcels(user, state=state, before=number(request, "before")), outgoing.counts(user)
    context = {
        "page": found,
        "rows": [_shown(row) for row in found.rows],
        "state": state,
        "chips": [(name, label, counts[name]) for name, label in STATES.items()],
        "silent": Base.objects.filter(is_active=True, gives="").exists() and bool(user.is_administrator),
    }
    return page(request, "exchange/told.html", context)


@administrators
@require_POST
def gives(request: HttpRequest, pk: int) -> HttpResponse:
    """How a base hears of requests."""
    found = get_object_or_404(Base, pk=pk)
    form = GivesForm(request.POST)
    if form.is_valid():
        giving.choose_way(found.pk, form.cleaned_data["gives"], by=me(request), at=timezone.now())
    return redirect("exchange:bases")
