"""Fill an empty database with the demo's invented people and their requests; a filled one is left as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.module_loading import import_string


class Command(BaseCommand):
    help = "Loads the demo's data into an empty database."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if get_user_model().objects.exists():
            return
        load: Callable[[Callable[[str], None]], None] = import_string("provodnik.demo.load.load")
        # All or nothing: a demo that was interrupted while it was loaded begins anew.
        with transaction.atomic():
            load(self.say)

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
