"""An administrator's pages: directories, providers, whose identities are linked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.accounts.policies import visible_users
from provodnik.accounts.views.confirm import sure_only
from provodnik.core.decisions import Refused
from provodnik.core.secrets import Unreadable
from provodnik.federation import health, words
from provodnik.federation.actions import identities
from provodnik.federation.actions import settings as actions
from provodnik.federation.backends import told
from provodnik.federation.forms import DirectoryForm, LinkForm, ProviderForm
from provodnik.federation.ldap import client
from provodnik.federation.ldap.client import Trouble
from provodnik.federation.models import Directory, Identity, Provider
from provodnik.federation.oidc import provider as oidc
from provodnik.federation.oidc.tokens import Wrong
from provodnik.federation.policies import visible_directories, visible_providers
from provodnik.federation.setups import setup_of
from provodnik.federation.states import How
from provodnik.federation.views.common import administrators_only, form_methods, me, put


def _with_words(rows: Any) -> list[tuple[Any, str]]:
    return [(row, words.trouble(row.error) if row.error else "") for row in rows]


@administrators_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    context = {
        "directories": _with_words(visible_directories(me(request))),
        "providers": _with_words(visible_providers(me(request))),
    }
    return render(request, "federation/index.html", context)


def _directory_page(request: HttpRequest, form: DirectoryForm, row: Directory | None, **more: Any) -> HttpResponse:
    context = {"form": form, "row": row, "trouble": words.trouble(row.error) if row and row.error else "", **more}
    if row is not None:
        context["linked"] = row.identities.count()
    return render(request, "federation/directory.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("bind_password")
@administrators_only
@sure_only("federation:index")
@form_methods
def directory(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new one, or one that is there."""
    rows = visible_directories(me(request))
    row = get_object_or_404(rows, pk=pk) if pk is not None else None
    form = DirectoryForm(request.POST or None, instance=get_object_or_404(rows, pk=pk) if pk is not None else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            saved = actions.save_directory(
                form.instance, password=data["bind_password"], groups=data["groups"], by=me(request), at=timezone.now()
            )
        except Refused as refused:
            put(form, refused)
        else:
            messages.success(request, _("The directory is saved. Check it now."))
            return redirect("federation:directory", pk=saved.pk)
    return _directory_page(request, form, row)


@administrators_only
@require_POST
def check_directory(request: HttpRequest, pk: int) -> HttpResponse:
    """Each server, as the settings are saved. Words of our own alone: what a server says is shown to nobody."""
    row = get_object_or_404(visible_directories(me(request)), pk=pk)
    now = timezone.now()
    health.rested()
    try:
        steps = client.check(setup_of(row), now=now)
    except (Unreadable, Refused):
        steps = [client.Step("bind", row.servers.split()[0] if row.servers.split() else "", "secret")]
    checked = [
        (step, words.step(step.name), words.trouble(step.code) if step.code else "", step.detail == "subject")
        for step in steps
    ]
    if all(not step.code for step in steps):
        health.answered(row, at=now)
    else:
        health.failed(row, next(step.code for step in steps if step.code), at=now)
    row.refresh_from_db()
    return _directory_page(request, DirectoryForm(instance=row), row, checked=checked, most=client.AT_ONCE)


def _provider_page(request: HttpRequest, form: ProviderForm, row: Provider | None, **more: Any) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "row": row, **more}
    if row is not None:
        context["trouble"] = words.trouble(row.error) if row.error else ""
        context["linked"] = row.identities.count()
        context["back"] = settings.BASE_URL + reverse("federation:back", args=[row.pk])
        context["out"] = settings.BASE_URL + reverse("federation:out", args=[row.pk])
    return render(request, "federation/provider.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("client_secret")
@administrators_only
@sure_only("federation:index")
@form_methods
def provider(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    rows = visible_providers(me(request))
    row = get_object_or_404(rows, pk=pk) if pk is not None else None
    form = ProviderForm(request.POST or None, instance=get_object_or_404(rows, pk=pk) if pk is not None else None)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_provider(
                form.instance, secret=form.cleaned_data["client_secret"], by=me(request), at=timezone.now()
            )
        except Refused as refused:
            put(form, refused)
        else:
            messages.success(request, _("The provider is saved. Check it now."))
            return redirect("federation:provider", pk=saved.pk)
    return _provider_page(request, form, row)


@administrators_only
@require_POST
def check_provider(request: HttpRequest, pk: int) -> HttpResponse:
    """What it says of itself, and its keys."""
    row = get_object_or_404(visible_providers(me(request)), pk=pk)
    now, code, count = timezone.now(), "", 0
    oidc.known.forget()
    try:
        count = len(oidc.keys(oidc.metadata(row.issuer)))
    except Wrong as wrong:
        code = wrong.code
        health.failed(row, code, at=now)
    else:
        health.answered(row, at=now)
    row.refresh_from_db()
    checked = {"trouble": words.trouble(code) if code else "", "count": count}
    return _provider_page(request, ProviderForm(instance=row), row, checked=checked)


def _remove(request: HttpRequest, row: Directory | Provider) -> HttpResponse:
    try:
        actions.remove(row, by=me(request), at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Removed."))
    return redirect("federation:index")


@administrators_only
@sure_only("federation:index")
@require_POST
def remove_directory(request: HttpRequest, pk: int) -> HttpResponse:
    return _remove(request, get_object_or_404(visible_directories(me(request)), pk=pk))


@administrators_only
@sure_only("federation:index")
@require_POST
def remove_provider(request: HttpRequest, pk: int) -> HttpResponse:
    return _remove(request, get_object_or_404(visible_providers(me(request)), pk=pk))


@administrators_only
@sure_only("federation:index")
@form_methods
def linked(request: HttpRequest, pk: int) -> HttpResponse:
    """The identities of one account, and linking it by hand with a name of a directory."""
    user = get_object_or_404(visible_users(me(request)), pk=pk)
    directories = list(visible_directories(me(request)).filter(is_active=True))
    form = LinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = _found(directories, form.cleaned_data["name"], user, me(request))
        except Refused as refused:
            put(form, refused)
        else:
            messages.success(request, _("Linked with %(name)s.") % {"name": row.name})
            return redirect("federation:linked", pk=pk)
    context = {
        "account": user,
        "rows": user.identities.select_related("directory", "provider").order_by("pk"),
        "form": form,
        "directories": directories,
    }
    return render(request, "federation/linked.html", context, status=422 if form.errors else 200)


def _found(directories: list[Directory], name: str, user: User, by: User) -> Identity:
    """Raises Refused."""
    now = timezone.now()
    for one in directories:
        try:
            with health.turn(one):
                found = client.find(setup_of(one), name, now=now)
        except (Trouble, Unreadable) as error:
            raise Refused(words.trouble(getattr(error, "code", "secret")), "name") from error
        if len(found) == 1 and found[0].subject:
            return identities.link(one, user, told(one, name, found[0], None), how=How.HAND, by=by, at=now)
    raise Refused(_("Nobody is called so there."), "name")


@administrators_only
@sure_only("federation:index")
@require_POST
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Identity.objects.filter(user__in=visible_users(me(request))), pk=pk)
    user_id = row.user_id
    try:
        identities.unlink(row, by=me(request), at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("No longer linked. If there is no other way in, send an invitation."))
    return redirect("federation:linked", pk=user_id)
