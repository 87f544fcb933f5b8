"""Sign-in by a provider: there, back, and when it says that its session is over.

A flow is kept in the session: state, nonce and verifier of whoever began it here. An answer without its flow, or for
another provider than the one it was begun with (each has an address of its own to come back to), signs nobody in:
neither a stranger's code put into somebody's browser nor a code of one provider shown to another (RFC 9700, 4.4, 4.7).
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.accounts.views.confirm import sure_only
from provodnik.accounts.views.sign_in import proceed, safe_next
from provodnik.core.decisions import Refused
from provodnik.core.secrets import Unreadable
from provodnik.federation import health
from provodnik.federation.actions import identities
from provodnik.federation.actions.identities import Proved
from provodnik.federation.models import Exchange, Identity, Provider
from provodnik.federation.oidc import provider as oidc
from provodnik.federation.oidc import tokens
from provodnik.federation.oidc.provider import Flow
from provodnik.federation.oidc.tokens import UnknownKey, Wrong
from provodnik.federation.policies import own_identities
from provodnik.federation.states import CAME_BY, How
from provodnik.federation.views.common import me
from provodnik.people.views.common import frame_of

log = logging.getLogger(__name__)
FLOWS = "_flows"
LASTS = timedelta(minutes=10)
MOST_FLOWS = 5  # tabs in which somebody has begun
LONGEST = 2000
KNOWN_ERRORS = ("access_denied", "login_required", "interaction_required", "consent_required")


def _back(provider: Provider) -> str:
    """By the settings: the Host header of a request is a stranger's word."""
    return settings.BASE_URL + reverse("federation:back", args=[provider.pk])


def _living(pk: int) -> Provider:
    return get_object_or_404(Provider, pk=pk, is_active=True)


def _begin(request: HttpRequest, provider: Provider, *, to: str, user: User | None) -> str:
    """A new flow in this session; the address to go to. Raises Wrong."""
    now = timezone.now()
    about = oidc.metadata(provider.issuer)
    flow = oidc.new_flow()
    kept = request.session.get(FLOWS)
    flows = dict(list(kept.items())[-(MOST_FLOWS - 1) :]) if isinstance(kept, dict) else {}
    flows[flow.state] = {
        "provider": provider.pk,
        "nonce": flow.nonce,
        "verifier": flow.verifier,
        "at": now.isoformat(),
        "to": to,
        "user": user.pk if user is not None else None,
    }
    request.session[FLOWS] = flows
    return oidc.way_there(about, flow, client_id=provider.client_id, scopes=provider.scopes, back=_back(provider))


def _no_luck(request: HttpRequest, provider: Provider, words: str) -> HttpResponse:
    context = {"provider": provider, "words": words, "inside": request.user.is_authenticated}
    return render(request, "federation/no_luck.html", context, status=422)


def _away(request: HttpRequest, provider: Provider, wrong: Wrong) -> HttpResponse:
    log.warning("provider %d: %s", provider.pk, wrong.code)
    health.failed(provider, wrong.code, at=timezone.now())
    words = _("“%(name)s” does not answer as it should. Try again in some minutes, or sign in otherwise.")
    return _no_luck(request, provider, words % {"name": provider.name})


@never_cache
@require_safe
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """To the provider. Who is in already goes where he wanted."""
    provider = _living(pk)
    if request.method == "HEAD":  # who only looks at an address begins nothing
        return HttpResponse()
    if request.user.is_authenticated:
        return HttpResponseRedirect(safe_next(request) or "/")
    try:
        return HttpResponseRedirect(_begin(request, provider, to=safe_next(request), user=None))
    except Wrong as wrong:
        return _away(request, provider, wrong)


