"""Instructions and memos (R5) for their readers, and beside a request of the desk."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.problems import field_problem
from provodnik.api.revisions import expected
from provodnik.api.routes.common import desk_only, doing, reading, reading_bytes
from provodnik.api.routes.desk import shown, ticket_of
from provodnik.api.security import me
from provodnik.api.shapes import articles as shapes
from provodnik.api.shapes.articles import ArticleOut, ArticleText, BesideOut
from provodnik.api.shapes.fields import MOST, Cursor, In, Number, Query, Whole, Yes
from provodnik.api.shapes.requests import DeskRequest
from provodnik.articles.actions import answering
from provodnik.articles.actions import reading as actions
from provodnik.articles.models import Article
from provodnik.articles.policies import published_for, visible_articles, visible_files
from provodnik.articles.queries import paper, search
from provodnik.articles.queries.beside import beside
from provodnik.articles.queries.reading import read
from provodnik.desk.states import Resolution
from provodnik.desk.views.files import as_attachment, send_file

router = Router(tags=["articles"])
READ = (Scope.REQUESTS_READ, Scope.DESK_READ)
VOTE = (Scope.REQUESTS_WRITE, Scope.DESK_WRITE, Scope.KNOWLEDGE_WRITE)
_WITH = ("published", "section", "subsystem")


@reading(
    router,
    "/articles",
    Page[ArticleOut],
    _("Instructions and memos"),
    scope=READ,
    more=_("By words the best first, slips of the finger forgiven; without words all, by number."),
)
def articles(
    request: HttpRequest,
    q: Query = "",
    section: Annotated[int | None, Field(ge=1, le=MOST, description=_("One of /sections."))] = None,
    cursor: Cursor = None,
) -> Page[ArticleOut]:
    readable = published_for(me(request)).select_related(*_WITH)
    if section is not None:
        readable = readable.filter(section_id=section)
    if q.strip():
        found = search.search(me(request), q)
        if not found.hits:
            actions.asked_in_vain(found.typed, at=timezone.now())
        order = [hit.article.pk for hit in found.hits]
        known = {one.pk: one for one in readable.filter(pk__in=order)}
        return Page[ArticleOut](items=[shapes.article(known[pk]) for pk in order if pk in known])
    rows, after = paging.by_key(request, readable, cursor)
    return Page[ArticleOut](items=[shapes.article(one) for one in rows], next=after)


class Begun(In):
    text: Annotated[str, Field(strict=True, min_length=1, max_length=search.READ_TEXT)]


@doing(
    router,
    "/articles/suggestions",
    Page[ArticleOut],
    _("What may answer a request that is being written"),
    scope=Scope.REQUESTS_READ,
    more=_("The text is kept nowhere. Few of them, and none rather than a far-fetched one."),
)
def suggestions(request: HttpRequest, data: Begun) -> Made:
    found = search.offered(published_for(me(request)), data.text) if len(data.text.strip()) > 3 else []
    return Made(Page[ArticleOut](items=[shapes.article(one) for one in found]))


@reading(router, "/articles/{number}", ArticleText, _("One of them, with its text"), scope=READ)
def article(request: HttpRequest, number: Number) -> ArticleText:
    return shapes.article_text(published_for(me(request)).select_related(*_WITH).get(pk=number))


@reading_bytes(router, "/articles/{number}/pdf", _("One of them as a PDF"), scope=READ, kind="application/pdf")
def article_pdf(request: HttpRequest, number: Number) -> HttpResponseBase:
    user = me(request)
    found = read(user, published_for(user).select_related(*_WITH).get(pk=number))
    made = paper.made(user, found, at=found.version.at if found.version is not None else found.article.edited_at)
    return as_attachment(HttpResponse(made, content_type="application/pdf"), f"{found.title}.pdf", len(made))


@reading_bytes(
    router, "/articles/files/{uuid:key}", _("A picture or a file of an article"), scope=(*READ, Scope.KNOWLEDGE_WRITE)
)
def article_file(request: HttpRequest, key: UUID) -> HttpResponseBase:
    row = visible_files(me(request)).select_related("blob").distinct().get(pk=key)
    return send_file(row.blob, name=row.name, content_type="application/octet-stream", inline=False)


class Vote(In):
    helped: Yes
    version: Annotated[Whole, Field(description=_("That you have read."))]
    text: Annotated[str, Field(strict=True, max_length=1000, description=_("What was missing."))] = ""


class Voted(BaseModel):
    """One word a person and version; a later one replaces the earlier."""

    helped: bool
    version: int
    text: str


@doing(router, "/articles/{number}/vote", Voted, _("Say whether it helped"), scope=VOTE)
def vote(request: HttpRequest, number: Number, data: Vote) -> Made:
    found = visible_articles(me(request)).get(pk=number)
    if not found.versions.filter(number=data.version).exists():
        raise field_problem("version", gettext("There is no such version."))
    made = actions.vote(found.pk, data.version, helped=data.helped, text=data.text, by=me(request), at=timezone.now())
    return Made(Voted(helped=made.helped, version=data.version, text=made.text))


# --- beside a request


@reading(
    router,
    "/desk/requests/{number}/articles",
    Page[BesideOut],
    _("Articles that fit a request"),
    scope=Scope.DESK_READ,
    more=_("By the request's own words, or by q. Each says whether its requester may read it."),
)
def articles_for_request(request: HttpRequest, number: Number, q: Query = "") -> Page[BesideOut]:
    ticket = ticket_of(request, number)
    return Page[BesideOut](items=[shapes.beside(one) for one in beside(me(request), ticket, q)])


class WordsOut(BaseModel):
    text: str


def _readable(request: HttpRequest, number: int) -> Article:
    return published_for(me(request)).select_related("published").get(pk=number)


@reading(
    router,
    "/desk/requests/{number}/articles/{article}",
    WordsOut,
    _("An article's words for an answer"),
    scope=Scope.DESK_READ,
    more=_("whole=true: the steps themselves; else the link. 403 when the requester may not read it."),
)
def words_of_article(request: HttpRequest, number: Number, article: Number, whole: bool = False) -> WordsOut:
    desk_only(request)
    found = _readable(request, article)
    return WordsOut(text=answering.words_for(found, ticket_of(request, number), whole=whole))


class ClosedWith(In):
    resolution: Annotated[Literal["solved", "user_error"], Field(description=_("How it ended."))] = "solved"
    whole: Annotated[Yes, Field(description=_("The steps in the letter; false: the link alone."))] = True


@doing(
    router,
    "/desk/requests/{number}/articles/{article}/close",
    DeskRequest,
    _("Close a request of low priority with an article"),
    scope=Scope.DESK_WRITE,
    revision=True,
)
def close_with_article(request: HttpRequest, number: Number, article: Number, data: ClosedWith) -> Made:
    ticket_of(request, number)
    found = _readable(request, article)
    answering.close_with(
        found.pk,
        number,
        resolution=Resolution(data.resolution),
        whole=data.whole,
        by=me(request),
        at=timezone.now(),
        key=uuid.uuid4(),
        revision=expected(request),
    )
    return Made(shown(request, number))
