"""Compute the figures of the quality report anew from the histories."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.quality.actions import cases


class Command(BaseCommand):
    help = "Computes the figures of the quality report anew from the histories, telling how far it is."

    def handle(self, *args: Any, **options: Any) -> None:
        translation.activate("ru")
        rebuild = cases.begin_rebuild(timezone.now())
        while rebuild.finished_at is None:
            rebuild = cases.rebuild_step(rebuild.pk, now=timezone.now())
            self.stdout.write(
                _("Figures: %(done)s of %(total)s requests.") % {"done": rebuild.done, "total": rebuild.total}
            )
