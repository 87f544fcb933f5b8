"""Own rules of an organisation: what holds, since when, by whose word; another one from a day on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.people.actions import rules as actions
from provodnik.people.forms import RuleForm
from provodnik.people.models import Organisation
from provodnik.people.policies import may_keep
from provodnik.people.queries import rules as queries
from provodnik.people.rules import RULES, Code, Rule
from provodnik.people.views.common import clock, me
from provodnik.people.views.keeping.common import house_of, keepers, page


def _read(rule: Rule, typed: str) -> Any:
    """What was typed, by the rule's type; what is no number goes on as text and is refused there."""
    if rule.days is None:
        return typed == "yes"
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else typed


@keepers
@require_safe
def rules(request: HttpRequest, pk: int) -> HttpResponse:
    return _rules(request, house_of(request, pk))


@keepers
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One rule from a day on."""
    house = house_of(request, pk, personnel=True)
    now, on = clock()
    form, code = RuleForm(request.POST), request.POST.get("code", "")
    if code not in list(Code) or not form.is_valid():
        return _rules(request, house, (code, form))
    told = form.cleaned_data
    try:
        value = _read(RULES[Code(code)], told["value"])
        since, norm = told["since"], told["norm"]
        actions.decide(house.pk, Code(code), value, since=since, norm=norm, by=me(request), at=now, on=on)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return _rules(request, house, (code, form))
    messages.success(request, _("Decided."))
    return redirect("people:rules", house.pk)


def _rules(request: HttpRequest, house: Organisation, wrong: tuple[str, RuleForm] | None = None) -> HttpResponse:
    on = clock()[1]
    lines = [
        (line, wrong[1] if wrong and wrong[0] == line.rule.code.value else RuleForm(initial={"since": on}))
        for line in queries.lines(house.pk, on=on)
    ]
    may = bool(may_keep(me(request), house.pk))
    context = {"lines": lines, "wrong": wrong[0] if wrong else "", "may": may}
    return page(request, "people/keeping/rules.html", house, context, status=422 if wrong else 200)
