"""Tables of accounts."""

from provodnik.accounts.models.api_tokens import ApiToken
from provodnik.accounts.models.contacts import ContactCode, Way
from provodnik.accounts.models.factors import FactorRule, Passkey, PrintedCode, Totp, TrustedDevice
from provodnik.accounts.models.journal import JournalEntry
from provodnik.accounts.models.users import Session, SignInFailure, User, UserManager

__all__ = [
    "ApiToken",
    "ContactCode",
    "FactorRule",
    "JournalEntry",
    "Passkey",
    "PrintedCode",
    "Session",
    "SignInFailure",
    "Totp",
    "TrustedDevice",
    "User",
    "UserManager",
    "Way",
]
