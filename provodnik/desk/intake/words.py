"""A letter in the words of the desk: what is said, by what proof, with what files."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from provodnik.channels.email import Understood
from provodnik.desk import matching
from provodnik.desk.actions.base import NewFile

_PREFIXES = re.compile(r"^(?:\s*(?:re|fwd?|fw|отв|ответ|пересл|переслано|вн|нa|aw|wg)(?:\[\d{1,3}\])?\s*:)+\s*", re.I)
_NUMBER_MARK = re.compile(r"\s*\[#\s?\d{1,18}\]\s*")


def clean_subject(subject: str) -> str:
    """Without «Re:», «Отв:», «Fwd:» and without the number of another request."""
    return _PREFIXES.sub("", _NUMBER_MARK.sub(" ", _PREFIXES.sub("", subject))).strip()


def said_and_quoted(letter: Understood) -> tuple[str, str]:
    """(what he wrote, what his program quoted); a letter that is nothing but a quotation is told whole."""
    if letter.reply.strip():
        return letter.reply.strip(), letter.quoted
    return letter.text.strip() or ("" if letter.attachments else _("(The letter has no text.)")), ""


def new_files(letter: Understood) -> list[NewFile]:
    return [
        NewFile(one.name, one.type, one.content, content_id=one.content_id, is_inline=one.inline)
        for one in letter.attachments
    ]


def findings(letter: Understood) -> dict[str, Any]:
    """What the page shows of the sender's proof, of repairs, of invitations."""
    found: dict[str, Any] = {**asdict(letter.verdict), "failed": matching.is_failed(letter.verdict)}
    found["notes"] = letter.notes
    found["blocked_images"] = letter.blocked_images
    found["automatic"] = letter.is_automatic or letter.is_list
    found["invitations"] = [
        {
            **asdict(card),
            "starts": card.starts.isoformat() if card.starts else None,
            "ends": card.ends.isoformat() if card.ends else None,
        }
        for card in letter.invitations
    ]
    return found
