"""Versions, sections, and what was asked in vain."""

from __future__ import annotations

from typing import Annotated

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.accounts.scopes import Scope
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.routes.common import Removed, cleaned, doing, reading
from provodnik.api.routes.writing.base import authors_only, copy_of, publishers_only, told_copy
from provodnik.api.security import me
from provodnik.api.shapes import articles as shapes
from provodnik.api.shapes.articles import AskedOut, Differences, SectionOut, VersionOut, VersionText, WorkingCopy
from provodnik.api.shapes.fields import MOST, Empty, In, Number
from provodnik.articles.actions import publishing, writing
from provodnik.articles.actions import reading as readers
from provodnik.articles.forms import SectionForm
from provodnik.articles.models import Asked, Section
from provodnik.articles.policies import is_author, published_for
from provodnik.articles.queries import authors

router = Router(tags=["writing"])
WRITE = Scope.KNOWLEDGE_WRITE
READ = (Scope.DESK_READ, WRITE)
Chosen = Annotated[int | None, Field(ge=1, le=MOST, description=_("A version; without it the working copy."))]


@reading(router, "/desk/articles/{number}/versions", Page[VersionOut], _("Its versions, the newest first"), scope=READ)
def versions_of_article(request: HttpRequest, number: Number) -> Page[VersionOut]:
    found = authors.versions(copy_of(request, number))
    return Page[VersionOut](items=[shapes.version(one) for one in found])


@reading(router, "/desk/articles/{number}/versions/{version}", VersionText, _("One version"), scope=READ)
def version_of_article(request: HttpRequest, number: Number, version: Number) -> VersionText:
    return shapes.version_text(copy_of(request, number).versions.select_related("by").get(number=version))


@reading(
    router,
    "/desk/articles/{number}/versions/{version}/changes",
    Differences,
    _("What differs from it in a later one"),
    scope=READ,
    more=_("Of the version that `to` names, or of the working copy."),
)
def changes_since_version(request: HttpRequest, number: Number, version: Number, to: Chosen = None) -> Differences:
    found = copy_of(request, number)
    known = {one.number: one for one in found.versions.filter(number__in=[version, to or version])}
    if version not in known or (to is not None and to not in known):
        raise Http404
    return shapes.differences(known[version], known[to] if to is not None else found)


@doing(
    router,
    "/desk/articles/{number}/versions/{version}/restore",
    WorkingCopy,
    _("Take an earlier text into the working copy"),
    scope=WRITE,
)
def restore_version(request: HttpRequest, number: Number, version: Number, data: Empty) -> Made:
    found = copy_of(request, number).versions.get(number=version)
    writing.restore(number, found.number, by=me(request), at=timezone.now())
    return Made(told_copy(request, number))


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
    publishers_only(request)
    return Made(_section(request, None, data), status=201)


@doing(router, "/sections/{number}", SectionOut, _("Change a section"), scope=WRITE)
def change_section(request: HttpRequest, number: Number, data: SectionBody) -> Made:
    publishers_only(request)
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
    publishers_only(request)
    publishing.remove_section(Section.objects.get(pk=number), by=me(request), at=timezone.now())
    return Made(Removed())


@reading(router, "/desk/asked", Page[AskedOut], _("What was searched for in vain, the most wanted first"), scope=READ)
def asked_in_vain(request: HttpRequest) -> Page[AskedOut]:
    authors_only(request)
    return Page[AskedOut](items=[shapes.asked(one) for one in authors.asked()])


@doing(router, "/desk/asked/{number}/forget", Removed, _("Put such words away"), scope=WRITE)
def forget_asked(request: HttpRequest, number: Number, data: Empty) -> Made:
    publishers_only(request)
    readers.forget(Asked.objects.get(pk=number).pk)
    return Made(Removed())
