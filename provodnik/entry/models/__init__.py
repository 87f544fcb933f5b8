"""Tables of entry."""

from provodnik.entry.models.slips import Sheet, Slip

__all__ = ["Sheet", "Slip"]
