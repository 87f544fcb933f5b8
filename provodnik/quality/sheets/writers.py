"""Writing rows one by one, in constant memory, so that no text becomes a formula (safety A63)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter
from django.utils.translation import gettext as _

from provodnik.core.text import formula_safe
from provodnik.quality.sheets.columns import Column, Kind

LAST_ROW = 1_048_576  # of a sheet, by the format (ECMA-376); what is more goes on a further sheet
LONGEST_CELL = 32_767


class Writer(Protocol):
    """A file in the making. `close` finishes it; without that there is no whole file."""

    def row(self, values: Sequence[Any]) -> None: ...

    def close(self) -> None: ...


class Csv:
    """Semicolons and a mark of UTF-8, as a Russian Excel opens them; decimals with a comma."""

    def __init__(self, path: Path, chosen: Sequence[Column], about: Sequence[tuple[str, str]], name: str = "") -> None:
        self.file = path.open("w", encoding="utf-8-sig", newline="")
        self.writer = csv.writer(self.file, delimiter=";", lineterminator="\r\n")
        self.writer.writerow([formula_safe(str(column.head)) for column in chosen])

    def row(self, values: Sequence[Any]) -> None:
        self.writer.writerow([self._cell(value) for value in values])

    def _cell(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return formula_safe(value)
        if isinstance(value, datetime):
            return f"{value:%d.%m.%Y %H:%M:%S}"
        return f"{value:.2f}".replace(".", ",") if isinstance(value, float) else str(value)

    def close(self) -> None:
        self.file.close()


class Xlsx:
    """A cell gets its type from its column: text is text, whatever it begins with."""

    def __init__(self, path: Path, chosen: Sequence[Column], about: Sequence[tuple[str, str]], name: str = "") -> None:
        self.chosen, self.name = chosen, name
        self.book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_date_format": "dd.mm.yyyy hh:mm",
            },
        )
        self.head = self.book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.formats = {
            Kind.HOURS: self.book.add_format({"num_format": "0.00"}),
            Kind.MOMENT: self.book.add_format({"num_format": "dd.mm.yyyy hh:mm"}),
        }
        self._about = about
        self.sheets = 0
        self._sheet()

    def _sheet(self) -> None:
        self.sheets += 1
        name = self.name or _("Requests")
        self.sheet = self.book.add_worksheet(name if self.sheets == 1 else f"{name} {self.sheets}")
        self.sheet.freeze_panes(1, 1)
        for place, column in enumerate(self.chosen):
            self.sheet.set_column(place, place, column.width)
            self.sheet.write_string(0, place, str(column.head), self.head)
        self.next = 1

    def row(self, values: Sequence[Any]) -> None:
        if self.next >= LAST_ROW:
            self._sheet()
        write = self.sheet
        for place, (column, value) in enumerate(zip(self.chosen, values, strict=True)):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                write.write_string(self.next, place, value[:LONGEST_CELL])
            elif column.kind is Kind.MOMENT:
                write.write_datetime(self.next, place, value, self.formats[Kind.MOMENT])
            else:
                write.write_number(self.next, place, value, self.formats.get(column.kind))
        self.next += 1

    def close(self) -> None:
        sheet = self.book.add_worksheet(_("About the file"))
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 90)
        for place, (name, value) in enumerate(self._about):
            sheet.write_string(place, 0, name, self.head)
            sheet.write_string(place, 1, value[:LONGEST_CELL])
        self.book.close()
