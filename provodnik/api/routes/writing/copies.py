"""Working copies: begun, changed, offered, published, withdrawn."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.revisions import expected
from provodnik.api.routes.common import Removed, cleaned, doing, files_of, given_of, reading
from provodnik.api.routes.writing.base import authors_only, copy_of, publishers_only, told_copy
from provodnik.api.security import me
from provodnik.api.shapes import articles as shapes
from provodnik.api.shapes.articles import ListedCopy, WorkingCopy
from provodnik.api.shapes.fields import Cursor, Day, Empty, FileId, In, Number, Query, Whole
from provodnik.articles import markup
from provodnik.articles.actions import publishing, writing
from provodnik.articles.forms import WritingForm
from provodnik.articles.models import Article
from provodnik.articles.policies import may_settle
from provodnik.articles.queries import authors
from provodnik.articles.states import Audience, Kind
from provodnik.core.decisions import require

router = Router(tags=["writing"])
WRITE = Scope.KNOWLEDGE_WRITE
READ = (Scope.DESK_READ, WRITE)
HALF_A_YEAR = timedelta(days=182)


@reading(
    router,
    "/desk/articles",
    Page[ListedCopy],
    _("Working copies, the last edited first"),
    scope=READ,
    more=_("list: all, draft, changed, published, withdrawn or check; q: words of the title."),
)
def working_copies(
    request: HttpRequest,
    list: Annotated[str, Field(pattern=f"^({'|'.join(authors.LISTS)})$")] = "all",
    q: Query = "",
    cursor: Cursor = None,
) -> Page[ListedCopy]:
    authors_only(request)
    after = str(paging.place(request, cursor) or "")
    page = authors.listed(me(request), list, words=q, after=after, today=timezone.localdate())
    return Page[ListedCopy](items=[shapes.listed(one) for one in page.articles], next=paging.make(request, page.more))


@reading(
    router,
    "/desk/articles/{number}",
    WorkingCopy,
    _("One working copy"),
    scope=READ,
    more=_("Its ETag goes into If-Match of a change."),
)
def working_copy(request: HttpRequest, number: Number) -> WorkingCopy:
    return told_copy(request, number)


Title = Annotated[str, Field(strict=True, min_length=1, max_length=200)]


class CopyBody(In):
    """What is not sent stays as it is. Of what readers see already, kind, section, audience and the day of checking
    are changed by who publishes."""

    title: Title = "—"
    text: Annotated[str, Field(strict=True, max_length=markup.LONGEST, description=_("In Markdown."))] = ""
    summary: Annotated[str, Field(strict=True, max_length=300)] = ""
    keywords: Annotated[str, Field(strict=True, max_length=500, description=_("How else people call it."))] = ""
    kind: Kind = Kind.INSTRUCTION
    section: Annotated[Whole | None, Field(description=_("One of /sections."))] = None
    subsystem: Annotated[Whole | None, Field(description=_("One of /subsystems."))] = None
    audience: Audience = Audience.EVERYONE
    customers: Annotated[list[Whole], Field(max_length=500, description=_("For audience customers."))] = []
    check_by: Annotated[Day | None, Field(description=_("The author is reminded to read it again."))] = None


class NewCopy(CopyBody):
    title: Annotated[Title, Field(examples=["Как посмотреть расчётный листок"])]


def _first(article: Article | None) -> dict[str, Any]:
    """The first values as a form is given them: ids, not rows."""
    first = WritingForm.first(article)
    ids: dict[str, Any] = {
        name: getattr(first[name], "pk", first[name]) for name in ("section", "subsystem") if name in first
    }
    customers = [one.pk for one in first.get("customers", ())]
    return {**first, **ids, "customers": customers, "key": uuid.uuid4()}


@doing(
    router,
    "/desk/articles",
    WorkingCopy,
    _("Begin an article"),
    scope=WRITE,
    status=201,
    more=_("A draft: readers see it when it is published."),
)
def begin_article(request: HttpRequest, data: NewCopy) -> Made:
    authors_only(request)
    form = cleaned(WritingForm({**_first(None), **given_of(data)}))
    facts = form.facts()
    assert facts is not None
    made = writing.start(form.copy(), facts, key=form.cleaned_data["key"], by=me(request), at=timezone.now())
    place = reverse("api:v1:working_copy", args=[made.pk])
    return Made(told_copy(request, made.pk), status=201, Location=place)


@doing(router, "/desk/articles/{number}", WorkingCopy, _("Change a working copy"), scope=WRITE, revision=True)
def change_article(request: HttpRequest, number: Number, data: CopyBody) -> Made:
    article, given = copy_of(request, number), given_of(data)
    settled = may_settle(me(request), article)
    if set(given) & set(WritingForm.SETTLED):
        require(settled)
    form = cleaned(WritingForm({**_first(article), **given}, settled=bool(settled)))
    writing.change(number, form.copy(), form.facts(), by=me(request), at=timezone.now(), revision=expected(request))
    return Made(told_copy(request, number))


class Attached(In):
    files: Annotated[list[FileId], Field(min_length=1, max_length=10, description=_("That /uploads gave."))]


@doing(
    router,
    "/desk/articles/{number}/files",
    WorkingCopy,
    _("Attach files to a working copy"),
    scope=WRITE,
    status=201,
    more=_("A picture stands in the text as ![](its id)."),
)
def attach_to_article(request: HttpRequest, number: Number, data: Attached) -> Made:
    article = copy_of(request, number)
    writing.attach(article.pk, files_of(request, data.files), by=me(request), at=timezone.now())
    return Made(told_copy(request, number), status=201)


@doing(
    router,
    "/desk/articles/{number}/files/{uuid:key}/remove",
    WorkingCopy,
    _("Take a file away from a working copy"),
    scope=WRITE,
    more=_("Versions that were published with it keep it."),
)
def detach_from_article(request: HttpRequest, number: Number, key: UUID, data: Empty) -> Made:
    article = copy_of(request, number)
    writing.detach(article.pk, key, by=me(request), at=timezone.now())
    return Made(told_copy(request, number))


@doing(router, "/desk/articles/{number}/offer", WorkingCopy, _("Ask to publish it"), scope=WRITE)
def offer_article(request: HttpRequest, number: Number, data: Empty) -> Made:
    article = copy_of(request, number)
    writing.offer(article.pk, by=me(request), at=timezone.now())
    return Made(told_copy(request, number))


class Note(In):
    note: Annotated[str, Field(strict=True, max_length=300, description=_("What has changed."))] = ""


@doing(
    router,
    "/desk/articles/{number}/publish",
    WorkingCopy,
    _("Publish the working copy"),
    scope=WRITE,
    revision=True,
    more=_("The lead or the administrator publishes. Unchanged, it makes no new version."),
)
def publish_article(request: HttpRequest, number: Number, data: Note) -> Made:
    article = copy_of(request, number)
    publishing.publish(article.pk, by=me(request), at=timezone.now(), note=data.note, revision=expected(request))
    return Made(told_copy(request, number))


@doing(router, "/desk/articles/{number}/withdraw", WorkingCopy, _("Withdraw an article"), scope=WRITE)
def withdraw_article(request: HttpRequest, number: Number, data: Empty) -> Made:
    publishers_only(request)
    publishing.withdraw(copy_of(request, number).pk, by=me(request), at=timezone.now())
    return Made(told_copy(request, number))


class Checked(In):
    until: Annotated[Day | None, Field(description=_("The next day of checking; without it in half a year."))] = None


@doing(router, "/desk/articles/{number}/checked", WorkingCopy, _("Say that it is still right"), scope=WRITE)
def check_article(request: HttpRequest, number: Number, data: Checked) -> Made:
    publishers_only(request)
    until = data.until or timezone.localdate() + HALF_A_YEAR
    publishing.checked(copy_of(request, number).pk, until=until, by=me(request), at=timezone.now())
    return Made(told_copy(request, number))


@doing(router, "/desk/articles/{number}/remove", Removed, _("Throw a draft away"), scope=WRITE)
def remove_article(request: HttpRequest, number: Number, data: Empty) -> Made:
    writing.delete(copy_of(request, number).pk, by=me(request))
    return Made(Removed())
