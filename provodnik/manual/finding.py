"""Search in the manuals: a small index in memory, made when it is first asked. Pure.

A hundred pages are some hundred thousand words: they are weighed at once, and a word that no page has is compared with
those that have its beginning or a part of it. What a reader typed is bounded: `MOST_WORDS` words of `LONGEST` letters.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

from provodnik.articles import markup
from provodnik.core.slips import LONGEST, nearest, other_layout
from provodnik.manual.sources import Book, Page, books
from provodnik.ui.text import typograph

LONGEST_QUERY = 200
MOST_WORDS = 8
HITS = 20
MOST_BEGUN = 30  # words that begin as the typed one does
MOST_ALIKE = 60  # words that are compared letter by letter with one that no page has
EXCERPT = 220  # characters of a piece of text
_TITLE, _HEADING, _SUMMARY, _TEXT = 6.0, 4.0, 3.0, 1.0
_OWN = 1.4  # how much more a page of the reader's own manual weighs
_MOST = 0.6  # of the asked words' weight
_GUESSED = 0.6  # of its weight a word gives that was set right
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_EMPTY = frozenset("и в во на с со к ко о об от до за из у по не ни а но что как где когда кто это для или ли же бы мой моя моё если при".split())  # fmt: skip  # noqa: E501, SIM905
# Endings of Russian words, the longest first: a word is compared by what stands before them.
_ALL_ENDINGS = (
    "иями ями ами ого его ому ему ыми ими иях ях ах ов ев ей ой ий ый ая яя ое ее ые ие ую юю ия ии ию ием ться тся"
    " ешь ишь ете ите ают яют уют ает яет ует ить ать ять еть уть ыть ал ил ыл ыла ыло ыли ыт ла ло ли ет ит ут ют"
    " ат ят ем им ом ам ям"
    " а я о е и ы у ю ь й"
)
_ENDINGS = tuple(sorted(_ALL_ENDINGS.split(), key=len, reverse=True))
_LEAST = 3  # letters that stay
_BEGINNING = 4  # letters by which a word is recognised that goes on


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a page and what stands below it; "" is the page's own beginning."""

    book: Book
    page: Page
    anchor: str
    heading: str
    text: str

    @property
    def address(self) -> str:
        return f"{self.page.address}#{self.anchor}" if self.anchor else self.page.address


@dataclass(frozen=True, slots=True)
class Hit:
    """`title` and `excerpt` are safe HTML with the found words marked."""

    section: Section
    title: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Found:
    """`instead`: the words that were looked for where they are not those that were typed."""

    typed: str
    hits: list[Hit]
    instead: str = ""


