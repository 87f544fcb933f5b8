"""Each minute: what lies in the folders of the bases. At their hour: bases that are read. Each night: old bytes."""

from __future__ import annotations

from django.utils import timezone, translation

from provodnik.core import jobs
from provodnik.exchange.actions import giving, opening
from provodnik.exchange.actions.deciding import tidy
from provodnik.exchange.actions.receiving import look
from provodnik.exchange.models import Base


@jobs.periodic("20 * * * * *")
@jobs.job(name="exchange.look", queue="exports", alone=True, attempts=1, outside=True)
def look_into_folders(timestamp: int) -> None:
    """Keep what senders have put down."""
    with translation.override("ru"):
        for base in Base.objects.filter(is_active=True):
            look(base, at=timezone.now())


@jobs.periodic("50 * * * * *")
@jobs.job(name="exchange.give", queue="exports", alone=True, attempts=1, outside=True)
def tell_bases(timestamp: int) -> None:
    """What 1C has to learn: made into parcels, written down for bases that read files."""
    with translation.override("ru"):
        giving.collect(at=timezone.now())
        for base in Base.objects.filter(is_active=True):
            giving.put_down(base, at=timezone.now())


@jobs.periodic("30 */10 * * * *")
@jobs.job(name="exchange.read_bases", queue="exports", alone=True, attempts=1, outside=True)
def read_bases(timestamp: int) -> None:
    """Begin to read those whose hour has come, by the clock of the installation."""
    with translation.override("ru"):
        opening.start_due(now=timezone.localtime())


@jobs.periodic("40 20 3 * * *")
@jobs.job(name="exchange.tidy", queue="exports", alone=True, attempts=1, by_clock=True)
def forget_old_bytes(timestamp: int) -> None:
    tidy(now=timezone.now())
    giving.forget(now=timezone.now())
