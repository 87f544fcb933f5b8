"""Publishing, withdrawing, and the shelves."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.articles import markup, policies
from provodnik.articles.actions.base import changing, learn
from provodnik.articles.models import Article, Section, Version, Word
from provodnik.articles.queries.reading import titles
from provodnik.articles.states import State
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line
from provodnik.notify.actions import notify


def publish(pk: int, *, by: User, at: datetime, note: str = "", revision: int | None = None) -> Version:
    """Make the working copy the version that readers see. Unchanged, it makes no new one (a withdrawn article comes
    back with its last)."""
    with changing(pk, revision=revision) as article:
        require(policies.may_publish(by))
        if not article.text.strip():
            raise Refused(_("An article without a text cannot be published."), field="text")
        same_files = article.published is not None and _files(article) == _published_files(article.published)
        if article.is_changed or not same_files:
            article.published = _version(article, by=by, at=at, note=note)
        assert article.published is not None
        if article.state != State.PUBLISHED.value:
            article.state = State.PUBLISHED.value
        article.offered_at = None
        learn(article)
        journal.note(article, "published", by=by, at=at)
        return article.published


def _version(article: Article, *, by: User, at: datetime, note: str) -> Version:
    last = article.versions.aggregate(last=Max("number"))["last"] or 0
    version = Version.objects.create(
        article=article,
        number=last + 1,
        title=article.title,
        summary=article.summary,
        keywords=article.keywords,
        text=article.text,
        plain=markup.plain(article.text, links=titles(article)),
        note=one_line(note, 300),
        audience=article.audience,
        shown_to=[str(one) for one in article.customers.all()],
        by_id=by.pk,
        at=at,
    )
    version.files.set(article.files.filter(removed_at=None))
    return version


def _files(article: Article) -> set[object]:
    return set(article.files.filter(removed_at=None).values_list("pk", flat=True))


def _published_files(version: Version) -> set[object]:
    return set(version.files.values_list("pk", flat=True))


def withdraw(pk: int, *, by: User, at: datetime) -> Article:
    """Readers and search see it no more; its versions stay."""
    with changing(pk) as article:
        if article.state == State.WITHDRAWN.value and policies.may_publish(by):
            return article
        require(policies.may_withdraw(by, article))
        article.state = State.WITHDRAWN.value
        Word.objects.filter(article=article).delete()
        journal.note(article, "withdrawn", by=by, at=at)
        return article


def checked(pk: int, *, until: date | None, by: User, at: datetime) -> Article:
    """Somebody has read the article again: it is right until the next day of checking."""
    with changing(pk) as article:
        require(policies.may_publish(by))
        before, article.check_by = article.check_by, until
        journal.note(article, "checked", by=by, at=at, check_by=[str(before or ""), str(until or "")])
        return article


def remind(article: Article, *, at: datetime) -> None:
    """Tell the author once that the day of checking has come."""
    notify(
        [article.author],
        key=f"article:{article.pk}:check:{article.check_by}",
        text=_("It is time to check the article “%(title)s”.") % {"title": article.title},
        url=reverse("articles:edit", args=[article.pk]),
        at=at,
    )


def keep_section(section: Section, *, by: User, at: datetime) -> Section:
    require(policies.may_publish(by))
    return journal.keep(section, by=by, at=at)


def remove_section(section: Section, *, by: User, at: datetime) -> None:
    """An empty shelf goes; one with articles is refused."""
    require(policies.may_publish(by))
    if section.articles.exists():
        raise Refused(_("There are articles in this section. Move them first."))
    journal.remove(section, by=by, at=at)
