"""What every page of a signed-in person leaves in his list of sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from provodnik.accounts.addresses import client_address
from provodnik.accounts.models import Session

EVERY = timedelta(minutes=5)  # a write for each page would cost more than the line is worth


class SessionIsSeen:
    """Note when, and from where, a session was last used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        row = getattr(request.session, "row", None)
        now = timezone.now()
        if row is not None and row.user_id is not None and now - row.seen_at > EVERY:
            Session.objects.filter(pk=row.pk).update(seen_at=now, address=client_address(request))
        return response
