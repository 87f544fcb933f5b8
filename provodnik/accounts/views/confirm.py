"""«Confirm that it is you»: before what matters a session must have been proved lately (safety A57)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from provodnik.accounts import halfway, passkeys, throttle
from provodnik.accounts.actions import factors
from provodnik.accounts.forms import ConfirmCodeForm, ConfirmPasswordForm
from provodnik.accounts.models import User
from provodnik.accounts.queries import Factors, factors_of
from provodnik.accounts.views.sign_in import safe_next, told_wait, try_of
from provodnik.core.parts import parts

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def confirm_address(to: str) -> str:
    return f"{reverse('accounts:confirm')}?{urlencode({'next': to})}"


def sure_only(back: str) -> Callable[[View[P]], View[P]]:
    """Ask who was not asked lately. A page comes back to itself, a button to the page named `back`."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.user.is_authenticated and not halfway.is_sure(request, now=timezone.now()):
                to = reverse(back) if request.method == "POST" else request.get_full_path()
                return HttpResponseRedirect(confirm_address(to))
            return view(request, *args, **kwargs)

        return guarded

    return guard


@login_required
@sensitive_post_parameters("code", "password", "credential")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """By the second factor where there is one, else by the password."""
    user, now = request.user, timezone.now()
    if not isinstance(user, User):
        raise Http404
    mine = factors_of(user, now=now)
    form: Form = _form(mine, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, mine, form)
    answer = request.POST.get("credential", "")
    if not (answer and mine.is_there) and not form.is_valid():  # a passkey is no answer where there is none
        return _page(request, mine, form, status=422)
    one = try_of(request, user, "second" if mine.is_there else "change")
    seconds, counted = throttle.begin(one, now=now)
    if counted is None:
        form.add_error(None, told_wait(seconds))
        return _page(request, mine, form, status=429)
    if not _proved(request, user, mine, form, answer):
        again = _(
            "This does not fit. Try once more, or sign out and in again: for a quarter of an hour nothing is asked."
        )
        form.add_error(None, again if user.is_external else _("This does not fit. Try once more."))
        return _page(request, mine, form, status=422)
    throttle.succeeded(one, counted)
    halfway.prove(request, second="", now=now)
    return HttpResponseRedirect(safe_next(request) or resolve_url("accounts:profile"))


def _form(mine: Factors, data: Any) -> Form:
    return ConfirmCodeForm(data) if mine.is_there else ConfirmPasswordForm(data)


def _proved(request: HttpRequest, user: User, mine: Factors, form: Form, answer: str) -> bool:
    now = timezone.now()
    if not mine.is_there:
        return _is_password(user, form.cleaned_data["password"])
    if answer:
        challenge = halfway.take_challenge(request, "confirm", now=now)
        return factors.use_passkey(answer, challenge=challenge, at=now, user=user) is not None
    return bool(factors.use_code(user, form.cleaned_data.get("code"), at=now))


def _is_password(user: User, typed: str) -> bool:
    """Who has his password elsewhere is asked for that one (Part.extra["checks_password"]: user, password → bool)."""
    if not user.is_external:
        return user.check_password(typed)
    return any(part.extra["checks_password"](user, typed) for part in parts() if "checks_password" in part.extra)


def _page(request: HttpRequest, mine: Factors, form: Form, *, status: int = 200) -> HttpResponse:
    who, options = passkeys.party(), ""
    keys = [key for key in mine.passkeys if key.doubted_at is None]
    if who and keys:
        options, challenge = passkeys.ask(who, known=[(bytes(key.credential_id), key.transports) for key in keys])
        halfway.keep_challenge(request, "confirm", challenge, now=timezone.now())
    context = {
        "form": form,
        "next": safe_next(request),
        "options": options,
        "by_code": mine.is_there,
        "has_code": mine.totp is not None or mine.codes_left,
    }
    return render(request, "accounts/confirm.html", context, status=status)
