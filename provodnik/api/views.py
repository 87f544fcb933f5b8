"""What a person opens: the page of the API and its schema."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from ninja.responses import NinjaJSONEncoder

from provodnik.accounts.models import User
from provodnik.accounts.scopes import Scope
from provodnik.api import docs, hooks
from provodnik.api.schema import openapi


@cache
def _document() -> tuple[bytes, str]:
    content = json.dumps(openapi(), cls=NinjaJSONEncoder, ensure_ascii=False).encode()
    return content, f'"{sha256(content).hexdigest()[:16]}"'


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The OpenAPI: it tells nothing of the installation, so whoever has a tool may read it."""
    content, mark = _document()
    if request.headers.get("If-None-Match") == mark:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(content, content_type="application/json")
    response["ETag"] = mark
    patch_cache_control(response, public=True, max_age=300)
    return response


def _frame(request: HttpRequest) -> str:
    user = request.user
    assert isinstance(user, User)
    return "ui/workbench.html" if user.is_desk or user.is_administrator else "ui/cabinet.html"


@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The same for a reader: how it works and what there is; each subject has a page of its own."""
    context = {
        "groups": docs.groups(),
        "problems": docs.problems(),
        "scopes": [scope.value for scope in Scope],
        "hook_headers": hooks.headers(),
        "hook_example": hooks.EXAMPLE,
        "hook_check": hooks.CHECK,
        "frame": _frame(request),
    }
    return render(request, "api/docs.html", context)


@login_required
@require_safe
def group(request: HttpRequest, group: str) -> HttpResponse:
    """The operations of one subject with their fields and examples."""
    found = docs.group(group)
    if found is None:
        raise Http404
    return render(request, "api/group.html", {"group": found, "frame": _frame(request)})
