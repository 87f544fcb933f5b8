"""Payslips on paper. Where 1C has sent a PDF, that is the document and is given as it is; else the form is set from the
lines, with the four groups of art. 136 TK and the grounds of deductions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from provodnik.core import kept as keeping
from provodnik.core import paper
from provodnik.payslips.content import Content, Line
from provodnik.payslips.models import PayslipVersion
from provodnik.payslips.queries.contents import content_of
from provodnik.payslips.states import Group
from provodnik.payslips.words import PARTS, month_name, quantity
from provodnik.ui.text import full_day, number

TEMPLATE = Path(__file__).parent / "papers" / "slip.typ"


def file_name(version: PayslipVersion) -> str:
    slip = version.payslip
    return _("Payslip %(month)s.pdf") % {"month": f"{slip.period:%Y-%m}"}


def of_1c(version: PayslipVersion) -> bytes:
    """The PDF that 1C has sent. `version.kept.pdf` is read by the caller."""
    assert version.kept.pdf is not None
    return keeping.read(version.kept.pdf)


def slip(version: PayslipVersion, *, at: datetime) -> bytes:
    """One payslip, a PDF/A."""
    return paper.render(TEMPLATE, _document([_told(version)]), at=at)


def pack(rows: Sequence[tuple[str, PayslipVersion]], *, at: datetime) -> bytes:
    """Several, each on a page of its own, in this order; `rows`: (unit, version). PDFs of 1C are put in as they are."""
    slips, pictures = [], {}
    for place, (unit, version) in enumerate(rows):
        if version.has_lines:
            slips.append({**_told(version), "sheet": unit})
        elif version.kept.pdf is not None:
            pictures[f"p{place}.pdf"] = of_1c(version)
            slips.append({"picture": f"p{place}.pdf", "sheet": unit})
    return paper.render(TEMPLATE, _document(slips), at=at, pictures=pictures)


def _document(slips: list[dict[str, Any]]) -> dict[str, Any]:
    words = {
        "heading": _("Payslip"),
        "accrued": _("1. Wage: its parts"),
        "other": _("2. Other sums accrued"),
        "deduction": _("3. Deductions: sums and grounds"),
        "payment": _("Paid out"),
        "kind": _("Kind"),
        "period": _("Period"),
        "days": _("Days"),
        "hours": _("Hours"),
        "ground": _("Ground"),
        "sum": _("Sum"),
        "total": _("Total"),
        "to_pay": _("4. To be paid"),
        "debt_before": _("The employer's debt at the beginning"),
        "debt_after": _("The employer's debt at the end"),
        "none": _("none"),
    }
    return {"title": words["heading"], "words": words, "slips": slips}


def _told(version: PayslipVersion) -> dict[str, Any]:
    place, content = version.payslip.employment, content_of(version)
    facts = [
        (_("Worker"), place.person.full_name),
        (_("Personnel No."), place.personnel_number),
        (_("Unit"), str(place.unit or "")),
        (_("Position"), str(place.position or "")),
    ]
    return {
        "organisation": version.payslip.organisation.name,
        "month": month_name(version.payslip.period),
        "part": str(PARTS[version.payslip.part]),
        "facts": [list(pair) for pair in facts if pair[1]],
        "groups": {
            "accrued": _rows(content, Group.PAY),
            "other": _rows(content, Group.OTHER),
            "deduction": _rows(content, Group.DEDUCTION),
            "payment": _rows(content, Group.PAYMENT),
        },
        "totals": {
            "accrued": number(content.total(Group.PAY), 2),
            "other": number(content.total(Group.OTHER), 2),
            "deduction": number(content.withheld, 2),
            "payment": number(content.paid, 2),
        },
        "to_pay": number(content.to_pay, 2) if content.to_pay is not None else "",
        "debt_before": number(content.debt_before, 2) if content.debt_before is not None else "",
        "debt_after": number(content.debt_after, 2) if content.debt_after is not None else "",
        "foot": _("Version %(number)s of %(day)s") % {"number": version.number, "day": full_day(version.loaded_at)},
        "sheet": "",
    }


def _rows(content: Content, group: Group) -> list[list[str]]:
    return [_row(line) for line in content.of(group)]


def _row(line: Line) -> list[str]:
    return [
        line.name,
        month_name(line.period) if line.period is not None else "",
        quantity(line.days) if line.days is not None else "",
        quantity(line.hours) if line.hours is not None else "",
        line.ground,
        number(line.sum, 2),
    ]
