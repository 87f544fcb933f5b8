"""Articles beside a request of the workbench: what fits, words for the answer, closing with an article."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from provodnik.articles.actions import answering
from provodnik.articles.forms import CloseForm
from provodnik.articles.models import Article
from provodnik.articles.policies import may_close_with, published_for
from provodnik.articles.queries.beside import beside
from provodnik.articles.views.common import me, put
from provodnik.core.decisions import Refused
from provodnik.desk.search import LONGEST_QUERY
from provodnik.desk.states import Resolution
from provodnik.desk.views.workbench.common import desk_only, is_fragment, query_of, ticket_or_404, ticket_url
from provodnik.desk.views.workbench.ticket import after


@desk_only
@require_safe
def panel(request: HttpRequest, number: int) -> HttpResponse:
    """What fits the request; `q`: what the specialist looks for himself."""
    ticket, typed = ticket_or_404(request, number), request.GET.get("q", "")[:LONGEST_QUERY]
    context = {
        "ticket": ticket,
        "items": beside(me(request), ticket, typed),
        "q": typed,
        "back": ticket_url(number, query_of(request)),
    }
    if is_fragment(request):
        return render(request, "articles/_beside.html", context)
    return render(request, "articles/beside.html", context)


def _article(request: HttpRequest, pk: int) -> Article:
    return get_object_or_404(published_for(me(request)).select_related("published"), pk=pk)


@desk_only
@require_safe
def words(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Words for the editor: {"text"}, or {"reason"} when the requester may not read the article."""
    ticket, article = ticket_or_404(request, number), _article(request, pk)
    try:
        text = answering.words_for(article, ticket, whole=request.GET.get("whole") == "1")
    except Refused as refused:
        return JsonResponse({"reason": str(refused)})
    return JsonResponse({"text": text})


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Close the request with the article: in a dialog with the script, on a page without it."""
    ticket, article, now = ticket_or_404(request, number), _article(request, pk), timezone.now()
    if request.method != "POST":
        return _dialog(request, number, article, CloseForm(initial={"revision": ticket.revision}))
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _dialog(request, number, article, form, status=422)
    typed = form.cleaned_data
    try:
        answering.close_with(
            pk,
            number,
            resolution=Resolution(typed["resolution"]),
            whole=typed["whole"] == "yes",
            by=me(request),
            at=now,
            key=typed["key"],
            revision=typed["revision"],
        )
    except Refused as refused:
        put(form, refused)
        return _dialog(request, number, article, form, status=422)
    return after(request, number, _("Closed with the article. The notice goes to the user."), now=now)


def _dialog(request: HttpRequest, number: int, article: Article, form: CloseForm, *, status: int = 200) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    if article.published is None:
        raise Http404
    allowed = may_close_with(me(request), ticket, article)
    context = {
        "ticket": ticket,
        "article": article,
        "form": form,
        "refused": "" if allowed else str(allowed.reason),
        "query": query_of(request),
        "back": ticket_url(number, query_of(request)),
    }
    if not is_fragment(request):
        return render(request, "articles/close.html", context, status=status)
    response = render(request, "articles/_close.html", context, status=status)
    if request.method == "POST":  # the form stays in its dialog with its errors
        response["HX-Retarget"] = "#desk-dialog-body"
        response["HX-Reswap"] = "innerHTML"
    return response
