"""Saved views: named, ordered, shared, removed."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.desk import filter_words, policies
from provodnik.desk.actions import views as actions
from provodnik.desk.forms.macros import ViewForm
from provodnik.desk.models import SavedView
from provodnik.desk.queries.filters import Filters
from provodnik.desk.queries.rail import address_of, views_of
from provodnik.desk.views.workbench.common import desk_only, done, user_of


@desk_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    listed = [
        {
            "view": one,
            "address": f"{reverse('desk:queue')}?{address_of(one)}",
            "told": filter_words.told(one.query),
            "may_edit": policies.may_edit_own_or_shared(user, one.owner_id),
        }
        for one in views_of(user)
    ]
    return render(request, "desk/workbench/views.html", {"listed": listed})


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The address of the page is what is saved."""
    return _form(request, SavedView(owner=user_of(request)))


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name; with filters in the address, other filters."""
    return _form(request, _of(user_of(request), pk))


def _of(user: User, pk: int) -> SavedView:
    found = SavedView.objects.filter(Q(owner=user) | Q(owner=None), pk=pk).first()
    if found is None:
        raise Http404
    return found


def _form(request: HttpRequest, view: SavedView) -> HttpResponse:
    user, fresh, status = user_of(request), view._state.adding, 200
    query = request.GET.dict() if fresh or Filters.read(request.GET) or "view" in request.GET else None
    may_share = bool(policies.may_share(user))
    allowed = policies.may_edit_own_or_shared(user, view.owner_id)
    form = ViewForm(initial={"name": view.name, "shared": view.is_shared}, may_share=may_share)
    if request.method == "POST":
        form, status = ViewForm(request.POST, may_share=may_share), 422
        if form.is_valid():
            typed = form.cleaned_data
            shared = typed.get("shared", view.is_shared)
            try:
                kept = actions.save(view, name=typed["name"], query=query, shared=shared, by=user, at=timezone.now())
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                return done(request, f"{reverse('desk:queue')}?{address_of(kept)}", _("The view is kept."))
    context = {
        "form": form,
        "view": None if fresh else view,
        "told": filter_words.told(actions.cleaned(query) if query is not None else view.query),
        "refused": "" if allowed else str(allowed.reason),
    }
    return render(request, "desk/workbench/view.html", context, status=status)


@desk_only
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    view = _of(user_of(request), pk)
    try:
        actions.move(view, up=request.POST.get("to") == "up", by=user_of(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("desk:views"), status=303)


@desk_only
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        actions.remove(_of(user_of(request), pk), by=user_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("desk:views"), status=303)
    return done(request, reverse("desk:views"), _("The view is removed."))
