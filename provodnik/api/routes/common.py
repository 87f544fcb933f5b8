"""How a function becomes an operation, and what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import BaseModel

from provodnik.accounts.scopes import Scope
from provodnik.api.models import Upload
from provodnik.api.once import once
from provodnik.api.problems import Problem
from provodnik.api.security import Token, me
from provodnik.desk import policies
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Contact, Subsystem

F = TypeVar("F", bound=Callable[..., Any])
Form = TypeVar("Form", bound=BaseForm)
Scopes = Scope | Sequence[Scope]  # one of them is enough; none: any living token


def _all(scope: Scopes) -> list[Scope]:
    return [scope] if isinstance(scope, Scope) else list(scope)


def reading(
    router: Router, address: str, shape: Any, summary: str, *, scope: Scopes = (), more: str = ""
) -> Callable[[F], F]:
    """A GET. `summary` and `more` are message ids: the schema translates them."""

    def make(function: F) -> F:
        router.get(
            address,
            response={200: shape},
            auth=Token(*_all(scope)),
            summary=summary,
            url_name=function.__name__,
            openapi_extra={"description": more, "x-scopes": [one.value for one in _all(scope)]},
        )(function)
        return function

    return make


def reading_bytes(
    router: Router,
    address: str,
    summary: str,
    *,
    scope: Scopes,
    more: str = "",
    kind: str = "application/octet-stream",
) -> Callable[[F], F]:
    """A GET whose answer is a file of this type."""

    def make(function: F) -> F:
        router.get(
            address,
            auth=Token(*_all(scope)),
            summary=summary,
            url_name=function.__name__,
            openapi_extra={"description": more, "x-scopes": [one.value for one in _all(scope)], "x-bytes": kind},
        )(function)
        return function

    return make


def doing(
    router: Router,
    address: str,
    shape: Any,
    summary: str,
    *,
    scope: Scopes = (),
    status: int = 200,
    more: str = "",
    revision: bool = False,
) -> Callable[[F], F]:
    """A POST that does something once. `revision`: If-Match is heeded."""

    def make(function: F) -> F:
        router.post(
            address,
            response={status: shape},
            auth=Token(*_all(scope)),
            summary=summary,
            url_name=function.__name__,
            openapi_extra={
                "description": more,
                "x-scopes": [one.value for one in _all(scope)],
                "x-if-match": revision,
            },
        )(once(function))
        return function

    return make


def contact_of(request: HttpRequest) -> Contact:
    """The asker as somebody's contact; the requester's side does not exist for anybody else."""
    contact = policies.contact_of(me(request))
    if contact is None:
        raise Http404
    return contact


def desk_only(request: HttpRequest) -> None:
    """The desk's side does not exist for anybody who does not work there."""
    if not policies.may_work(me(request)):
        raise Http404


def subsystem_of(number: int | None) -> Subsystem | None:
    if number is None:
        return None
    found = Subsystem.objects.filter(is_active=True, pk=number).first()
    if found is None:
        raise Problem("invalid", errors=[("subsystem", _("There is no such section."))])
    return found


def files_of(request: HttpRequest, ids: list[Any]) -> list[NewFile]:
    """Uploads of the asker become files of a message, within its transaction; each serves once. Raises Problem."""
    if not ids:
        return []
    uploads = (
        Upload.objects.select_related("blob").filter(owner=me(request), pk__in=ids).select_for_update(of=("self",))
    )
    known = {one.pk: one for one in uploads}
    if len(known) != len(ids):
        raise Problem("invalid", errors=[("files", _("One of these files is not there: send it by /uploads first."))])
    Upload.objects.filter(pk__in=known).delete()
    return [NewFile(known[one].name, known[one].content_type, known[one].blob) for one in ids]


def cleaned(form: Form, names: Mapping[str, str] | None = None) -> Form:
    """A form of the pages, filled from a body: what it refuses is refused in its own words, field by field. `names`:
    what the body calls a field of the form, where it differs. Raises Problem."""
    if form.is_valid():
        return form
    called = {NON_FIELD_ERRORS: "", **(names or {})}
    raise Problem(
        "invalid",
        errors=[(called.get(name, name), str(error)) for name, errors in form.errors.items() for error in errors],
    )


def given_of(data: BaseModel) -> dict[str, Any]:
    """What a body really holds: of a change, all else stays as it is. Values as a form reads them."""
    found = data.model_dump(exclude_unset=True)
    return {name: value.value if isinstance(value, Enum) else value for name, value in found.items()}


class Removed(BaseModel):
    """It is gone."""

    removed: bool = True
