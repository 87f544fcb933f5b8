"""Small pieces of the requester's pages that a list repeats many times."""

from __future__ import annotations

from datetime import datetime
from html import escape as escaped

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from provodnik.desk.labels import RESOLUTIONS
from provodnik.desk.models import Ticket
from provodnik.desk.templatetags.workbench import status_badge
from provodnik.ui.templatetags.ui import icon, typograph
from provodnik.ui.text import moment, short_name

register = template.Library()


@register.simple_tag(takes_context=True)
def own_row(context: Context, ticket: Ticket) -> SafeString:
    """A request in its requester's list: one link. A component in a loop costs ten times as much.

    Reads `scope` ("company" shows whose it is) and `now` of the page.
    """
    now = context.get("now") or timezone.now()
    whose = f"<span>{escaped(short_name(ticket.requester_name))}</span>" if context.get("scope") == "company" else ""
    return mark_safe(  # noqa: S308 - every value is escaped
        f'<a class="row-link" href="{reverse("requests:show", args=[ticket.number])}"><span class="grow min-w-0">'
        f'<span class="block font-medium wrap-anywhere">{typograph(ticket.subject)}</span>'
        '<span class="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-small text-muted">'
        f"<span>№&nbsp;{ticket.number}</span><span>{moment(ticket.registered_at, now)}</span>{whose}</span>"
        '<span class="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-small">'
        f"{status_badge(ticket.status)}{_news(ticket, now)}</span></span>"
        f"{icon('chevron-right', 'sm', css='text-muted')}</a>"
    )


def _news(ticket: Ticket, now: datetime) -> str:
    """What the requester wants to know of it: the deadline, who waits for whom, how it ended."""
    merge = getattr(ticket, "merge", None) if not ticket.is_open else None
    if merge is not None:
        words = _("goes on in № %(number)s") % {"number": merge.target_id}
    elif not ticket.is_open:
        words = next((str(label) for known, label in RESOLUTIONS if known == ticket.resolution), "")
    elif not ticket.is_standing:
        words = _("deadline %(due)s") % {"due": moment(ticket.due_at, now)}
    elif ticket.answered_at is None:
        waiting = escaped(_("we wait for your answer"))
        return f'<span class="tinted tone-warning font-medium">{waiting}</span>'
    else:
        words = _("your answer has come")
    return f'<span class="text-muted">{escaped(words)}</span>'
