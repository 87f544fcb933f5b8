"""Who may be entered as, for the sign-in page."""

from __future__ import annotations

from django import template

from provodnik.demo.accounts import Shown, shown
from provodnik.demo.people import PASSWORD

register = template.Library()


@register.simple_tag
def demo_accounts() -> list[Shown]:
    return shown()


@register.simple_tag
def demo_password() -> str:
    return PASSWORD
