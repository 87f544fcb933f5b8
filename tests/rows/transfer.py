"""Who may reach what is taken over from another desk: administrators."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from provodnik.core import files
from provodnik.transfer.models import Transfer, TransferLine
from tests.rowwords import ADMINISTRATORS, BOTH, GET, POST, Row, to

THERE = {"there": ADMINISTRATORS, "missing": ()}
ROWS: dict[str, Row] = {
    "transfer:index": to(ADMINISTRATORS, BOTH),
    "transfer:show": Row(GET, THERE),
    "transfer:take": Row(POST, THERE),
    "transfer:stop": Row(POST, THERE),
    "transfer:report": Row(GET, THERE),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    made = Transfer.objects.create(
        kind="requests", source="старая служба", name="a.csv", blob=files.keep(b"x"), state="looked",
        by=world.people["administrator"], at=timezone.now(), done=1, new=1,
    )  # fmt: skip
    TransferLine.objects.create(transfer=made, place=2, external="17", outcome="new")
    one = {"there": {"pk": made.pk}, "missing": {"pk": 10**9}}
    return {f"transfer:{name}": one for name in ("show", "take", "stop", "report")}
