"""One's own second factor: what there is, adding, removing, the printed sheet."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts import codes, halfway, passkeys, shared
from provodnik.accounts.actions import factors
from provodnik.accounts.forms import PasskeyForm, PasskeyNameForm, TotpForm
from provodnik.accounts.models import Passkey, TrustedDevice, User
from provodnik.accounts.policies import must_set_up
from provodnik.accounts.queries import factor_due, factors_of
from provodnik.accounts.views.confirm import sure_only
from provodnik.core.decisions import Refused
from provodnik.core.secrets import Unreadable, seal, unseal

NEW_SECRET, SHEET = "_new_totp", "_printed_sheet"
HERE = "accounts:factors"
form_methods = require_http_methods(["GET", "HEAD", "POST"])


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def frame_of(user: User) -> str:
    return "ui/workbench.html" if user.is_desk or user.is_administrator else "ui/cabinet.html"


def _render(request: HttpRequest, page: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Who must set it up first sees no menu: none of its lines would lead anywhere."""
    me = _me(request)
    led = must_set_up(me, now=timezone.now())
    frame = "ui/plain.html" if led else frame_of(me)
    return render(request, f"accounts/{page}.html", {"frame": frame, "led": led, **context}, status=status)


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    me, now = _me(request), timezone.now()
    mine = factors_of(me, now=now)
    context = {"mine": mine, "due": factor_due(me), "possible": passkeys.party() is not None, "now": now}
    context["shared"] = shared.is_shared(request)
    return _render(request, "factors", context)


@never_cache
@sensitive_post_parameters("code")
@login_required
@sure_only(HERE)
@form_methods
def add_totp(request: HttpRequest) -> HttpResponse:
    """The picture and the key; the first right code sets the app up. The key waits in the session, encrypted."""
    me, now = _me(request), timezone.now()
    if factors_of(me, now=now).totp is not None:
        return redirect(HERE)
    secret = _waiting_secret(request)
    form = TotpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            factors.add_totp(
                me,
                secret=secret,
                code=form.cleaned_data["code"],
                session_key=request.session.session_key,
                at=now,
            )
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            request.session.pop(NEW_SECRET, None)
            return _proved(request, me, "totp", _("The app is set up. From now on it confirms your sign-in."))
    context = {
        "form": form,
        "picture": codes.picture(codes.address(secret, me.login)),
        "key": codes.grouped(secret),
    }
    return _render(request, "totp", context, status=422 if form.errors else 200)


def _waiting_secret(request: HttpRequest) -> str:
    try:
        known = unseal(str(request.session.get(NEW_SECRET, "")))
    except Unreadable:
        known = ""
    if not known:
        known = codes.new_secret()
        request.session[NEW_SECRET] = seal(known)
    return known


def _proved(request: HttpRequest, me: User, second: str, words: str) -> HttpResponse:
    """A factor was just proved: this session has it, and the sheet comes next where there is none."""
    halfway.prove(request, second=second, now=timezone.now())
    messages.success(request, words)
    return redirect(HERE if factors_of(me, now=timezone.now()).codes_left else "accounts:codes")


@login_required
@sure_only(HERE)
@require_POST
def remove_totp(request: HttpRequest) -> HttpResponse:
    try:
        factors.remove_totp(_me(request), session_key=request.session.session_key, at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The app is removed."))
    return redirect(HERE)


@never_cache
@login_required
@sure_only(HERE)
@form_methods
def add_passkey(request: HttpRequest) -> HttpResponse:
    me, now = _me(request), timezone.now()
    if shared.is_shared(request):
        messages.error(request, _("A key is not made on somebody else's device: it would stay here."))
        return redirect("accounts:factors")
    who = passkeys.party()
    form = PasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        challenge = halfway.take_challenge(request, "add", now=now)
        try:
            factors.add_passkey(
                me,
                answer=form.cleaned_data["credential"],
                challenge=challenge,
                name=form.cleaned_data["name"],
                session_key=request.session.session_key,
                at=now,
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return _proved(request, me, "passkey", _("The passkey is added."))
    options = ""
    if who is not None:
        known = [(bytes(key.credential_id), key.transports) for key in me.passkeys.all()]
        options, challenge = passkeys.ask_new(who, user_id=me.pk, login=me.login, full_name=me.full_name, known=known)
        halfway.keep_challenge(request, "add", challenge, now=now)
    return _render(request, "passkey", {"form": form, "options": options}, status=422 if form.errors else 200)


@login_required
@require_POST
def rename_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(Passkey, pk=pk, user_id=_me(request).pk)
    form = PasskeyNameForm(request.POST)
    if form.is_valid():
        factors.rename_passkey(key, name=form.cleaned_data["name"])
        messages.success(request, _("The key has its new name."))
    else:
        messages.error(request, _("A name of one to sixty letters is needed."))
    return redirect(HERE)


@login_required
@sure_only(HERE)
@require_POST
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    me = _me(request)
    key = get_object_or_404(Passkey, pk=pk, user_id=me.pk)
    try:
        factors.remove_passkey(key, by=me, session_key=request.session.session_key, at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The passkey is removed."))
    return redirect(HERE)


@never_cache
@login_required
@sure_only(HERE)
@form_methods
def printed(request: HttpRequest) -> HttpResponse:
    """The sheet: shown until it is put away or the proof grows old, made anew by a button."""
    me, now = _me(request), timezone.now()
    if request.method == "POST":
        if request.POST.get("kept"):
            request.session.pop(SHEET, None)
            return redirect(HERE)
        try:
            sheet = factors.make_codes(me, session_key=request.session.session_key, at=now)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect(HERE)
        request.session[SHEET] = seal(" ".join(sheet))
        return redirect("accounts:codes")
    try:
        sheet = unseal(str(request.session.get(SHEET, ""))).split()
    except Unreadable:
        sheet = []
    mine = factors_of(me, now=now)
    context = {"sheet": [codes.grouped(code, 5) for code in sheet], "mine": mine, "now": now}
    return _render(request, "codes", context)


@login_required
@require_POST
def forget_device(request: HttpRequest, pk: int) -> HttpResponse:
    me = _me(request)
    factors.forget_device(get_object_or_404(TrustedDevice, pk=pk, user_id=me.pk), by=me)
    messages.success(request, _("This device will be asked for the second factor again."))
    return redirect(HERE)
