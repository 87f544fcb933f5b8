"""How reading by OData stands, for doctor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from provodnik.core.parts import Finding
from provodnik.exchange.models import Batch, ODataAccess
from provodnik.exchange.odata.words import is_lack
from provodnik.exchange.states import Carrier, State

TWO_NIGHTS = timedelta(days=2)


def last_reading(base_id: int) -> Batch | None:
    return Batch.objects.filter(base=base_id, carrier=Carrier.ODATA.value).order_by("-pk").first()


def readings(now: datetime) -> Iterable[Finding]:
    """A line for each base that is to be read each night."""
    for access in ODataAccess.objects.filter(is_on=True, base__is_active=True).select_related("base"):
        last = last_reading(access.base_id)
        told = {"name": access.base.name, "words": last.words if last else ""}
        if max(access.changed_at, last.at if last else access.changed_at) < now - TWO_NIGHTS:
            yield Finding("error", _("OData «%(name)s»: it has not been read for two nights.") % told)
        elif last is None:
            yield Finding("ok", _("OData «%(name)s»: it is read tonight for the first time.") % told)
        elif last.state == State.REFUSED.value:
            yield Finding("error", _("OData «%(name)s»: nothing was read. %(words)s") % told)
        elif lacks := [note for note in last.notes if is_lack(note)]:
            text = _("OData «%(name)s»: sets of 1C that were not read: %(count)d.")
            yield Finding("warning", text % {**told, "count": len(lacks)})
        else:
            yield Finding("ok", _("OData «%(name)s»: it is read.") % told)
