"""Reads of what was taken over."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.transfer.models import Transfer, TransferLine
from provodnik.transfer.states import Kind, Outcome

SHOWN = 100  # lines of one page of a report
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def latest() -> list[Transfer]:
    return list(Transfer.objects.select_related("by").defer("aside")[:50])


def lines(transfer: Transfer, outcome: str, after: int) -> list[TransferLine]:
    """A page of the report behind a place; one more than is shown says that there is more."""
    found = transfer.lines.filter(place__gt=after).order_by("place")
    if outcome in {one.value for one in Outcome}:
        found = found.filter(outcome=outcome)
    return list(found[: SHOWN + 1])


def address(transfer: Transfer, thing: int | None) -> str:
    """Where what a line became is seen; "" where it is nowhere."""
    if thing is None:
        return ""
    match Kind(transfer.kind):
        case Kind.CONTACTS:
            return reverse("settings:contact", args=[thing])
        case Kind.ARTICLES:
            return reverse("articles:edit", args=[thing])
    return reverse("desk:ticket", args=[thing])


class _Echo:
    def write(self, text: str) -> str:
        return text


def as_csv(transfer: Transfer) -> Iterator[bytes]:
    """The whole report, row by row; no cell of it is a formula (safety A63)."""
    writer: Any = csv.writer(_Echo(), delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    yield "\ufeff".encode()
    yield writer.writerow([_("Line"), _("Number there"), _("Outcome"), _("Here"), _("Files"), _("Why")]).encode()
    rows: Iterable[TransferLine] = transfer.lines.order_by("place").iterator(chunk_size=2000)
    for row in rows:
        cells = [row.place, row.external, row.get_outcome_display(), row.thing or "", row.files or "", row.words]
        yield writer.writerow([_safe(cell) for cell in cells]).encode()
    for path, why in transfer.aside:
        yield writer.writerow([_safe(cell) for cell in ["", path, _("file not taken"), "", "", why]]).encode()


def _safe(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
