"""What Zammad's API gives of its knowledge base, as one JSON file: the answers that somebody has saved one by one,
/api/v1/knowledge_bases/{base}/answers/{id}?full=1&include_contents={id of the translation}.

Each is {"id": …, "assets": {"KnowledgeBaseAnswer": {id: {…}}, "KnowledgeBaseAnswerTranslation": …}}: objects by their
kind and id, which are put together here whatever answer told them (Zammad's REST documentation, Knowledge Base). A text
is HTML and shows its pictures by /api/v1/attachments/{id}; so their bytes lie in the archive under `attachments/`,
those of files that hang on an answer as well.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from provodnik.transfer.reading.archive import Folder
from provodnik.transfer.reading.files import MOST_FILES, Gathered
from provodnik.transfer.reading.marked import from_html
from provodnik.transfer.reading.values import (
    MOST_LINES,
    Found,
    Lines,
    Mistake,
    PastArticle,
    Unreadable,
    words_of,
)

Thing = dict[str, Any]
Things = Mapping[str, Mapping[str, Thing]]  # kind → id → what it is

_PICTURE = re.compile(r'(<img\b[^>]*?\bsrc=")(?:https?://[^/"]+)?/api/v1/attachments/(\d{1,12})(?:\?[^"]*)?"')
_SHOWN = re.compile(r"!\[[^\]\n]*\]\((attachments/\d{1,12})\)")


def is_base(content: bytes) -> bool:
    """Whether a file is such a JSON at all: a table begins with a name."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{")


def articles(content: bytes, folder: Folder | None = None) -> Lines:
    """Every answer of the file. Raises Unreadable for what is no such file."""
    things = _together(content)
    answers = things["KnowledgeBaseAnswer"]
    if not answers or len(answers) > MOST_LINES:
        raise Unreadable(_("There is no answer of a knowledge base in the file, or there are more than %(count)d.")
                         % {"count": MOST_LINES})  # fmt: skip
    return _read(_Base.of(things), folder or Folder())


def _together(content: bytes) -> Things:
    try:
        whole = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("The file is no JSON.")) from error
    things: dict[str, dict[str, Thing]] = defaultdict(dict)
    for reply in whole if isinstance(whole, list) else [whole]:
        assets = reply.get("assets", reply) if isinstance(reply, dict) else None
        for kind, found in assets.items() if isinstance(assets, dict) else ():
            if isinstance(found, dict):
                things[kind].update({key: one for key, one in found.items() if isinstance(one, dict)})
    return things


@dataclass(frozen=True, slots=True)
class _Base:
    """A knowledge base. `titled`, `called`: words by the id of their answer, of their category."""

    answers: Mapping[str, Thing]
    bodies: Mapping[str, Thing]
    titled: Mapping[str, Thing]
    called: Mapping[str, Thing]

    @classmethod
    def of(cls, things: Things) -> _Base:
        main = {key for key, one in things["KnowledgeBaseLocale"].items() if one.get("primary") is True}
        return cls(
            answers=things["KnowledgeBaseAnswer"],
            bodies=things["KnowledgeBaseAnswerTranslationContent"],
            titled=_by_owner(things["KnowledgeBaseAnswerTranslation"], "answer_id", main),
            called=_by_owner(things["KnowledgeBaseCategoryTranslation"], "category_id", main),
        )


def _by_owner(translations: Mapping[str, Thing], owner: str, main: set[str]) -> dict[str, Thing]:
    """Words by what they are of: those in the main language of the base, else the first there are."""
    found: dict[str, Thing] = {}
    for one in translations.values():
        key = words_of(one.get(owner))
        if key not in found or (
            words_of(one.get("kb_locale_id")) in main and words_of(found[key].get("kb_locale_id")) not in main
        ):
            found[key] = one
    return found


def _read(base: _Base, folder: Folder) -> Iterator[tuple[int, str, Found]]:
    answers = sorted(base.answers.items(), key=lambda pair: (len(pair[0]), pair[0]))
    for place, (number, answer) in enumerate(answers, 1):
        yield place, number[:100], _article(number, answer, base, folder)


def _article(number: str, answer: Thing, base: _Base, folder: Folder) -> Found:
    if answer.get("archived_at"):
        return Mistake(_("It was put into the archive there."))
    words = base.titled.get(number, {})
    title, body = (
        words_of(words.get("title")),
        words_of(base.bodies.get(words_of(words.get("content_id")), {}).get("body")),
    )
    if not title or not body:
        return Mistake(_("An instruction needs a title and a text."))
    text = from_html(_PICTURE.sub(r'\1attachments/\2"', body))
    if isinstance(text, Mistake):
        return text
    taken = Gathered(folder)
    shown = {}
    for name in dict.fromkeys(_SHOWN.findall(text)):
        place = taken.member(folder.find(name), name)
        if place is not None:
            shown[name] = place
    _hanging(answer, taken)
    section = words_of(base.called.get(words_of(answer.get("category_id")), {}).get("title"))
    return PastArticle(title, text, section, taken.files, taken.missing, shown)


def _hanging(answer: Thing, taken: Gathered) -> None:
    """Files that hang on an answer."""
    listed = answer.get("attachments")
    for one in listed[: MOST_FILES + 1] if isinstance(listed, list) else []:
        if isinstance(one, dict):
            own, name = words_of(one.get("id")), words_of(one.get("filename"))[:300]
            places = [f"attachments/{tail}" for tail in (own, name) if tail]
            taken.member(taken.folder.find(*places), name or own, name=name)