def _taken(request: HttpRequest, provider: Provider, state: str, *, now: datetime) -> dict[str, Any] | None:
    """The flow of this state, out of the session for good; None when there is none, or it is another provider's."""
    kept = request.session.get(FLOWS)
    if not isinstance(kept, dict) or not state:
        return None
    right = next((one for one in kept if hmac.compare_digest(one.encode(), state.encode())), None)
    if right is None:
        return None
    flow: dict[str, Any] = kept[right]
    request.session[FLOWS] = {name: value for name, value in kept.items() if name != right}
    age = now - datetime.fromisoformat(flow["at"])
    if flow["provider"] != provider.pk or not timedelta(0) <= age <= LASTS:
        return None
    return flow | {"state": right}


def _one(request: HttpRequest, name: str) -> str:
    """A word of the answer; what stands there twice, or is too long, is none."""
    found = request.GET.getlist(name)
    return found[0] if len(found) == 1 and len(found[0]) <= LONGEST else ""


@never_cache
@require_safe
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """The browser comes back with a code."""
    provider, now = _living(pk), timezone.now()
    if request.method == "HEAD":
        return HttpResponse()
    flow = _taken(request, provider, _one(request, "state"), now=now)
    if flow is None:
        log.warning("an answer of provider %d without its flow", provider.pk)
        words = _("This answer belongs to no sign-in that was begun here, or it has come too late. Begin once more.")
        return _no_luck(request, provider, words)
    if "error" in request.GET:
        known = _one(request, "error") in KNOWN_ERRORS
        words = _("“%(name)s” has not let you in.") if known else _("“%(name)s” has answered with an error.")
        return _no_luck(request, provider, words % {"name": provider.name})
    try:
        claims = _claims(request, provider, flow, now=now)
    except Wrong as wrong:
        log.warning("provider %d: the answer was not accepted: %s", provider.pk, wrong.code)
        health.failed(provider, wrong.code, at=now)
        words = _(
            "The answer of “%(name)s” was not accepted. Begin once more; if it happens again, tell your administrator."
        )
        return _no_luck(request, provider, words % {"name": provider.name})
    health.answered(provider, at=now)
    if flow["user"] is not None:
        return _linked(request, provider, flow, claims)
    try:
        user = identities.enter(provider, _proved(provider, claims), at=now, on=timezone.localdate(now))
    except Refused as refused:
        return _no_luck(request, provider, str(refused))
    response = proceed(request, user, to=str(flow["to"]))
    if SESSION_KEY in request.session:  # else the second step comes first, in a session that holds nothing else
        request.session[CAME_BY] = provider.pk
    return response


