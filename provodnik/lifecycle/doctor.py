"""What doctor looks at, in order: our own checks, then those of the parts by their front doors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from provodnik.core import scanning, timekeeping
from provodnik.core.parts import Check, Finding, parts
from provodnik.lifecycle import health, wholeness


@dataclass(frozen=True, slots=True)
class Checked:
    """One check and what it found."""

    check: str
    findings: list[Finding]

    @property
    def errors(self) -> int:
        return sum(finding.level == "error" for finding in self.findings)


def variables() -> Iterable[Finding]:
    for name in settings.UNKNOWN_VARIABLES:
        yield Finding("warning", _("%(name)s means nothing here: a misspelling?") % {"name": name})


OWN: tuple[tuple[str, Check], ...] = (
    ("variables", variables),
    ("configuration", health.configuration),
    ("versions", health.versions),
    ("database", health.database),
    ("disk", health.disk),
    ("clock", health.clock),
    ("time", timekeeping.findings),
    ("jobs", health.work),
    ("antivirus", scanning.state),
)
OWN_STRICT: tuple[tuple[str, Check], ...] = (("indexes", wholeness.indexes),)


def title(check: str) -> str:
    """What people call a check by; its name stays as it is for programs (--json) and in a bundle."""
    part, _colon, name = check.partition(": ")
    titles = {
        "variables": _("Settings"),
        "configuration": _("Settings"),
        "versions": _("Versions"),
        "database": _("Database"),
        "disk": _("Disk"),
        "clock": _("Clock"),
        "time": _("Clock"),
        "jobs": _("Jobs"),
        "antivirus": _("Antivirus"),
        "indexes": _("Database"),
        "desk": _("Requests"),
        "payslips": _("Payslips"),
        "works": _("Works"),
        "quality": _("Quality"),
        "articles": _("Instructions"),
        "people": _("People"),
        "exchange": _("Exchange with 1C"),
        "consents": _("Consents"),
        "entry": _("Entry of employees"),
        "federation": _("Single sign-on"),
        "sms": _("Text messages"),
        "hooks": _("Webhooks"),
        "accounts": _("Accounts"),
        "channels": _("Mail"),
        "backup": _("Backups"),
        "quarantine": _("Quarantine"),
        "upgrade": _("Upgrade"),
    }
    return titles.get(part) or titles.get(name) or check


def checks(*, strict: bool) -> list[tuple[str, Check]]:
    """(name, check) of everything; `strict`: also of what takes long."""
    chosen = [*OWN, *(OWN_STRICT if strict else ())]
    for part in parts():
        chosen += [(f"{part.name}: {name}", check) for name, check in part.checks]
        if strict:
            chosen += [(f"{part.name}: {name}", check) for name, check in part.strict]
    return chosen


def look(*, strict: bool = False) -> Iterator[Checked]:
    """Run them one after another. A check that breaks is an error itself."""
    for name, check in checks(strict=strict):
        try:
            findings = list(check())
        except Exception as error:
            findings = [Finding("error", f"{type(error).__name__}: {error}")]
        yield Checked(name, findings)
