"""Tables of consents."""

from provodnik.consents.models.consents import Consent, ConsentFile, ConsentStep
from provodnik.consents.models.editions import Edition
from provodnik.consents.models.marking import MarkedPerson, Marking

__all__ = ["Consent", "ConsentFile", "ConsentStep", "Edition", "MarkedPerson", "Marking"]
