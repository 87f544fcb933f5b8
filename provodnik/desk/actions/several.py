"""Two requests or more in one transaction, always locked in the order of their numbers: nobody waits in a ring."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from provodnik.core.decisions import Refused
from provodnik.desk.models import Ticket


@contextmanager
def changing_several(numbers: Collection[int], *, field: str | None = None) -> Iterator[Mapping[int, Ticket]]:
    """The requests by number, locked for one transaction. Refused, naming `field`, when one of them does not exist."""
    with transaction.atomic():
        rows = (
            Ticket.objects.select_for_update(of=("self",))
            .select_related("contract__calendar", "customer", "contact")
            .filter(pk__in=numbers)
            .order_by("pk")
        )
        found = {ticket.pk: ticket for ticket in rows}
        for number in numbers:
            if number not in found:
                raise Refused(_("There is no request № %(number)s.") % {"number": number}, field)
        yield found
