"""Personnel: what one person gave; one consent, its scan, its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.accounts import journal
from provodnik.consents import words
from provodnik.consents.actions import ending, scans, telling
from provodnik.consents.forms import MistakeForm, ScanForm, WithdrawForm
from provodnik.consents.models import Consent
from provodnik.consents.policies import (
    may_call_a_mistake,
    may_end,
    may_mark,
    may_tell_again,
    visible_consents,
    visible_people,
)
from provodnik.consents.queries import own as queries
from provodnik.consents.states import Standing
from provodnik.consents.views.common import PERSON, clock, me, page, personnel
from provodnik.core.decisions import Refused
from provodnik.people.models import Person
from provodnik.people.policies import houses_of


def _looked(request: HttpRequest, who: Person) -> None:
    user = me(request)
    if who.user_id != user.pk and request.method == "GET":
        journal.looked(user, PERSON, who.pk, at=clock()[0])


@personnel
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    user = me(request)
    who = visible_people(user).filter(pk=pk).first()
    if who is None:
        raise Http404
    _looked(request, who)
    places = queries.of_person(user, who, list(houses_of(user)), on=clock()[1])
    context = {"who": who, "places": places, "several": len(places) > 1, "is_own": who.user_id == user.pk}
    return page(request, "consents/person.html", context)


def _one(request: HttpRequest, pk: int) -> Consent:
    rows = visible_consents(me(request)).select_related("person__user", "organisation", "edition", "marked_by")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@personnel
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _one(request, pk))


def _shown(request: HttpRequest, row: Consent, **wrong: Form) -> HttpResponse:
    """`wrong`: a form with errors, by the name that the template has."""
    user = me(request)
    _looked(request, row.person)
    on = clock()[1]
    context: dict[str, Any] = {
        "shown": queries.shown(row),
        "row": row,
        "what": words.ABOUT[row.about],
        "may_end": may_end(user, row),
        "may_mistake": may_call_a_mistake(user, row),
        "may_attach": may_mark(user, row.person, row.organisation_id)
        and row.wiped_at is None
        and row.standing != Standing.MISTAKE.value,
        "may_again": may_tell_again(user, row),
        "withdraw_form": wrong.get("withdraw_form") or WithdrawForm(initial={"ended_on": on}),
        "mistake_form": wrong.get("mistake_form") or MistakeForm(),
        "scan_form": wrong.get("scan_form") or ScanForm(),
        "open": next(iter(wrong), ""),
    }
    return page(request, "consents/show.html", context, status=422 if wrong else 200)


def _decide(request: HttpRequest, pk: int, name: str, form: Form, act: Callable[[Consent], str]) -> HttpResponse:
    """One step: carried out and said, or the page again with the reason beside its field."""
    row = _one(request, pk)
    if form.is_valid():
        try:
            messages.success(request, act(row))
            return redirect("consents:show", row.pk)
        except Refused as refused:
            if refused.field not in form.fields:  # not of what was typed: its form may be gone from the page
                messages.error(request, str(refused))
                return redirect("consents:show", row.pk)
            form.add_error(refused.field, str(refused))
    return _shown(request, row, **{name: form})


@personnel
@require_POST
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    form = ScanForm(request.POST, request.FILES)

    def act(row: Consent) -> str:
        scans.attach(row.pk, form.cleaned_data["files"], by=me(request), at=clock()[0])
        return _("The scan is kept. The employee sees it, too.")

    return _decide(request, pk, "scan_form", form, act)


@personnel
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    form = WithdrawForm(request.POST)

    def act(row: Consent) -> str:
        now, on = clock()
        given = form.cleaned_data
        ending.withdraw(row.pk, given["ended_on"], given["reason"], by=me(request), at=now, on=on)
        return _("Marked as taken back. The employee is told.")

    return _decide(request, pk, "withdraw_form", form, act)


@personnel
@require_POST
def mistake(request: HttpRequest, pk: int) -> HttpResponse:
    form = MistakeForm(request.POST)

    def act(row: Consent) -> str:
        ending.call_a_mistake(row.pk, form.cleaned_data["reason"], by=me(request), at=clock()[0])
        return _("Marked as a mistake. The employee is told.")

    return _decide(request, pk, "mistake_form", form, act)


@personnel
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    row = _one(request, pk)
    try:
        telling.again(row.pk, by=me(request), at=clock()[0])
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("1C is told once more, within a minute."))
    return redirect("consents:show", row.pk)
