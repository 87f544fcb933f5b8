"""From typed words to articles: Russian stems, slips of the finger forgiven, the wrong keyboard layout understood.

Everything is asked among the articles that the asker may read: neither a hit, nor a count, nor the word by which a
slip was set right can tell of another one. There are hundreds of articles, not millions: they are weighed one by one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from provodnik.accounts.models import User
from provodnik.articles.models import Article
from provodnik.articles.policies import published_for
from provodnik.core.slips import LONGEST, nearest, other_layout
from provodnik.core.text import storable
from provodnik.desk.queries.found import marked
from provodnik.desk.search import LONGEST_QUERY, normal

MOST_WORDS = 10  # words of a search
MOST_SPOKEN = 40  # words of a request's text that are looked at
MOST_SLIPS = 6  # unknown words of a request's text that are set right
READ_TEXT = 2000  # characters of it
HITS = 30
OFFERED = 4
LEAST = 0.9  # of a score: a rare word in a title, or two in the summary
FEW = 5  # articles that are thought of besides those there are
GUESSED = 0.5  # of its weight a word gives that was set right
NAMED = 0.4  # of its weight a word gives in a title or among the other words; elsewhere less
_ALIKE = 0.1  # trigrams in common by which a word is looked at; the distance decides
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*", re.UNICODE)
_START, _STOP = "\x02", "\x03"
_PIECE = f"StartSel={_START}, StopSel={_STOP}, MaxWords=26, MinWords=12, ShortWord=2, MaxFragments=1"
_WHOLE = f"StartSel={_START}, StopSel={_STOP}, HighlightAll=true"

_KNOWN = """
WITH docs AS MATERIALIZED (SELECT id, search FROM articles_article WHERE id IN ({visible}))
SELECT typed.place, (tsvector_to_array(stems.of))[1],
       (SELECT count(*) FROM docs WHERE docs.search @@ typed.query), (SELECT count(*) FROM docs)
FROM (SELECT text, place, plainto_tsquery('russian', text) AS query
      FROM unnest(%s::text[]) WITH ORDINALITY AS one(text, place)) AS typed
CROSS JOIN LATERAL (SELECT to_tsvector('russian', typed.text) AS of) AS stems
WHERE numnode(typed.query) > 0
ORDER BY typed.place
"""
_NEAR = """
SELECT typed.text, known.stem, known.shown
FROM unnest(%s::text[]) AS typed(text)
CROSS JOIN LATERAL (
    SELECT stem, min(shown) AS shown, similarity(stem, typed.text) AS alike FROM articles_word
    WHERE (stem %% typed.text OR stem LIKE typed.text || '%%') AND article_id IN ({visible})
    GROUP BY stem ORDER BY alike DESC, stem LIMIT 40
) AS known
ORDER BY known.alike DESC, known.stem
"""
_WEIGHED = """
WITH asked AS MATERIALIZED (
    SELECT plainto_tsquery('russian', text) AS query, weight
    FROM unnest(%s::text[], %s::float8[]) AS one(text, weight)
)
SELECT doc.id, sum(asked.weight * ts_rank('{{0.1, 0.4, 0.7, 1.0}}', doc.search, asked.query)) AS score,
       sum(asked.weight) AS covered, count(*) AS matched
FROM articles_article AS doc JOIN asked ON doc.search @@ asked.query
WHERE doc.id IN ({visible})
GROUP BY doc.id ORDER BY score DESC, doc.id LIMIT %s
"""
_TOLD = f"""
WITH asked AS (SELECT websearch_to_tsquery('russian', %s) AS query)
SELECT version.article_id,
       ts_headline('russian', translate(version.title, 'ёЁ', 'еЕ'), asked.query, '{_WHOLE}'),
       ts_headline('russian', translate(left(version.plain, 20000), 'ёЁ', 'еЕ'), asked.query, '{_PIECE}')
