"""Compute the figures of the quality report anew from the histories."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.core import jobs
from provodnik.quality.actions import cases


class Command(BaseCommand):
    help = "Computes the figures of the quality report anew from the histories, telling how far it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--background", action="store_true", help="ask the worker to do it; the report tells how far"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("ru")
        rebuild = cases.begin_rebuild(timezone.now())
        if options["background"]:
            jobs.defer(cases.rebuilding, rebuild_id=rebuild.pk)
            return
        while rebuild.finished_at is None:
            rebuild = cases.rebuild_step(rebuild.pk, now=timezone.now())
            self.stdout.write(
                _("Figures: %(done)s of %(total)s requests.") % {"done": rebuild.done, "total": rebuild.total}
            )
