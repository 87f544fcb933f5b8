"""Working copies: made, changed, offered, thrown away; their files."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.articles import markup, policies
from provodnik.articles.actions.base import changing
from provodnik.articles.models import Article, ArticleFile, Section, Version
from provodnik.articles.photos import LARGEST_SIDE, clean, size_of
from provodnik.articles.states import Audience, Kind, State
from provodnik.core import files, volume
from provodnik.core.decisions import Refused, require
from provodnik.core.models import Blob
from provodnik.core.text import one_line, storable
from provodnik.desk.actions.base import NewFile, Pieces, volume_of
from provodnik.desk.models import Customer, Subsystem
from provodnik.desk.pictures import LARGEST_PICTURE, picture_kind
from provodnik.notify.actions import notify

MOST_FILES = 30  # of one working copy


@dataclass(frozen=True, slots=True)
class Copy:
    """What an author wrote."""

    title: str
    text: str
    summary: str = ""
    keywords: str = ""

    def onto(self, article: Article) -> None:
        article.title = one_line(self.title, 200)
        article.summary = one_line(self.summary, 300)
        article.keywords = one_line(self.keywords, 500)
        article.text = storable(self.text)[: markup.LONGEST]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is true of all versions of an article."""

    kind: Kind = Kind.INSTRUCTION
    section: Section | None = None
    subsystem: Subsystem | None = None
    audience: Audience = Audience.EVERYONE
    customers: Sequence[Customer] = field(default=())
    check_by: date | None = None

    def onto(self, article: Article) -> None:
        if self.audience is Audience.CUSTOMERS and not self.customers:
            raise Refused(_("Choose the customers whose people read it."), field="customers")
        article.kind, article.audience = self.kind.value, self.audience.value
        article.section, article.subsystem, article.check_by = self.section, self.subsystem, self.check_by

    def chosen(self) -> Sequence[Customer]:
        return self.customers if self.audience is Audience.CUSTOMERS else ()


def start(copy: Copy, facts: Settings, *, key: uuid.UUID, by: User, at: datetime) -> Article:
    """Make a draft. The same form sent twice, even at the same moment, makes one (safety F59)."""
    require(policies.may_write(by))
    _titled(copy)
    article = Article(key=key, author_id=by.pk, created_at=at, edited_by_id=by.pk, edited_at=at)
    copy.onto(article)
    facts.onto(article)
    with transaction.atomic():
        try:
            with transaction.atomic():
                article.save()
        except IntegrityError:
            known = Article.objects.filter(key=key).first()
            if known is None:
                raise
            if known.author_id != by.pk:
                raise Refused(_("This form was already used. Open it anew.")) from None
            return known
        article.customers.set(facts.chosen())
        return article


def change(
    pk: int, copy: Copy, facts: Settings | None, *, by: User, at: datetime, revision: int | None = None
) -> Article:
    """Change the working copy; with `facts` also what is true of all versions (of a published article who publishes
    may)."""
    with changing(pk, revision=revision) as article:
        require(policies.may_write(by))
        _titled(copy)
        copy.onto(article)
        if facts is not None:
            require(policies.may_settle(by, article))
            before = _readers(article)
            facts.onto(article)
            article.customers.set(facts.chosen())
            after = _readers(article)
            if article.state != State.DRAFT.value and before != after:
                journal.note(article, "changed", by=by, at=at, audience=[before, after])
        article.edited_by_id, article.edited_at = by.pk, at
        return article


def _readers(article: Article) -> str:
    """For whom the article is, in words of the journal."""
    names = ", ".join(str(one) for one in article.customers.all())
    return f"{article.get_audience_display()} ({names})" if names else str(article.get_audience_display())


def _titled(copy: Copy) -> None:
    if not copy.title.strip():
        raise Refused(_("Give the article a title."), field="title")


def restore(pk: int, number: int, *, by: User, at: datetime) -> Article:
    """Take the text of an earlier version into the working copy; publishing it makes a new version."""
    with changing(pk) as article:
        require(policies.may_write(by))
        version: Version = article.versions.get(number=number)
        Copy(version.title, version.text, version.summary, version.keywords).onto(article)
        article.files.filter(versions=version).update(removed_at=None)
        article.edited_by_id, article.edited_at = by.pk, at
        return article


def offer(pk: int, *, by: User, at: datetime) -> Article:
    """Ask those who publish to look at the working copy."""
    with changing(pk) as article:
        require(policies.may_write(by))
        if not article.text.strip():
            raise Refused(_("Write something first."), field="text")
        article.offered_at = at
        notify(
            User.objects.filter(is_active=True, roles__overlap=[Role.LEAD.value, Role.ADMINISTRATOR.value])
            .exclude(pk=by.pk),
            key=f"article:{article.pk}:{article.revision}",
            text=_("%(who)s asks to publish the article “%(title)s”.") % {"who": by.full_name, "title": article.title},
            url=reverse("articles:edit", args=[article.pk]),
            at=at,
        )  # fmt: skip
        return article


def delete(pk: int, *, by: User) -> None:
    """Throw away a draft that was never published."""
    with transaction.atomic():
        article = Article.objects.select_for_update(of=("self",)).get(pk=pk)
        require(policies.may_delete(by, article))
        blobs = list(article.files.values_list("blob_id", flat=True))
        article.delete()
        Blob.objects.filter(pk__in=blobs).delete()  # its bytes on the disk are swept as those without a row


def attach(pk: int, new: Iterable[NewFile], *, by: User, at: datetime) -> list[ArticleFile]:
    """Keep files for the working copy. A picture loses what it tells of its maker and place (safety A26)."""
    made: list[ArticleFile] = []
    new = list(new)
    with changing(pk) as article:
        require(policies.may_write(by))
        volume.require(volume.of_user(by.pk), **volume_of(new), at=at)
        there = article.files.filter(removed_at=None).count()
        for file in new:
            if there + len(made) >= MOST_FILES:
                raise Refused(_("An article has at most %(n)s files.") % {"n": MOST_FILES}, field="files")
            made.append(_kept(article, file, by, at))
    return made


def _kept(article: Article, file: NewFile, by: User, at: datetime) -> ArticleFile:
    content = _bytes(file.content)
    kind = picture_kind(content[:16]) if len(content) <= LARGEST_PICTURE else None
    facts: dict[str, Any] = {}
    if kind is not None:
        content = clean(content, kind)
        size = size_of(content, kind)
        if size is not None and max(size) > LARGEST_SIDE:
            raise Refused(
                _("The picture “%(name)s” is wider or higher than %(n)s dots: make it smaller.")
                % {"name": file.name, "n": LARGEST_SIDE},
                field="files",
            )
        facts = {"picture": kind, "width": size[0] if size else None, "height": size[1] if size else None}
    try:
        blob = files.keep(content)
    except OSError as error:
        raise Refused(_("The server cannot keep files now. Try again later."), field="files") from error
    name = one_line(file.name, 200) or _("file")
    return ArticleFile.objects.create(article=article, blob=blob, name=name, by_id=by.pk, at=at, **facts)


def _bytes(content: bytes | Pieces | Blob) -> bytes:
    if isinstance(content, bytes):
        return content
    return files.read(content) if isinstance(content, Blob) else b"".join(content.chunks())


def detach(pk: int, key: uuid.UUID, *, by: User, at: datetime) -> None:
    """Take a file away from the working copy; versions that were published with it keep it."""
    with changing(pk) as article:
        require(policies.may_write(by))
        article.files.filter(pk=key, removed_at=None).update(removed_at=at)