def stem(word: str) -> str:
    """A word without its ending and without the vowel that comes and goes before it: «листок», «листками»."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST:
            word = word[: -len(ending)]
            break
    return f"{word[:-2]}к" if word.endswith(("ок", "ек")) and len(word) > _LEAST + 1 else word


def words_in(text: str) -> Iterator[str]:
    for found in _WORD.findall(text.lower().replace("ё", "е")):
        yield found[:LONGEST]


def sections(book: Book, page: Page) -> Iterator[Section]:
    """A page in pieces, each with the anchor that markup gives its heading."""
    lines = page.text.split("\n")
    tokens = markup.parse(page.text)
    starts = [
        (token.map[0], tokens[place + 1].content)
        for place, token in enumerate(tokens)
        if token.type == "heading_open" and token.map
    ]
    first = starts[0][0] if starts else len(lines)
    yield Section(book, page, "", "", f"{page.summary}\n{markup.plain(chr(10).join(lines[:first]))}".strip())
    for place, (start, heading) in enumerate(starts):
        end = starts[place + 1][0] if place + 1 < len(starts) else len(lines)
        yield Section(
            book, page, f"part-{place + 1}", markup.plain(heading), markup.plain("\n".join(lines[start + 1 : end]))
        )


class Index:
    """Stem → section → weight, and how each stem is written most often."""

    def __init__(self, shelf: Iterable[Book]) -> None:
        self.sections = [part for book in shelf for page in book.pages for part in sections(book, page)]
        self.weights: dict[str, dict[int, float]] = defaultdict(dict)
        written: dict[str, Counter[str]] = defaultdict(Counter)
        for place, part in enumerate(self.sections):
            for weight, text in self._texts(part):
                for word, times in Counter(words_in(text)).items():
                    one = stem(word)
                    written[one][word] += times
                    known = self.weights[one]
                    known[place] = known.get(place, 0.0) + weight * (1 + math.log(times))
        self.shown = {one: most.most_common(1)[0][0] for one, most in written.items()}
        self.by_part: dict[str, list[str]] = defaultdict(list)
        for one in self.shown:
            for piece in _pieces(one):
                self.by_part[piece].append(one)

    @staticmethod
    def _texts(part: Section) -> Sequence[tuple[float, str]]:
        if part.anchor:
            return (_HEADING, part.heading), (_TEXT, part.text), (_SUMMARY / 3, part.page.title)
        return (_TITLE, part.page.title), (_SUMMARY, part.page.summary), (_TEXT, part.text)

    def search(self, typed: str, own: frozenset[str] = frozenset()) -> Found:
        """Sections that have most of the words. `own`: books that weigh more for this reader."""
        typed = typed[:LONGEST_QUERY].strip()
        words = [word for word in dict.fromkeys(words_in(typed)) if word not in _EMPTY][:MOST_WORDS]
        understood = [known for known in map(self._understood, words) if known is not None]
        if not understood:
            return Found(typed, [])
        scores: dict[int, float] = defaultdict(float)
        covered: dict[int, float] = defaultdict(float)
        total = 0.0
        for stems, _instead, sure in understood:
            places = {place for one in stems for place in self.weights[one]}
            rare = math.log(1 + len(self.sections) / len(places))
            total += rare
            for place in places:
                best = max(self.weights[one].get(place, 0.0) for one in stems)
                scores[place] += best * rare * (1.0 if sure else _GUESSED)
                covered[place] += rare
        least = min(total * _MOST, max(covered.values()))  # where nothing has most of the words, what has most of them
        best_ones = sorted(
            (place for place in scores if covered[place] >= least),
            key=lambda place: (-self._worth(place, scores[place], covered[place] / total, own), place),
        )
        marked = frozenset(one for stems, _instead, _sure in understood for one in stems)
        instead = " ".join(shown for _stems, shown, _sure in understood)
        changed = len(understood) < len(words) or any(not sure for _stems, _shown, sure in understood)
        return Found(typed, [self._hit(place, marked) for place in best_ones[:HITS]], instead if changed else "")

    def _worth(self, place: int, score: float, covered: float, own: frozenset[str]) -> float:
        return score * covered * covered * (_OWN if self.sections[place].book.slug in own else 1.0)

    def _hit(self, place: int, stems: frozenset[str]) -> Hit:
        part = self.sections[place]
        title = part.heading or part.page.title
        return Hit(part, _marked(typograph(title), stems), _marked(_piece(part.text, stems), stems))

    def _understood(self, word: str) -> tuple[list[str], str, bool] | None:
        """Stems that a typed word stands for, how it is written, and whether that is what was typed."""
        for one, sure in ((word, True), (other_layout(word).replace("ё", "е"), False)):
            if not one:
                continue
            known = stem(one)
            begun = [other for other in self._begun(known) if other != known]
            if known in self.weights or begun:
                return [known, *begun] if known in self.weights else begun, one, sure
        near = self._alike(stem(word))
        right = nearest(stem(word), [(one, one) for one in near])
        right = right or nearest(word, [(self.shown[one], one) for one in [*near, *self._alike(word)]])
        return ([right], self.shown[right], False) if right else None

    def _begun(self, known: str) -> list[str]:
        if len(known) < _BEGINNING:
            return []
        found = [one for one in self.by_part.get(known[:3], ()) if one.startswith(known)]
        return sorted(found, key=len)[:MOST_BEGUN]

    def _alike(self, word: str) -> list[str]:
        """Stems that have the most pieces in common with a word, the commonest first: of two that are as near, that."""
        common = Counter(one for piece in _pieces(word) for one in self.by_part.get(piece, ()))
        likely = ((count / (len(one) + len(word)), one) for one, count in common.items())
        near = [one for _share, one in sorted(likely, reverse=True)[:MOST_ALIKE]]
        return sorted(near, key=lambda one: -len(self.weights[one]))


def _pieces(word: str) -> set[str]:
    return {word[at : at + 3] for at in range(max(1, len(word) - 2))} | {word[:2]}


def _piece(text: str, stems: frozenset[str]) -> str:
    """A piece of a text about the first of the words that it has."""
    flat = " ".join(text.split())
    at = next((found.start() for found in _WORD.finditer(flat) if _is_one(found[0], stems)), 0)
    start = flat.rfind(" ", 0, max(0, at - 60)) + 1 if at > 80 else 0
    end = flat.rfind(" ", 0, start + EXCERPT) if len(flat) > start + EXCERPT else len(flat)
    return typograph(("… " if start else "") + flat[start:end] + (" …" if end < len(flat) else ""))


def _is_one(word: str, stems: frozenset[str]) -> bool:
    return stem(word.lower().replace("ё", "е")) in stems


def _marked(text: str, stems: frozenset[str]) -> str:
    parts, last = [], 0
    for found in _WORD.finditer(text):
        if _is_one(found[0], stems):
            parts += [escape(text[last : found.start()]), f"<mark>{escape(found[0])}</mark>"]
            last = found.end()
    return "".join([*parts, escape(text[last:])])


@cache
def index() -> Index:
    return Index(books())
