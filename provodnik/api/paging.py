"""Lists by pages: an opaque signed cursor that belongs to one list with its filters; never an offset."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from pydantic import BaseModel

from provodnik.api.problems import Problem
from provodnik.api.security import me

T = TypeVar("T")
M = TypeVar("M", bound=Model)
PAGE = 50
_SALT = "api.cursor"
LONGEST = 500


class Page(BaseModel, Generic[T]):
    """`next`: what to send as `cursor` for what follows; null at the end."""

    items: list[T]
    next: str | None = None


def _list_of(request: HttpRequest) -> str:
    """Which list a cursor belongs to: the address with its filters, and whose it is."""
    filters = sorted((name, value) for name, value in request.GET.items() if name != "cursor")
    return hashlib.sha256(json.dumps([me(request).pk, request.path, filters]).encode()).hexdigest()[:16]


def make(request: HttpRequest, place: Any) -> str | None:
    """The cursor that leads on from a place (a plain JSON value); None for None and ""."""
    if place is None or place == "":
        return None
    return signing.dumps([_list_of(request), place], salt=_SALT)


def place(request: HttpRequest, cursor: str | None) -> Any:
    """The place that a cursor names; None without one. Raises Problem for one that we did not give for this list."""
    if not cursor:
        return None
    try:
        whose, found = signing.loads(cursor[:LONGEST], salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise _foreign() from error
    if whose != _list_of(request):
        raise _foreign()
    return found


def by_key(
    request: HttpRequest, rows: QuerySet[M], cursor: str | None, *, newest: bool = False
) -> tuple[list[M], str | None]:
    """A page of rows in the order of their ids (`newest`: backwards), and the cursor that leads on."""
    after = place(request, cursor)
    if after is not None:
        rows = rows.filter(pk__lt=after) if newest else rows.filter(pk__gt=after)
    found = list(rows.order_by("-pk" if newest else "pk")[: PAGE + 1])
    last = found[PAGE - 1].pk if len(found) > PAGE else None
    return found[:PAGE], make(request, last)


def _foreign() -> Problem:
    return Problem("malformed", errors=[("cursor", _("This cursor does not belong to this list with these filters."))])
