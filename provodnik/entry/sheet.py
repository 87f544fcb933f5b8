"""The register of issue as a file for a spreadsheet: every cell is text or a date, nothing becomes a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.entry.queries.register import Line
from provodnik.entry.words import state_of

_WIDTHS = (34, 12, 34, 28, 18, 30, 18, 18)


def _here(at: datetime | None) -> datetime | None:
    """A spreadsheet knows no zones."""
    return timezone.localtime(at).replace(tzinfo=None) if at is not None else None


def workbook(lines: Iterable[Line]) -> bytes:
    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(kept, options) as book:
        page = book.add_worksheet()
        moment, bold = book.add_format({"num_format": "dd.mm.yyyy hh:mm"}), book.add_format({"bold": True})
        for column, width in enumerate(_WIDTHS):
            page.set_column(column, column, width)
        heads = [_("Employee"), _("Personnel number"), _("Unit"), _("Printed by"), _("Printed"), _("State")]
        for column, head in enumerate([*heads, _("Used"), _("Wrong tries")]):
            page.write_string(0, column, head, bold)
        for row, line in enumerate(lines, start=1):
            slip = line.slip
            texts = [
                slip.person.full_name,
                slip.employment.personnel_number,
                str(slip.employment.unit or ""),
                str(slip.sheet.made_by or ""),
            ]
            for column, text in enumerate(texts):
                page.write_string(row, column, text)
            page.write_datetime(row, 4, _here(slip.sheet.made_at), moment)
            page.write_string(row, 5, state_of(line)[0])
            if slip.used_at is not None:
                page.write_datetime(row, 6, _here(slip.used_at), moment)
            page.write_number(row, 7, slip.tries)
    return kept.getvalue()
