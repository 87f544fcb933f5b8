"""What every template may ask for; the menu is made when a template first reads it."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from provodnik.accounts.models import User
from provodnik.accounts.module import person
from provodnik.accounts.shared import is_shared
from provodnik.core.parts import NavItem, address, banners, menu
from provodnik.entry.module import menu_of_former
from provodnik.manual.pages import help_address
from provodnik.notify.queries import unread


def _is_desk(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)  # a page of an error may come before anybody has looked who asks
    return isinstance(user, User) and user.is_desk


def _is_former(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return isinstance(user, User) and user.is_former


def _is_shared(request: HttpRequest) -> bool:
    """Asked of a session that was read anyway: a page for everybody reads none."""
    return getattr(getattr(request, "session", None), "row", None) is not None and is_shared(request)


def _nav(request: HttpRequest) -> list[NavItem]:
    user = request.user
    if not isinstance(user, User):
        return []
    return menu_of_former(request) if user.is_former else menu(request)


def shell(request: HttpRequest) -> dict[str, Any]:
    return {
        "nav": SimpleLazyObject(lambda: _nav(request)),
        # a page of an error may come before anybody has looked who asks
        "banners": cache(lambda: banners(request) if isinstance(getattr(request, "user", None), User) else []),
        "person": SimpleLazyObject(lambda: person(request.user) if isinstance(request.user, User) else None),
        "search_url": SimpleLazyObject(lambda: address("desk:search") if _is_desk(request) else ""),
        "help_url": SimpleLazyObject(lambda: help_address(request)),
        "notices_url": SimpleLazyObject(lambda: "" if _is_former(request) else address("notify:index")),
        # a template calls it; a lazy object would be no number to gettext's plurals
        "unread": cache(lambda: unread(request.user) if isinstance(request.user, User) else 0),
        "drafts_off": cache(lambda: _is_shared(request)),
        "version": settings.VERSION,
        "demo": settings.DEMO,
    }
