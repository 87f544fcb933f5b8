"""What understanding a letter gives: plain frozen values, without NUL and without lone surrogates."""

import builtins
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: `name` as people see it, `email` in lower case; both may be empty."""

    name: str = ""
    email: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name and self.email else self.email or self.name


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the letter. `note` is a machine code of where it came from or what was repaired."""

    name: str
    type: str
    content: builtins.bytes
    content_id: str = ""
    inline: bool = False
    note: str = ""

    @property
    def bytes(self) -> builtins.bytes:
        """The same as `content`, by its other usual name."""
        return self.content


@dataclass(frozen=True, slots=True)
class Invitation:
    """A VEVENT (RFC 5545) to be shown as a card; `method` is REQUEST, CANCEL, REPLY…"""

    summary: str = ""
    starts: datetime | None = None
    ends: datetime | None = None
    all_day: bool = False
    location: str = ""
    organizer: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report (RFC 3464, or the words of a server that does not know it)."""

    recipients: tuple[str, ...] = ()
    status: str = ""
    permanent: bool = False
    delayed: bool = False
    original_ids: tuple[str, ...] = ()
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What our own receiving server found about the sender (RFC 8601); «none» where it found nothing.

    `authenticated` is true when DMARC passed, or SPF or DKIM passed for the domain of From.
    `source` is the authserv-id that was trusted.
    """

    spf: str = "none"
    dkim: str = "none"
    dmarc: str = "none"
    authenticated: bool = False
    domain: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """One letter, understood. `reply` and `quoted` together hold every line of `text`."""

    sender: Address = field(default_factory=Address)
    reply_to: list[Address] = field(default_factory=list)
    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    subject: str = ""
    text: str = ""
    html: str = ""
    blocked_images: int = 0
    reply: str = ""
    quoted: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)
    message_id: str = ""
    message_id_given: bool = False
    in_reply_to: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    date: datetime | None = None
    date_text: str = ""
    is_automatic: bool = False
    is_bounce: bool = False
    is_list: bool = False
    may_answer: bool = False
    bounce: Bounce | None = None
    loop_ids: list[str] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    notes: list[str] = field(default_factory=list)
    size: int = 0
