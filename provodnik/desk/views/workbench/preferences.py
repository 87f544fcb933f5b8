"""How a person has his workbench."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from provodnik.desk.actions import preferences as actions
from provodnik.desk.forms.macros import PreferenceForm
from provodnik.desk.queries.beside import preferences
from provodnik.desk.queries.extras import USUAL, known
from provodnik.desk.views.workbench.common import desk_only, done, user_of


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    chosen = preferences(user)
    columns = chosen.columns or USUAL
    initial = {"hold": chosen.hold, "after_close": chosen.after_close, "columns": columns}
    form = PreferenceForm(initial=initial, now=chosen.hold)
    if request.method == "POST":
        form = PreferenceForm(request.POST, now=chosen.hold)
        if form.is_valid():
            typed = form.cleaned_data
            columns = () if tuple(typed["columns"]) == USUAL else known(typed["columns"])
            actions.save(by=user, hold=typed["hold"], after_close=typed["after_close"], columns=columns)
            return done(request, reverse("desk:preferences"), _("Kept: so your workbench is now."))
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/workbench/preferences.html", {"form": form}, status=status)
