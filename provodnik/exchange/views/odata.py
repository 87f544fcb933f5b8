"""Reading a base by OData: its settings, a look whether 1C lets the portal in, a reading begun now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from provodnik.core.decisions import Refused
from provodnik.exchange.actions import fetching, opening
from provodnik.exchange.forms import ODataForm
from provodnik.exchange.models import Base, ODataAccess
from provodnik.exchange.odata.words import set_title, trouble
from provodnik.exchange.queries.reading import last_reading
from provodnik.exchange.views.common import administrators, me, page


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a base is read, as whom, what of it and when."""
    base = get_object_or_404(Base, pk=pk)
    access = ODataAccess.objects.filter(base=base).first()
    form = ODataForm(request.POST or None, instance=access or ODataAccess(base=base))
    if request.method == "POST" and form.is_valid():
        kept = dict(form.cleaned_data)
        password, reads = kept.pop("password"), kept.pop("reads")
        opening.save(base.pk, kept, password=password, reads=reads, by=me(request), at=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("exchange:odata", base.pk)
    last = last_reading(base.pk)
    context: dict[str, Any] = {
        "base": base,
        "form": form,
        "access": access,
        "last": last,
        **_checked(access),
    }
    return page(request, "exchange/odata.html", context, status=422 if form.is_bound else 200)


def _checked(access: ODataAccess | None) -> dict[str, Any]:
    """What the last check found: trouble with the base itself, or sets that are not open and those that are."""
    found = access.checked if access is not None else []
    sets = [one for one in found if one["set"]]
    return {
        "whole": next((trouble(one["code"]) for one in found if not one["set"]), ""),
        "lacks": [(*set_title(one["set"]), trouble(one["code"])) for one in sets if one["code"] != "ok"],
        "open": [(*set_title(one["set"]), one["count"]) for one in sets if one["code"] == "ok"],
    }


@administrators
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask 1C now; the page then says what it answered."""
    access = get_object_or_404(ODataAccess.objects.select_related("base"), base=pk)
    opening.check(access, by=me(request), at=timezone.now())
    return redirect("exchange:odata", pk)


@administrators
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a reading now; its page shows how far it is."""
    base = get_object_or_404(Base, pk=pk)
    try:
        batch = fetching.start(base.pk, by=me(request), at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("exchange:odata", base.pk)
    return redirect("exchange:batch", batch.pk)
