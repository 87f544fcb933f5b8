"""Instructions and memos for who writes them: working copies, files, versions, sections, publishing."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.revisions import expected, tagged
from provodnik.api.routes.common import Removed, cleaned, doing, files_of, given_of, reading
from provodnik.api.security import me
from provodnik.api.shapes import articles as shapes
from provodnik.api.shapes.articles import AskedOut, ListedCopy, SectionOut, VersionOut, VersionText, WorkingCopy
from provodnik.api.shapes.fields import Cursor, Day, Empty, FileId, In, Number, Query, Whole
from provodnik.articles import markup
from provodnik.articles.actions import publishing, writing
from provodnik.articles.actions import reading as readers
from provodnik.articles.forms import SectionForm, WritingForm
from provodnik.articles.models import Article, Asked, Section
from provodnik.articles.policies import is_author, is_publisher, may_settle, published_for, visible_articles
from provodnik.articles.queries import authors
from provodnik.articles.states import Audience, Kind
from provodnik.core.decisions import require

router = Router(tags=["writing"])
WRITE = Scope.KNOWLEDGE_WRITE
READ = (Scope.DESK_READ, WRITE)
HALF_A_YEAR = timedelta(days=182)


def _authors_only(request: HttpRequest) -> None:
    """The authors' workplace does not exist for readers."""
    if not is_author(me(request)):
        raise Http404


def _publishers_only(request: HttpRequest) -> None:
    if not is_publisher(me(request)):
        raise Http404


def _copy(request: HttpRequest, number: int) -> Article:
    _authors_only(request)
    rows = visible_articles(me(request)).select_related("published", "section", "subsystem", "author", "edited_by")
    return rows.get(pk=number)


def _told(request: HttpRequest, number: int) -> WorkingCopy:
    found = _copy(request, number)
    shape = shapes.working_copy(found)
    tagged(request, found.revision, shape)
    return shape


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
    _authors_only(request)
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
    return _told(request, number)


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
    _authors_only(request)
    form = cleaned(WritingForm({**_first(None), **given_of(data)}))
    facts = form.facts()
    assert facts is not None
    made = writing.start(form.copy(), facts, key=form.cleaned_data["key"], by=me(request), at=timezone.now())
    place = reverse("api:v1:working_copy", args=[made.pk])
    return Made(_told(request, made.pk), status=201, Location=place)


@doing(router, "/desk/articles/{number}", WorkingCopy, _("Change a working copy"), scope=WRITE, revision=True)
def change_article(request: HttpRequest, number: Number, data: CopyBody) -> Made:
    article, given = _copy(request, number), given_of(data)
    settled = may_settle(me(request), article)
    if set(given) & set(WritingForm.SETTLED):
        require(settled)
    form = cleaned(WritingForm({**_first(article), **given}, settled=bool(settled)))
    writing.change(number, form.copy(), form.facts(), by=me(request), at=timezone.now(), revision=expected(request))
    return Made(_told(request, number))


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
    article = _copy(request, number)
    writing.attach(article.pk, files_of(request, data.files), by=me(request), at=timezone.now())
    return Made(_told(request, number), status=201)


@doing(
    router,
    "/desk/articles/{number}/files/{uuid:key}/remove",
    WorkingCopy,
    _("Take a file away from a working copy"),
    scope=WRITE,
    more=_("Versions that were published with it keep it."),
)
def detach_from_article(request: HttpRequest, number: Number, key: UUID, data: Empty) -> Made:
    article = _copy(request, number)
    writing.detach(article.pk, key, by=me(request), at=timezone.now())
    return Made(_told(request, number))


@doing(router, "/desk/articles/{number}/offer", WorkingCopy, _("Ask to publish it"), scope=WRITE)
def offer_article(request: HttpRequest, number: Number, data: Empty) -> Made:
    article = _copy(request, number)
    writing.offer(article.pk, by=me(request), at=timezone.now())
    return Made(_told(request, number))


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
    article = _copy(request, number)
    publishing.publish(article.pk, by=me(request), at=timezone.now(), note=data.note, revision=expected(request))
    return Made(_told(request, number))


@doing(router, "/desk/articles/{number}/withdraw", WorkingCopy, _("Withdraw an article"), scope=WRITE)
def withdraw_article(request: HttpRequest, number: Number, data: Empty) -> Made:
    _publishers_only(request)
    publishing.withdraw(_copy(request, number).pk, by=me(request), at=timezone.now())
    return Made(_told(request, number))


