"""The authors' workplace: lists by state, the editor, preview, publishing, what was asked in vain."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.articles import markup, policies
from provodnik.articles.actions import publishing, writing
from provodnik.articles.actions import reading as readers
from provodnik.articles.forms import PreviewForm, WritingForm
from provodnik.articles.models import Article, Asked
from provodnik.articles.queries import authors, reading
from provodnik.articles.views.common import article_or_404, authors_only, me, publishers_only, put
from provodnik.core.decisions import Refused

HALF_A_YEAR = timedelta(days=182)


@authors_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Articles by state."""
    name = request.GET.get("list", "all")
    name = name if name in authors.LISTS else "all"
    words = request.GET.get("q", "")[:200].replace("\x00", "").strip()
    today = timezone.localdate()
    page = authors.listed(me(request), name, words=words, after=request.GET.get("after", ""), today=today)
    return render(
        request,
        "articles/authors/index.html",
        {"page": page, "list": name, "q": words, "today": today, "publisher": policies.is_publisher(me(request))},
    )


@authors_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A draft. `title`: words that somebody asked for in vain."""
    if request.method != "POST":
        title = request.GET.get("title", "")[:200]
        return _editor(request, None, WritingForm(initial={**WritingForm.first(None), "title": title}))
    form = WritingForm(request.POST, request.FILES)

    def save(user: User, now: datetime) -> Article:
        facts = form.facts()
        assert facts is not None
        return writing.start(form.copy(), facts, key=form.cleaned_data["key"], by=user, at=now)

    return _saved(request, None, form, save)


@authors_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor: what is written, for whom, files; saved, offered or published."""
    article, user = article_or_404(request, pk), me(request)
    settled = bool(policies.may_settle(user, article))
    if request.method != "POST":
        return _editor(request, article, WritingForm(initial=WritingForm.first(article), settled=settled))
    form = WritingForm(request.POST, request.FILES, settled=settled)

    def save(user: User, now: datetime) -> Article:
        revision = form.cleaned_data["revision"]
        return writing.change(pk, form.copy(), form.facts(), by=user, at=now, revision=revision)

    return _saved(request, article, form, save)


def _saved(
    request: HttpRequest, article: Article | None, form: WritingForm, save: Callable[[User, datetime], Article]
) -> HttpResponse:
    """Save, keep the files, then what the pressed button says."""
    user, now = me(request), timezone.now()
    if not form.is_valid():
        return _editor(request, article, form, status=422)
    try:
        article = save(user, now)
        if form.cleaned_data["files"]:
            writing.attach(article.pk, form.cleaned_data["files"], by=user, at=now)
        told = _finish(request.POST.get("do", ""), article, form, user, now)
    except Refused as refused:
        put(form, refused)
        return _editor(request, article, form, status=422)
    messages.success(request, told)
    to = "articles:show" if request.POST.get("do") == "publish" else "articles:edit"
    return redirect(to, pk=article.pk)


def _finish(do: str, article: Article, form: WritingForm, user: User, now: datetime) -> str:
    if do == "publish":
        version = publishing.publish(article.pk, note=form.cleaned_data["note"], by=user, at=now)
        return _("Published: version %(number)s.") % {"number": version.number}
    if do == "offer":
        writing.offer(article.pk, by=user, at=now)
        return _("Saved. Those who publish are told.")
    return _("Saved. Readers see it when it is published.")


def _editor(request: HttpRequest, article: Article | None, form: WritingForm, *, status: int = 200) -> HttpResponse:
    user = me(request)
    files = list(article.files.filter(removed_at=None).select_related("blob").order_by("at")) if article else []
    context = {
        "article": article,
        "form": form,
        "files": files,
        "may_publish": policies.may_publish(user),
        "may_settle": policies.may_settle(user, article) if article else policies.may_write(user),
        "may_withdraw": policies.may_withdraw(user, article) if article else None,
        "may_delete": policies.may_delete(user, article) if article else None,
        "said": authors.said(article) if article else [],
        "votes": authors.with_votes(Article.objects.filter(pk=article.pk)).get() if article else None,
        "body": _rendered(user, form["text"].value() or "", article),
        "next_check": timezone.localdate() + HALF_A_YEAR,
        "largest": markup.LONGEST,
    }
    return render(request, "articles/authors/edit.html", context, status=status)


def _rendered(user: User, text: str, article: Article | None) -> markup.Rendered:
    files = article.files.filter(removed_at=None) if article is not None else []
    return markup.render(text, links=reading.links(user, text), shown=reading.pictures(files))


@authors_only
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """How the text will look; nothing is kept."""
    form = PreviewForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    known = request.GET.get("article", "")
    article = article_or_404(request, int(known)) if known.isdecimal() and len(known) < 16 else None
    return render(request, "articles/_body.html", {"body": _rendered(me(request), text, article)})


@publishers_only
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    article_or_404(request, pk)
    return _done(request, lambda user, now: publishing.withdraw(pk, by=user, at=now),
                 _("Withdrawn: readers and search see it no more."), pk)  # fmt: skip


@publishers_only
@require_POST
def checked(request: HttpRequest, pk: int) -> HttpResponse:
    """It is still right: look again in half a year."""
    article_or_404(request, pk)
    until = timezone.localdate() + HALF_A_YEAR
    return _done(request, lambda user, now: publishing.checked(pk, until=until, by=user, at=now),
                 _("Marked as checked."), pk)  # fmt: skip


@authors_only
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    article_or_404(request, pk)
    try:
        writing.delete(pk, by=me(request))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("articles:edit", pk=pk)
    messages.success(request, _("The draft is deleted."))
    return redirect("articles:authors")


@authors_only
@require_POST
def detach(request: HttpRequest, pk: int, key: uuid.UUID) -> HttpResponse:
    """Take a file away from the working copy."""
    article_or_404(request, pk)
    return _done(request, lambda user, now: writing.detach(pk, key, by=user, at=now), _("The file is removed."), pk)


def _done(request: HttpRequest, act: Callable[[User, datetime], object], told: str, pk: int) -> HttpResponse:
    try:
        act(me(request), timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, told)
    return redirect("articles:edit", pk=pk)


@authors_only
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """What was searched for in vain: what to write next."""
    return render(request, "articles/authors/asked.html", {"asked": authors.asked()})


@publishers_only
@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    readers.forget(get_object_or_404(Asked, pk=pk).pk)
    messages.success(request, _("The words are put away."))
    return redirect("articles:asked")
