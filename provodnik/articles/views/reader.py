"""«Инструкции»: shelves, search, one article, its print, the vote, and the hint while a request is written."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.articles.actions import reading as actions
from provodnik.articles.forms import VoteForm
from provodnik.articles.models import Article, Section
from provodnik.articles.policies import is_author, published_for
from provodnik.articles.queries import paper, reading, search
from provodnik.articles.views.common import article_or_404, fragment, me, number
from provodnik.core.decisions import Refused
from provodnik.desk.policies import contact_of
from provodnik.desk.search import LONGEST_QUERY
from provodnik.desk.views.files import as_attachment
from provodnik.desk.views.requester import BEGUN


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Shelves; with `q` what was found."""
    user, typed = me(request), request.GET.get("q", "")
    context = {"author": is_author(user), "q": typed[:LONGEST_QUERY], "contact": contact_of(user)}
    if typed.strip():
        found = search.search(user, typed)
        if not found.hits:
            actions.asked_in_vain(found.typed, at=timezone.now())
        return render(request, "articles/found.html", {**context, "found": found})
    return render(request, "articles/index.html", {**context, "shelves": reading.shelves(user)})


@login_required
@require_safe
def section(request: HttpRequest, pk: int) -> HttpResponse:
    """One shelf; it exists for whom something stands on it. 0: what stands on none."""
    shelf = get_object_or_404(Section, pk=pk) if pk else None
    page = reading.of_section(me(request), shelf, after=number(request.GET.get("after", "")))
    if not page.articles:
        raise Http404
    return render(request, "articles/section.html", {"section": shelf, "page": page, "author": is_author(me(request))})


@login_required
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, article_or_404(request, pk))


def _page(request: HttpRequest, article: Article, form: VoteForm | None = None, *, status: int = 200) -> HttpResponse:
    user = me(request)
    read = reading.read(user, article)
    context = {
        "article": article,
        "read": read,
        "author": is_author(user),
        "form": form or VoteForm(initial={"text": read.vote.text if read.vote else ""}),
        "contact": contact_of(user),
        "near": reading.near(user, article),
    }
    return render(request, "articles/show.html", context, status=status)


@login_required
@require_safe
def print_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The article alone, for paper."""
    article = article_or_404(request, pk)
    address = f"{settings.BASE_URL}{reverse('articles:show', args=[pk])}"
    context = {"article": article, "read": reading.read(me(request), article), "address": address}
    return render(request, "articles/print.html", context)


@login_required
@require_safe
def pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The article as a PDF, for whoever reads its page."""
    article, user = article_or_404(request, pk), me(request)
    read = reading.read(user, article)
    made = paper.made(user, read, at=read.version.at if read.version is not None else article.edited_at)
    return as_attachment(HttpResponse(made, content_type="application/pdf"), f"{read.title}.pdf", len(made))


@login_required
@require_POST
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """«Помогло» or «Не помогло», and in the reader's words why."""
    article, form = article_or_404(request, pk), VoteForm(request.POST)
    if not form.is_valid():
        return _page(request, article, form, status=422)
    typed = form.cleaned_data
    helped = typed["helped"] == "yes"
    try:
        actions.vote(pk, typed["version"], helped=helped, text=typed["text"], by=me(request), at=timezone.now())
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, article, form, status=422)
    return redirect(reverse("articles:show", args=[pk]) + "#vote")


@login_required
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """It did not help: on to «Обратная связь», with the first words written."""
    article, user = article_or_404(request, pk), me(request)
    if contact_of(user) is None or article.published is None:
        raise Http404
    read = reading.read(user, article)
    missing = read.vote.text if read.vote is not None else ""
    words = _("I read the instruction “%(title)s”, it did not help.") % {"title": article.published.title}
    request.session[BEGUN] = {
        "text": f"{words}\n{missing}\n" if missing else f"{words}\n",
        "subsystem": article.subsystem_id,
        "impact": "question",
    }
    return redirect("requests:new")


@login_required
@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """What may answer the request that is being written; the text comes in the body and is kept nowhere."""
    text = request.POST.get("text", "")
    found = search.offered(published_for(me(request)), text) if len(text.strip()) > 3 else []
    if not fragment(request):
        return redirect("articles:index")
    return render(request, "articles/_suggest.html", {"articles": found})
