"""How a line of the release notes looks on a page."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from provodnik.ui.text import typograph

register = template.Library()


@register.filter
def noted(text: str) -> SafeString:
    """Words as people read them; what stands between backticks as it is typed."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one without its pair
        return format_html("{}", typograph(text))
    shown = (format_html("<code>{}</code>", part) if odd else typograph(part) for odd, part in _turns(parts))
    return format_html_join("", "{}", ((one,) for one in shown))


def _turns(parts: list[str]) -> list[tuple[bool, str]]:
    return [(bool(index % 2), part) for index, part in enumerate(parts)]
