"""Who is away, and who stands in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.api import paging
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.routes.common import Removed, cleaned, doing, given_of, reading
from provodnik.api.routes.teams.base import READ, WRITE, first_values, organisers_only
from provodnik.api.security import me
from provodnik.api.shapes import teams as shapes
from provodnik.api.shapes.fields import Cursor, Day, Empty, In, Number, Whole
from provodnik.api.shapes.teams import AbsenceOut
from provodnik.desk.actions.administration import teams as actions
from provodnik.desk.forms.administration.teams import AbsenceForm
from provodnik.desk.models import Absence
from provodnik.desk.queries import teams as queries

router = Router(tags=["teams"])


@reading(router, "/desk/absences", Page[AbsenceOut], _("Absences that last or come; past=true: those over"), scope=READ)
def absences(request: HttpRequest, past: bool = False, cursor: Cursor = None) -> Page[AbsenceOut]:
    organisers_only(request)
    rows = queries.absences("past" if past else "", today=timezone.localdate())
    found, after = paging.by_key(request, rows, cursor, newest=past)
    return Page[AbsenceOut](items=[shapes.absence(one) for one in found], next=after)


class AbsenceBody(In):
    """What is not sent stays as it is."""

    user: Annotated[Whole | None, Field(description=_("One of /desk/people."))] = None
    starts_on: Day | None = None
    ends_on: Annotated[Day | None, Field(description=_("This day included."))] = None
    substitute: Annotated[Whole | None, Field(description=_("Who stands in."))] = None
    note: Annotated[str, Field(strict=True, max_length=200, description=_("No diagnoses, please."))] = ""


class NewAbsence(AbsenceBody):
    user: Annotated[Whole, Field(description=_("One of /desk/people."))]
    starts_on: Day
    ends_on: Day


def _save_absence(request: HttpRequest, row: Absence, data: AbsenceBody) -> Absence:
    first: Mapping[str, Any] = first_values(AbsenceForm, row) if row.pk else {}
    form = cleaned(AbsenceForm({**first, **given_of(data)}, instance=row))
    return actions.save_absence(form.instance, by=me(request), at=timezone.now())


@doing(router, "/desk/absences", AbsenceOut, _("Write an absence down"), scope=WRITE, status=201)
def add_absence(request: HttpRequest, data: NewAbsence) -> Made:
    organisers_only(request)
    return Made(shapes.absence(_save_absence(request, Absence(), data)), status=201)


@doing(router, "/desk/absences/{number}", AbsenceOut, _("Change an absence"), scope=WRITE)
def change_absence(request: HttpRequest, number: Number, data: AbsenceBody) -> Made:
    organisers_only(request)
    row = Absence.objects.select_related("user").get(pk=number)
    return Made(shapes.absence(_save_absence(request, row, data)))


@doing(router, "/desk/absences/{number}/remove", Removed, _("Remove an absence"), scope=WRITE)
def remove_absence(request: HttpRequest, number: Number, data: Empty) -> Made:
    organisers_only(request)
    actions.remove_absence(Absence.objects.select_related("user").get(pk=number), by=me(request), at=timezone.now())
    return Made(Removed())
