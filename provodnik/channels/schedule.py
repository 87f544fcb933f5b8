"""Periodic jobs of the channels."""

from __future__ import annotations

from django.utils import timezone

from provodnik.channels import outgoing
from provodnik.core import jobs


@jobs.periodic("*/15 * * * * *")
@jobs.job(name="channels.send_due", queue="mail", alone=True, attempts=1, outside=True)
def send_due(timestamp: int) -> None:
    """Letters whose pause is over, and those whose job was lost."""
    for pk in outgoing.due(timezone.now()):
        outgoing.deliver(pk, now=timezone.now)
