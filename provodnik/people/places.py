"""The switch «Место работы»: for which of his places of work a person acts in this session.

Approvals, leave and payslips of the parts above ask `current_place(request)`. What is kept in the session is an id and
nothing else: whether it is still a place of work is asked each time."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest

from provodnik.accounts.models import User
from provodnik.people.models import Employment
from provodnik.people.queries.person import places_of

KEY = "place_of_work"


def current_place(request: HttpRequest, *, on: date) -> Employment | None:
    """The chosen place of work, else the main one; None for who works nowhere here. One statement."""
    user = request.user
    if not isinstance(user, User) or not user.is_employee:
        return None
    places = places_of(user, on=on)
    chosen = request.session.get(KEY)
    return next((place for place in places if place.pk == chosen), places[0] if places else None)


def choose(request: HttpRequest, pk: int | None, *, on: date) -> bool:
    """Whether the place is one of his; then it is the chosen one."""
    user = request.user
    if not isinstance(user, User) or pk not in [place.pk for place in places_of(user, on=on)]:
        return False
    request.session[KEY] = pk
    return True
