"""Own rules of an organisation: what holds, since when, by whose word; another one from a day on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from provodnik.core.decisions import Refused
from provodnik.people.actions import rules as actions
from provodnik.people.forms import RuleForm
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
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, pk: int) -> HttpResponse:
    house, user = house_of(request, pk, personnel=request.method == "POST"), me(request)
    now, on = clock()
    wrong: tuple[str, RuleForm] | None = None
    if request.method == "POST":
        form, code = RuleForm(request.POST), request.POST.get("code", "")
        if code in list(Code) and form.is_valid():
            told = form.cleaned_data
            try:
                value = _read(RULES[Code(code)], told["value"])
                since, norm = told["since"], told["norm"]
                actions.decide(house.pk, Code(code), value, since=since, norm=norm, by=user, at=now, on=on)
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            else:
                messages.success(request, _("Decided."))
                return redirect("people:rules", house.pk)
        wrong = (code, form)
    lines = [
        (
            line,
            wrong[1] if wrong is not None and wrong[0] == line.rule.code.value else RuleForm(initial={"since": on}),
        )
        for line in queries.lines(house.pk, on=on)
    ]
    context = {"lines": lines, "wrong": wrong[0] if wrong else "", "may": bool(may_keep(user, house.pk))}
    return page(request, "people/keeping/rules.html", house, context, status=422 if wrong else 200)
