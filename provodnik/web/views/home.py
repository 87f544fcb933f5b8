"""The front door, and the door bell of monitoring."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from provodnik.core.parts import menu


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send each to where his work is: the first line of his menu."""
    if not request.user.is_authenticated:
        return redirect("accounts:sign_in")
    lines = menu(request)
    if lines:
        return HttpResponseRedirect(lines[0].url)
    return render(request, "web/nothing.html")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 while web and database answer; no versions, no figures (safety A73)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
