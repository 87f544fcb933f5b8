"""Roles for an organisation: who is personnel, who is its payroll accountant. Given by administrators, seen by both."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.accounts.queries import found_users
from provodnik.people.actions import standing
from provodnik.people.forms import RoleForm
from provodnik.people.models import Organisation, StaffMember
from provodnik.people.policies import may_give_roles
from provodnik.people.queries import houses as queries
from provodnik.people.states import StaffRole
from provodnik.people.views.common import clock, me
from provodnik.people.views.keeping.common import house_of, keepers, page, typed_of

FOUND = 20


@keepers
@require_safe
def staff(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has which role. An administrator looks somebody up here to give him one."""
    return _staff(request, house_of(request, pk), RoleForm())


def _staff(request: HttpRequest, house: Organisation, form: RoleForm) -> HttpResponse:
    may_give, typed = bool(may_give_roles(me(request))), typed_of(request)
    found = list(found_users(User.objects.filter(is_active=True), typed, "")[:FOUND]) if typed and may_give else []
    context = {"form": form, "rows": queries.staff(house.pk), "may_give": may_give, "typed": typed, "found": found}
    return page(request, "people/keeping/staff.html", house, context, status=422 if form.errors else 200)


@keepers
@require_POST
def give_role(request: HttpRequest, pk: int) -> HttpResponse:
    house, user = house_of(request, pk), me(request)
    if not may_give_roles(user):
        raise Http404
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _staff(request, house, form)
    chosen = User.objects.filter(pk=form.cleaned_data["user"], is_active=True).first()
    if chosen is None:
        form.add_error("user", _("There is no such account."))
        return _staff(request, house, form)
    standing.give_role(chosen, house, StaffRole(form.cleaned_data["role"]), by=user, at=clock()[0])
    messages.success(request, _("The role is given. It holds at once."))
    return redirect("people:staff", house.pk)


@keepers
@require_POST
def take_role(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    house, user = house_of(request, pk), me(request)
    now, on = clock()
    if not may_give_roles(user) or not StaffMember.objects.filter(pk=row, organisation=house).exists():
        raise Http404
    try:
        standing.take_role(row, by=user, at=now, on=on)
    except StaffMember.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, _("The role is taken away."))
    return redirect("people:staff", house.pk)
