"""The door: in by login or e-mail and password, out by a button."""

from __future__ import annotations

import logging

from django.contrib.auth import SESSION_KEY, authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from provodnik.accounts import devices, halfway, passkeys, shared, throttle
from provodnik.accounts.actions import factors
from provodnik.accounts.addresses import client_address, counted_as
from provodnik.accounts.forms import SignInForm
from provodnik.accounts.models import User
from provodnik.accounts.queries import folded, has_second_factor, signs_in_as
from provodnik.core.parts import parts

log = logging.getLogger(__name__)
LONGEST_NEXT = 2000


def safe_next(request: HttpRequest) -> str:
    """Where to go after signing in: a path of our own or nothing (safety A36). No host is allowed, our own neither:
    an absolute address is never needed here."""
    wanted = str(request.POST.get("next") or request.GET.get("next") or "")
    if len(wanted) > LONGEST_NEXT or not wanted.startswith("/") or any(ord(sign) < 32 for sign in wanted):
        return ""
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""


def told_wait(seconds: int) -> str:
    """«Подождите 8 секунд», from two minutes on in minutes."""
    if seconds < 120:
        return ngettext("Wait %(count)d second.", "Wait %(count)d seconds.", seconds) % {"count": seconds}
    minutes = -(-seconds // 60)
    return ngettext("Wait %(count)d minute.", "Wait %(count)d minutes.", minutes) % {"count": minutes}


def a_try(request: HttpRequest, typed: str, kind: str = "sign-in") -> throttle.Try:
    """Who tries what from where. One account has one counter, whichever of its names was typed."""
    user = signs_in_as(typed)
    value = f"user:{user.pk}" if user is not None else f"typed:{folded(typed)}"
    return throttle.Try(
        login=throttle.name_of(kind, value),
        address=counted_as(client_address(request)),
        device=devices.mark_of(request, user),
    )


def try_of(request: HttpRequest, user: User, kind: str) -> throttle.Try:
    """A try of somebody whose account is known already: the second step, a confirmation."""
    return throttle.Try(
        login=throttle.name_of(kind, f"user:{user.pk}"),
        address=counted_as(client_address(request)),
        device=devices.mark_of(request, user),
    )


def proceed(request: HttpRequest, user: User, *, to: str = "") -> HttpResponseRedirect:
    """The password (or the link of a letter) was right: in, or on to the second step where there is one. `to`: where
    to, when the request itself does not say: a path of our own that was judged before."""
    now = timezone.now()
    if not has_second_factor(user):
        return let_in(request, user, to=to)
    if factors.is_trusted(user, devices.trusted_mark(request, user), at=now):
        return let_in(request, user, second="device", to=to)
    is_shared = shared.wanted(request)
    halfway.begin(request, user, to=safe_next(request) or to, now=now)
    if is_shared:
        request.session[shared.SHARED] = True
    return HttpResponseRedirect(resolve_url("accounts:sign_in_second"))


def let_in(request: HttpRequest, user: User, *, second: str = "", to: str = "") -> HttpResponseRedirect:
    """A new session with a new id (safety A52), and the mark of a known device. `second`: what proved the second
    factor, if anything did; `to`: where to, when the request itself does not say."""
    to, is_shared = safe_next(request) or to, shared.wanted(request)
    if SESSION_KEY in request.session or halfway.HALF in request.session:
        request.session.flush()
    request.session["_device"] = request.headers.get("User-Agent", "")[:300]
    request.session["_address"] = client_address(request)
    halfway.prove(request, second=second, now=timezone.now())
    factors.renew_due(user)
    login(request, user, backend="provodnik.accounts.backends.LoginOrEmailBackend")
    log.info("user %d signed in from %s", user.pk, client_address(request))
    response = HttpResponseRedirect(to or resolve_url("/"))
    if is_shared:
        shared.begin(request)
    else:
        devices.remember(request, response, user)
    return response


@sensitive_post_parameters("password")
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(safe_next(request) or resolve_url("/"))
        return sign_in_page(request, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return sign_in_page(request, form, status=422)
    one = a_try(request, form.cleaned_data["login"])
    seconds, counted = throttle.begin(one, now=timezone.now())
    if counted is None:
        log.warning("sign-in from %s has to wait %d s", one.address, seconds)
        return sign_in_page(request, form, status=429, seconds=seconds)
    # A backend of a part above may say in `request.sign_in_trouble` why it could not judge, whoever was meant.
    user = authenticate(request, username=form.cleaned_data["login"], password=form.cleaned_data["password"])
    if not isinstance(user, User):
        log.warning("sign-in from %s failed", one.address)
        words = _("The login or the password is not right. Check the keyboard layout and Caps Lock.")
        form.add_error(None, getattr(request, "sign_in_trouble", "") or words)
        return sign_in_page(request, form, status=422)
    throttle.succeeded(one, counted)
    return proceed(request, user)


def sign_in_page(request: HttpRequest, form: SignInForm, *, status: int = 200, seconds: int = 0) -> HttpResponse:
    response = render(
        request,
        "accounts/sign_in.html",
        {
            "form": form,
            "next": safe_next(request),
            "wait": told_wait(seconds) if seconds else "",
            "passkeys": passkeys.party() is not None,
            "ways": [
                *(part.extra["way_in"]() for part in parts() if "way_in" in part.extra),
                # by what an organisation has already: several, or none
                *(
                    way
                    for part in parts()
                    if "ways_in" in part.extra
                    for way in part.extra["ways_in"](safe_next(request))
                ),
            ],
        },
        status=status,
    )
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    clear = shared.EVERYTHING if shared.is_shared(request) else '"cache"'
    # who came by somebody else's door may want that one shut too: Part.extra["after_sign_out"], request → address or ""
    asked = (part.extra["after_sign_out"](request) for part in parts() if "after_sign_out" in part.extra)
    to = next((found for found in asked if found), "")
    logout(request)
    response = redirect(to or "accounts:sign_in")
    response["Clear-Site-Data"] = clear  # the Back button shows nothing (safety A39)
    return response
