"""The front door of the channels: checks for doctor."""

from __future__ import annotations

from provodnik.channels import checks, metering
from provodnik.channels.trials import TRIALS
from provodnik.core.parts import Part

PART = Part(
    name="channels",
    checks=[("mailboxes", checks.mailboxes), ("ledger", checks.ledger), ("outgoing", checks.outgoing)],
    strict=[("letters", checks.raw_letters)],
    extra={
        "metrics": metering.letters,
        "trials": TRIALS,
    },
)
