"""Every letter that the ledger calls stored is a message of a request, or a report whose reason says so (I10)."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from provodnik.channels.models import Inbound, InboundState
from provodnik.core.parts import Finding


def stored() -> Iterator[Finding]:
    missing = Inbound.objects.filter(state=InboundState.STORED, reason="", message=None)
    if missing.exists():
        yield Finding("error", _("The stored letter %(id)s is in no request.") % {"id": missing[0].pk})
    loose = Inbound.objects.exclude(state=InboundState.STORED).exclude(message=None)
    if loose.exists():
        yield Finding("error", _("The letter %(id)s is in a request, but not stored.") % {"id": loose[0].pk})
