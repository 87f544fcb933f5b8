"""Personnel's list of requests about data: check, accept, return, refuse, say that 1C has it. Every look is told to the
person."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from provodnik.accounts import journal
from provodnik.core.decisions import Refused
from provodnik.core.giving import send_file
from provodnik.people.actions import changes as actions
from provodnik.people.forms import AnswerForm, number
from provodnik.people.models import DataRequest
from provodnik.people.policies import may_judge, personnel_of, visible_requests, visible_scans
from provodnik.people.queries import changes as queries
from provodnik.people.queries.looks import REQUEST, SCAN
from provodnik.people.states import TOLD_BY_1C, ChangeKind, ChangeState
from provodnik.people.views.common import clock, me
from provodnik.people.views.keeping.common import page

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
LABELS = {
    "sent": gettext_lazy("For personnel to check"),
    "waiting": gettext_lazy("We wait for 1C"),
    "returned": gettext_lazy("Returned"),
    "over": gettext_lazy("Finished requests"),
}


def personnel(view: View[P]) -> View[P]:
    """For the personnel of any organisation; for anybody else the page does not exist."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not personnel_of(me(request)).exists():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@personnel
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = me(request)
    which = request.GET.get("list", "")
    which = which if which in queries.LISTS else "sent"
    found = queries.of_personnel(user, which, before=number(request.GET.get("before")))
    counts = queries.counts(user)
    chips = [(name, label, counts.get(name)) for name, label in LABELS.items()]
    return page(request, "people/keeping/requests.html", None, {"page": found, "which": which, "chips": chips})


def _one(request: HttpRequest, pk: int) -> DataRequest:
    row = visible_requests(me(request)).select_related("person", "organisation").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@personnel
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, pk)


def _shown(request: HttpRequest, pk: int, wrong: AnswerForm | None = None) -> HttpResponse:
    row, user = _one(request, pk), me(request)
    now, on = clock()
    if row.person.user_id != user.pk and request.method != "HEAD":
        journal.looked(user, REQUEST, row.person_id, at=now)
    judged = may_judge(user, row)
    context: dict[str, Any] = {
        "shown": queries.shown(row, whole=bool(judged)),
        "row": row,
        "judged": judged,
        "form": wrong or AnswerForm(),
        "is_sent": row.state == ChangeState.SENT.value,
        "is_waiting": row.state == ChangeState.WAITING.value,
        "proves_itself": ChangeKind(row.kind) in TOLD_BY_1C,
        "held": row.held_until is not None and on < row.held_until,
    }
    return page(request, "people/keeping/request.html", None, context, status=422 if wrong is not None else 200)


@personnel
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    row, user = _one(request, pk), me(request)
    now, on = clock()
    what = request.POST.get("what", "")
    form = None if what in ("accept", "entered") else AnswerForm(request.POST)
    if form is not None and (not form.is_valid() or what not in ("return", "refuse")):
        return _shown(request, pk, form)
    reason = form.cleaned_data["reason"] if form is not None else ""
    steps: dict[str, Callable[[], object]] = {
        "accept": lambda: actions.accept(row.pk, by=user, at=now, on=on),
        "entered": lambda: actions.entered(row.pk, by=user, at=now),
        "return": lambda: actions.give_back(row.pk, reason, by=user, at=now),
    }
    try:
        steps.get(what, lambda: actions.refuse(row.pk, reason, by=user, at=now))()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Written down. The employee is told."))
    return redirect("people:request", row.pk)


@login_required
@require_safe
def scan(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """A scan, to keep: for who sent it, and for who checks it."""
    user = me(request)
    file = visible_scans(user).select_related("blob", "request__person").filter(pk=key).first()
    if file is None:
        raise Http404
    person = file.request.person
    if person.user_id != user.pk and request.method != "HEAD":
        journal.looked(user, SCAN, person.pk, at=clock()[0], verb="downloaded")
    return send_file(file.blob, name=file.name, content_type="application/octet-stream", inline=False)
