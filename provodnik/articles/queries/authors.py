"""Reads for authors: the list by state, versions, what readers say, what was asked in vain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q, QuerySet

from provodnik.accounts.models import User
from provodnik.articles.models import Article, Asked, Version, Vote
from provodnik.articles.policies import PUBLISHED, visible_articles
from provodnik.articles.states import State

PAGE = 50
SAID = 30  # words of readers that are shown
ASKED = 100

# Lists of the authors' workplace, by the name in the address.
LISTS = ("all", State.DRAFT.value, "changed", State.PUBLISHED.value, State.WITHDRAWN.value, "check")


def _changed() -> Q:
    """The working copy says something else than what is published (see Article.is_changed)."""
    last = {name: F(f"published__{name}") for name in ("title", "summary", "keywords", "text")}
    return Q(published__isnull=False) & ~Q(**last)


def _of_list(name: str, today: date) -> Q:
    if name == "changed":
        return _changed() | Q(offered_at__isnull=False)
    if name == "check":
        return PUBLISHED & Q(check_by__lte=today)
    return Q(state=name) if name in {one.value for one in State} else Q()


@dataclass(frozen=True, slots=True)
class Page:
    articles: list[Article]  # with `helped`, `not_helped` (of all versions), `closed` (requests closed with it)
    more: str  # where to go on, "" at the end
    counts: dict[str, int]


def listed(user: User, name: str, *, words: str, after: str, today: date) -> Page:
    """A page of a list, the last edited first; `words` are looked for in the titles."""
    mine = visible_articles(user)
    found = mine.filter(_of_list(name, today))
    for word in words.split()[:6]:
        found = found.filter(Q(title__icontains=word) | Q(published__title__icontains=word))
    moment, pk = _cursor(after)
    if moment is not None:
        found = found.filter(Q(edited_at__lt=moment) | Q(edited_at=moment, pk__lt=pk))
    told = found.select_related("published", "section", "edited_by", "author").order_by("-edited_at", "-pk")
    rows = list(with_votes(told)[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    more = f"{last.edited_at.isoformat()}_{last.pk}" if last is not None else ""
    counts = mine.aggregate(**{one: Count("pk", filter=_of_list(one, today) or None) for one in LISTS})
    return Page(rows[:PAGE], more, counts)


def _cursor(after: str) -> tuple[datetime | None, int]:
    moment, _line, pk = after.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None, 0
    return (at, int(pk)) if at.tzinfo is not None and pk.isdecimal() and len(pk) < 16 else (None, 0)


def with_votes(articles: QuerySet[Article]) -> QuerySet[Article]:
    return articles.annotate(
        helped=Count("versions__votes", filter=Q(versions__votes__helped=True), distinct=True),
        not_helped=Count("versions__votes", filter=Q(versions__votes__helped=False), distinct=True),
        closed=Count("versions__uses", distinct=True),
    )


def versions(article: Article) -> list[Version]:
    """The newest first, each with its votes."""
    return list(
        article.versions.select_related("by")
        .annotate(
            helped=Count("votes", filter=Q(votes__helped=True)),
            not_helped=Count("votes", filter=Q(votes__helped=False)),
        )
        .order_by("-number")[:200]
    )


def said(article: Article) -> Sequence[Vote]:
    """What readers wrote beside their vote, the newest first. By whom is not told: they answer more freely."""
    votes = Vote.objects.filter(version__article=article).exclude(text="").select_related("version")
    return list(votes.order_by("-at")[:SAID])


def asked() -> Sequence[Asked]:
    """What was searched for in vain, the most wanted first."""
    return list(Asked.objects.order_by("-times", "-at")[:ASKED])


def to_check(today: date) -> QuerySet[Article]:
    """Published articles whose day of checking has come."""
    return Article.objects.filter(PUBLISHED, check_by__lte=today).select_related("author")
