"""What the operations of whoever organises the desk share."""

from __future__ import annotations

from typing import Annotated, Any

from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest
from pydantic import Field

from provodnik.accounts.scopes import Scope
from provodnik.api.security import me
from provodnik.api.shapes.fields import In, Yes
from provodnik.desk.policies import may_organise

WRITE = Scope.DESK_MANAGE
READ = (Scope.DESK_READ, WRITE)


def organisers_only(request: HttpRequest) -> None:
    """Leads and administrators; for anybody else it does not exist."""
    if not may_organise(me(request)):
        raise Http404


Weight = Annotated[int, Field(strict=True, ge=0, le=100)]


class EscalationBody(In):
    """When a request is carried to the lead; null: is not done."""

    percent: Annotated[Annotated[int, Field(strict=True, ge=1, le=99)] | None, Field()] = None
    untaken_minutes: Annotated[Annotated[int, Field(strict=True, ge=1, le=10080)] | None, Field()] = None
    urgent_at_once: Yes = True


def first_values(form: type[Any], row: Any) -> dict[str, Any]:
    """The values of a row as its form is given them."""
    return model_to_dict(row, fields=form._meta.fields)
