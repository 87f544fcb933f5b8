"""Tables of federation."""

from provodnik.federation.models.directories import Directory, GroupRole
from provodnik.federation.models.identities import Identity
from provodnik.federation.models.providers import Exchange, Provider

__all__ = ["Directory", "Exchange", "GroupRole", "Identity", "Provider"]
