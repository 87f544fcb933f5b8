"""What is known: works and incidents, articles, the desk's tags and teams. All of it is read here, none is written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.paging import Page
from provodnik.api.routes.common import desk_only, reading
from provodnik.api.security import me
from provodnik.api.shapes.fields import Cursor, Number, Query
from provodnik.api.shapes.people import Named, named
from provodnik.articles.models import Article
from provodnik.articles.policies import published_for
from provodnik.articles.queries import search
from provodnik.desk.queries.marks import tags_offered
from provodnik.desk.queries.teams import teams
from provodnik.works.models import Work
from provodnik.works.policies import may_look, visible_works

router = Router(tags=["knowledge"])
READ = (Scope.REQUESTS_READ, Scope.DESK_READ)
PAGE = 50


class WorkOut(BaseModel):
    """Planned or urgent works, or an incident. Without customers it concerns all, without sections everything."""

    id: int
    kind: str
    state: str
    title: str
    text: str
    starts_at: datetime
    ends_at: datetime | None = Field(description=_("Planned; null: not known."))
    began_at: datetime | None
    finished_at: datetime | None
    unavailable: bool = Field(description=_("The service cannot be used meanwhile."))
    release: str
    subsystems: list[Named]


def _work(row: Work) -> WorkOut:
    return WorkOut(
        id=row.pk,
        kind=row.kind,
        state=row.state,
        title=row.title,
        text=row.text,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        began_at=row.began_at,
        finished_at=row.finished_at,
        unavailable=row.unavailable,
        release=row.release,
        subsystems=[Named(id=one.pk, name=one.name) for one in row.subsystems.all()],
    )


@reading(router, "/works", Page[WorkOut], _("Works and incidents, the newest first"), scope=READ)
def works(request: HttpRequest, cursor: Cursor = None) -> Page[WorkOut]:
    if not may_look(me(request)):
        raise Http404
    rows = visible_works(me(request)).prefetch_related("subsystems").order_by("-pk")
    before = paging.place(request, cursor)
    found = list((rows if before is None else rows.filter(pk__lt=before))[: PAGE + 1])
    last = found[PAGE - 1].pk if len(found) > PAGE else None
    return Page[WorkOut](items=[_work(one) for one in found[:PAGE]], next=paging.make(request, last))


@reading(router, "/works/{number}", WorkOut, _("One of them"), scope=READ)
def work(request: HttpRequest, number: Number) -> WorkOut:
    return _work(visible_works(me(request)).prefetch_related("subsystems").get(pk=number))


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


class ArticleText(ArticleOut):
    text: str = Field(description=_("In Markdown."))
    plain: str = Field(description=_("The same without its markup."))


def _article(row: Article) -> dict[str, object]:
    version = row.published
    if version is None:
        raise Http404
    return {
        "id": row.pk,
        "kind": row.kind,
        "title": version.title,
        "summary": version.summary,
        "section": named(row.section),
        "subsystem": named(row.subsystem),
        "version": version.number,
        "published_at": version.at,
        "text": version.text,
        "plain": version.plain,
    }


@reading(
    router,
    "/articles",
    Page[ArticleOut],
    _("Instructions and memos"),
    scope=READ,
    more=_("By words the best first, slips of the finger forgiven; without words all, by number."),
)
def articles(request: HttpRequest, q: Query = "", cursor: Cursor = None) -> Page[ArticleOut]:
    readable = published_for(me(request)).select_related("published", "section", "subsystem")
    if q.strip():
        order = [hit.article.pk for hit in search.search(me(request), q).hits]
        known = {one.pk: one for one in readable.filter(pk__in=order)}
        return Page[ArticleOut](items=[ArticleOut(**_article(known[pk])) for pk in order if pk in known])
    after = paging.place(request, cursor)
    found = list((readable if after is None else readable.filter(pk__gt=after)).order_by("pk")[: PAGE + 1])
    last = found[PAGE - 1].pk if len(found) > PAGE else None
    return Page[ArticleOut](
        items=[ArticleOut(**_article(one)) for one in found[:PAGE]], next=paging.make(request, last)
    )


@reading(router, "/articles/{number}", ArticleText, _("One of them, with its text"), scope=READ)
def article(request: HttpRequest, number: Number) -> ArticleText:
    readable = published_for(me(request)).select_related("published", "section", "subsystem")
    return ArticleText(**_article(readable.get(pk=number)))


@reading(router, "/desk/tags", Page[Named], _("Tags of requests"), scope=Scope.DESK_READ)
def tags(request: HttpRequest) -> Page[Named]:
    desk_only(request)
    return Page[Named](items=[Named(id=one.pk, name=one.name) for one in tags_offered()])


class TeamOut(Named):
    """`waiting`: its open requests."""

    is_active: bool
    people: int
    waiting: int


@reading(router, "/desk/teams", Page[TeamOut], _("Teams of the desk"), scope=Scope.DESK_READ)
def teams_of_desk(request: HttpRequest) -> Page[TeamOut]:
    desk_only(request)
    rows: Any = teams()[:500]  # with the two counts that the query puts in
    return Page[TeamOut](
        items=[
            TeamOut(id=one.pk, name=one.name, is_active=one.is_active, people=one.people, waiting=one.waiting)
            for one in rows
        ]
    )
