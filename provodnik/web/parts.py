"""The parts of the house, in the order of settings.PARTS, and what the shell asks of them."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from provodnik.core.parts import NavItem, Part


@cache
def parts() -> tuple[Part, ...]:
    return tuple(import_string(path) for path in settings.PARTS)


def menu(request: HttpRequest) -> list[NavItem]:
    """Lines of the menu for this person, in the order of the parts."""
    return [line for part in parts() for line in part.menu(request)]
