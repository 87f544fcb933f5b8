"""What all the administrator's pages share: the guard, paging, and the way of a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from provodnik.accounts.models import User
from provodnik.core.decisions import Decision, Refused
from provodnik.desk.policies import may_administer, may_organise

P = ParamSpec("P")
T = TypeVar("T")
PER_PAGE = 50
DEEPEST = 10_000  # pages; further nobody turns


View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def _only(may: Callable[[User], Decision], view: View[P]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        if not may(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def administrators_only(view: View[P]) -> Callable[..., HttpResponse]:
    """A stranger gets 404; who is not signed in is asked to."""
    return _only(may_administer, view)


def organisers_only(view: View[P]) -> Callable[..., HttpResponse]:
    """The same for leads and administrators."""
    return _only(may_organise, view)


def me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def words(request: HttpRequest) -> str:
    """What is searched for; what PostgreSQL cannot compare is left out."""
    return request.GET.get("q", "")[:200].replace("\x00", "").strip()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list. `before` and `after` are addresses, "" where there is none."""

    rows: list[T]
    total: int
    first: int
    before: str
    after: str

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def paged(request: HttpRequest, rows: QuerySet[Any, T], per_page: int = PER_PAGE) -> Page[T]:
    """The page that ?page= asks for; nonsense is the first, too far is the last."""
    asked = request.GET.get("page", "1")
    number = min(int(asked), DEEPEST) if asked.isdecimal() and len(asked) < 7 else 1
    total = rows.count()
    number = max(1, min(number, -(-total // per_page) or 1))
    start = (number - 1) * per_page

    def address(other: int) -> str:
        query = request.GET.copy()
        query["page"] = str(other)
        return f"?{query.urlencode()}"

    return Page(
        rows=list(rows[start : start + per_page]),
        total=total,
        first=start + 1,
        before=address(number - 1) if number > 1 else "",
        after=address(number + 1) if start + per_page < total else "",
    )


def put(form: BaseForm, refused: Refused) -> None:
    """The reason beside the field it speaks of, where the form has it."""
    field = refused.field if refused.field in form.fields else None
    form.add_error(field or NON_FIELD_ERRORS, str(refused))


def handle(
    request: HttpRequest,
    form: BaseForm,
    template: str,
    *,
    save: Callable[[], object],
    told: str,
    to: Callable[[Any], str] | str,
    **context: Any,
) -> HttpResponse:
    """Show a form; posted, clean it, do `save`, tell it and go `to`. What was typed is kept after an error."""
    if request.method == "POST" and form.is_valid():
        try:
            done = save()
        except Refused as refused:
            put(form, refused)
        else:
            messages.success(request, told)
            return redirect(to if isinstance(to, str) else to(done))
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)


def do(request: HttpRequest, act: Callable[[], object], *, told: str, to: str) -> HttpResponse:
    """A button: do it and come back; a refusal is told on the page."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, told)
    return redirect(to)
