"""What every step of the desk shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from provodnik.api.once import Made
from provodnik.api.problems import field_problem
from provodnik.api.revisions import unchanged
from provodnik.api.routes.desk import shown, ticket_of
from provodnik.api.security import me
from provodnik.desk.models import Contact


def contact_named(number: int) -> Contact:
    known = Contact.objects.filter(is_active=True, customer__is_active=True).select_related("customer")
    found = known.filter(pk=number).first()
    if found is None:
        raise field_problem("contact", gettext("There is no such contact."))
    return found


def step(request: HttpRequest, number: int, do: Callable[..., Any], status: int = 200, **given: Any) -> Made:
    """One action on a request that the asker sees, as he has seen it; then the request as it is."""
    ticket_of(request, number)
    with unchanged(request, number):
        do(number, by=me(request), at=timezone.now(), **given)
    return Made(shown(request, number), status=status)
