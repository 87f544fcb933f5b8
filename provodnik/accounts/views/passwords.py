"""A forgotten password, and the links of letters by which a password is set."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from provodnik.accounts import actions, throttle, tokens
from provodnik.accounts.forms import ForgotForm, NewPasswordForm
from provodnik.accounts.tokens import Purpose
from provodnik.accounts.views.sign_in import a_try, proceed, told_wait
from provodnik.core.decisions import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """The same answer whether or not there is such an account (safety A51)."""
    form = ForgotForm(request.POST or None)
    if request.method != "POST":
        return render(request, "accounts/forgot.html", {"form": form})
    if not form.is_valid():
        return render(request, "accounts/forgot.html", {"form": form}, status=422)
    one = a_try(request, form.cleaned_data["login"], kind="reset")
    seconds, counted = throttle.begin(one, now=timezone.now())
    if counted is None:
        wait = told_wait(seconds)
        response = render(request, "accounts/forgot.html", {"form": form, "wait": wait}, status=429)
        response["Retry-After"] = str(seconds)
        return response
    actions.ask_reset(form.cleaned_data["login"])
    return redirect("accounts:forgot_sent")


@require_safe
def forgot_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/forgot_sent.html")


def _by_link(request: HttpRequest, token: str, purpose: Purpose) -> HttpResponse:
    user = tokens.read(token, purpose)
    if user is None:
        return render(request, "accounts/link_over.html", {"invitation": purpose is Purpose.INVITATION}, status=410)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.set_password(token, purpose, new=form.cleaned_data["new"], at=timezone.now())
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            return proceed(request, changed) if changed is not None else redirect(request.path)
    context = {"form": form, "person": None, "account": user, "invitation": purpose is Purpose.INVITATION}
    return render(request, "accounts/set_password.html", context, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, token: str) -> HttpResponse:
    return _by_link(request, token, Purpose.RESET)


@never_cache
@sensitive_post_parameters("new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    return _by_link(request, token, Purpose.INVITATION)
