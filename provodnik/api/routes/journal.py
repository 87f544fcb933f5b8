"""The lead's journal: who looked at requests and their files, who did what with them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.models import JournalEntry
from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.paging import Page
from provodnik.api.routes.common import reading
from provodnik.api.security import me
from provodnik.api.shapes.fields import MOST, Cursor, Day
from provodnik.api.shapes.people import Named, named
from provodnik.desk import journal_words
from provodnik.desk.queries import journal as queries

router = Router(tags=["assignment"])
Chosen = Annotated[int | None, Field(ge=1, le=MOST)]


class JournalLine(BaseModel):
    """`look`: somebody looked (a line for a person, a thing and a quarter of a day); else he did something."""

    at: datetime
    who: Named | None
    told: str = Field(description=_("In words."))
    changes: list[str] = Field(description=_("What became what, in words."))
    look: bool
    request: int | None = Field(description=_("Its number."))
    customer: str


def _line(row: JournalEntry, customers: dict[int, str]) -> JournalLine:
    told = journal_words.told(row)
    return JournalLine(
        at=row.at,
        who=named(row.by),
        told=told.text,
        changes=[f"{field}: {old} → {new}" for field, old, new in told.changes],
        look=row.slot is not None,
        request=row.ticket,
        customer=customers.get(row.customer or 0, ""),
    )


@reading(
    router,
    "/desk/journal",
    Page[JournalLine],
    _("Who looked at requests and their files, and who did what, the newest first"),
    scope=Scope.DESK_MANAGE,
    more=_("For a lead. What became of one request stands in its history."),
)
def journal_of_requests(
    request: HttpRequest,
    who: Annotated[str, Field(max_length=200, description=_("A piece of a name or of a login."))] = "",
    what: Annotated[Literal["deeds", "looks"] | None, Field(description=_("deeds or looks; without it both."))] = None,
    about: Annotated[Chosen, Field(description=_("The number of a request."))] = None,
    customer: Chosen = None,
    since: Annotated[Day | None, Field(description=_("On this day or later."))] = None,
    until: Annotated[Day | None, Field(description=_("On this day or earlier."))] = None,
    cursor: Cursor = None,
) -> Page[JournalLine]:
    if not me(request).is_lead:
        raise Http404
    filters = queries.Filters(who=who, group=what or "", ticket=about, customer=customer, since=since, until=until)
    rows = queries.entries(filters, requests_only=True)
    page = queries.page(rows, paging.place(request, cursor) or "")
    return Page[JournalLine](
        items=[_line(one, page.customers) for one in page.rows], next=paging.make(request, page.older)
    )
