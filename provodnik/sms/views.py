"""The administrator's page of the gateway: settings, a test, what became of messages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from provodnik.accounts.models import User
from provodnik.accounts.policies import may_administer
from provodnik.accounts.views.confirm import sure_only
from provodnik.core.decisions import Refused
from provodnik.sms import actions, queries, words
from provodnik.sms.forms import GatewayForm, TestMessageForm
from provodnik.sms.models import Gateway

P = ParamSpec("P")


def administrators_only(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """For anybody else the page does not exist; who is not signed in is asked to."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        if not may_administer(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _row() -> Gateway:
    return Gateway.objects.filter(pk=Gateway.ONLY).first() or Gateway()


def _page(request: HttpRequest, form: GatewayForm, test: TestMessageForm | None = None) -> HttpResponse:
    now = timezone.now()
    page = queries.page(before=request.GET.get("before", ""))
    context: dict[str, Any] = {
        "form": form,
        "test": test or TestMessageForm(auto_id="test_%s"),
        "row": Gateway.objects.filter(pk=Gateway.ONLY).first(),
        "lines": [(one, words.kind(one.kind), words.failure(one.error, one.status)) for one in page.rows],
        "older": page.older,
        "today": queries.today(at=now),
        "now": now,
    }
    wrong = form.errors or (test is not None and test.errors)
    return render(request, "sms/index.html", context, status=422 if wrong else 200)


@sensitive_post_parameters("secret")
@administrators_only
@sure_only("sms:index")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    form = GatewayForm(request.POST or None, instance=_row())
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_gateway(form.instance, secret=form.cleaned_data["secret"], by=_me(request), at=timezone.now())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Saved. Send a test message now."))
            return redirect("sms:index")
    return _page(request, form)


@administrators_only
@sure_only("sms:index")
@require_POST
def test(request: HttpRequest) -> HttpResponse:
    form = TestMessageForm(request.POST, auto_id="test_%s")
    if not form.is_valid():
        return _page(request, GatewayForm(instance=_row()), form)
    try:
        actions.send_test(form.cleaned_data["number"], by=_me(request), at=timezone.now())
    except Refused as refused:
        form.add_error("number", str(refused))
        return _page(request, GatewayForm(instance=_row()), form)
    messages.success(request, _("The message is on its way; its fate is told below."))
    return redirect("sms:index")
