"""Tables of entry."""

from provodnik.entry.models.former import Former
from provodnik.entry.models.slips import Sheet, Slip

__all__ = ["Former", "Sheet", "Slip"]
