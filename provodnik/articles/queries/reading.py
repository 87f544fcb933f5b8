"""Reads for readers: shelves, one article with its text, what it links to."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower
from django.urls import reverse

from provodnik.accounts.models import User
from provodnik.articles import markup
from provodnik.articles.models import Article, ArticleFile, Section, Version, Vote
from provodnik.articles.policies import published_for, visible_articles

ON_A_SHELF = 6  # articles of a section on the first page
PAGE = 50
MOST_LINKS = 100


@dataclass(frozen=True, slots=True)
class Shelf:
    """A section (None: without one) with its first articles and how many there are."""

    section: Section | None
    articles: list[Article]
    total: int


def shelves(user: User) -> list[Shelf]:
    """What the person may read, by sections; empty sections are not shown."""
    visible = published_for(user)
    found: dict[int | None, list[Article]] = {}
    for article in visible.select_related("published", "section").order_by("section", Lower("published__title"))[:600]:
        found.setdefault(article.section_id, []).append(article)
    made = [Shelf(some[0].section, some[:ON_A_SHELF], len(some)) for some in found.values()]
    return sorted(made, key=lambda one: (one.section is None, one.section.position if one.section else 0,
                                         one.section.name if one.section else ""))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    articles: list[Article]
    more: int | None  # the last one's id, to go on after


def of_section(user: User, section: Section | None, *, after: int | None = None) -> Page:
    """A section's articles by title, a page at a time."""
    found = published_for(user).filter(section=section).select_related("published", "section")
    if after is not None:
        last = found.filter(pk=after).values_list("published__title", flat=True).first()
        if last is not None:
            found = found.filter(Q(published__title__gt=last) | Q(published__title=last, pk__gt=after))
    rows = list(found.order_by("published__title", "pk")[: PAGE + 1])
    return Page(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def _linked(articles: QuerySet[Article], targets: Iterable[markup.Target]) -> markup.Found:
    wanted = list(targets)[:MOST_LINKS]
    if not wanted:
        return {}
    named = {target.title: target for target in wanted if target.number is None}
    numbered = {target.number: target for target in wanted if target.number is not None}
    found: dict[markup.Target, tuple[str, str]] = {}
    known = articles.filter(published__isnull=False).annotate(called=Lower("published__title"))
    for article in known.filter(Q(pk__in=numbered) | Q(called__in=named)).select_related("published").order_by("-pk"):
        assert article.published is not None
        place = (reverse("articles:show", args=[article.pk]), article.published.title)
        for target in (numbered.get(article.pk), named.get(article.called)):
            if target is not None:
                found[target] = place
    return found


def links(user: User, text: str) -> markup.Found:
    """Articles that a text names, among those that the reader may read."""
    return _linked(published_for(user), markup.targets(text))


def titles(article: Article) -> markup.Found:
    """Articles that a text names, among those for everyone who may read this one: what search knows of it and an
    answer quotes is the same for all its readers, so only what is for everyone counts."""
    for_all = Article.objects.filter(state="published", audience="everyone")
    return _linked(for_all, markup.targets(article.text))


def pictures(files: Iterable[ArticleFile]) -> Mapping[uuid.UUID, markup.Picture]:
    return {
        one.pk: markup.Picture(reverse("articles:picture", args=[one.pk]), one.width, one.height)
        for one in files
        if one.picture
    }


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as it is read. `files`: those of `attached` that the text does not show as pictures."""

    article: Article
    version: Version | None  # None: a draft, read by an author
    title: str
    summary: str
    body: markup.Rendered
    files: list[ArticleFile]
    vote: Vote | None
    attached: list[ArticleFile]


def read(user: User, article: Article) -> Reading:
    """The published version; of a draft, for its authors, the working copy."""
    version = article.published
    if version is None:
        attached = list(article.files.filter(removed_at=None).select_related("blob").order_by("at"))
        return _reading(user, article, None, attached)
    return _reading(user, article, version, list(version.files.select_related("blob").order_by("at")))


def read_version(user: User, version: Version) -> Reading:
    """An earlier version, for authors."""
    return _reading(user, version.article, version, list(version.files.select_related("blob").order_by("at")))


def _reading(user: User, article: Article, version: Version | None, attached: list[ArticleFile]) -> Reading:
    source = version or article
    body = markup.render(source.text, links=links(user, source.text), shown=pictures(attached))
    inside = markup.pictures(source.text)
    vote = Vote.objects.filter(version=version, user_id=user.pk).first() if version is not None else None
    others = [one for one in attached if not (one.picture and one.pk in inside)]
    return Reading(article, version, source.title, source.summary, body, others, vote, attached)


def near(user: User, article: Article) -> list[Article]:
    """Others of its section."""
    same = visible_articles(user).filter(state="published", section=article.section_id).exclude(pk=article.pk)
    return list(
        same.select_related("published").annotate(helped=Count("published__votes")).order_by("-helped", "pk")[:4]
    )
