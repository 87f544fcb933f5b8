"""What the API forgets by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from provodnik.api import once
from provodnik.api.models import Upload
from provodnik.core import jobs
from provodnik.core.models import Blob

UPLOADS_KEPT = timedelta(hours=24)


@jobs.periodic("0 41 * * * *")
@jobs.job(name="api.sweep", queue="upkeep", alone=True, attempts=1, by_clock=True)
def sweep(timestamp: int) -> None:
    """Answers older than a day, and files that no message took."""
    now = timezone.now()
    once.forget(now=now)
    forget_uploads(now=now)


def forget_uploads(*, now: datetime) -> int:
    """Remove uploads that nobody used within a day, with their rows of bytes (a file on the disk goes with core.sweep).
    Returns how many."""
    blobs = list(Upload.objects.filter(at__lt=now - UPLOADS_KEPT).values_list("blob_id", flat=True)[:1000])
    Upload.objects.filter(blob__in=blobs).delete()
    Blob.objects.filter(pk__in=blobs).delete()
    return len(blobs)
