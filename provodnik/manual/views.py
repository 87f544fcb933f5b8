"""«Справка»: the shelf with its search, a manual, a page of it, a manual as a PDF.

Whoever has signed in reads all of them: there is nothing secret in them, and who stands in for a colleague needs that
colleague's. How to sign in is read by anybody.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from provodnik.core.parts import parts
from provodnik.desk.views.files import as_attachment
from provodnik.manual import paper, sources
from provodnik.manual.finding import LONGEST_QUERY, index
from provodnik.manual.pages import own_books, shown
from provodnik.manual.sources import Book


def _book_or_404(slug: str) -> Book:
    found = sources.book(slug)
    if found is None:
        raise Http404
    return found


@login_required
@require_safe
def shelf(request: HttpRequest) -> HttpResponse:
    """All manuals, the reader's own first; with `q` what was found in them."""
    typed, own = request.GET.get("q", "")[:LONGEST_QUERY], own_books(request.user)
    context: dict[str, object] = {"q": typed}
    if typed.strip():
        return render(request, "manual/found.html", {**context, "found": index().search(typed, own)})
    books = sorted(sources.books(), key=lambda book: book.slug not in own)
    beside = [part.extra["beside_help"](request.user) for part in parts() if "beside_help" in part.extra]
    return render(request, "manual/shelf.html", {**context, "books": books, "beside": beside})


@login_required
@require_safe
def book(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "manual/book.html", {"book": _book_or_404(slug)})


@require_safe
def page(request: HttpRequest, slug: str, page: str) -> HttpResponse:
    """One page. Those that say how to sign in are there for anybody."""
    found = shown(slug, page)
    inside = request.user.is_authenticated
    if not inside and (found is None or not found.page.is_open):
        return redirect_to_login(request.get_full_path())
    if found is None:
        raise Http404
    frame = "ui/cabinet.html" if inside else "ui/plain.html"
    return render(request, "manual/page.html", {"shown": found, "frame": frame, "inside": inside})


@login_required
@require_safe
def pdf(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A manual as a PDF."""
    made, name = paper.made(_book_or_404(slug).slug), f"{_book_or_404(slug).title}.pdf"
    return as_attachment(HttpResponse(made, content_type="application/pdf"), name, len(made))
