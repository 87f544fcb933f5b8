"""Tables of the exchange."""

from provodnik.exchange.models.bases import Base, Limit
from provodnik.exchange.models.batches import Batch, BatchFile, Stage
from provodnik.exchange.models.odata import ODataAccess
from provodnik.exchange.models.outgoing import Parcel
from provodnik.exchange.models.things import KeptVersion, LeaveBalance, Thing

__all__ = [
    "Base", "Batch", "BatchFile", "KeptVersion", "LeaveBalance", "Limit", "ODataAccess", "Parcel", "Stage", "Thing",
]  # fmt: skip
