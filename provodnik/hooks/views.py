"""Pages of subscriptions, for administrators and leads: the list, a form, one with its journal, one delivery."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.core.secrets import Unreadable, seal, unseal
from provodnik.hooks import actions, queries, words
from provodnik.hooks.forms import SubscriptionForm
from provodnik.hooks.models import Delivery, Subscription
from provodnik.hooks.policies import may_keep, may_read_body, may_send_details, visible_subscriptions
from provodnik.hooks.states import DeliveryState

P = ParamSpec("P")
FRESH = "_new_hook_secret"  # waits in the session, encrypted, to be shown once
STATES = [
    ("", gettext_lazy("All")),
    (DeliveryState.PENDING.value, gettext_lazy("Still waiting")),
    (DeliveryState.DELIVERED.value, gettext_lazy("Arrived")),
    (DeliveryState.PARKED.value, gettext_lazy("Given up")),
]
form_methods = require_http_methods(["GET", "HEAD", "POST"])


def keepers_only(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """For anybody else these pages do not exist; who is not signed in is asked to."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        if not may_keep(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _one(request: HttpRequest, pk: int) -> Subscription:
    return get_object_or_404(queries.with_counts(visible_subscriptions(_me(request))), pk=pk)


@keepers_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    rows = queries.with_counts(visible_subscriptions(_me(request)))
    return render(request, "hooks/index.html", {"rows": rows, "now": timezone.now()})


def _form(request: HttpRequest, row: Subscription | None = None) -> SubscriptionForm:
    initial = (
        {
            "name": row.name,
            "address": row.address,
            "kinds": row.kinds,
            "customer": row.customer_id,
            "with_details": row.with_details,
        }
        if row is not None
        else {"kinds": ["registered", "closed"]}
    )
    data = request.POST if request.method == "POST" else None
    return SubscriptionForm(data, initial=initial, may_send_details=bool(may_send_details(_me(request))))


def _typed(form: SubscriptionForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("name", "address", "kinds", "customer", "with_details")}


def _put(form: SubscriptionForm, refused: Refused) -> None:
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))


@keepers_only
@form_methods
def add(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        try:
            row, secret = actions.add(**_typed(form), by=_me(request), at=timezone.now())
        except Refused as refused:
            _put(form, refused)
        else:
            request.session[FRESH] = [row.pk, seal(secret)]
            return redirect("hooks:show", pk=row.pk)
    return render(request, "hooks/form.html", {"form": form}, status=422 if form.errors else 200)


@keepers_only
@form_methods
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = _one(request, pk)
    form = _form(request, row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(pk, **_typed(form), by=_me(request), at=timezone.now())
        except Refused as refused:
            _put(form, refused)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("hooks:show", pk=pk)
    return render(request, "hooks/form.html", {"form": form, "row": row}, status=422 if form.errors else 200)


@never_cache
@keepers_only
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One subscription with its journal; a secret that was just made, once."""
    row = _one(request, pk)
    state = request.GET.get("state", "")
    page = queries.journal(row, state, request.GET.get("before", ""))
    lines = [(one, words.fact(one.kind), words.failure(one.error, one.status)) for one in page.rows]
    kinds = dict(words.KINDS)
    context = {
        "row": row,
        "kinds": [kinds[kind] for kind in row.kinds if kind in kinds],
        "lines": lines,
        "older": page.older,
        "state": state,
        "states": STATES,
        "secret": _fresh(request, pk),
        "now": timezone.now(),
    }
    return render(request, "hooks/show.html", context)


def _fresh(request: HttpRequest, pk: int) -> str:
    kept = request.session.get(FRESH)
    if not isinstance(kept, list) or kept[0] != pk:
        return ""
    del request.session[FRESH]
    try:
        return unseal(kept[1])
    except Unreadable:
        return ""


@keepers_only
@require_safe
def delivery(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    row = _one(request, pk)
    found = get_object_or_404(Delivery, subscription=row, pk=key)
    readable = may_read_body(_me(request), with_details=found.with_details)
    context = {
        "row": row,
        "delivery": found,
        "fact": words.fact(found.kind),
        "failure": words.failure(found.error, found.status),
        "body": json.dumps(json.loads(found.body), ensure_ascii=False, indent=2) if readable else "",
        "readable": readable,  # an answer may repeat what it was sent
        "tries": [(one, words.failure(one.error, one.status)) for one in found.attempts.order_by("-pk")[:50]],
        "may_send": not found.with_details or bool(may_send_details(_me(request))),
        "now": timezone.now(),
    }
    return render(request, "hooks/delivery.html", context)


def _do(request: HttpRequest, pk: int, act: Callable[[], object], told: Callable[[Any], str]) -> HttpResponse:
    """A button: do it and come back; a refusal is told on the page."""
    _one(request, pk)
    try:
        done = act()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, told(done))
    return redirect("hooks:show", pk=pk)


@keepers_only
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    on = request.POST.get("on") == "1"
    said = _("It goes on: what waited is being sent.") if on else _("It is switched off.")
    return _do(request, pk, lambda: actions.switch(pk, on=on, by=_me(request), at=timezone.now()), lambda _done: said)


@keepers_only
@require_POST
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    def act() -> None:
        secret = actions.rotate(pk, by=_me(request), at=timezone.now())
        request.session[FRESH] = [pk, seal(secret)]

    said = _("The secret is new. For a day the one before it signs beside it.")
    return _do(request, pk, act, lambda _done: said)


@keepers_only
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    said = _("A check is on its way. What came of it stands in the journal below.")
    return _do(request, pk, lambda: actions.ping(pk, by=_me(request), at=timezone.now()), lambda _done: said)


@keepers_only
@require_POST
def send_again(request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
    found = get_object_or_404(Delivery, subscription=_one(request, pk), pk=key)
    return _do(
        request,
        pk,
        lambda: actions.send_again(found.pk, by=_me(request), at=timezone.now()),
        lambda _done: _("It is being sent again."),
    )


@keepers_only
@require_POST
def send_parked(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(
        request,
        pk,
        lambda: actions.send_parked_again(pk, by=_me(request), at=timezone.now()),
        lambda count: (
            ngettext("%(count)d message is being sent again.", "%(count)d messages are being sent again.", count)
            % {"count": count}
        ),
    )


@keepers_only
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    _one(request, pk)
    actions.remove(pk, by=_me(request), at=timezone.now())
    messages.success(request, _("The webhook is removed."))
    return redirect("hooks:index")
