"""Who may look at the report of quality: the desk, and a customer's coordinator at his customer's."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from provodnik.core import files
from provodnik.quality.actions import cases
from provodnik.quality.models import Export
from provodnik.quality.policies import right_to
from tests.rowwords import ADMINISTRATORS, DESK, GET, POST, Row, to

COORDINATORS = ("coordinator", "other_coordinator")
READERS = (*DESK, *COORDINATORS)
FILES = {"leads": ("lead",), "coordinators": ("coordinator",), "journals": ADMINISTRATORS, "missing": ()}

ROWS = {
    "quality:index": to(READERS),
    "quality:behind": to(READERS),
    "quality:files": to(READERS),
    "quality:ask": to(READERS, POST),
    "quality:journal": to(ADMINISTRATORS),
    "quality:ask_journal": to(ADMINISTRATORS, POST),
    "quality:download": Row(GET, FILES),
    "quality:cancel": Row(POST, FILES),
    "quality:print": Row(GET, {"own": (*DESK, "coordinator"), "foreign": (*DESK, "other_coordinator"), "missing": ()}),
}


def _file(world: Any, person: str, of: Export.Of = Export.Of.REQUESTS) -> dict[str, int]:
    user = world.people[person]
    export = Export.objects.create(
        user=user,
        of=of,
        scope=right_to(user, of),
        kind=Export.Kind.CSV,
        query={"period": "2026-11"},
        state=Export.State.DONE,
        blob=files.keep(b"\xef\xbb\xbfx"),
        asked_at=timezone.now(),
        finished_at=timezone.now(),
    )
    return {"pk": export.pk}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """Figures of all requests, a file of the lead and one of a coordinator."""
    cases.catch_up_all()
    month = f"{timezone.localdate():%Y-%m}"
    papers = {
        "own": {"customer": world.own.customer_id, "period": month},
        "foreign": {"customer": world.foreign.customer_id, "period": month},
        "missing": {"customer": 10**9, "period": month},
    }
    kept = {
        "leads": _file(world, "lead"),
        "coordinators": _file(world, "coordinator"),
        "journals": _file(world, "administrator", Export.Of.JOURNAL),
        "missing": {"pk": 10**9},
    }
    return {"quality:download": kept, "quality:cancel": kept, "quality:print": papers}
