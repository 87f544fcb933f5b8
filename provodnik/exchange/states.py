"""The few fixed lists of the exchange. Plain names, no Django."""

from __future__ import annotations

from enum import StrEnum


class Carrier(StrEnum):
    """How a batch came: files in a folder, pushed over HTTPS, or read by the portal itself."""

    FOLDER = "folder"
    PUSH = "push"
    ODATA = "odata"


class State(StrEnum):
    """READING: the portal is still asking 1C; RECEIVED: the raw bytes are kept; CHECKING: every line is read, nothing
    is taken; HELD: a threshold stopped it, a person decides; APPLYING; DONE; REFUSED: not one of its objects was taken;
    DROPPED: a person said no."""

    READING = "reading"
    RECEIVED = "received"
    CHECKING = "checking"
    HELD = "held"
    APPLYING = "applying"
    DONE = "done"
    REFUSED = "refused"
    DROPPED = "dropped"


UNDERWAY = frozenset({State.READING, State.RECEIVED, State.CHECKING, State.APPLYING})


class Outcome(StrEnum):
    """What a line would do (the diff), by its reference, version and content."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    OLDER = "older"
    REFUSED = "refused"


class Standing(StrEnum):
    """How an object stands here. KEPT: nobody takes its kind yet, it waits whole; GONE: taken back by 1C."""

    TAKEN = "taken"
    WAITING = "waiting"
    REFUSED = "refused"
    KEPT = "kept"
    GONE = "gone"


OPEN = (Standing.WAITING.value, Standing.REFUSED.value)


class Gives(StrEnum):
    """How a base hears what the portal has to tell: not at all, by files in its folder, by asking over HTTPS."""

    NOT = ""
    FOLDER = "folder"
    PULL = "pull"


class Answer(StrEnum):
    """What 1C has said to what it was told."""

    NONE = ""
    TAKEN = "taken"
    REFUSED = "refused"


class Actor(StrEnum):
    """Who should act on a row of the journal."""

    NOBODY = "nobody"
    SENDER = "sender"
    PAYROLL_BASE = "zup"
    PERSONNEL = "personnel"
    ADMINISTRATOR = "administrator"


class Stop(StrEnum):
    """Which threshold stopped a batch."""

    DISMISSALS = "dismissals"
    CHANGES = "changes"
