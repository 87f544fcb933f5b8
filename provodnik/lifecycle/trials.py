"""Trying what is ours: settings, database, antivirus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from provodnik.core import scanning
from provodnik.core.parts import Finding
from provodnik.core.trials import Asked, Trial, Tried
from provodnik.lifecycle import doctor, health


def _findings(what: Callable[[], str], *checks: Callable[[], Iterable[Finding]]) -> Callable[[Asked], Iterator[Tried]]:
    def run(asked: Asked) -> Iterator[Tried]:
        found = [finding for check in checks for finding in check()]
        for finding in found:
            yield Tried(finding.level, what(), finding.text)
        if not found:
            yield Tried("ok", what(), _("Nothing to complain of."))

    return run


def _antivirus(asked: Asked) -> Iterator[Tried]:
    if not settings.SCANNER:
        yield Tried("ok", _("Antivirus"), _("None is set up (PROVODNIK_SCANNER)."))
    for finding in scanning.state():
        yield Tried(finding.level, _("Antivirus"), finding.text)


TRIALS = (
    Trial(
        "settings",
        lambda: _("the settings themselves"),
        _findings(lambda: _("Settings"), doctor.variables, health.configuration),
    ),
    Trial(
        "database",
        lambda: _("the database, disk and clock"),
        _findings(lambda: _("Database"), health.database, health.disk, health.clock),
    ),
    Trial("antivirus", lambda: _("the antivirus"), _antivirus),
)
