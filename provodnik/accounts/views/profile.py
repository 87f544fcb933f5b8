"""One's own page: name, password, where one is signed in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from provodnik.accounts import actions, halfway, throttle
from provodnik.accounts.addresses import client_address, counted_as
from provodnik.accounts.forms import ChangePasswordForm, NameForm
from provodnik.accounts.models import User
from provodnik.accounts.queries import factors_of, has_second_factor, session_named, sessions_of
from provodnik.accounts.views.confirm import confirm_address
from provodnik.accounts.views.sign_in import told_wait
from provodnik.core.decisions import Refused
from provodnik.core.parts import parts


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _page(request: HttpRequest, *, wrong: Form | None = None, **forms: Form) -> HttpResponse:
    me = _me(request)
    context: dict[str, Any] = {
        "name_form": NameForm(initial={"full_name": me.full_name}, auto_id="name_%s"),
        "password_form": ChangePasswordForm(auto_id="password_%s"),
        "sessions": sessions_of(me, this=request.session.session_key, now=timezone.now()),
        "factors": factors_of(me, now=timezone.now()),
        "wrong": wrong,
        "beside": [
            way for part in parts() if "beside_profile" in part.extra and (way := part.extra["beside_profile"](me))
        ],
        "frame": "ui/workbench.html" if me.is_desk or me.is_administrator else "ui/cabinet.html",
        **forms,
    }
    return render(request, "accounts/profile.html", context, status=422 if wrong is not None else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """GET: the page. POST: a new name."""
    if request.method != "POST":
        return _page(request)
    form = NameForm(request.POST, auto_id="name_%s")
    if not form.is_valid():
        return _page(request, wrong=form, name_form=form)
    actions.rename(_me(request), full_name=form.cleaned_data["full_name"], at=timezone.now())
    messages.success(request, _("Your name is saved."))
    return redirect("accounts:profile")


@sensitive_post_parameters()
@login_required
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    me = _me(request)
    if has_second_factor(me) and not halfway.is_sure(request, now=timezone.now()):
        return redirect(confirm_address(reverse("accounts:profile")))
    form = ChangePasswordForm(request.POST, auto_id="password_%s")
    if not form.is_valid():
        return _page(request, wrong=form, password_form=form)
    # A stolen open session must not be a way to guess the password either.
    one = throttle.Try(login=throttle.name_of("change", str(me.pk)), address=counted_as(client_address(request)))
    seconds, counted = throttle.begin(one, now=timezone.now())
    if counted is None:
        form.add_error("old", told_wait(seconds))
        return _page(request, wrong=form, password_form=form)
    try:
        user = actions.change_password(
            me,
            old=form.cleaned_data["old"],
            new=form.cleaned_data["new"],
            session_key=request.session.session_key,
            at=timezone.now(),
        )
    except Refused as refused:
        if refused.field != "old":
            throttle.succeeded(one, counted)
        form.add_error(refused.field, str(refused))
        return _page(request, wrong=form, password_form=form)
    throttle.succeeded(one, counted)
    update_session_auth_hash(request, user)
    messages.success(request, _("The password is changed. Other devices are signed out."))
    return redirect("accounts:profile")


@login_required
@require_POST
def end_session(request: HttpRequest, name: str) -> HttpResponse:
    me = _me(request)
    session = session_named(me, name)
    if session is None:
        raise Http404
    if session.session_key == request.session.session_key:
        return redirect("accounts:profile")  # «Выйти» ends this one
    actions.end_session(session, by=me)
    messages.success(request, _("The session is ended."))
    return redirect("accounts:profile")


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    count = actions.end_other_sessions(_me(request), but=request.session.session_key)
    told = ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", count) % {"count": count}
    messages.success(request, told)
    return redirect("accounts:profile")
