"""The first page of administration: what needs a person, and the health of the mailboxes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from provodnik.accounts.models import User
from provodnik.desk.models import Calendar, Contract, Customer
from provodnik.desk.queries import administration as queries
from provodnik.desk.views.administration.common import administrators_only


@administrators_only
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    now, today = timezone.now(), timezone.localdate()
    lines = queries.mailbox_lines(now=now)
    context = {
        "now": now,
        "lines": lines,
        "attention": queries.attention(lines, today=today, now=now),
        "customers": Customer.objects.filter(is_active=True).count(),
        "contracts": Contract.objects.filter(starts_on__lte=today).exclude(ends_on__lt=today).count(),
        "calendars": Calendar.objects.count(),
        "people": User.objects.filter(is_active=True).count(),
    }
    return render(request, "desk/settings/overview.html", context)