class Checked(In):
    until: Annotated[Day | None, Field(description=_("The next day of checking; without it in half a year."))] = None


@doing(router, "/desk/articles/{number}/checked", WorkingCopy, _("Say that it is still right"), scope=WRITE)
def check_article(request: HttpRequest, number: Number, data: Checked) -> Made:
    _publishers_only(request)
    until = data.until or timezone.localdate() + HALF_A_YEAR
    publishing.checked(_copy(request, number).pk, until=until, by=me(request), at=timezone.now())
    return Made(_told(request, number))


@doing(router, "/desk/articles/{number}/remove", Removed, _("Throw a draft away"), scope=WRITE)
def remove_article(request: HttpRequest, number: Number, data: Empty) -> Made:
    writing.delete(_copy(request, number).pk, by=me(request))
    return Made(Removed())


# --- versions


@reading(router, "/desk/articles/{number}/versions", Page[VersionOut], _("Its versions, the newest first"), scope=READ)
def versions_of_article(request: HttpRequest, number: Number) -> Page[VersionOut]:
    found = authors.versions(_copy(request, number))
    return Page[VersionOut](items=[shapes.version(one) for one in found])


@reading(router, "/desk/articles/{number}/versions/{version}", VersionText, _("One version"), scope=READ)
def version_of_article(request: HttpRequest, number: Number, version: Number) -> VersionText:
    return shapes.version_text(_copy(request, number).versions.select_related("by").get(number=version))


@doing(
    router,
    "/desk/articles/{number}/versions/{version}/restore",
    WorkingCopy,
    _("Take an earlier text into the working copy"),
    scope=WRITE,
)
def restore_version(request: HttpRequest, number: Number, version: Number, data: Empty) -> Made:
    found = _copy(request, number).versions.get(number=version)
    writing.restore(number, found.number, by=me(request), at=timezone.now())
    return Made(_told(request, number))


# --- sections, and what was asked in vain


@reading(
    router,
    "/sections",
    Page[SectionOut],
    _("Sections of the instructions"),
    scope=(Scope.REQUESTS_READ, *READ),
    more=_("A reader sees those in which something stands for him."),
)
def sections(request: HttpRequest) -> Page[SectionOut]:
    found = Section.objects.all()
    if not is_author(me(request)):
        found = found.filter(pk__in=published_for(me(request)).values("section"))
    return Page[SectionOut](items=[shapes.section(one) for one in found[:300]])


class SectionBody(In):
    name: Annotated[str, Field(strict=True, min_length=1, max_length=100)]
    position: Annotated[int, Field(strict=True, ge=0, le=32767, description=_("Smaller ones stand first."))] = 0


def _section(request: HttpRequest, row: Section | None, data: SectionBody) -> SectionOut:
    form = cleaned(SectionForm(data.model_dump(), instance=row))
    return shapes.section(publishing.keep_section(form.save(commit=False), by=me(request), at=timezone.now()))


@doing(router, "/sections", SectionOut, _("Make a section"), scope=WRITE, status=201)
def make_section(request: HttpRequest, data: SectionBody) -> Made:
    _publishers_only(request)
    return Made(_section(request, None, data), status=201)


@doing(router, "/sections/{number}", SectionOut, _("Change a section"), scope=WRITE)
def change_section(request: HttpRequest, number: Number, data: SectionBody) -> Made:
    _publishers_only(request)
    return Made(_section(request, Section.objects.get(pk=number), data))


@doing(
    router,
    "/sections/{number}/remove",
    Removed,
    _("Remove a section"),
    scope=WRITE,
    more=_("One with articles is refused."),
)
def remove_section(request: HttpRequest, number: Number, data: Empty) -> Made:
    _publishers_only(request)
    publishing.remove_section(Section.objects.get(pk=number), by=me(request), at=timezone.now())
    return Made(Removed())


@reading(router, "/desk/asked", Page[AskedOut], _("What was searched for in vain, the most wanted first"), scope=READ)
def asked_in_vain(request: HttpRequest) -> Page[AskedOut]:
    _authors_only(request)
    return Page[AskedOut](items=[shapes.asked(one) for one in authors.asked()])


@doing(router, "/desk/asked/{number}/forget", Removed, _("Put such words away"), scope=WRITE)
def forget_asked(request: HttpRequest, number: Number, data: Empty) -> Made:
    _publishers_only(request)
    readers.forget(Asked.objects.get(pk=number).pk)
    return Made(Removed())
