"""Tokens of the API: one's own list, a new one, its end; the list of all for an administrator."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts import api_tokens
from provodnik.accounts.forms import SCOPES, TokenForm
from provodnik.accounts.models import ApiToken, User
from provodnik.accounts.policies import may_administer
from provodnik.accounts.scopes import Scope
from provodnik.accounts.views.confirm import sure_only
from provodnik.accounts.views.factors import frame_of
from provodnik.core.decisions import Refused
from provodnik.core.secrets import Unreadable, seal, unseal

FRESH = "_new_token"  # the key waits in the session, encrypted, to be shown once
PAGE = 100


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _lines(tokens: list[ApiToken]) -> list[dict[str, Any]]:
    """Tokens with what they are good for in words."""
    names, now = dict(SCOPES), timezone.now()
    return [
        {
            "token": token,
            "living": token.is_living(now) and token.owner.is_active,
            "scopes": [str(names.get(scope, scope)) for scope in token.scopes],
        }
        for token in tokens
    ]


@never_cache
@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """One's own tokens; a key that was just made, once."""
    me = _me(request)
    try:
        key = unseal(request.session.pop(FRESH, ""))
    except Unreadable:
        key = ""
    own = api_tokens.visible(me).filter(owner=me).order_by("-pk")[:PAGE]
    context = {"frame": frame_of(me), "lines": _lines(list(own)), "key": key}
    return render(request, "accounts/tokens.html", context)


@login_required
@sure_only("accounts:tokens")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    me = _me(request)
    form = TokenForm(request.POST if request.method == "POST" else None, user=me)
    if request.method == "POST" and form.is_valid():
        try:
            _token, key = api_tokens.make(
                owner=me,
                name=form.cleaned_data["name"],
                scopes=[Scope(one) for one in form.cleaned_data["scopes"]],
                lasts=form.cleaned_data["lasts"],
                form=form.cleaned_data["key"],
                at=timezone.now(),
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            if key:
                request.session[FRESH] = seal(key)
            return redirect("accounts:tokens")
    context = {"frame": frame_of(me), "form": form}
    return render(request, "accounts/token.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own; an administrator's: anybody's."""
    me = _me(request)
    token = get_object_or_404(api_tokens.visible(me), pk=pk)
    api_tokens.revoke(token, by=me, at=timezone.now())
    messages.success(request, _("The token is revoked: it opens nothing any more."))
    return redirect("accounts:all_tokens" if request.POST.get("from") == "all" else "accounts:tokens")


@login_required
@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """All tokens, those in use first, by pages of the key."""
    me = _me(request)
    if not may_administer(me):
        raise Http404
    before = request.GET.get("before", "")
    tokens = api_tokens.visible(me).order_by("-pk")
    if before.isdecimal() and len(before) < 16:
        tokens = tokens.filter(pk__lt=int(before))
    found = list(tokens[: PAGE + 1])
    context = {"lines": _lines(found[:PAGE]), "older": found[PAGE - 1].pk if len(found) > PAGE else None}
    return render(request, "accounts/all_tokens.html", context)
