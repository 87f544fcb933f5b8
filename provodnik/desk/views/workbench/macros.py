"""Prepared answers: chosen in the editor, applied, kept."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.desk import macro_words, policies
from provodnik.desk.actions import macros as actions
from provodnik.desk.forms.macros import MacroForm
from provodnik.desk.models import Macro
from provodnik.desk.placeholders import explained
from provodnik.desk.queries import macros
from provodnik.desk.views.workbench.common import desk_only, done, query_of, ticket_or_404, user_of
from provodnik.desk.views.workbench.ticket import act


@desk_only
@require_safe
def choose(request: HttpRequest, number: int) -> HttpResponse:
    """Which there are for this request: for the editor's list, with their texts filled in; a page without script."""
    ticket, user, now = ticket_or_404(request, number), user_of(request), timezone.now()
    if request.headers.get("Accept") != "application/json":
        context = {"ticket": ticket, "macros": macros.offered(user), "query": query_of(request)}
        return render(request, "desk/workbench/macros_choose.html", context)
    rows = [
        {
            "id": macro.pk,
            "title": macro.title,
            "text": macros.text(macro, ticket, user, now),
            "mode": macro.mode,
            "resolution": macro.resolution,
            "deeds": macro_words.deeds(macro),
            "apply": reverse("desk:apply_macro", args=[number, macro.pk]) if is_deed(macro) else "",
        }
        for macro in macros.offered(user)
    ]
    return JsonResponse({"macros": rows})


def is_deed(macro: Macro) -> bool:
    """Without a text it is carried out at once."""
    return not macro.text.strip() and macro.mode not in ("ask", "close")


@desk_only
@require_POST
def apply(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """One without a text: its deeds at once."""
    macro = _of(request, pk)
    return act(
        request,
        number,
        lambda ticket, user, now: actions.apply(number, macro, by=user, at=now),
        _("Done: %(title)s") % {"title": macro.title},
    )


def _of(request: HttpRequest, pk: int) -> Macro:
    found = macros.of(user_of(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@desk_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All that the person has."""
    user = user_of(request)
    listed = [
        {"macro": one, "deeds": macro_words.deeds(one), "may_edit": policies.may_edit_own_or_shared(user, one.owner_id)}
        for one in macros.of(user).order_by("title", "pk")
    ]
    context = {
        "own": [one for one in listed if not one["macro"].is_shared],  # type: ignore[attr-defined]
        "shared": [one for one in listed if one["macro"].is_shared],  # type: ignore[attr-defined]
        "now": timezone.now(),
    }
    return render(request, "desk/workbench/macros.html", context)


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    return _form(request, Macro(mode="reply"))


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _form(request, _of(request, pk))


def _form(request: HttpRequest, macro: Macro) -> HttpResponse:
    user, status = user_of(request), 200
    may_share = bool(policies.may_share(user))
    allowed = macro._state.adding or policies.may_edit_own_or_shared(user, macro.owner_id)
    if request.method == "POST":
        form, status = MacroForm(request.POST, may_share=may_share), 422
        if form.is_valid():
            try:
                shared = form.cleaned_data.get("shared", macro.is_shared and not macro._state.adding)
                actions.save(form.put_into(macro), shared=shared, by=user, at=timezone.now())
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                return done(request, reverse("desk:macros"), _("The prepared answer is kept."))
    else:
        form = MacroForm(initial=MacroForm.of(macro), may_share=may_share)
    context: dict[str, Any] = {
        "form": form,
        "macro": None if macro._state.adding else macro,
        "refused": "" if allowed else str(policies.may_edit_own_or_shared(user, macro.owner_id).reason),
        "placeholders": explained(),
    }
    return render(request, "desk/workbench/macro.html", context, status=status)


@desk_only
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    macro = _of(request, pk)
    try:
        actions.remove(macro, by=user_of(request))
    except Refused as refusal:
        return done(request, reverse("desk:macros"), str(refusal))
    return done(request, reverse("desk:macros"), _("The prepared answer is removed."))
