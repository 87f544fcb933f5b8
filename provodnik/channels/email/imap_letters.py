"""What a session with a mail server gives and how it fails, for whoever works with it."""

from dataclasses import dataclass, field
from datetime import datetime

from .account import Server

LASTING = frozenset(  # what trying again will not mend, until someone changes a setting
    {
        "bad_host", "bad_port", "bad_security", "bad_credentials", "ca_file_missing", "ca_file_unreadable",
        "certificate", "starttls_missing", "starttls_injection", "login_forbidden", "login_refused",
        "folder_missing", "folder_read_only", "no_uidvalidity",
    }
)  # fmt: skip


@dataclass(frozen=True)
class ImapAccount(Server):
    folder: str = "INBOX"


class ImapError(Exception):
    """`code`: a key of `reasons.REASONS`; `detail`: a short technical word. Never a password or mail."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Temporary(ImapError):
    """Try again later."""


class Refused(ImapError):
    """Trying again will not help until a setting, here or on the server, is changed."""


@dataclass(frozen=True)
class Letter:
    """`received`: when the server took it (INTERNALDATE), None where it does not say."""

    uid: int
    size: int
    received: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class TooLarge:
    """Not downloaded. `headers`: the beginning of its header, at most 64 KB, possibly empty."""

    size: int
    headers: bytes


@dataclass(frozen=True)
class NotFetched:
    """The server would not give this letter. `code` "gone": another client has removed it."""

    code: str


Fetched = bytes | TooLarge | NotFetched


def body_of(bodies: dict[int, bytes], uid: int, size: int) -> bytes | NotFetched:
    """An answer without the letter, or an empty one for a letter that was not: another client removed it.

    Dovecot answers for a letter just expunged with an empty body and OK.
    """
    body = bodies.get(uid)
    return NotFetched("gone") if body is None or (size and not body) else body
