"""The printed pack of a batch."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.core.giving import send_file
from provodnik.payslips.actions import packing
from provodnik.payslips.forms import PackForm
from provodnik.payslips.policies import visible_packs
from provodnik.payslips.views.common import keeping
from provodnik.payslips.views.keeping import control_page, of
from provodnik.people.models import Unit
from provodnik.people.views.common import me


@keeping
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    batch, form = of(request, pk), PackForm(request.POST)
    if form.is_valid():
        wanted = form.cleaned_data["unit"]
        unit = Unit.objects.filter(pk=wanted, organisation=batch.organisation_id).first() if wanted else None
        if wanted and unit is None:
            raise Http404
        try:
            packing.ask(batch.pk, unit, key=form.cleaned_data["key"], by=me(request), at=timezone.now())
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The pack is being made. You may leave the page."))
            return redirect("payslips:batch", batch.pk)
    return control_page(request, of(request, pk), status=422, pack_form=form)


@keeping
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    pack = visible_packs(me(request)).select_related("batch", "blob").filter(pk=pk).first()
    if pack is None or pack.blob is None:
        raise Http404
    name = _("Payslips %(month)s.pdf") % {"month": f"{pack.batch.period:%Y-%m}"}
    return send_file(pack.blob, name=name, content_type="application/pdf", inline=False)
