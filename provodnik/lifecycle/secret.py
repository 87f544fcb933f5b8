"""What may be said of the installation's secret key without telling it."""

from __future__ import annotations

import hashlib
import hmac


def fingerprint(secret: str) -> str:
    """The same for the same key; the key has far too many possible values to be guessed from it."""
    return hmac.new(secret.encode(), b"provodnik:which-secret", hashlib.sha256).hexdigest()[:16]
