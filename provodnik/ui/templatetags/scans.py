"""What an antivirus said of a file. Ask only where `blob.scan` is not empty: elsewhere it costs nothing."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from provodnik.core import scanning
from provodnik.core.models import Blob

register = template.Library()


@register.simple_tag
def scan_of(blob: Blob) -> scanning.Mark:
    """`state` and `note` of a file's chip."""
    return scanning.mark(blob)


@register.simple_tag
def scan_note(blob: Blob) -> SafeString:
    """The note alone, for chips of the workbench, which stay links: the page behind them says more."""
    mark = scanning.mark(blob)
    if not mark.note:
        return SafeString("")
    tone = "tone-error" if mark.state == "quarantined" else "tone-neutral"
    return format_html('<span class="whitespace-nowrap font-medium tinted {}">{}</span>', tone, mark.note)
