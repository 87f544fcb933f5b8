"""Words as search sees them: Ё is Е (people type either), stems are Russian."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q

_YO = str.maketrans("ёЁ", "еЕ")
_WORD = re.compile(r"[\w@.\-]+", re.UNICODE)
MOST_WORDS = 12
LONGEST_QUERY = 200


def normal(text: str) -> str:
    """Text for the index and for the query alike."""
    return text.translate(_YO)


def words_in(typed: str) -> str:
    """What was typed as search understands it: the first words of it, "" when there is none."""
    return " ".join(_WORD.findall(normal(typed[:LONGEST_QUERY]))[:MOST_WORDS])


def words_query(typed: str) -> SearchQuery | None:
    """What was typed as a full-text query: all words, in any order."""
    words = words_in(typed)
    return SearchQuery(words, config="russian", search_type="websearch") if words else None


def number_in(typed: str) -> int | None:
    """A request's number, typed as 1847, №1847 or #1847."""
    found = re.fullmatch(r"\s*[№#]?\s*(\d{1,15})\s*", typed)
    return int(found[1]) if found else None


def found_by(typed: str, *, desk: bool) -> Q:
    """A condition on tickets: the number, or the words (notes are searched for the desk alone)."""
    number = number_in(typed)
    query = words_query(typed)
    condition = Q(pk__in=[])
    if query is not None:
        condition = Q(search__full=query) if desk else Q(search__public=query)
    if number is not None:
        condition |= Q(pk=number)
    return condition
