"""E-mail: letters in and out. `understand(raw)` reads one; it is pure and needs no Django."""

from .parse.values import Address, Attachment, Bounce, Invitation, Understood, Verdict
from .parse.whole import understand

__all__ = ["Address", "Attachment", "Bounce", "Invitation", "Understood", "Verdict", "understand"]
