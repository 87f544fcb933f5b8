"""Works whose time has come: who answers for them is reminded. Nothing begins or ends by itself (works.states)."""

from __future__ import annotations

from django.utils import timezone

from provodnik.core import jobs
from provodnik.works.actions.reminding import remind


@jobs.periodic("20 * * * * *")
@jobs.job(name="works.remind", queue="notices", alone=True, attempts=1)
def remind_of_time(timestamp: int) -> None:
    """Each minute."""
    remind(timezone.now())
