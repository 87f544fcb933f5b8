"""Instructions and memos, as the API tells of them to their readers and to those who write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field

from provodnik.api.shapes.people import Named, named
from provodnik.articles.compare import differing
from provodnik.articles.models import Article, ArticleFile, Asked, Section, Version
from provodnik.articles.queries.beside import Beside


class ArticleOut(BaseModel):
    """An instruction or a memo, as its readers see it."""

    id: int
    kind: str
    title: str
    summary: str
    section: Named | None
    subsystem: Named | None
    version: int
    published_at: datetime


class ArticleFileOut(BaseModel):
    """`picture`: its type when a page may show it, else empty."""

    id: UUID
    name: str
    picture: str


def article_file(row: ArticleFile) -> ArticleFileOut:
    return ArticleFileOut(id=row.pk, name=row.name, picture=row.picture)


class ArticleText(ArticleOut):
    text: str = Field(description=_("In Markdown."))
    plain: str = Field(description=_("The same without its markup."))
    files: list[ArticleFileOut]


def _plain(row: Article, version: Version) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "title": version.title,
        "summary": version.summary,
        "section": named(row.section),
        "subsystem": named(row.subsystem),
        "version": version.number,
        "published_at": version.at,
    }


def article(row: Article) -> ArticleOut:
    """Of a published one."""
    assert row.published is not None
    return ArticleOut(**_plain(row, row.published))


def article_text(row: Article) -> ArticleText:
    version = row.published
    assert version is not None
    files = [article_file(one) for one in version.files.order_by("at")]
    return ArticleText(**_plain(row, version), text=version.text, plain=version.plain, files=files)


class BesideOut(ArticleOut):
    """An article beside a request; why it may not be put into an answer, or close it: an empty text where it may."""

    may_not_send: str
    may_not_close: str


def beside(found: Beside) -> BesideOut:
    assert found.article.published is not None
    return BesideOut(
        **_plain(found.article, found.article.published),
        may_not_send=str(found.may_send.reason),
        may_not_close=str(found.may_close.reason),
    )


class WorkingCopy(BaseModel):
    """What its authors write; readers see the version that was published last. `changed`: the two differ."""

    id: int
    state: str = Field(description=_("draft, published or withdrawn."))
    kind: str
    title: str
    summary: str
    keywords: str
    text: str = Field(description=_("In Markdown."))
    section: Named | None
    subsystem: Named | None
    audience: str = Field(description=_("everyone, customers or desk."))
    customers: list[Named]
    check_by: date | None
    files: list[ArticleFileOut]
    version: int | None = Field(description=_("That readers see, or saw last."))
    changed: bool
    offered_at: datetime | None = Field(description=_("When its author asked to publish it."))
    author: Named | None
    edited_by: Named | None
    edited_at: datetime
    revision: int


def working_copy(row: Article) -> WorkingCopy:
    names = ("state", "kind", "title", "summary", "keywords", "text", "audience", "check_by", "offered_at")
    told: dict[str, Any] = {name: getattr(row, name) for name in names}
    return WorkingCopy(
        **told,
        id=row.pk,
        section=named(row.section),
        subsystem=named(row.subsystem),
        customers=[Named(id=one.pk, name=str(one)) for one in row.customers.all()],
        files=[article_file(one) for one in row.files.filter(removed_at=None).order_by("at")],
        version=row.published.number if row.published is not None else None,
        changed=row.is_changed,
        author=named(row.author),
        edited_by=named(row.edited_by),
        edited_at=row.edited_at,
        revision=row.revision,
    )


class ListedCopy(BaseModel):
    """A line of the authors' list."""

    id: int
    state: str
    kind: str
    title: str
    section: Named | None
    edited_at: datetime
    helped: int
    not_helped: int
    closed: int = Field(description=_("Requests that were closed with it."))


def listed(row: Any) -> ListedCopy:
    """Of a row with its votes (articles.queries.authors)."""
    names = ("state", "kind", "title", "edited_at", "helped", "not_helped", "closed")
    return ListedCopy(id=row.pk, section=named(row.section), **{name: getattr(row, name) for name in names})


class VersionOut(BaseModel):
    """What was published at one moment; it never changes."""

    number: int
    title: str
    summary: str
    note: str
    audience: str
    shown_to: list[str]
    by: Named | None
    at: datetime


class VersionText(VersionOut):
    text: str = Field(description=_("In Markdown."))
    plain: str


def _version(row: Version) -> dict[str, Any]:
    names = ("number", "title", "summary", "note", "audience", "at")
    told: dict[str, Any] = {name: getattr(row, name) for name in names}
    return {**told, "shown_to": list(row.shown_to), "by": named(row.by)}


def version(row: Version) -> VersionOut:
    return VersionOut(**_version(row))


def version_text(row: Version) -> VersionText:
    return VersionText(**_version(row), text=row.text, plain=row.plain)


class PieceOut(BaseModel):
    """A part of a line. `kind`: same, gone or new."""

    kind: str
    text: str


class LineOut(BaseModel):
    """`kind`: same, gone, new or skipped (then `count` unchanged lines are left out)."""

    kind: str
    count: int
    pieces: list[PieceOut]


class Differences(BaseModel):
    """What a later text has instead of an earlier one, line by line; a part without differences is empty."""

    earlier: int
    later: int | None = Field(description=_("null: the working copy."))
    title: list[LineOut]
    summary: list[LineOut]
    text: list[LineOut]


def _lines(old: str, new: str) -> list[LineOut]:
    return [
        LineOut(
            kind=line.kind,
            count=line.count,
            pieces=[PieceOut(kind=one.kind, text=one.text) for one in line.pieces],
        )
        for line in differing(old, new)
    ]


def differences(earlier: Version, later: Version | Article) -> Differences:
    parts = {name: _lines(getattr(earlier, name), getattr(later, name)) for name in ("title", "summary", "text")}
    return Differences(earlier=earlier.number, later=later.number if isinstance(later, Version) else None, **parts)


class SectionOut(Named):
    position: int


def section(row: Section) -> SectionOut:
    return SectionOut(id=row.pk, name=row.name, position=row.position)


class AskedOut(BaseModel):
    """Words that were searched for in vain; by whom is not kept."""

    id: int
    words: str
    times: int
    at: datetime


def asked(row: Asked) -> AskedOut:
    return AskedOut(id=row.pk, words=row.words, times=row.times, at=row.at)
