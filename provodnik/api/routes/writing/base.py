"""What the authors' operations share."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from provodnik.api.revisions import tagged
from provodnik.api.security import me
from provodnik.api.shapes import articles as shapes
from provodnik.api.shapes.articles import WorkingCopy
from provodnik.articles.models import Article
from provodnik.articles.policies import is_author, is_publisher, visible_articles


def authors_only(request: HttpRequest) -> None:
    """The authors' workplace does not exist for readers."""
    if not is_author(me(request)):
        raise Http404


def publishers_only(request: HttpRequest) -> None:
    if not is_publisher(me(request)):
        raise Http404


def copy_of(request: HttpRequest, number: int) -> Article:
    authors_only(request)
    rows = visible_articles(me(request)).select_related("published", "section", "subsystem", "author", "edited_by")
    return rows.get(pk=number)


def told_copy(request: HttpRequest, number: int) -> WorkingCopy:
    found = copy_of(request, number)
    shape = shapes.working_copy(found)
    tagged(request, found.revision, shape)
    return shape
