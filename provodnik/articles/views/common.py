"""Who may come in, and which article is meant."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from provodnik.accounts.models import User
from provodnik.articles.models import Article
from provodnik.articles.policies import is_author, is_publisher, visible_articles
from provodnik.core.decisions import Refused

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _only(allowed: Callable[[User], bool]) -> Callable[[View[P]], View[P]]:
    def guard(view: View[P]) -> View[P]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not allowed(me(request)):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return guard


def authors_only(view: View[P]) -> View[P]:
    """The authors' workplace does not exist for readers."""
    return _only(is_author)(view)


def publishers_only(view: View[P]) -> View[P]:
    return _only(is_publisher)(view)


def article_or_404(request: HttpRequest, pk: int) -> Article:
    visible = visible_articles(me(request)).select_related("published", "section", "author", "edited_by")
    return get_object_or_404(visible, pk=pk)


def fragment(request: HttpRequest) -> bool:
    """Asked by our script for a piece of the page."""
    return bool(getattr(request, "htmx", False))


def put(form: Any, refused: Refused) -> None:
    """The reason beside the field it speaks of, where the form has it."""
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))


def number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None
