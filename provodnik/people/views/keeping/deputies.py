"""Who stands in for whom: one's own, and those of an organisation. Payslips are no kind of decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.people.actions import standing
from provodnik.people.forms import DeputyForm, number
from provodnik.people.models import Deputy, Employment, Organisation
from provodnik.people.policies import may_keep, visible_entries, works_here
from provodnik.people.queries import directory
from provodnik.people.queries import houses as queries
from provodnik.people.queries.person import places_of
from provodnik.people.states import DecisionKind
from provodnik.people.views.common import clock, me
from provodnik.people.views.keeping.common import house_of, keepers, page, typed_of

FOUND = 10


def _saved(request: HttpRequest, form: DeputyForm) -> bool:
    """Whether it was written down; else the form says why not."""
    if not form.is_valid():
        return False
    user, told = me(request), form.cleaned_data
    now, on = clock()
    seen = set(
        visible_entries(user, on=on).filter(pk__in=[told["manager"], told["deputy"]]).values_list("pk", flat=True)
    )
    for name in ("manager", "deputy"):
        if told[name] not in seen:
            form.add_error(name, _("There is no such place of work."))
    if form.errors:
        return False
    try:
        standing.set_deputy(
            told["manager"],
            told["deputy"],
            kinds=[DecisionKind(kind) for kind in told["kinds"]],
            starts_on=told["starts_on"],
            ends_on=told["ends_on"],
            by=user,
            at=now,
        )
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    messages.success(request, _("Written down. The deputy decides from the first day to the last."))
    return True


def _found(request: HttpRequest, name: str, house: Organisation | None = None) -> tuple[str, list[directory.Row]]:
    """Whom a search above the form gives."""
    now, on = clock()
    typed = " ".join(request.GET.get(name, "").replace("\0", " ")[:100].split())
    if not typed:
        return "", []
    found = directory.page(me(request), now=now, on=on, typed=typed, organisation=house.pk if house else None)
    return typed, found.rows[:FOUND]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Who stands in for me, and for whom I do."""
    user, on = me(request), clock()[1]
    if not works_here(user):
        raise Http404
    places = places_of(user, on=on)
    form = DeputyForm(request.POST if request.method == "POST" else None, initial={"starts_on": on})
    if request.method == "POST" and _saved(request, form):
        return redirect("people:my_deputies")
    own, others = queries.my_deputies(user, on=on)
    typed, found = _found(request, "who")
    context: dict[str, Any] = {"form": form, "places": places, "own": own, "others": others}
    context |= {"typed": typed, "found": found}
    return page(request, "people/keeping/my_deputies.html", None, context, status=422 if form.errors else 200)


@keepers
@require_safe
def deputies(request: HttpRequest, pk: int) -> HttpResponse:
    """All of an organisation."""
    return _deputies(request, house_of(request, pk), DeputyForm(initial={"starts_on": clock()[1]}))


def _deputies(request: HttpRequest, house: Organisation, form: DeputyForm) -> HttpResponse:
    typed, found = typed_of(request), _found(request, "who", house)[1]
    other, others = _found(request, "deputy")
    context = {
        "form": form,
        "rows": queries.deputies(house.pk, on=clock()[1]),
        "may": bool(may_keep(me(request), house.pk)),
        "typed": typed,
        "found": found,
        "other": other,
        "others": others,
    }
    return page(request, "people/keeping/deputies.html", house, context, status=422 if form.errors else 200)


@keepers
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Personnel names a deputy for who cannot do it himself."""
    house = house_of(request, pk, personnel=True)
    form = DeputyForm(request.POST)
    form.is_valid()
    if not Employment.objects.filter(pk=number(request.POST.get("manager")) or 0, organisation=house).exists():
        form.add_error("manager", _("There is no such place of work."))
    elif _saved(request, form):
        return redirect("people:deputies", house.pk)
    return _deputies(request, house, form)


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """He decides nothing from now on."""
    user = me(request)
    now, on = clock()
    row = Deputy.objects.select_related("manager__person").filter(pk=pk, ends_on__gte=on).first()
    if row is None or not (row.manager.person.user_id == user.pk or may_keep(user, row.manager.organisation_id)):
        raise Http404
    standing.end_deputy(row.pk, by=user, at=now, on=on)
    messages.success(request, _("Ended."))
    if row.manager.person.user_id == user.pk:
        return redirect("people:my_deputies")
    return redirect("people:deputies", row.manager.organisation_id)
