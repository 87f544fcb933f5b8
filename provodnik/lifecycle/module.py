"""The front door of the program's own life: quarantine above every page, doctor's lines of it and of backups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core import quarantine
from provodnik.core.parts import Banner, Finding, Part, address
from provodnik.lifecycle import standing
from provodnik.lifecycle.about import reminder
from provodnik.lifecycle.backup import record


def banners(request: HttpRequest) -> Sequence[Banner]:
    return [*quarantine.banners(), *reminder.banners(request)]


def check_backup() -> Iterator[Finding]:
    return record.findings(settings.BASE_DIR, now=timezone.now(), longest=timedelta(hours=settings.BACKUP_AGE))


def check_upgrade() -> Iterator[Finding]:
    """An upgrade, a rollback or a restore that was begun and not brought to an end."""
    why = standing.unfinished_restore(settings.BASE_DIR) or standing.under_way(settings.BASE_DIR)
    if why:
        yield Finding("error", why)


def about_the_program(_user: User) -> tuple[str, str, str, str]:
    """(words, hint, address, icon): a line of one's profile and of «Справка» (R16)."""
    return _("About the program"), _("Version, what is new, support, licences"), address("about:about"), "info"


PART = Part(
    name="lifecycle",
    banners=banners,
    checks=[("backup", check_backup), ("quarantine", quarantine.findings), ("upgrade", check_upgrade)],
    extra={"beside_profile": about_the_program, "beside_help": about_the_program},
)