FROM articles_version AS version CROSS JOIN asked WHERE version.id = ANY(%s)
"""  # noqa: S608 - only constants of this file are put in


@dataclass(frozen=True, slots=True)
class Hit:
    """A found article; title and a piece of its text with the words marked (safe HTML)."""

    article: Article
    title: SafeString
    snippet: SafeString


@dataclass(frozen=True, slots=True)
class Found:
    """`instead`: the words that were searched for, when they are not quite those that were typed."""

    typed: str
    hits: list[Hit]
    instead: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    stem: str
    among: int  # articles that have it
    of: int  # articles there are


@dataclass(frozen=True, slots=True)
class Weighed:
    """How well an article answers: `covered` is the weight of the asked words that it has, `matched` their number."""

    pk: int
    score: float
    covered: float
    matched: int


def words_in(text: str, most: int) -> list[str]:
    """The first different words of a text, as the index has them: small letters, Ё as Е."""
    found = (word[:LONGEST] for word in _WORD.findall(normal(storable(text)).lower()))
    return list(dict.fromkeys(found))[:most]


def search(user: User, typed: str) -> Found:
    """What the person may read and finds by these words, the best first."""
    return search_in(published_for(user), typed)


def search_in(visible: QuerySet[Article], typed: str) -> Found:
    typed = storable(typed[:LONGEST_QUERY]).strip()
    words = words_in(_in_our_layout(typed), MOST_WORDS)
    understood, changed = _understood(visible, words, MOST_WORDS)
    if not understood:
        return Found(typed, [])
    total = sum(understood.values())
    best = [one for one in _weighed(visible, understood, HITS) if one.covered >= total / 2]
    instead = " ".join(understood) if changed else ""
    return Found(typed, _told(visible, best, list(understood)), instead)


def offered(visible: QuerySet[Article], text: str, *, subsystem_id: int | None = None) -> list[Article]:
    """Articles that probably answer what somebody writes: few, and none rather than a far-fetched one."""
    understood, _changed = _understood(visible, words_in(text[:READ_TEXT], MOST_SPOKEN), MOST_SLIPS)
    if not understood:
        return []
    found = _weighed(visible, understood, 5 * OFFERED)
    known = Article.objects.select_related("published", "section").in_bulk([one.pk for one in found])
    scored = sorted(
        (
            (one.score * (1.3 if subsystem_id and known[one.pk].subsystem_id == subsystem_id else 1), one)
            for one in found
            if one.pk in known and (one.matched > 1 or one.score >= NAMED * one.covered)
        ),
        key=lambda pair: (-pair[0], pair[1].pk),
    )
    if not scored or scored[0][0] < LEAST:
        return []
    return [known[one.pk] for score, one in scored if score >= max(LEAST, scored[0][0] * 0.35)][:OFFERED]


_KEYS = re.compile(r"[\[\];'`,.](?=\S)|(?<=\S)[\[\];'`]")


def _in_our_layout(typed: str) -> str:
    """What was typed, and how it reads in the other layout when a key of punctuation may have meant a letter: «j;blf»
    is «ожида», and would fall apart into «j» and «blf»."""
    if re.search(r"[а-яё]", typed, re.IGNORECASE) or not _KEYS.search(typed):
        return typed
    return f"{typed} {other_layout(typed)}"


def _visible(visible: QuerySet[Article]) -> tuple[str, tuple[Any, ...]]:
    sql, values = visible.order_by().values("pk").query.sql_with_params()
    return sql, tuple(values)


def _understood(visible: QuerySet[Article], words: Sequence[str], most_slips: int) -> tuple[dict[str, float], bool]:
    """Words that articles have → their weight (a rare one says more), and whether one of them was set right."""
    if not words:
        return {}, False
    turned = {word: other for word in words if (other := normal(other_layout(word)))}
    known = _known(visible, list(dict.fromkeys([*words, *turned.values()])))
    unknown = [word for word in words if word in known and not known[word].among]
    unknown += [word for word in words if word not in known and word in turned and turned[word] in known]
    slips = [word for word in unknown if not (word in turned and _is_known(known, turned[word]))][:most_slips]
    right = _set_right(visible, {word: _stems(word, turned.get(word), known) for word in slips})
    chosen: dict[str, str] = {}
    for word in words:
        if _is_known(known, word):
            chosen[word] = word
        elif word in turned and _is_known(known, turned[word]):
            chosen[word] = turned[word]
        elif word in right:
            chosen[word] = right[word]
    again = _known(visible, [word for word in chosen.values() if word not in known])
    facts = {**known, **again}
    weights: dict[str, float] = {}
    for word, now in chosen.items():
        if now in facts:  # a guessed word says less than one that was typed
            weights[now] = max(weights.get(now, 0), _weight(facts[now]) * (GUESSED if word in right else 1))
    return weights, any(word != now for word, now in chosen.items())


def _is_known(known: dict[str, _Known], word: str) -> bool:
    return word in known and known[word].among > 0


def _stems(word: str, other: str | None, known: dict[str, _Known]) -> list[str]:
    return [known[one].stem for one in (word, other) if one and one in known]


def _weight(fact: _Known) -> float:
    """A word of every article says nothing; but of a few articles nobody knows yet which words are common."""
    return math.log(1 + (fact.of + FEW) / max(1, fact.among))


def _known(visible: QuerySet[Article], words: Sequence[str]) -> dict[str, _Known]:
    """Words that mean something (not «и», not «на») → their stem, and in how many articles they are."""
    if not words:
        return {}
    sql, values = _visible(visible)
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN.format(visible=sql), [*values, list(words)])
        return {words[place - 1]: _Known(stem or "", among, of) for place, stem, among, of in cursor.fetchall()}


def _set_right(visible: QuerySet[Article], slips: dict[str, list[str]]) -> dict[str, str]:
    """Words with slips → what was probably meant. `slips`: the word → its stem, and its stem in the other layout."""
    stems = list(dict.fromkeys(stem for several in slips.values() for stem in several if len(stem) > 2))
    if not stems:
        return {}
    sql, values = _visible(visible)
    near: dict[str, list[tuple[str, str]]] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(_ALIKE)])
        cursor.execute(_NEAR.format(visible=sql), [stems, *values])
        for typed, stem, shown in cursor.fetchall():
            near.setdefault(typed, []).append((stem, shown))
    found = {word: next(filter(None, (nearest(stem, near.get(stem, [])) for stem in several)), "")
             for word, several in slips.items()}  # fmt: skip
    return {word: shown for word, shown in found.items() if shown}


def _weighed(visible: QuerySet[Article], words: dict[str, float], most: int) -> list[Weighed]:
    sql, values = _visible(visible)
    with connection.cursor() as cursor:
        cursor.execute(_WEIGHED.format(visible=sql), [list(words), list(words.values()), *values, most])
        return [Weighed(pk, float(score), float(covered), matched) for pk, score, covered, matched in cursor.fetchall()]


def _told(visible: QuerySet[Article], found: Iterable[Weighed], words: Sequence[str]) -> list[Hit]:
    order = [one.pk for one in found]
    articles = visible.select_related("published", "section").in_bulk(order)
    versions = [one.published_id for one in articles.values()]
    if not versions:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [" or ".join(f'"{word}"' for word in words), versions])
        told = {pk: (title, piece) for pk, title, piece in cursor.fetchall()}
    return [Hit(articles[pk], marked(told[pk][0]), marked(told[pk][1])) for pk in order if pk in told]
