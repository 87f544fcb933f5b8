"""What a version says, out of where it lies sealed."""

from __future__ import annotations

import json

from provodnik.core.secrets import unseal
from provodnik.payslips.content import Content, read
from provodnik.payslips.models import PayslipVersion


def content_of(version: PayslipVersion) -> Content:
    """Its lines and sums; `version.kept` is read by the caller's statement. Raises secrets.Unreadable under another
    SECRET_KEY."""
    if not version.has_lines and version.to_pay is None:
        return Content()
    return read(json.loads(unseal(version.kept.sealed))["fields"])
