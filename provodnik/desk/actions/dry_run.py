"""«What would have been last month»: asked for by a lead, done in the background, kept as a report."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.core import jobs
from provodnik.core.decisions import require
from provodnik.desk.models import DryRun
from provodnik.desk.policies import may_organise
from provodnik.desk.queries import assignment as plans
from provodnik.desk.queries import dry_run as queries
from provodnik.desk.replay import Replay

KEPT = 20  # reports


def ask(*, key: uuid.UUID, by: User, at: datetime) -> DryRun:
    """Ask for one; the same form again gives the same one."""
    require(may_organise(by))
    since, until = queries.last_month(at)
    with transaction.atomic():
        run, made = DryRun.objects.get_or_create(
            key=key, defaults={"asked_by": by, "asked_at": at, "since": since, "until": until}
        )
        if made:
            jobs.defer(carry_out, once=f"dry-run:{run.pk}", run_id=run.pk)
        old = list(DryRun.objects.order_by("-pk").values_list("pk", flat=True)[KEPT:])
        DryRun.objects.filter(pk__in=old).delete()
        return run


@jobs.job(name="desk.dry_run", queue="exports")
def carry_out(run_id: int) -> None:
    """Replay the days. Changes nothing but its own row; begun anew after a kill, it comes to the same."""
    run = DryRun.objects.filter(pk=run_id, finished_at=None).first()
    if run is None:
        return
    rows = DryRun.objects.filter(pk=run_id)
    rows.update(total=queries.registrations(run.since, run.until).count(), done=0)
    replay = Replay(plans.plan(run.since, run.until))
    replay.burden(queries.burdens(run.since))
    people: set[int] = set()
    for chunk in queries.past(run.since, run.until):
        for one in chunk:
            replay.feed(one)
            if one.was is not None:
                people.add(one.was)
        rows.update(done=replay.total)
    report = replay.report(queries.names_of(sorted(people)), queries.rules_told())
    rows.update(done=replay.total, total=replay.total, report=report, finished_at=timezone.now())
