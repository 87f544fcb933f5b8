"""What is kept of files of another desk, and goes with the requests and people that were taken over from them by a
lawful erasure (docs/adr/0018). The file goes whole: it holds their words, and nothing is read from it any more."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from provodnik.core.parts import Whom
from provodnik.transfer.models import Transfer, TransferLine
from provodnik.transfer.states import UNDERWAY, Kind

_NO_REQUESTS = (Kind.CONTACTS.value, Kind.ARTICLES.value)


def erase(numbers: list[int], kinds: frozenset[str]) -> list[int]:
    if not kinds & {"texts", "names"}:
        return []
    return _forgotten(TransferLine.objects.filter(thing__in=numbers).exclude(transfer__kind__in=_NO_REQUESTS))


def forget(whom: Whom) -> list[int]:
    return _forgotten(TransferLine.objects.filter(thing=whom.contact, transfer__kind=Kind.CONTACTS.value))


def _forgotten(lines: QuerySet[TransferLine]) -> list[int]:
    """Ids of the bytes that are no longer referred to."""
    over = ~Q(state__in=[one.value for one in UNDERWAY])
    files = Transfer.objects.filter(over, pk__in=lines.values("transfer"), blob__isnull=False)
    bytes_of = list(files.values_list("blob", flat=True))
    files.update(blob=None, aside=[])
    lines.exclude(words="").update(words="")
    return bytes_of