def _claims(request: HttpRequest, provider: Provider, flow: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """Raises Wrong."""
    about = oidc.metadata(provider.issuer)
    told = _one(request, "iss")
    if (about.tells_issuer or "iss" in request.GET) and told != provider.issuer:  # RFC 9207, 2.4
        raise Wrong("iss")
    code = _one(request, "code")
    if not code:
        raise Wrong("code")
    _once(f"{provider.pk} {code}", at=now)
    try:
        secret = provider.client_secret
    except Unreadable as error:
        raise Wrong("secret") from error
    token = oidc.redeem(
        about,
        code=code,
        flow=Flow(flow["state"], flow["nonce"], flow["verifier"]),
        client_id=provider.client_id,
        client_secret=secret,
        back=_back(provider),
    )
    expected = {"issuer": provider.issuer, "client_id": provider.client_id, "nonce": flow["nonce"], "now": now}
    try:
        return tokens.id_token(token, oidc.keys(about), **expected)
    except UnknownKey:
        return tokens.id_token(token, oidc.keys(about, fresh=True), **expected)


def _once(text: str, *, at: datetime) -> None:
    """Raises Wrong where the same was brought here before, also at this very moment in another process."""
    try:
        with transaction.atomic():
            Exchange.objects.create(digest=hashlib.sha256(text.encode()).hexdigest(), at=at)
    except IntegrityError as error:
        raise Wrong("replay") from error


def _text(claims: dict[str, Any], name: str) -> str:
    found = claims.get(name) if name else None
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return found[:300] if isinstance(found, str) else ""


def _proved(provider: Provider, claims: dict[str, Any]) -> Proved:
    """An address only where the provider says that it has proved it; it names nobody all the same."""
    return Proved(
        subject=claims["sub"],
        name=_text(claims, "preferred_username") or _text(claims, "email") or claims["sub"],
        full_name=_text(claims, "name"),
        number=_text(claims, provider.number_claim),
        email=_text(claims, "email") if claims.get("email_verified") is True else "",
    )


def _linked(request: HttpRequest, provider: Provider, flow: dict[str, Any], claims: dict[str, Any]) -> HttpResponse:
    """Somebody who is signed in has linked his own account: he, in this very session."""
    user = request.user
    if not isinstance(user, User) or user.pk != flow["user"]:
        words = _("You were signed out meanwhile. Sign in and begin once more.")
        return _no_luck(request, provider, words)
    now = timezone.now()
    try:
        with transaction.atomic():
            locked = User.objects.select_for_update().get(pk=user.pk)
            identities.link(provider, locked, _proved(provider, claims), how=How.OWN, by=user, at=now)
    except (Refused, IntegrityError) as error:
        messages.error(request, str(error) if isinstance(error, Refused) else _("Try once more, please."))
    else:
        messages.success(request, _("From now on you can sign in by “%(name)s”.") % {"name": provider.name})
    return redirect("federation:mine")


@never_cache
@require_safe
def left(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of the portal; the provider still knows him: a way to end that too (OpenID Connect RP-Initiated Logout)."""
    provider, address = _living(pk), ""
    try:
        about = oidc.metadata(provider.issuer)
    except Wrong:
        about = None
    if about is not None and about.end_session:
        back = settings.BASE_URL + reverse("accounts:sign_in")
        query = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": back})
        address = f"{about.end_session}{'&' if '?' in about.end_session else '?'}{query}"
    return render(request, "federation/left.html", {"provider": provider, "address": address})


@login_required
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """By what else I sign in. A flow that was begun here leads on by a link: a form would be stopped by our own content
    policy at the first redirect to another host."""
    rows = own_identities(me(request)).select_related("directory", "provider").order_by("pk")
    taken = {row.issuer for row in rows}
    context = {
        "frame": frame_of(me(request)),
        "rows": rows,
        "providers": [one for one in Provider.objects.filter(is_active=True) if one.issuer not in taken],
        "going": request.session.pop("_going", None),
    }
    return render(request, "federation/mine.html", context)


@login_required
@sure_only("federation:mine")
@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    provider = _living(pk)
    try:
        address = _begin(request, provider, to="", user=me(request))
    except Wrong as wrong:
        return _away(request, provider, wrong)
    request.session["_going"] = {"address": address, "name": provider.name}
    return redirect("federation:mine")


@login_required
@sure_only("federation:mine")
@require_POST
def unlink_own(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Identity, pk=pk, user_id=me(request).pk)
    try:
        identities.unlink(row, by=me(request), at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("No longer linked."))
    return redirect("federation:mine")


@csrf_exempt
@never_cache
@require_POST
def out(request: HttpRequest, pk: int) -> HttpResponse:
    """The provider tells that a session there is over (OpenID Connect Back-Channel Logout 1.0, 2.5). No browser comes
    here: what is believed is the token's signature alone, and each token once."""
    provider, now = Provider.objects.filter(pk=pk, is_active=True).first(), timezone.now()
    found = request.POST.getlist("logout_token")
    if provider is None or len(found) != 1:
        return HttpResponse(status=400)
    try:
        about = oidc.metadata(provider.issuer)
        expected: dict[str, Any] = {"issuer": provider.issuer, "client_id": provider.client_id, "now": now}
        try:
            subject, jti = tokens.logout_token(found[0], oidc.keys(about), **expected)
        except UnknownKey:
            subject, jti = tokens.logout_token(found[0], oidc.keys(about, fresh=True), **expected)
        _once(f"logout {provider.pk} {jti}", at=now)
    except Wrong as wrong:
        log.warning("provider %d: a logout token was not accepted: %s", provider.pk, wrong.code)
        return HttpResponse(status=400)
    identities.sign_out_everywhere(provider, subject, at=now)
    return HttpResponse(status=200)
