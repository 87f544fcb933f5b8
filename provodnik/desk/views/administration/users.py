"""Accounts and roles, and the journal of who set up what."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts import actions, halfway
from provodnik.accounts.models import User
from provodnik.accounts.policies import is_last_administrator, visible_users
from provodnik.accounts.queries import found_users, has_second_factor
from provodnik.accounts.roles import Role
from provodnik.accounts.views.confirm import confirm_address
from provodnik.desk.forms.administration.users import ROLE_HINTS, ROLES, UserForm
from provodnik.desk.queries import administration as queries
from provodnik.desk.views.administration.common import administrators_only, do, handle, me, paged, words

form_methods = require_http_methods(["GET", "HEAD", "POST"])


def _page(pk: int) -> str:
    return reverse("settings:user", args=[pk])


@administrators_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    kind = kind if kind in {"off", *(role.value for role in Role)} else ""
    page = paged(
        request, found_users(visible_users(me(request)), words(request), kind).select_related("contact__customer")
    )
    names = dict(ROLES)
    rows = [(user, [names[role] for role in user.roles if role in names]) for user in page.rows]
    context = {"page": page, "rows": rows, "q": words(request), "kind": kind, "roles": ROLES}
    return render(request, "desk/settings/users.html", context)


@administrators_only
@form_methods
def add(request: HttpRequest) -> HttpResponse:
    form = UserForm(request.POST or None, new=True)
    return handle(
        request,
        form,
        "desk/settings/user.html",
        save=lambda: actions.add_user(**form.cleaned_data, by=me(request), at=timezone.now()),
        told=_("The account is made; the invitation is on its way."),
        to=lambda user: _page(user.pk),
        role_hints=ROLE_HINTS,
    )


def _opens_another_way(form: UserForm, user: User) -> bool:
    """A changed login, address or right is a way into the account or out of it: asked for once more (safety A57)."""
    if not form.is_valid():
        return False
    typed = form.cleaned_data
    same = (typed["login"].lower(), typed["email"].lower(), sorted(typed["roles"]))
    return same != (user.login, user.email, sorted(user.roles))


@administrators_only
@form_methods
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(visible_users(me(request)), pk=pk)
    initial = {"full_name": user.full_name, "login": user.login, "email": user.email, "roles": user.roles}
    form = UserForm(request.POST or None, initial=initial)
    now = timezone.now()
    if form.is_bound and _opens_another_way(form, user) and not halfway.is_sure(request, now=now):
        return redirect(confirm_address(_page(pk)))
    return handle(
        request,
        form,
        "desk/settings/user.html",
        save=lambda: actions.change_user(user, **form.cleaned_data, by=me(request), at=now),
        told=_("The changes are saved."),
        to=_page(pk),
        account=user,
        contact=queries.account_of(user),
        sessions=user.sessions.filter(expire_date__gt=now).count(),
        is_last=is_last_administrator(user),
        has_factor=has_second_factor(user),
        role_hints=ROLE_HINTS,
    )


@administrators_only
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    return do(
        request,
        lambda: actions.invite(user, by=me(request), at=timezone.now()),
        told=_("The invitation is on its way to %(email)s.") % {"email": user.email},
        to=_page(pk),
    )


@administrators_only
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    if request.POST.get("on") == "1":
        act, said = actions.switch_on, _("The account is switched on.")
    else:
        act, said = actions.switch_off, _("The account is switched off, all its sessions have ended.")
    return do(request, lambda: act(user, by=me(request), at=timezone.now()), told=said, to=_page(pk))


@administrators_only
@require_POST
def sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    count = user.sessions.count()
    return do(
        request,
        lambda: actions.end_sessions_of(user, by=me(request), at=timezone.now()),
        told=ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", count) % {"count": count},
        to=_page(pk),
    )
