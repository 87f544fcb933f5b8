"""What an administrator tells of a mail server, and which of it is refused at once."""

import re
from dataclasses import dataclass, field
from typing import Literal

Security = Literal["tls", "starttls", "none"]

IMAP_PORTS = frozenset({143, 993})
SMTP_PORTS = frozenset({25, 465, 587})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Server:
    """Where to connect and as whom. The password never shows in a repr, hence in no log or traceback."""

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str | None = None
    connect_timeout: float = 10.0
    timeout: float = 60.0
    """Seconds of silence allowed inside an exchange."""
    exchange_timeout: float = 300.0
    """Seconds a whole exchange may last, however busy; a letter's transfer gets more by its size."""


def problems(server: Server, usual_ports: frozenset[int]) -> list[str]:
    """Codes of what is wrong with the settings, [] when nothing: the keys of `reasons.REASONS`."""
    found = []
    if not server.host.strip() or len(server.host) > 253 or re.search(r"[\s/@]", server.host):
        found.append("bad_host")
    if server.port not in usual_ports and not 1023 < server.port < 65536:
        # Any other port below 1024 belongs to another service; a mailbox's test button must not knock there.
        found.append("bad_port")
    if server.security not in ("tls", "starttls", "none"):
        found.append("bad_security")
    if _CONTROL.search(server.username + server.password):
        found.append("bad_credentials")
    return found
