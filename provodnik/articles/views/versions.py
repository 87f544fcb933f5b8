"""Versions of an article, for authors: who published what and when, what differs, and the way back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.articles.actions import writing
from provodnik.articles.compare import differing
from provodnik.articles.models import Article, Version
from provodnik.articles.queries import authors, reading
from provodnik.articles.views.common import article_or_404, authors_only, me, number


@authors_only
@require_safe
def index(request: HttpRequest, pk: int) -> HttpResponse:
    article = article_or_404(request, pk)
    return render(
        request, "articles/authors/versions.html", {"article": article, "versions": authors.versions(article)}
    )


@authors_only
@require_safe
def show(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """One version as its readers saw it."""
    article = article_or_404(request, pk)
    found = _version(article, version)
    return render(
        request,
        "articles/authors/version.html",
        {"article": article, "version": found, "read": reading.read_version(me(request), found)},
    )


@authors_only
@require_safe
def differ(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions side by side; `to` 0: the working copy. By default the last one and what is written now."""
    article = article_or_404(request, pk)
    all_versions = list(article.versions.select_related("by").order_by("-number")[:200])
    if not all_versions:
        raise Http404
    old = _version(article, number(request.GET.get("from", "")) or all_versions[0].number)
    asked = number(request.GET.get("to", "")) or 0
    new = _version(article, asked) if asked else article
    context = {
        "article": article,
        "versions": all_versions,
        "old": old,
        "new": new if asked else None,
        "title": differing(old.title, new.title),
        "summary": differing(old.summary, new.summary),
        "text": differing(old.text, new.text),
    }
    return render(request, "articles/authors/differ.html", context)


def _version(article: Article, wanted: int) -> Version:
    return get_object_or_404(Version.objects.select_related("article", "by"), article=article, number=wanted)


@authors_only
@require_POST
def restore(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """Take an earlier text into the working copy."""
    article = article_or_404(request, pk)
    _version(article, version)
    writing.restore(pk, version, by=me(request), at=timezone.now())
    messages.success(
        request,
        _("The text of version %(number)s is in the editor. Readers see it when it is published.")
        % {"number": version},
    )
    return redirect("articles:edit", pk=pk)
