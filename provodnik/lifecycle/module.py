"""The front door of the program's own life: quarantine above every page, doctor's lines of it and of backups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from provodnik.core import quarantine
from provodnik.core.parts import Banner, Finding, Part
from provodnik.lifecycle import standing
from provodnik.lifecycle.backup import record


def banners(request: HttpRequest) -> Sequence[Banner]:
    return quarantine.banners()


def check_backup() -> Iterator[Finding]:
    return record.findings(settings.BASE_DIR, now=timezone.now(), longest=timedelta(hours=settings.BACKUP_AGE))


def check_upgrade() -> Iterator[Finding]:
    """An upgrade, a rollback or a restore that was begun and not brought to an end."""
    why = standing.unfinished_restore(settings.BASE_DIR) or standing.under_way(settings.BASE_DIR)
    if why:
        yield Finding("error", why)


PART = Part(
    name="lifecycle",
    banners=banners,
    checks=[("backup", check_backup), ("quarantine", quarantine.findings), ("upgrade", check_upgrade)],
)
