"""The second step of a sign-in, and a sign-in by a passkey alone."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from provodnik.accounts import announce, devices, halfway, passkeys, shared, throttle
from provodnik.accounts.actions import factors
from provodnik.accounts.forms import SecondForm, SignInForm
from provodnik.accounts.models import User
from provodnik.accounts.queries import factors_of
from provodnik.accounts.views.sign_in import let_in, safe_next, sign_in_page, told_wait, try_of

log = logging.getLogger(__name__)
TELL_AFTER = 5  # wrong codes of a day after which the owner gets a letter: somebody knows his password


@never_cache
@sensitive_post_parameters("code", "credential")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """The code, or the passkey, of who has already typed the right password."""
    now = timezone.now()
    if request.user.is_authenticated:
        return HttpResponseRedirect(resolve_url("/"))
    user = halfway.who(request, now=now)
    if user is None:
        return redirect("accounts:sign_in")
    if request.method != "POST":
        return _page(request, user, SecondForm())
    form = SecondForm(request.POST)
    answer = request.POST.get("credential", "")
    if not answer and not form.is_valid():
        return _page(request, user, form, status=422)
    one = try_of(request, user, "second")
    seconds, counted = throttle.begin(one, now=now)
    if counted is None:
        return _page(request, user, form, status=429, seconds=seconds)
    if answer:
        challenge = halfway.take_challenge(request, "second", now=now)
        proved = "passkey" if factors.use_passkey(answer, challenge=challenge, at=now, user=user) else ""
    else:
        proved = factors.use_code(user, form.cleaned_data["code"], at=now)
    if not proved:
        return _wrong(request, user, form, one)
    throttle.succeeded(one, counted)
    return _in(request, user, proved)


def _in(request: HttpRequest, user: User, proved: str) -> HttpResponse:
    to, now = halfway.where_to(request), timezone.now()
    remember = bool(request.POST.get("remember")) and proved != "printed" and not shared.is_shared(request)
    response = let_in(request, user, second=proved, to=to)
    if remember:
        mark = factors.trust_device(user, device=request.headers.get("User-Agent", ""), at=now)
        devices.keep_trusted(request, response, user, mark, seconds=int(factors.TRUSTED_FOR.total_seconds()))
    return response


def _wrong(request: HttpRequest, user: User, form: SecondForm, one: throttle.Try) -> HttpResponse:
    log.warning("a second step from %s failed", one.address)
    if throttle.failures(one, now=timezone.now()) == TELL_AFTER:
        announce.factor_changed(user, "wrong_codes", at=timezone.now())
    if not halfway.one_more_try(request):
        messages.error(request, _("There were too many wrong codes. Type the password once more."))
        return redirect("accounts:sign_in")
    form.add_error("code" if form.is_bound and form.data.get("code") else None, _("This does not fit. Try once more."))
    return _page(request, user, form, status=422)


def _page(request: HttpRequest, user: User, form: SecondForm, *, status: int = 200, seconds: int = 0) -> HttpResponse:
    now = timezone.now()
    mine = factors_of(user, now=now)
    who, options = passkeys.party(), ""
    keys = [key for key in mine.passkeys if key.doubted_at is None]
    if who and keys:
        options, challenge = passkeys.ask(who, known=[(bytes(key.credential_id), key.transports) for key in keys])
        halfway.keep_challenge(request, "second", challenge, now=now)
    context = {
        "form": form,
        "has_code": mine.totp is not None or mine.codes_left,
        "options": options,
        "codes_left": mine.codes_left,
        "shared": shared.is_shared(request),
        "wait": told_wait(seconds) if seconds else "",
    }
    response = render(request, "accounts/second.html", context, status=status)
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser asks of any key of ours. The same for everybody: nobody is named yet (safety A51)."""
    who = passkeys.party()
    if who is None:
        return JsonResponse({"error": _("Passkeys do not work under this address.")}, status=409)
    options, challenge = passkeys.ask(who)
    halfway.keep_challenge(request, "sign-in", challenge, now=timezone.now())
    return HttpResponse(options, content_type="application/json")


@never_cache
@sensitive_post_parameters("credential")
@require_POST
def sign_in_by_passkey(request: HttpRequest) -> HttpResponse:
    """The whole sign-in: the key is one factor, the finger or PIN that it asked for is the other."""
    now = timezone.now()
    challenge = halfway.take_challenge(request, "sign-in", now=now)
    user = factors.use_passkey(request.POST.get("credential", ""), challenge=challenge, at=now)
    if user is None:
        log.warning("a sign-in by a passkey failed")
        form = SignInForm(data={})
        form.errors.clear()
        form.add_error(None, _("The key was not accepted. Sign in by login and password."))
        return sign_in_page(request, form, status=422)
    return let_in(request, user, second="passkey", to=safe_next(request))
