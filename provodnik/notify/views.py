"""The bell: a person's own notices."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.notify import actions, queries
from provodnik.notify.models import Notice


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    user = _user(request)
    notices, older = queries.page(user, int(before) if before.isdecimal() and len(before) < 19 else None)
    frame = "ui/workbench.html" if user.is_desk else "ui/cabinet.html"
    context = {
        "notices": notices,
        "older": older,
        "frame": frame,
        "any_unread": any(not one.read_at for one in notices),
    }
    return render(request, "notify/index.html", context)


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """All of them are read."""
    actions.mark_read(_user(request), at=timezone.now())
    return redirect("notify:index")


@login_required
@require_POST
def follow(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark one as read and go where it leads."""
    user = _user(request)
    notice = get_object_or_404(Notice, pk=notice_id, user=user)
    actions.mark_read(user, at=timezone.now(), notice_id=notice.pk)
    if notice.url.startswith("/") and url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None):
        return redirect(notice.url)
    return redirect("notify:index")
