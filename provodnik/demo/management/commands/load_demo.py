"""Fill an empty database with the demo's invented people and their requests; a filled one is left as it is."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.channels.models import Mailbox
from provodnik.demo.accounts import told
from provodnik.demo.load import load
from provodnik.demo.mailserver import DEFAULT_PORT, HOST
from provodnik.demo.people import SUPPORT


class Command(BaseCommand):
    help = "Loads the demo's data into an empty database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--small", action="store_true", help="a few requests of each kind instead of two years")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("ru"):
            if Mailbox.objects.filter(address=SUPPORT).exists():
                self.say(_("The demo's people and requests are there already."))
            elif User.objects.exists():
                raise CommandError(_("This database has people of its own. The demo wants an empty one."))
            else:
                # All or nothing: a demo that was interrupted while it was loaded begins anew.
                with transaction.atomic():
                    load(self.say, small=bool(options["small"]))
            self.connect()
            for line in told():
                self.say(line)

    def connect(self) -> None:
        """The port of the demo's mail server may be another at each start."""
        port = int(os.environ.get("PROVODNIK_DEMO_SMTP_PORT", DEFAULT_PORT))
        Mailbox.objects.filter(address=SUPPORT).update(smtp_host=HOST, smtp_port=port)

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
