"""The way in by a slip: without sign-in, without script, on any phone."""

from __future__ import annotations

import logging
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from provodnik.accounts import passkeys, shared, throttle
from provodnik.accounts.addresses import client_address, counted_as
from provodnik.accounts.forms import NewPasswordForm
from provodnik.accounts.views.sign_in import proceed, told_wait
from provodnik.core.decisions import Refused
from provodnik.entry import codes
from provodnik.entry.actions import activating
from provodnik.entry.forms import LinkForm, SlipForm
from provodnik.entry.models import Slip
from provodnik.entry.states import PROVED_LASTS, grouped, read_code

log = logging.getLogger(__name__)
KEY = "_slip"


@never_cache
@sensitive_post_parameters("code", "fact")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, code: str = "") -> HttpResponse:
    """Code and second fact. A wrong code, a wrong fact, a used and an expired slip are told in the same words."""
    if request.method != "POST":
        return _page(request, SlipForm(initial={"code": grouped(read_code(code))}), known=bool(read_code(code)))
    form = SlipForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    now = timezone.now()
    typed = form.cleaned_data["code"]
    one = throttle.Try(
        login=throttle.name_of("slip", codes.digest(read_code(typed) or typed)),
        address=counted_as(client_address(request)),
    )
    seconds, counted = throttle.begin(one, now=now)
    if counted is None:
        log.warning("a slip from %s has to wait %d s", one.address, seconds)
        return _page(request, form, status=429, seconds=seconds)
    slip = activating.prove(typed, form.cleaned_data["fact"], at=now, on=timezone.localdate(now))
    if slip is None:
        log.warning("a slip from %s was not accepted", one.address)
        form.add_error(
            None,
            _(
                "This does not fit. Look at both fields again. A slip is good for 14 days, once, and is void after five"
                " mistakes: then the personnel department prints a new one."
            ),
        )
        return _page(request, form, status=422)
    throttle.succeeded(one, counted)
    return _go_on(request, slip, is_shared=form.cleaned_data["shared"], now=now)


def _go_on(request: HttpRequest, slip: Slip, *, is_shared: bool, now: datetime) -> HttpResponse:
    """Code and fact are right: on to the password, in a session of its own."""
    request.session.flush()
    request.session[KEY] = {"slip": slip.pk, "at": now.isoformat()}
    if is_shared:
        request.session[shared.SHARED] = True
    request.session.set_expiry(int(PROVED_LASTS.total_seconds()))
    return redirect("entry:password")


@never_cache
@sensitive_post_parameters("fact")
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The link of an invitation. Opening it uses nothing (programs that look through letters open links), and says
    nothing of whose it is or whether it is one."""
    form = LinkForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _link_page(request, form, token)
    if not form.is_valid():
        return _link_page(request, form, token, status=422)
    now = timezone.now()
    one = throttle.Try(login=throttle.name_of("slip", codes.digest(token)), address=counted_as(client_address(request)))
    seconds, counted = throttle.begin(one, now=now)
    if counted is None:
        return _link_page(request, form, token, status=429, seconds=seconds)
    slip = activating.prove_link(token, form.cleaned_data["fact"], at=now, on=timezone.localdate(now))
    if slip is None:
        log.warning("an invitation from %s was not accepted", one.address)
        form.add_error(
            None,
            _(
                "This does not fit. Look at what you typed again. An invitation is good for 14 days, once, and is void"
                " after five mistakes: then ask the personnel department for a new one."
            ),
        )
        return _link_page(request, form, token, status=422)
    throttle.succeeded(one, counted)
    return _go_on(request, slip, is_shared=form.cleaned_data["shared"], now=now)


def _link_page(
    request: HttpRequest, form: LinkForm, token: str, *, status: int = 200, seconds: int = 0
) -> HttpResponse:
    context = {"form": form, "token": token, "wait": told_wait(seconds) if seconds else ""}
    response = render(request, "entry/link.html", context, status=status)
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


def _page(
    request: HttpRequest, form: SlipForm, *, status: int = 200, seconds: int = 0, known: bool = False
) -> HttpResponse:
    context = {"form": form, "wait": told_wait(seconds) if seconds else "", "known": known}
    response = render(request, "entry/start.html", context, status=status)
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


def _proved(request: HttpRequest, now: datetime) -> Slip | None:
    kept = request.session.get(KEY)
    if not isinstance(kept, dict):
        return None
    try:
        age = now - datetime.fromisoformat(str(kept.get("at")))
    except ValueError:
        return None
    if not -PROVED_LASTS < age < PROVED_LASTS:
        return None
    return activating.proved(int(kept.get("slip") or 0), at=now, on=timezone.localdate(now))


@never_cache
@sensitive_post_parameters("new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """The password of who has told code and fact in this very browser; then he is in."""
    now = timezone.now()
    slip = _proved(request, now)
    if slip is None:
        return redirect("entry:start")
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = activating.activate(slip.pk, new=form.cleaned_data["new"], at=now, on=timezone.localdate(now))
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            is_shared = shared.is_shared(request)
            request.session.flush()
            if is_shared:
                request.session[shared.SHARED] = True
            if user is None:
                return redirect("entry:start")
            wants_key = bool(request.POST.get("passkey")) and passkeys.party() is not None and not is_shared
            return proceed(request, user, to=reverse("accounts:add_passkey") if wants_key else "")
    can_key = passkeys.party() is not None and not shared.is_shared(request)
    context = {
        "form": form,
        "slip": slip,
        "person": None,
        "can_key": can_key,
        "who": slip.person,
        "again": slip.person.user is not None,
    }
    return render(request, "entry/password.html", context, status=422 if form.errors else 200)
