"""Looking at works: the list, one of them, what is known while a request is being written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from provodnik.desk.policies import contact_of
from provodnik.desk.views.workbench.common import user_of
from provodnik.works import policies, telling
from provodnik.works.forms import TogetherForm
from provodnik.works.models import CalendarAddress, Work
from provodnik.works.queries import board, pages
from provodnik.works.states import State
from provodnik.works.tokens import calendar_token
from provodnik.works.views.common import frame_of, looking, work_or_404


@looking
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    address = CalendarAddress.objects.filter(user_id=user.pk).first()
    context = {
        "listing": pages.listing(user, request.GET.get("before", "")),
        "frame": frame_of(user),
        "may_lead": policies.may_lead(user),
        "silent": pages.is_silent(user),
        "calendar": f"{settings.BASE_URL}{reverse('status:calendar', args=[calendar_token(address)])}"
        if address
        else "",
        "status_page": settings.STATUS_PAGE,
        "inside": user.is_desk or bool(policies.may_lead(user)),
        "now": timezone.now(),
    }
    return render(request, "works/index.html", context)


@looking
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, work_or_404(request, pk), now=timezone.now())


def shown(
    request: HttpRequest, work: Work, *, now: datetime, form: TogetherForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of a work. `form`: an answer to the tied requests that was not taken."""
    user = user_of(request)
    page = pages.page(user, work)
    inside = user.is_desk or bool(policies.may_lead(user))
    context: dict[str, Any] = {
        "work": work,
        "page": page,
        "lines": [telling.line(event, now, inside=inside) for event in page.events],
        "frame": frame_of(user),
        "inside": inside,
        "now": now,
        "late": telling.late_reason(page.events),
        "may_edit": policies.may_edit(user, work),
        "may_announce": policies.may_move(user, work, State.ANNOUNCED),
        "may_begin": policies.may_move(user, work, State.GOING),
        "may_end": policies.may_move(user, work, State.ENDED),
        "may_cancel": policies.may_move(user, work, State.CANCELLED),
        "may_report": policies.may_report(user, work),
        "may_answer": policies.may_answer_together(user, work),
        "form": form or TogetherForm(),
    }
    return render(request, "works/show.html", context, status=status)


@looking
@require_safe
def known(request: HttpRequest) -> HttpResponse:
    """«Уже знаем…» beside a request that is being written: what is going on and may be the same."""
    user = user_of(request)
    if contact_of(user) is None:
        raise Http404
    asked = request.GET.get("subsystem", "")
    subsystem = int(asked) if asked.isdecimal() and len(asked) < 10 else None
    context = {"known": board.about(user, subsystem), "now": timezone.now()}
    return render(request, "works/_known.html", context)
