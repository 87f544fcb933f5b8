"""The clock jumped, was doubted, and is right: an administrator says so on the server itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.core import timekeeping


class Command(BaseCommand):
    help = "Says that this machine's clock is right, after it jumped: deadlines are told and old data are erased again."

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("ru")
        doubted = timekeeping.believe(timezone.now())
        self.stdout.write(_("The clock is believed again.") if doubted else _("Nobody doubted the clock."))
