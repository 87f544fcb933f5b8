"""The few fixed lists of consents. Plain names, no Django."""

from __future__ import annotations

from enum import StrEnum


class About(StrEnum):
    """What somebody agrees to. DATA: personal data beyond what labour law asks for (152-FZ, art. 9; a document of its
    own since 01.09.2025); KEDO: electronic documents instead of paper (art. 22.2 TK); SIGNATURE: the agreement on a
    simple electronic signature (63-FZ, art. 9). 1C hears these very words."""

    DATA = "data"
    KEDO = "kedo"
    SIGNATURE = "signature"


# 152-FZ, art. 9, part 2: he takes it back himself, whenever he likes. Of the other two no law says so: on paper.
WORKER_WITHDRAWS = frozenset({About.DATA})


class How(StrEnum):
    """How it was given or taken back. Nobody accepts a signature by that same signature: given is on paper alone."""

    PAPER = "paper"
    CABINET = "cabinet"


class Standing(StrEnum):
    """REPLACED: the person has signed another edition; MISTAKE: it was marked wrongly, and stays with the reason."""

    GIVEN = "given"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    MISTAKE = "mistake"


class Heard(StrEnum):
    """What 1C knows. NOTHING: it is to be told of the last change, or is none of its business."""

    NOTHING = ""
    TAKEN = "taken"
    REFUSED = "refused"


class Did(StrEnum):
    """What happened to a consent."""

    MARKED = "marked"
    SCANNED = "scanned"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    MISTAKE = "mistake"
    TAKEN = "taken"
    REFUSED = "refused"
    AGAIN = "again"
    ERASED = "erased"


class Verdict(StrEnum):
    """What became of one person of a marking. REPLACED: marked, and an earlier edition ended by it; EARLIER: what is in
    force was given later than this day; OWN: nobody marks his own."""

    MARKED = "marked"
    REPLACED = "replaced"
    ALREADY = "already"
    EARLIER = "earlier"
    OWN = "own"
    STRANGER = "stranger"
