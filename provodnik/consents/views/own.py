"""«Мои согласия»: what I have signed, its text, taking it back."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from provodnik.accounts import journal
from provodnik.consents import words
from provodnik.consents.actions import ending
from provodnik.consents.forms import OwnForm
from provodnik.consents.models import Consent
from provodnik.consents.policies import may_withdraw, own_consents, visible_files
from provodnik.consents.queries import own as queries
from provodnik.consents.views.common import SCAN, clock, me, page
from provodnik.core.decisions import Refused
from provodnik.core.giving import send_file
from provodnik.people.queries.person import person_of


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    person = person_of(me(request))
    if person is None:
        raise Http404
    return page(request, "consents/mine.html", {"places": queries.mine(me(request), person, on=clock()[1])})


def _own(request: HttpRequest, pk: int) -> Consent:
    rows = own_consents(me(request)).select_related("person", "organisation", "edition")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@login_required
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    context = {
        "shown": queries.shown(row),
        "row": row,
        "what": words.ABOUT[row.about],
        "may_withdraw": may_withdraw(me(request), row),
    }
    return page(request, "consents/mine_one.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """What follows is said before, and asked once."""
    row, user = _own(request, pk), me(request)
    if not may_withdraw(user, row):
        return redirect("consents:mine_one", row.pk)
    form = OwnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now, on = clock()
        try:
            ending.withdraw_own(row.pk, form.cleaned_data["reason"], by=user, at=now, on=on)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Taken back. Personnel is told, and 1C will be."))
        return redirect("consents:mine_one", row.pk)
    context = {"row": row, "what": words.ABOUT[row.about], "form": form}
    return page(request, "consents/withdraw.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def scan(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """A scan, to keep: for who signed it, and for personnel, whose look is told to him."""
    user = me(request)
    file = visible_files(user).select_related("blob", "consent__person").filter(pk=key).first()
    if file is None:
        raise Http404
    person = file.consent.person
    if person.user_id != user.pk and request.method == "GET":
        journal.looked(user, SCAN, person.pk, at=clock()[0], verb="downloaded")
    return send_file(file.blob, name=file.name, content_type="application/octet-stream", inline=False)
