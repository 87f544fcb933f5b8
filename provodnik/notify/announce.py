"""Jobs of the notices."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from provodnik.core import jobs
from provodnik.notify.models import Notice

KEPT = timedelta(days=180)


@jobs.periodic("0 40 3 * * *")
@jobs.job(name="notify.sweep", queue="upkeep", alone=True, attempts=1, by_clock=True)
def sweep(timestamp: int) -> None:
    """Notices are reminders, not records: the facts they tell stay in their own history."""
    Notice.objects.filter(at__lt=timezone.now() - KEPT).delete()
