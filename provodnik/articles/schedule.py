"""Periodic jobs of articles."""

from __future__ import annotations

from django.utils import timezone

from provodnik.articles.actions import publishing
from provodnik.articles.queries import authors
from provodnik.core import jobs


@jobs.periodic("0 7 4 * * *")
@jobs.job(name="articles.to_check", queue="notices", alone=True, attempts=1, by_clock=True)
def look_what_to_check(timestamp: int) -> None:
    """Authors of articles whose day of checking has come are told once."""
    now = timezone.now()
    for article in authors.to_check(timezone.localdate(now))[:500]:
        publishing.remind(article, at=now)
