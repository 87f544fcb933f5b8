"""What a mail server answered, and what follows from it: delivered, to be tried again, or given up (RFC 5321, 3463)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321, 4.5.4.1: "at least 4-5 days"
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240))
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_WAIT = re.compile(r"(\d{1,5})\s*(s|m)(?:ec|in)", re.I)


@dataclass(frozen=True)
class Reply:
    """An answer of the server, or of ours when it never got that far. `text` is cut to one safe line."""

    code: int
    text: str

    @property
    def enhanced(self) -> str:
        """The enhanced status code (RFC 3463), "" when there is none."""
        found = _ENHANCED.match(self.text)
        return found[1] if found else ""

    @property
    def temporary(self) -> bool:
        return 400 <= self.code < 500


@dataclass(frozen=True)
class Delivered:
    """The server has taken the letter for `accepted`. `deferred` are to be tried again, `refused` never."""

    accepted: tuple[str, ...]
    deferred: Mapping[str, Reply] = field(default_factory=dict)
    refused: Mapping[str, Reply] = field(default_factory=dict)
    reply: Reply = Reply(250, "")


class SendFailure(Exception):
    """Nobody got the letter. `reason`: a key of `reasons.REASONS`; `code`: 0 when no server has spoken."""

    def __init__(
        self,
        reason: str,
        reply: Reply | None = None,
        *,
        deferred: Mapping[str, Reply] | None = None,
        refused: Mapping[str, Reply] | None = None,
    ) -> None:
        self.reason = reason
        self.reply = reply or Reply(0, "")
        self.code = self.reply.code
        self.text = self.reply.text
        self.deferred = dict(deferred or {})
        self.refused = dict(refused or {})
        super().__init__(f"{reason}: {self.code} {self.text}" if self.code else reason)


class TemporaryFailure(SendFailure):
    """To be tried again. `retry_hint`: the pause the server asked for. `uncertain`: it may have been taken
    after all (the connection broke after the last byte): the next try may double it, under one Message-ID."""

    retry_hint: timedelta | None = None
    uncertain: bool = False


class AccountFailure(TemporaryFailure):
    """To be tried again, and the administrator is to look at the account: it is not about this letter."""


class PermanentFailure(SendFailure):
    """Never to be tried again as it is."""


def next_try(attempt: int, *, now: datetime, created: datetime, jitter: float = 0.0) -> datetime | None:
    """When to try again after `attempt` failed tries (1 after the first); None: give up.

    `jitter` in [0, 1) lengthens the pause by up to a fifth, so that a thousand letters held up by one outage
    do not come back in one second. From the fourth on the pauses are 30 minutes and more (RFC 5321, 4.5.4.1).
    """
    if now - created >= GIVE_UP_AFTER:
        return None
    pause = PAUSES[min(max(attempt, 1), len(PAUSES)) - 1]
    return min(now + pause * (1 + jitter / 5), created + GIVE_UP_AFTER)


def reply_of(answer: tuple[int, bytes | str], *, hide: str = "") -> Reply:
    code, said = answer
    text = said if isinstance(said, bytes) else said.encode()
    line = " ".join("".join(c if c.isprintable() else " " for c in text.decode("utf-8", "replace")).split())
    return Reply(code, line.replace(hide, "…")[:300] if hide else line[:300])


def too_many(reply: Reply, accepted: Sequence[str]) -> bool:
    """552 behind accepted recipients is an old server's way of saying 452 (RFC 5321, 4.5.3.1.10)."""
    return reply.code == 552 and bool(accepted) and not reply.enhanced.startswith("5.2")


def failure_of(
    reply: Reply, *, deferred: Mapping[str, Reply] | None = None, refused: Mapping[str, Reply] | None = None
) -> SendFailure:
    if reply.code in (530, 534, 535, 538):
        # Authentication wanted (RFC 4954): about our account, not about this letter.
        return AccountFailure("login_refused", reply, deferred=deferred, refused=refused)
    if 500 <= reply.code < 600:
        return PermanentFailure("letter_refused", reply, deferred=deferred, refused=refused)
    reason = "letter_deferred" if reply.temporary else "garbage"
    failure = TemporaryFailure(reason, reply, deferred=deferred, refused=refused)
    found = _WAIT.search(reply.text)
    if found:
        failure.retry_hint = timedelta(seconds=int(found[1]) * (60 if found[2].lower() == "m" else 1))
    return failure
