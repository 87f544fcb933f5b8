"""Show to the antivirus what was kept before there was one, and what it could not judge."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from provodnik.core import scanning


class Command(BaseCommand):
    help = "Puts files that were never scanned, or could not be, before the antivirus; the worker scans them."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("ru"):
            if not settings.SCANNER:
                raise CommandError(_("No antivirus is set: PROVODNIK_SCANNER is empty."))
            count = 0
            while taken := scanning.take_up():
                count += taken
            self.stdout.write(_("Files before the antivirus: %(count)s.") % {"count": count})
